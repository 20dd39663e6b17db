import { functions } from '../../contract/functions';
import type { Order } from '../../core/trading/order';
import { onFirstCall } from '../adapters/aws';
import { busOf } from '../adapters/aws-clients';
import { alpacaTradingOf } from '../adapters/aws-trading-clients';
import { ledgerOf } from '../adapters/ledger/from-environment';
import type { Ledger } from '../adapters/ledger/ledger';
import { ProviderError, type ProviderErrorKind } from '../adapters/providers/provider-error';
import { alpacaVenue } from '../adapters/venues/alpaca';
import { everyMinute, MINUTE_JOB_HTTP } from './minute-job';
import { tellOf } from './publish-owed';
import type { TradingServices } from './services';

type Services = Pick<TradingServices, 'ledger' | 'bus' | 'clock' | 'log' | 'metrics' | 'venue'>;

const MINUTE_MS = 60_000;
const PAGE = 200;
/** Orders a run, of Alpaca's two hundred calls a minute: the rest is for new orders and the market's clock. */
export const MOST_A_RUN = 120;

/** Failures that are not about the order asked for. */
const OUTAGES: ReadonlySet<ProviderErrorKind> = new Set(['throttled', 'auth', 'unavailable', 'timeout']);

/** Brings the brokerage's word on its open orders into the ledger, and places those that it never heard of. */
export const makeHandler = (services: Services) => {
  const { ledger, venue } = services;
  return everyMinute(services, 'venue-follower', functions['venue-follower'].timeoutSeconds, async (run) => {
    Object.assign(run.counts, { open: 0, filled: 0, closed: 0 });
    const open = await everyOpen(ledger, venue.name);
    run.add('open', open.length);
    const turn = turnOf(open, Math.floor(Date.parse(run.scheduled_time) / MINUTE_MS));
    let isDown = false;
    await run.forEach(turn, async (before) => {
      // Nobody answers the others either; they are the next minute's.
      if (isDown) return;
      const after = await venue.follow(before).catch((error: unknown) => {
        isDown = error instanceof ProviderError && OUTAGES.has(error.kind);
        throw error;
      });
      if (after.closed_at !== null) run.add('closed');
      if (after.filled_qty === before.filled_qty) return;
      run.add('filled');
      await tellOf(before.trade_id, services);
    });
  });
};

async function everyOpen(ledger: Pick<Ledger, 'open'>, venue: Order['venue']): Promise<readonly Order[]> {
  const orders: Order[] = [];
  for (let after: string | undefined; ;) {
    const page = await ledger.open(venue, PAGE, after);
    orders.push(...page);
    if (page.length < PAGE) return orders;
    after = page.at(-1)?.trade_id;
  }
}

/**
 * The orders that a minute follows: those that the venue may not know yet first, the others in turn, so that many that
 * wait all day do not keep the rest from being looked at.
 */
export function turnOf(open: readonly Order[], minute: number, most = MOST_A_RUN): readonly Order[] {
  const unplaced = open.filter(({ venue_order_id }) => venue_order_id === null).slice(0, most);
  const placed = open.filter(({ venue_order_id }) => venue_order_id !== null);
  const left = Math.min(most - unplaced.length, placed.length);
  const first = placed.length === 0 ? 0 : (minute * left) % placed.length;
  return [...unplaced, ...[...placed, ...placed].slice(first, first + left)];
}

export const handler = onFirstCall('venue-follower', (environment, aws) => {
  const ledger = ledgerOf(environment, aws);
  const venue = alpacaVenue({ ...aws, ledger, trading: alpacaTradingOf(environment, aws, MINUTE_JOB_HTTP) });
  return makeHandler({ ...aws, bus: busOf(aws), ledger, venue });
});
