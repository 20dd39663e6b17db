import { functions } from '../../contract/functions';
import type { Order } from '../../core/trading/order';
import { onFirstCall } from '../adapters/aws';
import { busOf } from '../adapters/aws-clients';
import { alpacaTradingOf } from '../adapters/aws-trading-clients';
import { lookingLedgerOf } from '../adapters/ledger/from-environment';
import { ProviderError, type ProviderErrorKind } from '../adapters/providers/provider-error';
import { alpacaVenue } from '../adapters/venues/alpaca';
import { MINUTE_JOB_HTTP, whileBusy } from './minute-job';
import { everyOpen, minuteOf } from './open-orders';
import { tellOf } from './publish-owed';
import type { TradingServices } from './services';

type Services = Pick<TradingServices, 'ledger' | 'activity' | 'bus' | 'clock' | 'log' | 'metrics' | 'venue'>;

/** Orders a run, of Alpaca's two hundred calls a minute: the rest is for new orders and the market's clock. */
export const MOST_A_RUN = 120;

/** The account's: no other order is answered either. */
const OF_ACCOUNT: ReadonlySet<ProviderErrorKind> = new Set(['throttled', 'auth']);
/** The brokerage's, or one order's: an order may be answered so for ever, and only others tell which it is. */
const OUTAGES: ReadonlySet<ProviderErrorKind> = new Set(['unavailable', 'timeout']);
const MOST_OUTAGES = 3;

/** Brings the brokerage's word on its open orders into the ledger, and places those that it never heard of. */
export const makeHandler = (services: Services) => {
  const { ledger, venue } = services;
  return whileBusy(services, 'venue-follower', functions['venue-follower'].timeoutSeconds, async (run) => {
    Object.assign(run.counts, { open: 0, filled: 0, closed: 0 });
    const open = await everyOpen(ledger, venue.name);
    run.add('open', open.length);
    const turn = turnOf(open, minuteOf(run));
    let isDown = false;
    let outages = 0;
    const failed = (kind: ProviderErrorKind | null) => {
      outages = kind !== null && OUTAGES.has(kind) ? outages + 1 : 0;
      isDown = (kind !== null && OF_ACCOUNT.has(kind)) || outages === MOST_OUTAGES;
    };
    await run.forEach(turn, async (before) => {
      // Nobody answers the others either; they are the next minute's.
      if (isDown) return;
      const after = await venue.follow(before).catch((error: unknown) => {
        failed(error instanceof ProviderError ? error.kind : null);
        throw error;
      });
      outages = 0;
      if (after.closed_at !== null) run.add('closed');
      if (after.filled_qty === before.filled_qty) return;
      run.add('filled');
      await tellOf([before.trade_id], services);
    });
    // The brokerage may fill, cancel or refuse an open order at any time, and tells nobody who does not ask.
    return open.length > 0 ? 'work' : { nothingBefore: null };
  });
};

/**
 * The orders that a minute follows: those that the venue may not know yet, and others as far as there is room, all in
 * turn, so that many that wait all day do not keep the rest from being looked at. The two alternate: orders that can
 * never be placed stand in no row, which would be taken for an outage.
 */
export function turnOf(open: readonly Order[], minute: number, most = MOST_A_RUN): readonly Order[] {
  const unplaced = open.filter(({ venue_order_id }) => venue_order_id === null);
  const placed = open.filter(({ venue_order_id }) => venue_order_id !== null);
  const first = shareOf(unplaced, minute, most);
  const second = shareOf(placed, minute, most - first.length);
  const longer = Math.max(first.length, second.length);
  return Array.from({ length: longer }, (_, at) => [...first.slice(at, at + 1), ...second.slice(at, at + 1)]).flat();
}

/** At most so many of a list, others every minute; where all of it fits, beginning with another one. */
function shareOf(orders: readonly Order[], minute: number, most: number): readonly Order[] {
  const share = Math.min(most, orders.length);
  if (share === 0) return [];
  const start = (minute * (share < orders.length ? share : 1)) % orders.length;
  return [...orders, ...orders].slice(start, start + share);
}

export const handler = onFirstCall('venue-follower', (environment, aws) => {
  const looking = lookingLedgerOf(environment, aws);
  const venue = alpacaVenue({ ...aws, ...looking, trading: alpacaTradingOf(environment, aws, MINUTE_JOB_HTTP) });
  return makeHandler({ ...aws, ...looking, bus: busOf(aws), venue });
});
