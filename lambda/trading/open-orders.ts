import type { Order } from '../../core/trading/order';
import type { Ledger } from '../adapters/ledger/ledger';
import type { MinuteRun } from './minute-job';

const MINUTE_MS = 60_000;
const PAGE = 200;

/** The number of a run's minute: what takes turns counts by it. */
export const minuteOf = ({ scheduled_time }: Pick<MinuteRun, 'scheduled_time'>): number =>
  Math.floor(Date.parse(scheduled_time) / MINUTE_MS);

/** Every open order of a venue, oldest first. */
export async function everyOpen(ledger: Pick<Ledger, 'open'>, venue: Order['venue']): Promise<readonly Order[]> {
  const orders: Order[] = [];
  for (let after: string | undefined; ;) {
    const page = await ledger.open(venue, PAGE, after);
    orders.push(...page);
    if (page.length < PAGE) return orders;
    after = page.at(-1)?.trade_id;
  }
}

/**
 * Orders by their owner: a portfolio, or a user without one. Those of one owner stay in their order; of different ones
 * they may be dealt with at a time.
 */
export function byOwner(orders: readonly Order[]): readonly (readonly Order[])[] {
  const groups = new Map<string, Order[]>();
  for (const order of orders) {
    const owner = order.portfolio_id ?? order.user_id;
    const group = groups.get(owner);
    if (group) group.push(order);
    else groups.set(owner, [order]);
  }
  return [...groups.values()];
}

/** A prime: of few counts a divisor, so that turns begin everywhere, and far from where the last one did. */
const STRIDE = 997;

/** A list from another beginning every minute, so that a run which gets through a part only leaves out no one for good. */
export function inTurn<Item>(items: readonly Item[], minute: number): readonly Item[] {
  const start = items.length === 0 ? 0 : (minute * STRIDE) % items.length;
  return [...items.slice(start), ...items.slice(0, start)];
}
