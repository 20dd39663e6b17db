import { Decimal, formatDecimal, parseDecimal } from '../money/decimal';
import type { Fill, NewOrder, Order } from './order';

/** Decimals of a mean price. */
const PRICE_DECIMALS = 9;
/** The product of two amounts of 28 digits, summed over many executions, has more than money/decimal's 40. */
const Wide = Decimal.clone({ precision: 120 });

export interface PricedQuantity {
  readonly qty: string;
  readonly price: string;
}

const wide = (text: string): Decimal => new Wide(text);
const worth = (parts: readonly PricedQuantity[]): Decimal =>
  parts.reduce((sum, { qty, price }) => sum.plus(wide(qty).times(wide(price))), new Wide(0));
const total = (parts: readonly { readonly qty: string }[]): Decimal =>
  parts.reduce((sum, { qty }) => sum.plus(wide(qty)), new Wide(0));

/** Σ qty × price / Σ qty, exact but for one rounding, half to even, at the ninth decimal. */
export const meanPrice = (parts: readonly PricedQuantity[]): string =>
  formatDecimal(new Decimal(worth(parts).div(total(parts)).toFixed(PRICE_DECIMALS)));

/**
 * The one execution that brings `have` to a total of `qty` at a mean of `price`.
 *
 * A venue rounds its mean, so a small remainder may seem to cost nothing or less: then the mean itself is its price.
 * @returns null where there is nothing left to bring
 */
export function remainder(have: readonly PricedQuantity[], qty: string, price: string): PricedQuantity | null {
  const missing = wide(qty).minus(total(have));
  if (missing.lte(0)) return null;
  const implied = wide(qty).times(wide(price)).minus(worth(have)).div(missing).toFixed(PRICE_DECIMALS);
  const plausible = new Decimal(implied).gt(0);
  return { qty: formatDecimal(missing), price: plausible ? formatDecimal(new Decimal(implied)) : price };
}

/** What of an order is not filled yet. */
export const remaining = (order: Pick<Order, 'quantity' | 'filled_qty'>): Decimal =>
  new Decimal(order.quantity).minus(order.filled_qty);

/** An order to which nothing has happened. */
export const untouched = (order: NewOrder, venueClientOrderId: string, now: string): Order => ({
  ...order,
  venue_client_order_id: venueClientOrderId,
  venue_order_id: null,
  status: 'pending_new',
  reason: null,
  filled_qty: '0',
  filled_avg_price: null,
  fee: '0',
  filled_at: null,
  closed_at: null,
  updated_at: now,
});

/**
 * The order after a fill.
 * @param before its executions so far
 */
export function afterFill(order: Order, before: readonly PricedQuantity[], fill: Fill, now: string): Order {
  const filledQty = new Decimal(order.filled_qty).plus(fill.qty);
  const whole = filledQty.eq(order.quantity);
  return {
    ...order,
    status: whole ? 'filled' : 'partially_filled',
    filled_qty: formatDecimal(filledQty),
    filled_avg_price: meanPrice([...before, fill]),
    fee: formatDecimal(new Decimal(order.fee).plus(parseDecimal(fill.fee) ?? 0)),
    filled_at: fill.executed_at,
    closed_at: whole ? now : null,
    updated_at: now,
  };
}
