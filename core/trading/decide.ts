import { Decimal } from '../money/decimal';
import type { OrderRequest } from './order';

/** Fill at the quote · wait for the market or the limit · end an `ioc` order that could not be filled at once. */
export type Decision = 'fill' | 'wait' | { readonly cancel: CancelReason };
export type CancelReason = 'market_closed' | 'not_marketable';

export interface MarketView {
  readonly market: { readonly is_open: boolean };
  /** null where no price is known: nothing is filled then. A closed market needs none. */
  readonly quote: { readonly price: string } | null;
}

type Terms = Pick<OrderRequest, 'side' | 'type' | 'limit_price' | 'time_in_force'>;

/**
 * What becomes of an order now. A fill is at the quote's price, which for a limit order is the limit or better: the
 * rules of a `day` and an `ioc` order are Alpaca's (https://docs.alpaca.markets/docs/orders-at-alpaca#time-in-force).
 */
export function decide(order: Terms, { market, quote }: MarketView): Decision {
  if (!market.is_open) return restOf(order, 'market_closed');
  if (quote === null || !isMarketable(order, quote.price)) return restOf(order, 'not_marketable');
  return 'fill';
}

/**
 * Whether an order may be filled at a price: a market order at any, a limit order at its limit or better.
 * A limit order without a limit, which no rule lets in, is never filled.
 */
export function isMarketable({ side, type, limit_price }: Omit<Terms, 'time_in_force'>, price: string): boolean {
  if (type === 'market') return true;
  if (limit_price === null) return false;
  const limit = new Decimal(limit_price);
  return side === 'buy' ? limit.gte(price) : limit.lte(price);
}

const restOf = ({ time_in_force }: Terms, cancel: CancelReason): Decision =>
  time_in_force === 'day' ? 'wait' : { cancel };
