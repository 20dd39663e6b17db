import * as z from 'zod/mini';
import { parseDecimal } from '../../../core/money/decimal';
import type { OrderType, Side, TimeInForce } from '../../../core/trading/order';

/** What POST /v2/orders is told; quantities and prices as decimal strings. */
export interface AlpacaOrderRequest {
  readonly symbol: string;
  readonly side: Side;
  readonly type: OrderType;
  readonly time_in_force: TimeInForce;
  readonly qty: string;
  /** Of limit orders. */
  readonly limit_price?: string;
  /** At most 128 characters. Never left out: it is what makes a second attempt harmless. */
  readonly client_order_id: string;
}

/** An order as Alpaca holds it: decimal strings, RFC 3339 UTC with milliseconds. */
export interface AlpacaOrder {
  readonly id: string;
  readonly client_order_id: string;
  readonly symbol: string;
  /** Open set, as are type and status: Alpaca adds words without a new version. */
  readonly side: string;
  readonly type: string;
  readonly time_in_force: string;
  readonly status: string;
  /** null where the order was of an amount of money. */
  readonly qty: string | null;
  readonly limit_price: string | null;
  readonly filled_qty: string;
  /** Mean over its executions; null before the first. */
  readonly filled_avg_price: string | null;
  readonly submitted_at: string;
  readonly updated_at: string;
  /** Of its last execution; null before it is filled whole. */
  readonly filled_at: string | null;
}

/** What became of an order sent to Alpaca: taken, perhaps already by an earlier attempt, or refused for good. */
export type Submission =
  | { readonly result: 'taken'; readonly order: AlpacaOrder }
  | {
      readonly result: 'refused';
      /** Of HTTP. */
      readonly status: number;
      /** Alpaca's own, 40310000 say. */
      readonly code: number;
      /** Alpaca's words, one line. */
      readonly message: string;
    };

// Numerics are strings, and numbers here and there in older payloads.
const numeric = z.pipe(
  z.union([z.string(), z.number()]),
  z.pipe(
    z.transform((value: string | number) => String(value)),
    z.string().check(z.refine((text) => parseDecimal(text) !== null, 'not a decimal')),
  ),
);
/** A time as Alpaca writes it, up to nanoseconds or with an offset; RFC 3339 UTC with milliseconds afterwards. */
export const instant = z.pipe(
  z.string().check(z.refine((text) => !Number.isNaN(Date.parse(text)), 'not an RFC 3339 time')),
  z.transform((text: string) => new Date(text).toISOString()),
);
const word = () => z.string().check(z.minLength(1));

const orderRow = z.object({
  id: word(),
  client_order_id: word(),
  symbol: word(),
  side: word(),
  type: word(),
  time_in_force: word(),
  status: word(),
  qty: z.nullish(numeric),
  limit_price: z.nullish(numeric),
  filled_qty: z.nullish(numeric),
  filled_avg_price: z.nullish(numeric),
  submitted_at: z.nullish(instant),
  created_at: instant,
  updated_at: z.nullish(instant),
  filled_at: z.nullish(instant),
});

/** An order of Alpaca's, its extra fields dropped. */
export const alpacaOrder = z.pipe(
  orderRow,
  z.transform((row: z.infer<typeof orderRow>): AlpacaOrder => ({
    id: row.id,
    client_order_id: row.client_order_id,
    symbol: row.symbol,
    side: row.side,
    type: row.type,
    time_in_force: row.time_in_force,
    status: row.status,
    qty: row.qty ?? null,
    limit_price: row.limit_price ?? null,
    filled_qty: row.filled_qty ?? '0',
    filled_avg_price: row.filled_avg_price ?? null,
    submitted_at: row.submitted_at ?? row.created_at,
    updated_at: row.updated_at ?? row.created_at,
    filled_at: row.filled_at ?? null,
  })),
);

/** The trading API's refusals. A bad key is answered without a code. */
export const refusal = z.object({ code: z.number(), message: z.string() });
