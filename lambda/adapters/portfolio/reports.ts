import { type Kysely, sql } from 'kysely';
import { formatDecimal, roundDecimal } from '../../../core/money/decimal';
import { qtyOf, replay } from '../../../core/portfolio';
import { portfolioStream } from '../ledger/streams';
import { integerColumn, isoOf } from '../ledger/columns';
import { parseRow } from '../stored-row';
import { parsedTransactions } from './parsed';
import type { OwedReport, PortfolioRow, StoredTransaction } from './portfolios';
import { type LockedPortfolio, type RemovedPortfolio, removedOf, reportOf } from './rows';
import type { PortfolioTables } from './schema';
import { receivedTo } from './streams';
import { transactionsOf } from './transactions';

type Db = Kysely<PortfolioTables>;

/*
 * What the ledger is told. It checks a sell against `qty` of the last report plus every execution of the portfolio's own
 * stream numbered above `trade_sequence` (ledger/positions.ts). So a report says what the portfolio holds with its own
 * stream's trades up to `trade_sequence` and without those behind it, and `trade_sequence` is how far the numbers have
 * arrived without a gap: a trade that came early, behind a gap, is left out of `qty`, since the ledger adds it, and the
 * missing one too. Whatever is not of that stream, the ledger cannot know and `qty` contains: manual entries, imports,
 * and trades that came here from another stream, of no portfolio or of one that is not there.
 *
 * From there on the two agree by themselves, as each adds the same trades, but for one case: a trade that arrives when a
 * split which takes effect after it is here already, and which multiplies it here and not there. Such a trade, once the
 * numbers up to it have arrived, owes a report again (recording.ts).
 *
 * A trade may name a portfolio that was removed here: the ledger gives it the shares, which are in the default portfolio.
 * Each such trade owes the removed one a report that it holds none.
 *
 * A user's default portfolio is reported under its own id like any other: a trade may name it. The ledger keeps no
 * position of trades that name no portfolio and is told of none.
 */

/** Decimals of a quantity, in the ledger's columns and in whatever is shown. */
const SCALE = 9;

const isOfShares = ({ type }: Pick<StoredTransaction, 'type'>): boolean =>
  type === 'buy' || type === 'sell' || type === 'split';

/** Shares by symbol. How cost is reckoned does not matter to them; the mean is the quickest. */
export function quantities(rows: readonly StoredTransaction[]): ReadonlyMap<string, string> {
  const { holdings } = replay(parsedTransactions(rows), 'average');
  return new Map(
    [...holdings.values()].map((holding) => [holding.symbol, formatDecimal(roundDecimal(qtyOf(holding), SCALE))]),
  );
}

/** Reports of the symbols whose quantity, as a report counts it, is another one after a change. */
export async function oweChanges(
  tx: Db,
  portfolio: LockedPortfolio,
  before: readonly StoredTransaction[],
  after: readonly StoredTransaction[],
  symbols: ReadonlySet<string>,
  now: string,
): Promise<void> {
  if (symbols.size === 0) return;
  const received = await receivedTo(tx, portfolio);
  const early = await earlyTrades(tx, portfolio, received);
  const counted = (row: StoredTransaction) =>
    row.symbol !== null && symbols.has(row.symbol) && isOfShares(row) && !early.has(row.transaction_id);
  const was = quantities(before.filter(counted));
  const is = quantities(after.filter(counted));
  const changed = [...symbols].sort().flatMap((symbol) => {
    const qty = is.get(symbol) ?? '0';
    return qty === (was.get(symbol) ?? '0') ? [] : [{ symbol, qty }];
  });
  await write(tx, portfolio, changed, received, now);
}

/** Reports of symbols as they are now. */
export async function oweAsIs(
  tx: Db,
  portfolio: LockedPortfolio,
  symbols: readonly string[],
  now: string,
): Promise<void> {
  if (symbols.length === 0) return;
  const received = await receivedTo(tx, portfolio);
  const early = await earlyTrades(tx, portfolio, received);
  const rows = await transactionsOf(tx, [portfolio.portfolio_id], symbols);
  const is = quantities(rows.filter((row) => isOfShares(row) && !early.has(row.transaction_id)));
  await write(
    tx,
    portfolio,
    symbols.map((symbol) => ({ symbol, qty: is.get(symbol) ?? '0' })),
    received,
    now,
  );
}

/**
 * Reports that nothing is held of whatever ever was, and of no trade that has arrived.
 * @returns the number of the portfolio's last report
 */
