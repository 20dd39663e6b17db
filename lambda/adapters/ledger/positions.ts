import { type Kysely, sql } from 'kysely';
import { Decimal, formatDecimal } from '../../../core/money/decimal';
import { isClosed, type Order } from '../../../core/trading/order';
import { remaining } from '../../../core/trading/filling';
import { parseRow } from '../stored-row';
import { decimalColumn, exactAmount, toInstant } from './columns';
import type { LedgerDialect } from './dialect';
import { type PositionReport, PSEUDONYM } from './ledger';
import { type Position, positionOf } from './rows';
import type { LedgerTables } from './schema';
import { lockStream } from './streams';

/** Locks a position; its portfolio's stream is locked already where one may have to be made. */
export async function lockPosition(
  tx: Kysely<LedgerTables>,
  portfolioId: string,
  symbol: string,
): Promise<Position | null> {
  const row = await tx
    .selectFrom('positions')
    .select(['qty', 'reserved', 'report_sequence'])
    .where('portfolio_id', '=', portfolioId)
    .where('symbol', '=', symbol)
    .forUpdate()
    .executeTakeFirst();
  return row ? positionOf(row) : null;
}

/** What may be sold: held, and not promised to another order. Never below zero. */
export function availableOf(position: Position | null): Decimal {
  if (!position) return new Decimal(0);
  return Decimal.max(0, new Decimal(position.qty).minus(position.reserved));
}

/** What an order, as it stands, has moved and what it keeps promised. */
function effectOf(order: Order | null): { readonly qty: Decimal; readonly reserved: Decimal } {
  if (!order) return { qty: new Decimal(0), reserved: new Decimal(0) };
  const filled = new Decimal(order.filled_qty);
  if (order.side === 'buy') return { qty: filled, reserved: new Decimal(0) };
  return { qty: filled.negated(), reserved: isClosed(order.status) ? new Decimal(0) : remaining(order) };
}

/**
 * Brings the position from what an order meant before to what it means now: a fill moves shares, a resting sell holds
 * some back, and one that ends gives back the rest.
 * @param before null for an order not booked yet
 */
export async function applyOrder(
  tx: Kysely<LedgerTables>,
  before: Order | null,
  after: Order,
  held: Position | null,
  now: string,
): Promise<void> {
  if (after.portfolio_id === null) return;
  const [was, is] = [effectOf(before), effectOf(after)];
  const qty = is.qty.minus(was.qty);
  const reserved = is.reserved.minus(was.reserved);
  if (qty.isZero() && reserved.isZero()) return;
  await writePosition(
    tx,
    { portfolio_id: after.portfolio_id, symbol: after.symbol },
    held,
    {
      qty: formatDecimal(qty.plus(held?.qty ?? 0)),
      reserved: formatDecimal(reserved.plus(held?.reserved ?? 0)),
      report_sequence: held?.report_sequence ?? 0,
    },
    now,
  );
}

async function writePosition(
  tx: Kysely<LedgerTables>,
  key: { readonly portfolio_id: string; readonly symbol: string },
  held: Position | null,
  position: Position,
  now: string,
): Promise<void> {
  const values = { ...position, updated_at: toInstant(now) };
  if (!held) {
    await tx
      .insertInto('positions')
      .values({ ...key, ...values })
      .execute();
    return;
  }
  await tx
    .updateTable('positions')
    .set(values)
    .where('portfolio_id', '=', key.portfolio_id)
    .where('symbol', '=', key.symbol)
    .execute();
}

/**
 * Takes a report: what the portfolio says it holds, and on top of it the trades booked since, which the report does not
 * know of. What is promised to open orders stays so.
 */
export async function takeReport(
  db: Kysely<LedgerTables>,
  dialect: LedgerDialect,
  report: PositionReport,
  now: string,
): Promise<boolean> {
  const { portfolio_id, user_id, symbol } = report;
  return db.transaction().execute(async (tx) => {
    const stream = await lockStream(tx, dialect, report, now);
    // A report that was on its way when its user left.
    if (stream.user_id.startsWith(PSEUDONYM)) return false;
    if (stream.user_id !== user_id) {
      const traded = await tx
        .selectFrom('orders')
        .select('trade_id')
        .where('portfolio_id', '=', portfolio_id)
        .limit(1)
        .executeTakeFirst();
      if (traded) return false;
      await tx.updateTable('streams').set({ user_id }).where('stream_id', '=', stream.stream_id).execute();
    }
    const held = await lockPosition(tx, portfolio_id, symbol);
    if (held && report.sequence <= held.report_sequence) return false;
    const sums = await tx
      .selectFrom('executions')
      .innerJoin('orders', 'orders.trade_id', 'executions.trade_id')
      .select(
        sql`coalesce(sum(case when orders.side = 'buy' then executions.qty else -executions.qty end), 0)`.as('qty'),
      )
      .where('executions.stream_id', '=', stream.stream_id)
      .where('executions.sequence', '>', report.trade_sequence)
      .where('orders.symbol', '=', symbol)
      .executeTakeFirst();
    const since = parseRow(decimalColumn, 'executions.qty', sums?.qty);
    await writePosition(
      tx,
      { portfolio_id, symbol },
      held,
      {
        qty: formatDecimal(exactAmount(report.qty).plus(since)),
        reserved: held?.reserved ?? '0',
        report_sequence: report.sequence,
      },
      now,
    );
    return true;
  });
}
