import { type Kysely, sql } from 'kysely';
import { incrementBase32, ulid } from 'ulid';
import type { Fill, Order } from '../../../core/trading/order';
import { toInstant } from './columns';
import type { LedgerDialect } from './dialect';
import { type Stream, streamOf } from './rows';
import type { LedgerTables } from './schema';

export const userStream = (userId: string): string => `user#${userId}`;
export const portfolioStream = (portfolioId: string): string => `portfolio#${portfolioId}`;

type Owned = Pick<Order, 'user_id' | 'portfolio_id'>;
export const streamIdOf = ({ user_id, portfolio_id }: Owned): string =>
  portfolio_id === null ? userStream(user_id) : portfolioStream(portfolio_id);

const locked = async (tx: Kysely<LedgerTables>, streamId: string): Promise<Stream | null> => {
  const row = await tx
    .selectFrom('streams')
    .select(['stream_id', 'user_id', 'last_sequence', 'last_event_id'])
    .where('stream_id', '=', streamId)
    .forUpdate()
    .executeTakeFirst();
  return row ? streamOf(row) : null;
};

/**
 * Locks the stream until the transaction ends; everything that numbers events or makes positions of it waits here. A
 * portfolio that the ledger has not met becomes the property of whoever is asking.
 */
export async function lockStream(
  tx: Kysely<LedgerTables>,
  dialect: LedgerDialect,
  owned: Owned,
  now: string,
): Promise<Stream> {
  const stream_id = streamIdOf(owned);
  const known = await locked(tx, stream_id);
  if (known) return known;
  await tx
    .insertInto('streams')
    .values({
      stream_id,
      portfolio_id: owned.portfolio_id,
      user_id: owned.user_id,
      last_sequence: 0,
      last_event_id: null,
      created_at: toInstant(now),
    })
    .modifyEnd(dialect.keepExisting('stream_id'))
    .execute();
  const made = await locked(tx, stream_id);
  if (!made) throw new Error(`stream ${stream_id} vanished while it was made`);
  return made;
}

/** A ULID of now that sorts behind `last`, though the clock that wrote `last` may have been ahead of ours. */
export function nextEventId(last: string | null, now: string, random: () => number): string {
  const fresh = ulid(Date.parse(now), random);
  return last === null || fresh > last ? fresh : incrementBase32(last);
}

/** Writes an execution under the stream's next number, and the event that it owes. The stream must be locked. */
export async function writeExecution(
  tx: Kysely<LedgerTables>,
  stream: Stream,
  tradeId: string,
  fill: Fill,
  now: string,
  random: () => number,
): Promise<void> {
  const { stream_id } = stream;
  const sequence = stream.last_sequence + 1;
  const event_id = nextEventId(stream.last_event_id, now, random);
  const { execution_id, qty, price, fee } = fill;
  await tx
    .insertInto('executions')
    .values({
      execution_id,
      trade_id: tradeId,
      stream_id,
      sequence,
      qty,
      price,
      fee,
      executed_at: toInstant(fill.executed_at),
      booked_at: toInstant(now),
    })
    .execute();
  await tx
    .insertInto('outbox')
    .values({ event_id, execution_id, written_at: toInstant(now), published_at: null })
    .execute();
  await tx
    .updateTable('streams')
    .set({ last_sequence: sequence, last_event_id: event_id })
    .where('stream_id', '=', stream_id)
    .execute();
}

/**
 * Moves a user's own stream under a pseudonym. What was booked for the user after an earlier move is numbered behind it.
 */
export async function moveUserStream(
  tx: Kysely<LedgerTables>,
  dialect: LedgerDialect,
  userId: string,
  pseudonym: string,
  now: string,
): Promise<void> {
  const from = await locked(tx, userStream(userId));
  if (!from) return;
  const to = await lockStream(tx, dialect, { user_id: pseudonym, portfolio_id: null }, now);
  await tx
    .updateTable('executions')
    .set({ stream_id: to.stream_id, sequence: sql`sequence + ${sql.lit(to.last_sequence)}` })
    .where('stream_id', '=', from.stream_id)
    .execute();
  const eventIds = [from.last_event_id, to.last_event_id].filter((id) => id !== null).sort();
  await tx
    .updateTable('streams')
    .set({ last_sequence: from.last_sequence + to.last_sequence, last_event_id: eventIds.at(-1) ?? null })
    .where('stream_id', '=', to.stream_id)
    .execute();
  await tx.deleteFrom('streams').where('stream_id', '=', from.stream_id).execute();
}
