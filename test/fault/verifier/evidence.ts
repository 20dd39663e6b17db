import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { ClientBase } from 'pg';

/** What the tables and the files say, and what the clients were told. Nothing of it was asked of the application. */
export interface Evidence {
  readonly orders: readonly OrderRow[];
  readonly executions: readonly ExecutionRow[];
  readonly outbox: readonly OutboxRow[];
  readonly streams: readonly StreamRow[];
  readonly positions: readonly PositionRow[];
  readonly keys: readonly KeyRow[];
  readonly events: readonly TradeEvent[];
  /** What the portfolios told the ledger that they hold. */
  readonly reports: readonly Report[];
  /** Lines of the archive that are no JSON: cut short by a kill, and written again by who owed them. */
  readonly torn: number;
  readonly asked: readonly Asked[];
  readonly pairs: readonly (readonly [string, string])[];
}

/** Amounts are text of the column's nine decimals, times RFC 3339. */
export interface OrderRow {
  readonly trade_id: string;
  readonly user_id: string;
  readonly client_order_id: string;
  readonly portfolio_id: string | null;
  readonly symbol: string;
  readonly side: 'buy' | 'sell';
  readonly type: string;
  readonly time_in_force: string;
  readonly quantity: string;
  readonly limit_price: string | null;
  readonly currency: string;
  readonly status: string;
  readonly filled_qty: string;
  readonly filled_avg_price: string | null;
  readonly fee: string;
  readonly submitted_at: string;
  readonly filled_at: string | null;
}
export interface ExecutionRow {
  readonly execution_id: string;
  readonly trade_id: string;
  readonly stream_id: string;
  readonly sequence: number;
  readonly qty: string;
  readonly price: string;
  readonly fee: string;
  readonly executed_at: string;
  readonly booked_at: string;
}
export interface OutboxRow {
  readonly event_id: string;
  readonly execution_id: string;
  readonly published_at: string | null;
}
export interface StreamRow {
  readonly stream_id: string;
  readonly user_id: string;
  readonly last_sequence: number;
}
export interface PositionRow {
  readonly portfolio_id: string;
  readonly symbol: string;
  readonly qty: string;
  readonly reserved: string;
  /** Of the last report that was taken; 0 for none. */
  readonly report_sequence: number;
}
/** The detail of a positionsChanged event. */
export interface Report {
  readonly portfolio_id: string;
  readonly symbol: string;
  readonly qty: string;
  readonly sequence: number;
  readonly trade_sequence: number;
}
export interface KeyRow {
  readonly user_id: string;
  readonly request_key: string;
  readonly trade_id: string;
  readonly answer: Readonly<Record<string, unknown>>;
}
export interface TradeEvent {
  readonly detail: Readonly<Record<string, unknown>>;
}
export interface Asked {
  readonly key: string;
  readonly body: Readonly<Record<string, string>>;
  readonly replies: readonly { readonly status: number; readonly text: string }[];
}

const time = (column: string) => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as ${column}`;
const QUERIES = {
  orders: `select trade_id, user_id, client_order_id, portfolio_id, symbol, side, type, time_in_force, quantity::text,
    limit_price::text, currency, status, filled_qty::text, filled_avg_price::text, fee::text, ${time('submitted_at')},
    ${time('filled_at')} from orders order by trade_id`,
  executions: `select execution_id, trade_id, stream_id, sequence::int, qty::text, price::text, fee::text,
    ${time('executed_at')}, ${time('booked_at')} from executions order by stream_id, sequence`,
  outbox: `select event_id, execution_id, published_at::text from outbox order by event_id`,
  streams: `select stream_id, user_id, last_sequence::int from streams order by stream_id`,
  positions: `select portfolio_id, symbol, qty::text, reserved::text, report_sequence::int from positions
    order by portfolio_id, symbol`,
  keys: `select user_id, request_key, trade_id, answer::json from idempotency_keys order by request_key`,
} as const;

type Tables = Pick<Evidence, keyof typeof QUERIES>;

/** As the transaction that the client is in sees them. */
export async function readTables(client: ClientBase): Promise<Tables> {
  const tables: Partial<Record<keyof Tables, unknown[]>> = {};
  for (const [table, text] of Object.entries(QUERIES) as [keyof Tables, string][])
    tables[table] = (await client.query<Record<string, unknown>>(text)).rows;
  return tables as unknown as Tables;
}

/** The archive's events of trades and reports, in the order in which they came. */
export function readEvents(folder: string): Pick<Evidence, 'events' | 'reports' | 'torn'> {
  const events: TradeEvent[] = [];
  const reports: Report[] = [];
  let torn = 0;
  const files = readdirSync(folder).filter((name) => name.endsWith('.jsonl'));
  for (const file of files.sort()) {
    for (const line of readFileSync(path.join(folder, file), 'utf8').split('\n')) {
      if (line === '') continue;
      const event = jsonOf(line);
      if (event === undefined) torn += 1;
      else if (event['detail-type'] === 'tradeBooked') events.push({ detail: event.detail });
      else if (event['detail-type'] === 'positionsChanged') reports.push(event.detail as unknown as Report);
    }
  }
  return { events, reports, torn };
}

function jsonOf(line: string): { readonly 'detail-type': string; readonly detail: TradeEvent['detail'] } | undefined {
  try {
    return JSON.parse(line) as ReturnType<typeof jsonOf>;
  } catch {
    return undefined;
  }
}
