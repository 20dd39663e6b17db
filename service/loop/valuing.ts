import { MAX_QUOTES_AN_EVENT } from '../../contract/schemas/live';
import { replay, splitsOf } from '../../core/portfolio';
import { errorFields } from '../../lambda/adapters/log-fields';
import { chunksOf } from '../../lambda/adapters/chunks';
import type { PublishedEvent } from '../../lambda/adapters/ports';
import { pagesOf, ROWS_A_PAGE } from '../../lambda/adapters/portfolio/pages';
import type { PortfolioState } from '../../lambda/adapters/portfolio/portfolios';
import { heldSymbols, parsedTransactions } from '../../lambda/adapters/portfolio/parsed';
import { type Replayed, valued, type Valued } from '../portfolio/valued';
import type { PortfolioServices } from '../services';
import { mapInBreaths } from './breaths';
import { createNewest, type Newest } from './newest';
import { publishPassing } from './publishing';
import type { Topics } from './watching';

type ValuingServices = Pick<PortfolioServices, 'store' | 'market' | 'bus' | 'clock' | 'log' | 'timeZone'>;

/** Portfolios whose transactions are counted at once. */
const SIZES_A_QUERY = 200;

export interface Pass extends Topics {
  /** Prices that were heard longer ago than this are asked for anew. @default as the market's data say */
  readonly freshMs?: number;
  /** What other passes have told. @default none has */
  readonly newest?: Newest;
  /** Asked between its steps; where it says no, the pass ends. */
  readonly isStill: () => boolean;
}

/**
 * Values portfolios, keeps the day's values, and says them and the symbols' quotes to whoever listens. Few queries, however
 * many portfolios they are: theirs by pages, every symbol's price once. A page that fails keeps no other waiting.
 * @throws at the end, where the store did not answer for some
 */
export async function valueAndTell(services: ValuingServices, pass: Pass): Promise<void> {
  const { store, market, clock, log } = services;
  const { portfolios, symbols, freshMs, newest = createNewest(), isStill } = pass;
  const started = clock();
  if (!isStill() || portfolios.length + symbols.length === 0) return;

  let [valuations, events] = [0, 0];
  const failures: unknown[] = [];
  const tried = async (work: () => Promise<void>) => {
    try {
      await work();
    } catch (thrown) {
      failures.push(thrown);
      log.warn('a page of portfolios was not valued', errorFields(thrown));
    }
  };
  // Prices that one page asked for are fresh for the next.
  const valuePage = async (page: readonly string[]) => {
    if (!isStill()) return;
    const values = await valuesOf(services, page, freshMs);
    const isNews = ({ live: { portfolio_id }, revision }: OfRevision) => newest.isNewest(portfolio_id, revision);
    for (const { live, revision } of values) newest.note(live.portfolio_id, revision);
    const told = new Map<PublishedEvent, OfRevision>(
      values.map((one) => [{ event: 'valuationUpdated', detail: one.live }, one]),
    );
    events += await publishPassing(services, [...told.keys()], {
      isStill,
      isNews: (event) => {
        const one = told.get(event);
        return one === undefined || isNews(one);
      },
    });
    if (!isStill()) return;
    const days = values.filter(isNews).map(({ snapshot }) => snapshot);
    await store.snapshot(days);
    valuations += days.length;
  };
  // Page by page, so that no more than a page of transactions is in memory.
  for (const among of chunksOf(portfolios, SIZES_A_QUERY)) {
    if (!isStill()) return;
    await tried(async () => {
      const sizes = await store.sizes({ limit: among.length, among, countTo: ROWS_A_PAGE });
      for (const page of pagesOf(sizes)) await tried(() => valuePage(page));
    });
  }
  if (!isStill()) return;
  const quotes = await market.quotes(symbols, freshMs);
  const told = chunksOf(
    symbols.flatMap((symbol) => quotes.get(symbol) ?? []),
    MAX_QUOTES_AN_EVENT,
  );
  events += await publishPassing(
    services,
    told.map((some) => ({ event: 'quotesUpdated' as const, detail: { quotes: some } })),
    { isStill },
  );
  log.info('portfolios were valued', {
    counts: { portfolios: valuations, quotes: quotes.size, events },
    duration_ms: clock().getTime() - started.getTime(),
  });
  if (failures.length > 0) throw new AggregateError(failures, `pages of portfolios not valued: ${failures.length}`);
}

/** A value, and which state of its portfolio it is of. */
interface OfRevision extends Valued {
  readonly revision: number;
}

async function valuesOf(
  { store, market, clock, log, timeZone }: ValuingServices,
  among: readonly string[],
  freshMs: number | undefined,
): Promise<readonly OfRevision[]> {
  const states = await store.states({ limit: among.length, among });
  const replayed = (await mapInBreaths(states, (state) => replayedOrNone(state, log))).flat();
  const quotes = await market.quotes([...new Set(replayed.flatMap(({ ledger }) => heldSymbols(ledger)))], freshMs);
  const now = clock();
  return mapInBreaths(replayed, (one): OfRevision => ({
    ...valued(one, quotes, now, timeZone),
    revision: one.portfolio.revision,
  }));
}

/** One that cannot be replayed keeps no other from being valued. */
function replayedOrNone(state: PortfolioState, log: ValuingServices['log']): Replayed[] {
  try {
    const { portfolio } = state;
    const transactions = parsedTransactions(state.transactions);
    return [{ portfolio, ledger: replay(transactions, portfolio.cost_basis), splits: splitsOf(transactions) }];
  } catch (thrown) {
    log.error('a portfolio cannot be valued', errorFields(thrown));
    return [];
  }
}
