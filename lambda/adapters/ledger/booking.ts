import type { Kysely } from 'kysely';
import { formatDecimal } from '../../../core/money/decimal';
import { afterFill, untouched } from '../../../core/trading/filling';
import type { Fill, NewOrder, Order } from '../../../core/trading/order';
import { exactAmount, isoOf, roundedAmount, toInstant } from './columns';
import type { LedgerDialect } from './dialect';
import { findKey, forgetExpiredKey } from './keys';
import type { Booking, Outcome, RequestKey } from './ledger';
import { applyOrder, availableOf, lockPosition } from './positions';
import { orderOf, rowOf } from './rows';
import type { LedgerTables } from './schema';
import { lockStream, writeExecution } from './streams';

export interface BookingPorts {
  readonly db: Kysely<LedgerTables>;
  readonly dialect: LedgerDialect;
  readonly random: () => number;
}

/** Thrown inside the transaction, so that what it has written so far is rolled back. */
class Refused extends Error {
  constructor(readonly booking: Booking) {
    super(booking.result);
  }
}
class KeyTaken extends Error {}
class OrderTaken extends Error {}

/** A key that expires, or a venue id that is taken, between two looks: each gives one more look. */
const MAX_LOOKS = 5;

/**
 * Books an order. Locks are taken in one order everywhere, key, order, stream, position, so that two transactions wait
 * for each other only by way of the engine's own index locks.
 *
 * @param again whether an earlier attempt of this very call may have been committed
 */
export async function book(
  { db, dialect, random }: BookingPorts,
  asked: NewOrder,
  outcome: Outcome,
  request: RequestKey | null,
  now: string,
  again: boolean,
): Promise<Booking> {
  const order = normalised(asked);
  for (let look = 0; look < MAX_LOOKS; look++) {
    const fill = outcome.status === 'filled' ? normalisedFill(outcome.fill) : null;
    const booked = decided(untouched(order, await venueKeyOf(db, order), isoOf(now)), outcome, fill, isoOf(now));
    try {
      return await db.transaction().execute((tx) => write(tx, dialect, random, booked, fill, request, now, again));
    } catch (error) {
      if (error instanceof Refused) return error.booking;
      if (error instanceof KeyTaken && request) {
        const first = await findKey(db, order.user_id, request.key, now);
        if (first && again && first.trade_id === order.trade_id) return { result: 'booked', order: first.order };
        if (first) return { result: 'repeated', first };
        await forgetExpiredKey(db, order.user_id, request.key, now);
      } else if (error instanceof OrderTaken) {
        const row = await db.selectFrom('orders').selectAll().where('trade_id', '=', order.trade_id).executeTakeFirst();
        if (row) return { result: 'booked', order: orderOf(row) };
      } else throw error;
    }
  }
  throw new Error(`${order.trade_id} could not be booked: its key or its venue id changed hands at every look`);
}

const normalised = (order: NewOrder): NewOrder => ({
  ...order,
  quantity: formatDecimal(exactAmount(order.quantity)),
  limit_price: order.limit_price === null ? null : formatDecimal(exactAmount(order.limit_price)),
  submitted_at: isoOf(order.submitted_at),
  expires_at: order.expires_at === null ? null : isoOf(order.expires_at),
});

export const normalisedFill = (fill: Fill): Fill => ({
  ...fill,
  qty: formatDecimal(exactAmount(fill.qty)),
  price: formatDecimal(roundedAmount(fill.price)),
  fee: formatDecimal(roundedAmount(fill.fee)),
  executed_at: isoOf(fill.executed_at),
});

function decided(order: Order, outcome: Outcome, fill: Fill | null, now: string): Order {
  if (fill) return afterFill(order, [], fill, now);
  if (outcome.status === 'canceled') return { ...order, status: 'canceled', reason: outcome.reason, closed_at: now };
  return { ...order, status: outcome.status === 'accepted' ? 'accepted' : 'pending_new' };
}

/**
 * The name under which the venue knows the order. Users share one account there, where a key may be used once for all
 * time, while ours belong to a user and end after a week: who comes second is known by the trade's id.
 */
async function venueKeyOf(db: Kysely<LedgerTables>, order: NewOrder): Promise<string> {
  const taken = await db
    .selectFrom('orders')
    .select('trade_id')
    .where('venue_client_order_id', '=', order.client_order_id)
    .executeTakeFirst();
  return taken ? order.trade_id : order.client_order_id;
}

async function write(
  tx: Kysely<LedgerTables>,
  dialect: LedgerDialect,
  random: () => number,
  order: Order,
  fill: Fill | null,
  request: RequestKey | null,
  now: string,
  again: boolean,
): Promise<Booking> {
  const { portfolio_id, symbol } = order;
  if (request) {
    const { key, digest, expires_at } = request;
    const row = { user_id: order.user_id, request_key: key, digest, trade_id: order.trade_id };
    await tx
      .insertInto('idempotency_keys')
      .values({ ...row, answer: JSON.stringify(order), expires_at: toInstant(expires_at) })
      .execute()
      .catch((error: unknown) => {
        throw dialect.isDuplicate(error) ? new KeyTaken() : error;
      });
  }
  const stream = await lockStream(tx, dialect, order, now);
  // Before the position is looked at, which an attempt that was committed has moved.
  if (again && (await isBooked(tx, order.trade_id))) throw new OrderTaken();
  if (stream.user_id !== order.user_id) throw new Refused({ result: 'no_portfolio' });
  const held = portfolio_id === null ? null : await lockPosition(tx, portfolio_id, symbol);
  if (portfolio_id !== null && order.side === 'sell') {
    const available = availableOf(held);
    if (available.lt(order.quantity)) throw new Refused({ result: 'oversell', available: formatDecimal(available) });
  }
  await tx
    .insertInto('orders')
    .values(rowOf(order))
    .execute()
    .catch((error: unknown) => {
      throw dialect.isDuplicate(error) ? new OrderTaken() : error;
    });
  if (fill) await writeExecution(tx, stream, order.trade_id, fill, now, random);
  await applyOrder(tx, null, order, held, now);
  return { result: 'booked', order };
}

async function isBooked(tx: Kysely<LedgerTables>, tradeId: string): Promise<boolean> {
  const row = await tx.selectFrom('orders').select('trade_id').where('trade_id', '=', tradeId).executeTakeFirst();
  return row !== undefined;
}