export async function oweNothingHeld(tx: Db, portfolio: LockedPortfolio, now: string): Promise<number> {
  const { portfolio_id } = portfolio;
  const rows = await tx
    .selectFrom('transactions')
    .select('symbol')
    .distinct()
    .where('portfolio_id', '=', portfolio_id)
    .where('type', 'in', ['buy', 'sell'])
    .orderBy('symbol')
    .execute();
  const nothing = rows.flatMap(({ symbol }) => (symbol === null ? [] : [{ symbol, qty: '0' }]));
  await insertReports(tx, portfolio, nothing, await highestReceived(tx, portfolio), now);
  return portfolio.last_report + nothing.length;
}

/**
 * Reports that a portfolio which was removed holds nothing of a symbol, as the ledger gave it a trade that names it. The
 * trade's receipt is written.
 */
export async function oweNothingOf(
  tx: Db,
  { user_id, portfolio_id }: Pick<PortfolioRow, 'user_id' | 'portfolio_id'>,
  symbol: string,
  now: string,
): Promise<void> {
  const row = await tx
    .selectFrom('removed_portfolios')
    .select(['portfolio_id', 'user_id', 'last_report'])
    .where('portfolio_id', '=', portfolio_id)
    .where('user_id', '=', user_id)
    .forUpdate()
    .executeTakeFirst();
  if (!row) return;
  const removed = removedOf(row);
  await insertReports(tx, removed, [{ symbol, qty: '0' }], await highestReceived(tx, removed), now);
  await tx
    .updateTable('removed_portfolios')
    .set({ last_report: removed.last_report + 1 })
    .where('portfolio_id', '=', portfolio_id)
    .execute();
}

/** Of the portfolio's own stream, whatever is missing below it: where nothing is held, that is none of what is held either. */
async function highestReceived(tx: Db, { portfolio_id, user_id }: RemovedPortfolio): Promise<number> {
  const { highest } = await tx
    .selectFrom('receipts')
    .select(({ fn }) => fn.max<string | null>('sequence').as('highest'))
    .where('stream_id', '=', portfolioStream(portfolio_id))
    .where('user_id', '=', user_id)
    .executeTakeFirstOrThrow();
  return parseRow(integerColumn, 'receipts.sequence', highest ?? 0);
}

/** Trades of the portfolio's own stream that came before one numbered below them. */
async function earlyTrades(tx: Db, { portfolio_id }: LockedPortfolio, received: number): Promise<ReadonlySet<string>> {
  const rows = await tx
    .selectFrom('transactions')
    .select('transaction_id')
    .where('portfolio_id', '=', portfolio_id)
    .where('stream_id', '=', portfolioStream(portfolio_id))
    .where('sequence', '>', received)
    .execute();
  return new Set(rows.map(({ transaction_id }) => transaction_id));
}

interface Held {
  readonly symbol: string;
  readonly qty: string;
}

async function write(
  tx: Db,
  portfolio: LockedPortfolio,
  held: readonly Held[],
  trade_sequence: number,
  now: string,
): Promise<void> {
  if (held.length === 0) return;
  await insertReports(tx, portfolio, held, trade_sequence, now);
  await tx
    .updateTable('portfolios')
    .set({ last_report: portfolio.last_report + held.length })
    .where('portfolio_id', '=', portfolio.portfolio_id)
    .execute();
}

async function insertReports(
  tx: Db,
  { portfolio_id, user_id, last_report }: RemovedPortfolio,
  held: readonly Held[],
  trade_sequence: number,
  now: string,
): Promise<void> {
  const rows = held.map(({ symbol, qty }, index) => ({ symbol, qty, sequence: last_report + 1 + index }));
  await sql`
    insert into reports (portfolio_id, user_id, symbol, qty, sequence, trade_sequence, written_at)
    select ${portfolio_id}, ${user_id}, symbol, qty, sequence, ${sql.lit(trade_sequence)}, ${isoOf(now)}::timestamptz
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as report (symbol text, qty numeric, sequence bigint)
    order by sequence`.execute(tx);
}

/** Oldest first. */
export async function owed(db: Db, limit: number): Promise<readonly OwedReport[]> {
  const rows = await db.selectFrom('reports').selectAll().orderBy('report_id').limit(limit).execute();
  return rows.map(reportOf);
}

/** What was told needs no keeping: a report speaks of somebody, and a newer one says more. */
export async function told(db: Db, reportIds: readonly string[]): Promise<void> {
  await sql`delete from reports where report_id = any(${[...reportIds]}::bigint[])`.execute(db);
}
