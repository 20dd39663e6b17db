import type { Kysely } from 'kysely';
import { encodeTime } from 'ulid';
import type { Order, VenueName } from '../../../core/trading/order';
import { parseRow } from '../stored-row';
import { instantColumn, toInstant } from './columns';
import type { TradeFilter, TradePage } from './ledger';
import { orderOf } from './rows';
import type { LedgerTables } from './schema';

const ordersOf = (db: Kysely<LedgerTables>) => db.selectFrom('orders').selectAll();

export async function findOrder(db: Kysely<LedgerTables>, tradeId: string, userId?: string): Promise<Order | null> {
  let query = ordersOf(db).where('trade_id', '=', tradeId);
  if (userId !== undefined) query = query.where('user_id', '=', userId);
  const row = await query.executeTakeFirst();
  return row ? orderOf(row) : null;
}

/** Open orders of a venue, oldest first. */
export async function openOrders(
  db: Kysely<LedgerTables>,
  venue: VenueName,
  limit: number,
  where: { readonly after?: string; readonly expiredBy?: string },
): Promise<readonly Order[]> {
  let query = ordersOf(db).where('venue', '=', venue).where('closed_at', 'is', null);
  if (where.after !== undefined) query = query.where('trade_id', '>', where.after);
  if (where.expiredBy !== undefined)
    query = query.where('expires_at', '<=', toInstant(where.expiredBy)).orderBy('expires_at');
  return (await query.orderBy('trade_id').limit(limit).execute()).map(orderOf);
}

/** When the next open order of a venue expires. */
export async function nextExpiry(db: Kysely<LedgerTables>, venue: VenueName): Promise<string | null> {
  const row = await db
    .selectFrom('orders')
    .select('expires_at')
    .where('venue', '=', venue)
    .where('closed_at', 'is', null)
    .where('expires_at', 'is not', null)
    .orderBy('expires_at')
    .limit(1)
    .executeTakeFirst();
  return row ? parseRow(instantColumn, 'orders.expires_at', row.expires_at) : null;
}

/** A user's open orders, oldest first. */
export async function openOrdersOf(db: Kysely<LedgerTables>, userId: string): Promise<readonly Order[]> {
  const query = ordersOf(db).where('user_id', '=', userId).where('closed_at', 'is', null);
  return (await query.orderBy('trade_id').execute()).map(orderOf);
}

async function newestFirst(
  db: Kysely<LedgerTables>,
  userId: string,
  { symbol, side, from, to }: TradeFilter,
  limit: number,
  bounds: { readonly before?: string; readonly since?: string },
): Promise<readonly Order[]> {
  let query = ordersOf(db).where('user_id', '=', userId);
  if (symbol !== undefined) query = query.where('symbol', '=', symbol);
  if (side !== undefined) query = query.where('side', '=', side);
  // By the id too, which begins with the time of submission: the index is by user and id.
  if (from !== undefined)
    query = query.where('submitted_at', '>=', toInstant(from)).where('trade_id', '>=', idAt(from));
  if (to !== undefined)
    query = query.where('submitted_at', '<=', toInstant(to)).where('trade_id', '<=', `${idAt(to)}~`);
  if (bounds.before !== undefined) query = query.where('trade_id', '<', bounds.before);
  if (bounds.since !== undefined)
    query = query.where('submitted_at', '>=', toInstant(bounds.since)).where('trade_id', '>=', idAt(bounds.since));
  return (await query.orderBy('trade_id', 'desc').limit(limit).execute()).map(orderOf);
}

/** What every id of a trade submitted at or after a time is not below. @param time RFC 3339, not before 1970 */
const idAt = (time: string): string => `TRADE-${encodeTime(Math.max(0, Date.parse(time)), 10)}`;

/**
 * A page from the reader. A replica follows its writer by milliseconds or, on a bad day, seconds: the first page takes
 * what is recent from the writer, whose word also wins on an order that both know.
 */
export async function listOrders(
  { reader, writer }: { readonly reader: Kysely<LedgerTables>; readonly writer: Kysely<LedgerTables> },
  userId: string,
  filter: TradeFilter,
  page: { readonly limit: number; readonly before?: string; readonly recentSince: string },
): Promise<TradePage> {
  const asked = page.limit + 1;
  const bounds = page.before === undefined ? {} : { before: page.before };
  const recently = page.before === undefined && reader !== writer;
  const [read, recent] = await Promise.all([
    newestFirst(reader, userId, filter, asked, bounds),
    recently ? newestFirst(writer, userId, filter, asked, { since: page.recentSince }) : [],
  ]);
  const merged = new Map([...read, ...recent].map((order) => [order.trade_id, order]));
  const orders = [...merged.values()].sort((a, b) => (a.trade_id < b.trade_id ? 1 : -1));
  return { orders: orders.slice(0, page.limit), more: orders.length > page.limit };
}

/** Orders that ended in [from, to), in the order in which they did, behind the trade `after`. */
export async function closedBetween(
  db: Kysely<LedgerTables>,
  from: string,
  to: string,
  limit: number,
  after?: string,
): Promise<readonly Order[]> {
  let query = ordersOf(db).where('closed_at', '>=', toInstant(from)).where('closed_at', '<', toInstant(to));
  if (after !== undefined) {
    const last = await findOrder(db, after);
    if (!last?.closed_at) throw new Error(`${after} has not ended, or not yet in this copy of the ledger`);
    const at = toInstant(last.closed_at);
    query = query.where((eb) =>
      eb.or([eb('closed_at', '>', at), eb.and([eb('closed_at', '=', at), eb('trade_id', '>', after)])]),
    );
  }
  return (await query.orderBy('closed_at').orderBy('trade_id').limit(limit).execute()).map(orderOf);
}
