import type { OrderStatus, OrderType, Side, TimeInForce, VenueName } from '../../../core/trading/order';

/**
 * The ledger's tables as Kysely sees them. Decimals are decimal(28,9) and travel as text, so that no double ever touches
 * money; times are UTC with milliseconds (columns.ts). What a row may hold is said by the constraints in migrations/.
 */
export interface LedgerTables {
  streams: StreamsTable;
  orders: OrdersTable;
  executions: ExecutionsTable;
  outbox: OutboxTable;
  positions: PositionsTable;
  idempotency_keys: IdempotencyKeysTable;
  departures: DeparturesTable;
}

/** What numbers executions: one a portfolio, which also says whose it is, and one a user for trades of no portfolio. */
export interface StreamsTable {
  /** `portfolio#<portfolio_id>` or `user#<user_id>` */
  stream_id: string;
  portfolio_id: string | null;
  user_id: string;
  last_sequence: string | number;
  /** The outbox's last: the next one sorts behind it, whatever clock wrote it. */
  last_event_id: string | null;
  created_at: string;
}

export interface OrdersTable {
  trade_id: string;
  user_id: string;
  client_order_id: string;
  venue_client_order_id: string;
  venue_order_id: string | null;
  portfolio_id: string | null;
  asset_id: string;
  symbol: string;
  side: Side;
  type: OrderType;
  time_in_force: TimeInForce;
  quantity: string;
  limit_price: string | null;
  currency: string;
  venue: VenueName;
  region: string;
  environment: string;
  status: OrderStatus;
  reason: string | null;
  filled_qty: string;
  filled_avg_price: string | null;
  fee: string;
  submitted_at: string;
  expires_at: string | null;
  filled_at: string | null;
  closed_at: string | null;
  updated_at: string;
}

/** Removals of accounts that were seen to: each once, however often it is delivered. */
export interface DeparturesTable {
  pseudonym: string;
  removed_at: string;
}

export interface ExecutionsTable {
  execution_id: string;
  trade_id: string;
  stream_id: string;
  /** 1, 2, 3 … without gaps within its stream. */
  sequence: string | number;
  qty: string;
  price: string;
  fee: string;
  executed_at: string;
  booked_at: string;
}

/** What the bus is still owed, or was given a while ago. The event's words are the execution's and its order's. */
export interface OutboxTable {
  event_id: string;
  execution_id: string;
  written_at: string;
  published_at: string | null;
}

export interface PositionsTable {
  portfolio_id: string;
  symbol: string;
  /** Negative where a report from outside says so: it is a fact. */
  qty: string;
  /** Promised to open sell orders. */
  reserved: string;
  /** Of the last report taken; 0 before the first. */
  report_sequence: string | number;
  updated_at: string;
}

export interface IdempotencyKeysTable {
  user_id: string;
  request_key: string;
  digest: string;
  trade_id: string;
  /** The Order that the first caller was shown, as JSON. */
  answer: string;
  expires_at: string;
}
