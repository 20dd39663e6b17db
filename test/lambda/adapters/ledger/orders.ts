import { createHash } from 'node:crypto';
import { encodeTime, monotonicFactory } from 'ulid';
import type { Fill, NewOrder } from '../../../../core/trading/order';
import type { Ledger, Outcome, RequestKey } from '../../../../lambda/adapters/ledger/ledger';
import { createSqlLedger, type SqlLedgerPorts } from '../../../../lambda/adapters/ledger/sql-ledger';
import type { LedgerDb, TestSql } from '../../../sql';

export const NOW = '2026-05-18T14:30:00.123Z';
export const LATER = '2026-05-18T14:31:00.456Z';
export const CLOSE = '2026-05-18T20:00:00.000Z';
export const USER = '7c1f9a30-0c5e-4a52-9a3c-2f0a6c0d5b11';
export const OTHER = 'b5f3c7de-91d4-4ed0-8f61-0f5f0f6f9d22';

const next = monotonicFactory();
/** A new ULID that sorts behind every one before it. */
export const ulid = (): string => next(Date.parse(NOW));

export const sleeping = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

export const ledgerOn = ({ dialect }: TestSql, writer: LedgerDb, ports: Partial<SqlLedgerPorts> = {}): Ledger =>
  createSqlLedger({ dialect, writer, reader: writer, random: Math.random, sleep: sleeping, ...ports });

/** An order to buy a hundred AAPL at the market. */
export function order(change: Partial<NewOrder> = {}): NewOrder {
  // As the API makes it: the id begins with the time of submission.
  const trade_id = `TRADE-${encodeTime(Date.parse(change.submitted_at ?? NOW), 10)}${ulid().slice(10)}`;
  return {
    trade_id,
    user_id: USER,
    client_order_id: trade_id,
    portfolio_id: null,
    asset_id: 'b0b6dd9d-8b9b-48a9-ba46-b9d54906e415',
    symbol: 'AAPL',
    side: 'buy',
    type: 'market',
    time_in_force: 'day',
    quantity: '100',
    limit_price: null,
    currency: 'USD',
    venue: 'internal',
    region: 'us-east-1',
    environment: 'dev',
    submitted_at: NOW,
    expires_at: CLOSE,
    ...change,
  };
}

export const fillOf = (qty: string, price: string, change: Partial<Fill> = {}): Fill => ({
  execution_id: ulid(),
  qty,
  price,
  fee: '0',
  executed_at: NOW,
  ...change,
});

/** Filled whole, at once. */
export const filledAt = (price: string, qty = '100'): Outcome => ({ status: 'filled', fill: fillOf(qty, price) });
export const ACCEPTED: Outcome = { status: 'accepted' };

export const keyOf = (key: string, change: Partial<RequestKey> = {}): RequestKey => ({
  key,
  digest: createHash('sha256').update(key).digest('hex'),
  expires_at: '2026-05-25T14:30:00.000Z',
  ...change,
});

export async function booked(ledger: Ledger, ...args: Parameters<Ledger['book']>) {
  const booking = await ledger.book(...args);
  if (booking.result !== 'booked') throw new Error(`not booked: ${JSON.stringify(booking)}`);
  return booking.order;
}

/** What a portfolio holds, promised shares beside it. */
export async function position(db: LedgerDb, portfolio_id: string, symbol = 'AAPL') {
  const row = await db
    .selectFrom('positions')
    .select(['qty', 'reserved'])
    .where('portfolio_id', '=', portfolio_id)
    .where('symbol', '=', symbol)
    .executeTakeFirst();
  return row && { qty: Number(row.qty), reserved: Number(row.reserved) };
}

/** The numbers of everything booked, by stream. */
export async function sequences(db: LedgerDb) {
  const rows = await db.selectFrom('executions').select(['stream_id', 'sequence']).orderBy('sequence').execute();
  const byStream = new Map<string, number[]>();
  for (const { stream_id, sequence } of rows) {
    byStream.set(stream_id, [...(byStream.get(stream_id) ?? []), Number(sequence)]);
  }
  return byStream;
}

export const upTo = (n: number): number[] => Array.from({ length: n }, (_, index) => index + 1);
