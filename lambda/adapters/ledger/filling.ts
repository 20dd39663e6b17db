import type { Kysely } from 'kysely';
import { Decimal, formatDecimal } from '../../../core/money/decimal';
import { afterFill, remainder, remaining } from '../../../core/trading/filling';
import { type ClosedStatus, type Fill, isClosed, type Order } from '../../../core/trading/order';
import { normalisedFill, type BookingPorts } from './booking';
import { exactAmount, isoOf, roundedAmount } from './columns';
import { applyOrder, lockPosition } from './positions';
import { executionOf, orderOf, rowOf } from './rows';
import type { LedgerTables } from './schema';
import { lockStream, writeExecution } from './streams';

const LONGEST_REASON = 500;

async function lockOrder(tx: Kysely<LedgerTables>, tradeId: string): Promise<Order | null> {
  const row = await tx.selectFrom('orders').selectAll().where('trade_id', '=', tradeId).forUpdate().executeTakeFirst();
  return row ? orderOf(row) : null;
}

async function executionsOf(tx: Kysely<LedgerTables>, tradeId: string) {
  const rows = await tx
    .selectFrom('executions')
    .select(['execution_id', 'qty', 'price'])
    .where('trade_id', '=', tradeId)
    .execute();
  return rows.map(executionOf);
}

async function rewrite(tx: Kysely<LedgerTables>, order: Order): Promise<void> {
  const { status, reason, filled_qty, filled_avg_price, fee, venue_order_id, ...rest } = rowOf(order);
  const { venue_client_order_id, filled_at, closed_at, updated_at } = rest;
  await tx
    .updateTable('orders')
    .set({ status, reason, filled_qty, filled_avg_price, fee, venue_order_id, venue_client_order_id })
    .set({ filled_at, closed_at, updated_at })
    .where('trade_id', '=', order.trade_id)
    .execute();
}

/** Books a fill that is made, under the order's lock, of what the order has seen so far. */
async function addFill(
  { db, dialect, random }: BookingPorts,
  tradeId: string,
  now: string,
  /** @returns the fill to book, or the order as it stands, or null for the caller to be told so */
  decide: (order: Order, executions: Awaited<ReturnType<typeof executionsOf>>) => Fill | Order | null,
): Promise<Order | null> {
  return db.transaction().execute(async (tx) => {
    const order = await lockOrder(tx, tradeId);
    if (!order) return null;
    const executions = await executionsOf(tx, tradeId);
    const decision = decide(order, executions);
    if (decision === null || 'status' in decision) return decision;
    const after = afterFill(order, executions, decision, isoOf(now));
    const stream = await lockStream(tx, dialect, order, now);
    const { portfolio_id, symbol } = order;
    const held = portfolio_id === null ? null : await lockPosition(tx, portfolio_id, symbol);
    await rewrite(tx, after);
    await writeExecution(tx, stream, tradeId, decision, now, random);
    await applyOrder(tx, order, after, held, now);
    return after;
  });
}

export function fill(ports: BookingPorts, tradeId: string, asked: Fill, now: string): Promise<Order | null> {
  const wanted = normalisedFill(asked);
  return addFill(ports, tradeId, now, (order, executions) => {
    // Booked before: the answer to that was lost on its way.
    if (executions.some(({ execution_id }) => execution_id === wanted.execution_id)) return order;
    const isOver = order.expires_at !== null && order.expires_at <= wanted.executed_at;
    return isClosed(order.status) || isOver || remaining(order).lt(wanted.qty) ? null : wanted;
  });
}

export function fillUpTo(
  ports: BookingPorts,
  tradeId: string,
  total: { readonly filled_qty: string; readonly filled_avg_price: string; readonly executed_at: string },
  executionId: string,
  now: string,
): Promise<Order | null> {
  const qty = formatDecimal(exactAmount(total.filled_qty));
  const price = formatDecimal(roundedAmount(total.filled_avg_price));
  return addFill(ports, tradeId, now, (order, executions) => {
    const missing = remainder(executions, qty, price);
    if (missing === null) return order;
    if (isClosed(order.status) || new Decimal(qty).gt(order.quantity)) return null;
    return { execution_id: executionId, ...missing, fee: '0', executed_at: isoOf(total.executed_at) };
  });
}

export function close(
  { db }: BookingPorts,
  tradeId: string,
  status: Exclude<ClosedStatus, 'filled'>,
  reason: string,
  now: string,
): Promise<Order | null> {
  return db.transaction().execute(async (tx) => {
    const order = await lockOrder(tx, tradeId);
    if (!order || isClosed(order.status)) return null;
    const at = isoOf(now);
    // Code points, as the engines count: half a surrogate pair would be no text.
    const shortened = Array.from(reason).slice(0, LONGEST_REASON).join('');
    const after: Order = { ...order, status, reason: shortened, closed_at: at, updated_at: at };
    const { portfolio_id, symbol } = order;
    const held = portfolio_id === null ? null : await lockPosition(tx, portfolio_id, symbol);
    await rewrite(tx, after);
    await applyOrder(tx, order, after, held, now);
    return after;
  });
}

export function acknowledge(
  { db }: BookingPorts,
  tradeId: string,
  venueOrderId: string,
  now: string,
): Promise<Order | null> {
  return db.transaction().execute(async (tx) => {
    const order = await lockOrder(tx, tradeId);
    if (!order || isClosed(order.status)) return null;
    const status = order.status === 'pending_new' ? 'accepted' : order.status;
    if (status === order.status && order.venue_order_id === venueOrderId) return order;
    const after: Order = { ...order, status, venue_order_id: venueOrderId, updated_at: isoOf(now) };
    await rewrite(tx, after);
    return after;
  });
}

export function renameAtVenue(
  { db }: BookingPorts,
  tradeId: string,
  venueClientOrderId: string,
  now: string,
): Promise<Order | null> {
  return db.transaction().execute(async (tx) => {
    const order = await lockOrder(tx, tradeId);
    if (!order || isClosed(order.status)) return null;
    if (order.venue_order_id !== null || order.venue_client_order_id === venueClientOrderId) return order;
    const after: Order = { ...order, venue_client_order_id: venueClientOrderId, updated_at: isoOf(now) };
    await rewrite(tx, after);
    return after;
  });
}
