import { createHash } from 'node:crypto';
import { type Kysely, type SelectQueryBuilder, sql } from 'kysely';
import { decodeTime } from 'ulid';
import type { EventDetail } from '../../../contract/events';
import { isoOf } from '../ledger/columns';
import { PSEUDONYM } from '../ledger/ledger';
import { lockUser } from './locks';
import type { PortfolioTables } from './schema';
import { openStream, settle } from './streams';

type Db = Kysely<PortfolioTables>;
type Trade = EventDetail<'tradeBooked'>;

const personOf = (userId: string): string => createHash('sha256').update(`signal9 portfolios ${userId}`).digest('hex');

/** When the order was given: its id begins with it. */
export const submittedAt = ({ trade_id }: Pick<Trade, 'trade_id'>): string =>
  new Date(decodeTime(trade_id.slice('TRADE-'.length))).toISOString();

export const isPseudonym = ({ user_id }: Pick<Trade, 'user_id'>): boolean => user_id.startsWith(PSEUDONYM);

/**
 * Whether a trade's order was given before its user left, however late it was filled, told, or told again. One that was
 * given after is that of somebody who came back.
 */
export async function hasLeft(tx: Db, trade: Trade): Promise<boolean> {
  if (isPseudonym(trade)) return true;
  const row = await tx
    .selectFrom('departures')
    .select('person')
    .where('person', '=', personOf(trade.user_id))
    .where('removed_at', '>=', submittedAt(trade))
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/**
 * Removes what the user had when they left. What somebody who came back has made since stays, so that the event may come
 * late, or twice.
 * @returns portfolios removed
 */
export function removeUser(db: Db, userId: string, removedAt: string): Promise<number> {
  return db.transaction().execute(async (tx) => {
    await lockUser(tx, userId);
    const removed_at = isoOf(removedAt);
    await tx
      .insertInto('departures')
      .values({ person: personOf(userId), removed_at })
      .onConflict((known) => known.doNothing())
      .execute();
    const portfolios = tx
      .selectFrom('portfolios')
      .select('portfolio_id')
      .where('user_id', '=', userId)
      .where('created_at', '<=', removed_at);
    await forgetReceipts(tx, userId, removed_at, portfolios.forUpdate());
    const { numDeletedRows } = await tx
      .deleteFrom('portfolios')
      .where('portfolio_id', 'in', portfolios)
      .executeTakeFirst();
    await tx
      .deleteFrom('removed_portfolios')
      .where('user_id', '=', userId)
      .where('created_at', '<=', removed_at)
      .execute();
    await sql`
      delete from reports where user_id = ${userId} and portfolio_id not in (
        select portfolio_id from portfolios where user_id = ${userId}
        union all select portfolio_id from removed_portfolios where user_id = ${userId}
      )`.execute(tx);
    await countAnew(tx, userId);
    return Number(numDeletedRows);
  });
}

/**
 * Of trades that were ordered before, and of those that go with a portfolio now though they were ordered after: their
 * numbers are missing then, and the ledger is asked for them again.
 */
async function forgetReceipts(
  tx: Db,
  userId: string,
  removedAt: string,
  portfolios: SelectQueryBuilder<PortfolioTables, 'portfolios', { portfolio_id: string }>,
): Promise<void> {
  const ids = (await portfolios.execute()).map(({ portfolio_id }) => portfolio_id);
  await sql`
    delete from receipts
    where (user_id = ${userId} or stream_id in (select stream_id from streams where user_id = ${userId}))
      and (submitted_at <= ${removedAt}::timestamptz or execution_id in (
        select transaction_id from transactions where portfolio_id = any(${ids}::text[])
      ))`.execute(tx);
}

/** The ledger numbers what somebody who came back trades from 1 again. */
async function countAnew(tx: Db, userId: string): Promise<void> {
  const streams = await tx.deleteFrom('streams').where('user_id', '=', userId).returningAll().execute();
  for (const { stream_id, portfolio_id } of streams) {
    const left = await tx
      .selectFrom('receipts')
      .select('execution_id')
      .where('stream_id', '=', stream_id)
      .limit(1)
      .executeTakeFirst();
    if (left) await settle(tx, await openStream(tx, { user_id: userId, portfolio_id }));
  }
}
