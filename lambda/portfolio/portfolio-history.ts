import { functions } from '../../contract/functions';
import type { Close } from '../../core/portfolio';
import { dateAt, dayBefore } from '../../core/trading/trading-day';
import { type Counts, jobEvent, runOnce } from '../advisor/job';
import type { AdvisorServices, JobEvent, JobReport } from '../advisor/services';
import { onFirstCall } from '../adapters/aws';
import { alpacaOf } from '../adapters/aws-clients';
import { type HistoryFiles, historyFiles } from '../adapters/history/history-files';
import { errorFields } from '../adapters/log-fields';
import { createCloseSource } from '../adapters/market/close-source';
import type { CloseSource } from '../adapters/market/market';
import { type ObjectStore, s3ObjectStore } from '../adapters/object-store';
import { pagesOf, ROWS_A_PAGE } from '../adapters/portfolio/pages';
import { portfolioStoreOf } from '../adapters/portfolio/from-environment';
import type { PortfolioState, PortfolioStore } from '../adapters/portfolio/portfolios';
import { type AtClose, atClose, closedDay, type DayCloses, heldIn, transactionRow } from './closing';

type Services = Pick<AdvisorServices, 'documents' | 'env' | 'clock' | 'log' | 'metrics'> & {
  readonly store: Pick<PortfolioStore, 'sizes' | 'states' | 'snapshot'>;
  readonly closes: CloseSource;
  readonly files: ObjectStore;
  /** In which a day begins and ends. */
  readonly timeZone: string;
};

/** Portfolios whose transactions are counted at once. */
const PAGE = 100;
/** A close that is older than this is no price of the day: of a share that is traded no more, say. */
const CLOSES_BACK_DAYS = 30;
const DAY_MS = 86_400_000;

/**
 * Values every portfolio at the close of the day of its occurrence, keeps that as the day's final snapshot, and writes the
 * day's history. A day without trading is a day too: it repeats the last close. Run again, it writes the same rows and
 * files again. A portfolio that cannot be valued, a page that cannot be read, or a close that
 * cannot be renewed, keeps no other waiting; it fails the run, at its end, and the next attempt writes all again.
 */
export const makeHandler =
  (services: Services) =>
  (event: JobEvent): Promise<JobReport> =>
    runOnce(services, 'portfolio-history', functions['portfolio-history'].timeoutSeconds, ({ counts }) =>
      takeHistory(services, new Date(jobEvent.parse(event).scheduled_time), counts),
    )(event);

async function takeHistory(services: Services, occurrence: Date, counts: Counts): Promise<void> {
  const { store, files, clock, log, timeZone } = services;
  const date = dateAt(occurrence, timeZone);
  const recorded = dayBefore(occurrence, timeZone);
  const closesOf = dayCloses(services.closes, date);
  const valuations = historyFiles(files, 'valuations', date);
  const holdings = historyFiles(files, 'holdings', date);
  // Of the day before, which is over: nothing is recorded in it any more.
  const transactions = historyFiles(files, 'transactions', recorded.date);
  const isRecorded = ({ created_at }: { readonly created_at: string }) =>
    Date.parse(created_at) >= Date.parse(recorded.from) && Date.parse(created_at) < Date.parse(recorded.to);
  const failures: unknown[] = [];
  Object.assign(counts, { portfolios: 0, failed: 0, snapshots: 0 });

  for await (const page of pages(store)) {
    let states: readonly PortfolioState[];
    try {
      states = await store.states({ limit: page.length, among: page });
    } catch (error) {
      failures.push(error);
      log.error('portfolios cannot be read', { counts: { portfolios: page.length }, ...errorFields(error) });
      continue;
    }
    const closed = states.flatMap((state): AtClose[] => {
      try {
        return [atClose(state, date)];
      } catch (error) {
        failures.push(error);
        log.error('a portfolio cannot be valued', errorFields(error));
        return [];
      }
    });
    const closes = await closesOf(closed.flatMap(heldIn));
    const takenAt = clock().toISOString();
    const days = closed.map((one) => closedDay(one, closes, date, takenAt));
    await store.snapshot(days.map(({ snapshot }) => snapshot));
    await valuations.add(days.map(({ valuation }) => valuation));
    await holdings.add(days.flatMap((day) => day.holdings));
    await transactions.add(states.flatMap((state) => state.transactions.filter(isRecorded).map(transactionRow)));
    counts.portfolios = (counts.portfolios ?? 0) + states.length;
    counts.snapshots = (counts.snapshots ?? 0) + days.length;
  }
  await endAll(counts, { valuations, holdings, transactions });
  counts.failed = failures.length;
  // All that is known is kept; the next attempt may know more.
  if ((await closesOf([])).stale) failures.push(new Error('closes could not be renewed'));
  if (failures.length > 0) throw new AggregateError(failures, `failures in the history of ${date}: ${failures.length}`);
}

async function endAll(counts: Counts, files: Readonly<Record<string, Pick<HistoryFiles<never>, 'end'>>>) {
  for (const [dataset, { end }] of Object.entries(files)) counts[`${dataset}_rows`] = await end();
}

/** By their transactions, so that no more than a page of them is in memory, however many some portfolios have. */
async function* pages(store: Services['store']): AsyncGenerator<readonly string[]> {
  for (let after: string | undefined; ;) {
    const sizes = await store.sizes({ limit: PAGE, countTo: ROWS_A_PAGE, ...(after !== undefined && { after }) });
    yield* pagesOf(sizes);
    after = sizes.at(-1)?.portfolio_id;
    if (sizes.length < PAGE) return;
  }
}

/** The closes of a day, each symbol asked for once however many portfolios hold it. */
function dayCloses(source: CloseSource, date: string): (symbols: readonly string[]) => Promise<DayCloses> {
  const from = new Date(Date.parse(date) - CLOSES_BACK_DAYS * DAY_MS).toISOString().slice(0, 10);
  const closes = new Map<string, readonly Close[]>();
  let stale = false;
  return async (symbols) => {
    const unknown = [...new Set(symbols)].filter((symbol) => !closes.has(symbol));
    if (unknown.length > 0) {
      const heard = await source.closes(unknown, from, date, 'raw');
      stale ||= heard.stale;
      for (const symbol of unknown) closes.set(symbol, heard.closes.get(symbol) ?? []);
    }
    return { closes, stale };
  };
}

export const handler = onFirstCall('portfolio-history', (environment, aws) => {
  const store = portfolioStoreOf(environment, aws);
  const timeZone = environment.SIGNAL9_TIME_ZONE;
  return makeHandler({
    ...aws,
    store,
    closes: createCloseSource({ ...aws, store, alpaca: alpacaOf(environment, aws), timeZone }),
    files: s3ObjectStore(environment.HISTORY_BUCKET),
    timeZone,
  });
});
