import { type Kysely, sql } from 'kysely';
import type { EventDetail } from '../../../contract/events';
import { isoOf } from '../ledger/columns';
import { portfolioStream, streamIdOf } from '../ledger/streams';
import type { Gap, PortfolioRow } from './portfolios';
import { gapOf, settledOf, type Stream, streamOf } from './rows';
import type { PortfolioTables } from './schema';

type Db = Kysely<PortfolioTables>;
type Trade = EventDetail<'tradeBooked'>;

export async function lockStream(tx: Db, streamId: string): Promise<Stream | null> {
  const row = await tx
    .selectFrom('streams')
    .select(['stream_id', 'user_id', 'received_to', 'gap_since'])
    .where('stream_id', '=', streamId)
    .forUpdate()
    .executeTakeFirst();
  return row ? streamOf(row) : null;
}

export async function openStream(
  tx: Db,
  { user_id, portfolio_id }: Pick<Trade, 'user_id' | 'portfolio_id'>,
): Promise<Stream> {
  const stream_id = streamIdOf({ user_id, portfolio_id });
  await tx
    .insertInto('streams')
    .values({ stream_id, user_id, portfolio_id, received_to: 0, gap_since: null })
    .onConflict((taken) => taken.column('stream_id').doNothing())
    .execute();
  const stream = await lockStream(tx, stream_id);
  if (!stream) throw new Error(`stream ${stream_id} vanished while it was made`);
  return stream;
}

export async function isReceived(tx: Db, executionId: string): Promise<boolean> {
  const row = await tx
    .selectFrom('receipts')
    .select('execution_id')
    .where('execution_id', '=', executionId)
    .executeTakeFirst();
  return row !== undefined;
}

/** Notes that a trade arrived. The stream is locked. @returns how far its numbers reach now */
export async function receive(tx: Db, stream: Stream, trade: Trade, submittedAt: string, now: string): Promise<number> {
  const { stream_id } = stream;
  const { execution_id, sequence, user_id } = trade;
  const received_at = isoOf(now);
  await tx
    .insertInto('receipts')
    .values({ execution_id, stream_id, sequence, user_id, submitted_at: submittedAt, received_at })
    .execute();
  if (sequence <= stream.received_to) return stream.received_to;
  if (sequence === stream.received_to + 1) return settle(tx, stream);
  if (stream.gap_since === null)
    await tx.updateTable('streams').set({ gap_since: received_at }).where('stream_id', '=', stream_id).execute();
  return stream.received_to;
}

/** Goes on from where the numbers reached to the next gap, if there is one. @returns how far they reach */
export async function settle(tx: Db, { stream_id, received_to }: Stream): Promise<number> {
  // Numbers that follow each other are as far from their ranks.
  const { rows } = await sql`
    with ahead as (
      select sequence, sequence - dense_rank() over (order by sequence) as island, received_at
      from receipts where stream_id = ${stream_id} and sequence > ${sql.lit(received_to)}
    )
    select
      (select max(sequence) from ahead where island = ${sql.lit(received_to)}) as reached,
      (select min(received_at) from ahead where island > ${sql.lit(received_to)}) as gap_since`.execute(tx);
  const settled = settledOf(rows[0]);
  const reached = settled.reached ?? received_to;
  await tx
    .updateTable('streams')
    .set({ received_to: reached, gap_since: settled.gap_since })
    .where('stream_id', '=', stream_id)
    .execute();
  return reached;
}

/** How far the numbers of a portfolio's own stream have arrived; 0 where none has. */
export async function receivedTo(
  tx: Db,
  { portfolio_id, user_id }: Pick<PortfolioRow, 'portfolio_id' | 'user_id'>,
): Promise<number> {
  const row = await tx
    .selectFrom('streams')
    .select(['stream_id', 'user_id', 'received_to', 'gap_since'])
    .where('stream_id', '=', portfolioStream(portfolio_id))
    .where('user_id', '=', user_id)
    .executeTakeFirst();
  return row ? streamOf(row).received_to : 0;
}

/** The ranges between what has arrived, of a stream that has a gap; for a `from` of a lateral join with `s` as the stream. */
export const MISSING = sql`
  select ahead.before + 1 as "from", ahead.sequence - 1 as "to"
  from (
    select r.sequence, lag(r.sequence, 1, s.received_to) over (order by r.sequence) as before
    from receipts as r where r.stream_id = s.stream_id and r.sequence > s.received_to
  ) as ahead
  where ahead.sequence > ahead.before + 1`;

/** Gaps of the streams that have had one the longest. */
export async function gaps(db: Db, since: string, limit: number): Promise<readonly Gap[]> {
  const { rows } = await sql`
    select s.user_id, s.portfolio_id, missing."from", missing."to"
    from streams as s, lateral (${MISSING}) as missing
    where s.gap_since < ${isoOf(since)}::timestamptz
    order by s.gap_since, s.stream_id, missing."from" limit ${sql.lit(limit)}`.execute(db);
  return rows.map(gapOf);
}
