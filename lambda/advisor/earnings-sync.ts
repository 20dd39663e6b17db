import { functions } from '../../contract/functions';
import { onFirstCall } from '../adapters/aws';
import { alphaVantageOf, busOf } from '../adapters/aws-clients';
import { assetStore } from '../adapters/dynamo/assets';
import { type CalendarRow, earningsCalendarStore } from '../adapters/dynamo/earnings-calendar';
import { canonical } from '../adapters/dynamo/fingerprint';
import type { EarningsCalendarRow } from '../adapters/providers/alpha-vantage';
import { runOnce } from './job';
import type { AdvisorServices } from './services';

type Services = Pick<
  AdvisorServices,
  'documents' | 'env' | 'clock' | 'sleep' | 'log' | 'metrics' | 'bus' | 'alphaVantage'
>;

const DAY_MS = 86_400_000;
/** The calendar looks three months ahead; rows stay two weeks behind to be compared, since dates move. */
const AHEAD_DAYS = 130;
const BEHIND_DAYS = 14;

const day = (at: number): string => new Date(at).toISOString().slice(0, 10);

/** EARNINGS_CALENDAR into the earnings-calendar table, for the assets that we know. One provider call. */
export const makeHandler = (services: Services) => {
  const { alphaVantage, clock, log, metrics, bus, env } = services;
  const assets = assetStore(services, env);
  const calendar = earningsCalendarStore(services, env);
  return runOnce(services, 'earnings-sync', functions['earnings-sync'].timeoutSeconds, async ({ run_id, counts }) => {
    const { rows, rejected } = await alphaVantage.earningsCalendar({ horizon: '3month' });
    const now = clock();
    const today = day(now.getTime());
    const stored = await calendar.between(
      day(now.getTime() - BEHIND_DAYS * DAY_MS),
      day(now.getTime() + AHEAD_DAYS * DAY_MS),
    );
    const { known, unmatched } = matchAssets(rows, await assets.idsBySymbol());

    const before = new Map(stored.map((row) => [row.calendar_id, row]));
    const written = [...known.values()].filter((row) => canonical(row) !== canonical(before.get(row.calendar_id)));
    // A date that was announced and is no longer: gone, unless the file itself looks cut short.
    const ahead = stored.filter(({ report_date }) => report_date >= today);
    const gone = ahead.filter(({ calendar_id }) => !known.has(calendar_id));
    const cutShort = rejected.length > 0 || gone.length > ahead.length / 2;
    await calendar.save(written, cutShort ? [] : gone, now.toISOString());

    Object.assign(counts, {
      received: rows.length,
      written: written.length,
      unchanged: known.size - written.length,
      removed: cutShort ? 0 : gone.length,
      unmatched,
      rejected: rejected.length,
    });
    if (rejected.length > 0) {
      metrics.count('RowsRejected', rejected.length);
      log.warn('malformed rows of the earnings calendar were left out', {
        run_id,
        details: rejected.slice(0, 20).map(({ line, reason }) => `line ${line}: ${reason}`),
      });
    }
    await bus.publish([{ event: 'earningsSynced', detail: { run_id, counts: { ...counts } } }]);
  });
};

/** Rows of assets that we know, one per asset and fiscal date; the first of two spellings of a symbol counts. */
function matchAssets(rows: readonly EarningsCalendarRow[], idsBySymbol: ReadonlyMap<string, string>) {
  const known = new Map<string, CalendarRow>();
  let unmatched = 0;
  for (const row of rows) {
    const asset_id = idsBySymbol.get(row.symbol);
    if (asset_id === undefined) {
      unmatched += 1;
      continue;
    }
    const calendar_id = `${asset_id}#${row.fiscal_date_ending}`;
    if (!known.has(calendar_id)) known.set(calendar_id, { calendar_id, asset_id, ...row });
  }
  return { known, unmatched };
}

export const handler = onFirstCall('earnings-sync', (environment, aws) =>
  makeHandler({ ...aws, bus: busOf(aws), alphaVantage: alphaVantageOf(environment, aws) }),
);
