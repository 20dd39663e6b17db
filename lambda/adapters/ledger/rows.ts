import * as z from 'zod/mini';
import { type Order, ORDER_STATUSES } from '../../../core/trading/order';
import { decimalColumn, instantColumn, integerColumn, toInstant } from './columns';
import type { OrdersTable } from './schema';

/** A row that is not what we write: someone else wrote it, or another version did. */
export class LedgerRowError extends Error {
  override readonly name = 'LedgerRowError';
}

/** Parses a row. @throws LedgerRowError naming the table and the column */
export function parseRow<S extends z.ZodMiniType>(schema: S, table: string, row: unknown): z.infer<S> {
  const parsed = schema.safeParse(row);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new LedgerRowError(`${table}: ${issue?.path.join('.') ?? ''} ${issue?.message ?? 'is not readable'}`);
}

/** What an order's columns and its JSON share. */
const words = {
  trade_id: z.string(),
  user_id: z.string(),
  client_order_id: z.string(),
  venue_client_order_id: z.string(),
  venue_order_id: z.nullable(z.string()),
  portfolio_id: z.nullable(z.string()),
  asset_id: z.string(),
  symbol: z.string(),
  side: z.enum(['buy', 'sell']),
  type: z.enum(['market', 'limit']),
  time_in_force: z.enum(['day', 'ioc']),
  currency: z.literal('USD'),
  venue: z.enum(['internal', 'alpaca']),
  region: z.string(),
  environment: z.string(),
  status: z.enum(ORDER_STATUSES),
  reason: z.nullable(z.string()),
};

const orderRow = z.object({
  ...words,
  quantity: decimalColumn,
  limit_price: z.nullable(decimalColumn),
  filled_qty: decimalColumn,
  filled_avg_price: z.nullable(decimalColumn),
  fee: decimalColumn,
  submitted_at: instantColumn,
  expires_at: z.nullable(instantColumn),
  filled_at: z.nullable(instantColumn),
  closed_at: z.nullable(instantColumn),
  updated_at: instantColumn,
});

export const orderOf = (row: unknown): Order => parseRow(orderRow, 'orders', row);

export const rowOf = (order: Order): OrdersTable => ({
  ...order,
  submitted_at: toInstant(order.submitted_at),
  expires_at: order.expires_at && toInstant(order.expires_at),
  filled_at: order.filled_at && toInstant(order.filled_at),
  closed_at: order.closed_at && toInstant(order.closed_at),
  updated_at: toInstant(order.updated_at),
});

const storedOrder = z.object({
  ...words,
  quantity: z.string(),
  limit_price: z.nullable(z.string()),
  filled_qty: z.string(),
  filled_avg_price: z.nullable(z.string()),
  fee: z.string(),
  submitted_at: z.string(),
  expires_at: z.nullable(z.string()),
  filled_at: z.nullable(z.string()),
  closed_at: z.nullable(z.string()),
  updated_at: z.string(),
});

const keyRow = z.object({ digest: z.string(), trade_id: z.string(), answer: z.string(), expires_at: instantColumn });

/** What a key was answered with, and until when it holds. */
export function firstAnswerOf(row: unknown) {
  const { answer, ...rest } = parseRow(keyRow, 'idempotency_keys', row);
  const json: unknown = JSON.parse(answer);
  return { ...rest, order: parseRow(storedOrder, 'idempotency_keys.answer', json) };
}

const executionRow = z.object({ execution_id: z.string(), qty: decimalColumn, price: decimalColumn });
export const executionOf = (row: unknown) => parseRow(executionRow, 'executions', row);

const streamRow = z.object({
  stream_id: z.string(),
  user_id: z.string(),
  last_sequence: integerColumn,
  last_event_id: z.nullable(z.string()),
});
export type Stream = z.infer<typeof streamRow>;
export const streamOf = (row: unknown): Stream => parseRow(streamRow, 'streams', row);

const positionRow = z.object({ qty: decimalColumn, reserved: decimalColumn, report_sequence: integerColumn });
export type Position = z.infer<typeof positionRow>;
export const positionOf = (row: unknown): Position => parseRow(positionRow, 'positions', row);

const bookedColumns = {
  trade_id: z.string(),
  execution_id: z.string(),
  sequence: integerColumn,
  user_id: z.string(),
  portfolio_id: z.nullable(z.string()),
  symbol: z.string(),
  side: z.enum(['buy', 'sell']),
  quantity: decimalColumn,
  price: decimalColumn,
  fee: decimalColumn,
  currency: z.string(),
  executed_at: instantColumn,
  booked_at: instantColumn,
};
const bookedRow = z.object(bookedColumns);
export const bookedOf = (row: unknown) => parseRow(bookedRow, 'executions', row);

const owedRow = z.object({ event_id: z.string(), ...bookedColumns });
export const owedEventOf = (row: unknown) => {
  const { event_id, ...detail } = parseRow(owedRow, 'outbox', row);
  return { event_id, detail };
};
