import type { Kysely } from 'kysely';
import { toInstant } from './columns';
import type { OwedEvent, TradeBookedDetail } from './ledger';
import { bookedOf, owedEventOf } from './rows';
import type { LedgerTables } from './schema';
import { streamIdOf } from './streams';

/** What an event says: an execution's columns and its order's. */
const BOOKED = [
  'orders.trade_id',
  'executions.execution_id',
  'executions.sequence',
  'orders.user_id',
  'orders.portfolio_id',
  'orders.symbol',
  'orders.side',
  'executions.qty as quantity',
  'executions.price',
  'executions.fee',
  'orders.currency',
  'executions.executed_at',
  'executions.booked_at',
] as const;

const owedQuery = (db: Kysely<LedgerTables>) =>
  db
    .selectFrom('outbox')
    .innerJoin('executions', 'executions.execution_id', 'outbox.execution_id')
    .innerJoin('orders', 'orders.trade_id', 'executions.trade_id')
    .select(['outbox.event_id', ...BOOKED])
    .where('outbox.published_at', 'is', null)
    .orderBy('outbox.event_id');

/** Oldest first; within a stream in the order of its numbers. */
export async function owed(db: Kysely<LedgerTables>, until: string, limit: number): Promise<readonly OwedEvent[]> {
  const rows = await owedQuery(db).where('outbox.written_at', '<=', toInstant(until)).limit(limit).execute();
  return rows.map(owedEventOf);
}

export async function owedBy(db: Kysely<LedgerTables>, tradeId: string): Promise<readonly OwedEvent[]> {
  return (await owedQuery(db).where('orders.trade_id', '=', tradeId).execute()).map(owedEventOf);
}

/** Executions of a stream by their numbers, both included, whether they were told or not. */
export async function bookedBetween(
  db: Kysely<LedgerTables>,
  stream: Pick<TradeBookedDetail, 'user_id' | 'portfolio_id'>,
  from: number,
  to: number,
  limit: number,
): Promise<readonly TradeBookedDetail[]> {
  const rows = await db
    .selectFrom('executions')
    .innerJoin('orders', 'orders.trade_id', 'executions.trade_id')
    .select(BOOKED)
    .where('executions.stream_id', '=', streamIdOf(stream))
    .where('executions.sequence', '>=', from)
    .where('executions.sequence', '<=', to)
    .orderBy('executions.sequence')
    .limit(limit)
    .execute();
  return rows.map(bookedOf);
}

export async function published(db: Kysely<LedgerTables>, eventIds: readonly string[], now: string): Promise<void> {
  if (eventIds.length === 0) return;
  // By id, so that two publishers of the same events lock them in the same order.
  await db
    .updateTable('outbox')
    .set({ published_at: toInstant(now) })
    .where('event_id', 'in', [...eventIds].sort())
    .where('published_at', 'is', null)
    .execute();
}
