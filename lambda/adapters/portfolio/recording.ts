import { type Kysely, sql } from 'kysely';
import * as z from 'zod/mini';
import type { EventDetail } from '../../../contract/events';
import { isoOf } from '../ledger/columns';
import { streamIdOf } from '../ledger/streams';
import { parseRow } from '../stored-row';
import { hasLeft, isPseudonym, submittedAt } from './departures';
import { lockDefault } from './keeping';
import { lockPortfolio, lockUser, touch } from './locks';
import type { RecordResult, StoredTransaction } from './portfolios';
import { oweAsIs, oweNothingOf } from './reports';
import type { LockedPortfolio } from './rows';
import type { PortfolioTables } from './schema';
import { isReceived, lockStream, openStream, receive } from './streams';
import { canonical, insertTransactions } from './transactions';

type Db = Kysely<PortfolioTables>;
type Trade = EventDetail<'tradeBooked'>;

export function record(db: Db, trade: Trade, now: string, random: () => number): Promise<RecordResult> {
  return db.transaction().execute(async (tx) => {
    await lockUser(tx, trade.user_id);
    if (await isReceived(tx, trade.execution_id)) return repeated(tx, trade);
    if (await hasLeft(tx, trade)) {
      await receiveOfGone(tx, trade, now);
      return { result: 'left', portfolio_id: null };
    }
    const named = trade.portfolio_id === null ? null : await lockPortfolio(tx, trade.user_id, trade.portfolio_id);
    const portfolio =
      named ?? (await lockDefault(tx, trade.user_id, trade.currency, earlier(now, submittedAt(trade)), random));
    const stream = await openStream(tx, trade);
    const received = await receive(tx, stream, trade, submittedAt(trade), now);
    await insertTransactions(tx, [transactionOf(trade, portfolio, now)], stream.stream_id);
    const symbols = named
      ? await beforeSplits(tx, portfolio, stream.stream_id, stream.received_to, received)
      : [trade.symbol];
    await oweAsIs(tx, portfolio, symbols, now);
    if (!named && trade.portfolio_id !== null) {
      await oweNothingOf(tx, { user_id: trade.user_id, portfolio_id: trade.portfolio_id }, trade.symbol, now);
    }
    await touch(tx, portfolio, isoOf(now));
    return { result: 'recorded', portfolio_id: portfolio.portfolio_id };
  });
}

/** A default portfolio is as old as the order that made it, so that it goes with a user who left right after the order. */
const earlier = (a: string, b: string): string => (Date.parse(a) < Date.parse(b) ? a : b);

async function repeated(tx: Db, { execution_id }: Trade): Promise<RecordResult> {
  const row = await tx
    .selectFrom('transactions')
    .select('portfolio_id')
    .where('transaction_id', '=', execution_id)
    .executeTakeFirst();
  return { result: 'repeated', portfolio_id: row?.portfolio_id ?? null };
}

/** The ledger has the user's trades under a pseudonym, and we have not heard yet: the number is missing no more. */
async function receiveOfGone(tx: Db, trade: Trade, now: string): Promise<void> {
  if (!isPseudonym(trade)) return;
  const stream = await lockStream(tx, streamIdOf(trade));
  if (stream) await receive(tx, stream, trade, submittedAt(trade), now);
}

function transactionOf(trade: Trade, { portfolio_id }: LockedPortfolio, now: string): StoredTransaction {
  const { execution_id, portfolio_id: named, side, symbol, quantity, price, fee, currency, executed_at } = trade;
  return canonical({
    // An execution is one transaction, whose id it is, and known by it in a file that was exported.
    transaction_id: execution_id,
    external_id: execution_id,
    portfolio_id,
    type: side,
    symbol,
    qty: quantity,
    price,
    amount: null,
    fee,
    ratio: null,
    currency,
    executed_at,
    sequence: trade.sequence,
    source: 'trade',
    trade_id: trade.trade_id,
    created_at: now,
    named_portfolio_id: named === portfolio_id ? null : named,
  });
}

const symbolRow = z.object({ symbol: z.string() });

/** Symbols of the trades numbered above `from` and up to `to` that a split which is here takes effect after. */
async function beforeSplits(
  tx: Db,
  { portfolio_id }: LockedPortfolio,
  streamId: string,
  from: number,
  to: number,
): Promise<readonly string[]> {
  const { rows } = await sql`
    select distinct trade.symbol
    from transactions as trade join transactions as split on
      split.portfolio_id = trade.portfolio_id and split.symbol = trade.symbol and split.type = 'split'
      and split.executed_at >= trade.executed_at
    where trade.portfolio_id = ${portfolio_id} and trade.stream_id = ${streamId}
      and trade.sequence > ${sql.lit(from)} and trade.sequence <= ${sql.lit(to)}
    order by trade.symbol`.execute(tx);
  return rows.map((row) => parseRow(symbolRow, 'transactions', row).symbol);
}
