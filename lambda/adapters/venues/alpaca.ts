import { ulid } from 'ulid';
import { Decimal, formatDecimal, roundDecimal } from '../../../core/money/decimal';
import { type ClosedStatus, isClosed, type Order } from '../../../core/trading/order';
import { errorFields } from '../log-fields';
import type { Ledger } from '../ledger/ledger';
import type { Clock, Log } from '../ports';
import type { AlpacaOrder, AlpacaTrading, Submission } from '../providers/alpaca-trading';
import { ProviderError } from '../providers/provider-error';
import type { Venue } from './venue';

export interface AlpacaVenueProps {
  readonly trading: Pick<AlpacaTrading, 'submitOrder' | 'order' | 'orderByClientOrderId'>;
  readonly ledger: Pick<Ledger, 'acknowledge' | 'renameAtVenue' | 'fillUpTo' | 'close' | 'find'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Whoever booked an order may still be placing it for so long (the function's time-out is thirty seconds). */
const PLACING_MS = 60_000;
/** An order that Alpaca had longer before ours than clocks may differ is not ours, whatever its id. */
const CLOCK_SKEW_MS = 60_000;
/** What the ledger keeps of a price. */
const PRICE_DECIMALS = 9;

/**
 * What a caller is told of a refusal, by its status. Alpaca's own words stay in the log: they tell of the account, which
 * many share, and of their orders in it.
 */
const REFUSALS: Readonly<Partial<Record<number, string>>> = {
  403: 'insufficient buying power or shares at the venue',
  422: "refused by the venue's rules",
};
const REJECTED = 'rejected by the venue';

/** Alpaca's last words on an order, and ours. What we know no word for is open: it may still be filled. */
const ENDS: Readonly<Partial<Record<string, { status: Exclude<ClosedStatus, 'filled'>; reason: string }>>> = {
  canceled: { status: 'canceled', reason: 'canceled at the venue' },
  replaced: { status: 'canceled', reason: 'replaced at the venue' },
  expired: { status: 'expired', reason: 'expired' },
  rejected: { status: 'rejected', reason: REJECTED },
};

/** Orders filled at Alpaca. The ledger leads: an order is booked as `pending_new` before Alpaca hears of it. */
export function alpacaVenue({ trading, ledger, clock, log }: AlpacaVenueProps): Venue {
  const now = () => clock().toISOString();

  /** What the ledger has after a change; where that found the order closed, whatever closed it. */
  const latest = async (order: Order, change: Promise<Order | null>): Promise<Order> =>
    (await change) ?? (await ledger.find(order.trade_id)) ?? order;

  const close = (order: Order, status: Exclude<ClosedStatus, 'filled'>, reason: string) =>
    latest(order, ledger.close(order.trade_id, status, reason, now()));

  const submit = (order: Order): Promise<Submission> =>
    trading.submitOrder({
      symbol: order.symbol,
      side: order.side,
      type: order.type,
      time_in_force: order.time_in_force,
      qty: order.quantity,
      ...(order.limit_price !== null && { limit_price: order.limit_price }),
      client_order_id: order.venue_client_order_id,
    });

  async function taken(order: Order, submission: Submission): Promise<Order> {
    if (submission.result === 'taken') return adopt(order, submission.order);
    // Refused perhaps because it is there: another run's attempt, or an earlier one that was slow, holds the shares.
    const theirs = await trading.orderByClientOrderId(order.venue_client_order_id);
    if (theirs && differenceOf(order, theirs) === null) return adopt(order, theirs);
    log.warn('the venue refused an order', {
      trade_id: order.trade_id,
      status: submission.status,
      reason: `${submission.message} (Alpaca ${submission.code})`,
    });
    return close(order, 'rejected', REFUSALS[submission.status] ?? REJECTED);
  }

  /** Takes an order of Alpaca's for ours, unless it is another one under the same client_order_id. */
  async function adopt(order: Order, theirs: AlpacaOrder): Promise<Order> {
    const difference = differenceOf(order, theirs);
    if (difference !== null) return sendRenamed(order, difference);
    const ours = await latest(order, ledger.acknowledge(order.trade_id, theirs.id, now()));
    // Closed by another run that took theirs for ours is well; closed without it, what is filled there is not booked.
    if (isClosed(ours.status) && ours.venue_order_id !== theirs.id)
      log.error('the venue has an order that is closed in the ledger', {
        trade_id: order.trade_id,
        reason: `${theirs.status} there, ${ours.status} here`,
      });
    return bringUpTo(ours, theirs);
  }

  async function bringUpTo(order: Order, theirs: AlpacaOrder): Promise<Order> {
    let ours = order;
    const more = new Decimal(theirs.filled_qty).comparedTo(order.filled_qty);
    if (more < 0) log.error('the venue has filled less than it had', { trade_id: order.trade_id });
    if (more > 0) {
      if (theirs.filled_avg_price === null) {
        log.error('a fill without a price', { trade_id: order.trade_id });
        return order;
      }
      const total = {
        filled_qty: theirs.filled_qty,
        filled_avg_price: formatDecimal(roundDecimal(new Decimal(theirs.filled_avg_price), PRICE_DECIMALS)),
        executed_at: theirs.filled_at ?? theirs.updated_at,
      };
      ours = await latest(order, ledger.fillUpTo(order.trade_id, total, ulid(clock().getTime()), now()));
    }
    const end = ENDS[theirs.status];
    return end && !isClosed(ours.status) ? close(ours, end.status, end.reason) : ours;
  }

  /**
   * Sends an order under its trade_id, whose client_order_id is another's at Alpaca: of an order that the ledger has
   * forgotten, or of another environment on the same account.
   */
  async function sendRenamed(order: Order, reason: string): Promise<Order> {
    const { trade_id } = order;
    log.warn('another order has our client_order_id at the venue', { trade_id, reason });
    if (order.venue_client_order_id === trade_id) {
      log.error('another order has our trade_id at the venue', { trade_id, reason });
      return close(order, 'rejected', REJECTED);
    }
    const renamed = await latest(order, ledger.renameAtVenue(trade_id, trade_id, now()));
    // Closed, or placed by another run meanwhile.
    return isClosed(renamed.status) || renamed.venue_order_id !== null ? renamed : send(renamed);
  }

  /** Sends an order that Alpaca does not have, while that is still what was ordered. */
  async function send(order: Order): Promise<Order> {
    // At once or not at all: it is too late for that.
    if (order.expires_at === null && !mayBePlacedNow(order)) {
      return close(order, 'canceled', 'did not reach the venue in time');
    }
    if (order.expires_at !== null && order.expires_at <= now()) return close(order, 'expired', 'expired');
    return taken(order, await submit(order));
  }

  const mayBePlacedNow = ({ submitted_at }: Order): boolean =>
    clock().getTime() - Date.parse(submitted_at) < PLACING_MS;

  return {
    name: 'alpaca',

    outcome: () => ({ status: 'pending_new' }),

    async place(order) {
      if (order.status !== 'pending_new') return order;
      try {
        return await send(order);
      } catch (thrown) {
        if (!(thrown instanceof ProviderError)) throw thrown;
        log.warn('the venue did not answer; the follower places the order', {
          trade_id: order.trade_id,
          provider: 'alpaca',
          ...errorFields(thrown),
        });
        return order;
      }
    },

    async follow(order) {
      if (isClosed(order.status)) return order;
      if (order.venue_order_id === null) {
        if (mayBePlacedNow(order)) return order;
        const theirs = await trading.orderByClientOrderId(order.venue_client_order_id);
        return theirs ? adopt(order, theirs) : send(order);
      }
      const theirs = await trading.order(order.venue_order_id);
      if (theirs) return bringUpTo(order, theirs);
      log.error('the venue does not know its own order', { trade_id: order.trade_id });
      return order;
    },
  };
}

/** What tells an order of Alpaca's from ours; null where they are one. */
function differenceOf(ours: Order, theirs: AlpacaOrder): string | null {
  const words: readonly (readonly [string, string | null, string | null])[] = [
    ['symbol', ours.symbol, theirs.symbol],
    ['side', ours.side, theirs.side],
    ['qty', plain(ours.quantity), plain(theirs.qty)],
    ['type', ours.type, theirs.type],
    ['limit_price', plain(ours.limit_price), plain(theirs.limit_price)],
  ];
  const difference = words.find(([, mine, other]) => mine !== other);
  if (difference) return `its ${difference[0]} is ${difference[2] ?? 'none'}, not ${difference[1] ?? 'none'}`;
  const isOlder = Date.parse(theirs.submitted_at) < Date.parse(ours.submitted_at) - CLOCK_SKEW_MS;
  return isOlder ? `it was submitted ${theirs.submitted_at}, before ours` : null;
}

/** "150.00" and "150" are one price. */
const plain = (text: string | null): string | null => (text === null ? null : formatDecimal(new Decimal(text)));
