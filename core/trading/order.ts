/**
 * The words of an order, as Alpaca spells them. Quantities and money are decimal strings (quantities of at most nine
 * decimals), times RFC 3339 UTC with milliseconds.
 */

export type Side = 'buy' | 'sell';
export type OrderType = 'market' | 'limit';
/** day: until the end of the trading day · ioc: at once or not at all. */
export type TimeInForce = 'day' | 'ioc';

/** Alpaca's order statuses that an order of ours may have. */
export const ORDER_STATUSES = [
  /** Written to the ledger, not yet acknowledged by the venue. */
  'pending_new',
  /** Waits: for the market to open, or for its limit. */
  'accepted',
  'partially_filled',
  'filled',
  'canceled',
  'expired',
  'rejected',
] as const;
export type OrderStatus = (typeof ORDER_STATUSES)[number];

/** Statuses after which nothing happens to an order any more. */
export const CLOSED_STATUSES = ['filled', 'canceled', 'expired', 'rejected'] as const satisfies readonly OrderStatus[];
export type ClosedStatus = (typeof CLOSED_STATUSES)[number];
export const isClosed = (status: OrderStatus): status is ClosedStatus =>
  (CLOSED_STATUSES as readonly OrderStatus[]).includes(status);

/** Who fills orders: the platform itself at the quote, or the brokerage. */
export type VenueName = 'internal' | 'alpaca';

/** What a caller asks for. */
export interface OrderRequest {
  readonly symbol: string;
  readonly side: Side;
  readonly type: OrderType;
  readonly time_in_force: TimeInForce;
  readonly quantity: string;
  /** Present on limit orders, and on them only. */
  readonly limit_price: string | null;
}

/** What the ledger writes of a new order. */
export interface NewOrder extends OrderRequest {
  /** `TRADE-<ulid>` */
  readonly trade_id: string;
  /** Cognito's `sub`. */
  readonly user_id: string;
  /** The caller's key, or the trade's id where none was given. */
  readonly client_order_id: string;
  readonly portfolio_id: string | null;
  readonly asset_id: string;
  readonly currency: 'USD';
  readonly venue: VenueName;
  readonly region: string;
  readonly environment: string;
  readonly submitted_at: string;
  /** End of the trading day that a `day` order lives to; null for `ioc`. */
  readonly expires_at: string | null;
}

/** An order as the ledger holds it. */
export interface Order extends NewOrder {
  readonly status: OrderStatus;
  /** Why it was not filled, where it was not: `market_closed`, `not_marketable`, `expired`, or that the venue refused it. */
  readonly reason: string | null;
  readonly filled_qty: string;
  /** Mean price over its executions, exact to nine decimals; null before the first. */
  readonly filled_avg_price: string | null;
  /** Sum over its executions. */
  readonly fee: string;
  /** The venue's id of it, where the venue is not ourselves. */
  readonly venue_order_id: string | null;
  /** The client_order_id under which the venue knows it: the caller's own, or trade_id where another order has that one. */
  readonly venue_client_order_id: string;
  /** Of its last execution. */
  readonly filled_at: string | null;
  readonly closed_at: string | null;
  readonly updated_at: string;
}

/** A fill, whole or partial. */
export interface Fill {
  /** ULID. */
  readonly execution_id: string;
  readonly qty: string;
  readonly price: string;
  readonly fee: string;
  readonly executed_at: string;
}
