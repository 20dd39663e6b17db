import { type Kysely, type RawBuilder, sql } from 'kysely';
import { formatDecimal } from '../../../core/money/decimal';
import { exactAmount, isoOf } from '../ledger/columns';
import type {
  MissingTrades,
  PortfolioState,
  StoredTransaction,
  TransactionFilter,
  TransactionPlace,
} from './portfolios';
import { missingOf, portfolioOf, transactionOf } from './rows';
import type { PortfolioTables } from './schema';
import { MISSING } from './streams';

type Db = Kysely<PortfolioTables>;

/** Of one instant and sequence, as core/portfolio ranks them. */
const RANKED: readonly StoredTransaction['type'][] = [
  'split',
  'deposit',
  'buy',
  'dividend',
  'fee',
  'sell',
  'withdrawal',
];

/** The order of replay (core/portfolio `byOrder`), by portfolio. Times of one notation sort as they are. */
function byReplay(a: StoredTransaction, b: StoredTransaction): number {
  if (a.portfolio_id !== b.portfolio_id) return a.portfolio_id < b.portfolio_id ? -1 : 1;
  if (a.executed_at !== b.executed_at) return a.executed_at < b.executed_at ? -1 : 1;
  return (
    (a.sequence ?? 0) - (b.sequence ?? 0) ||
    RANKED.indexOf(a.type) - RANKED.indexOf(b.type) ||
    (a.transaction_id < b.transaction_id ? -1 : 1)
  );
}

/** All transactions of some portfolios, by portfolio and in the order of replay. */
export async function transactionsOf(
  db: Db,
  portfolioIds: readonly string[],
  symbols?: readonly string[],
): Promise<readonly StoredTransaction[]> {
  const ofSymbols = symbols === undefined ? sql`` : sql`and symbol = any(${[...symbols]}::text[])`;
  const { rows } = await sql`
    select * from transactions where portfolio_id = any(${[...portfolioIds]}::text[]) ${ofSymbols}
    order by portfolio_id, executed_at`.execute(db);
  // In the order of an index; those of one instant find their places here, where it takes no time.
  return rows.map(transactionOf).sort(byReplay);
}

/** Newest first. */
export async function listTransactions(
  db: Db,
  portfolioId: string,
  { symbol, type, from, to }: TransactionFilter,
  { limit, before }: { readonly limit: number; readonly before?: TransactionPlace },
): Promise<readonly StoredTransaction[]> {
  let query = db.selectFrom('transactions').selectAll().where('portfolio_id', '=', portfolioId);
  if (symbol !== undefined) query = query.where('symbol', '=', symbol);
  if (type !== undefined) query = query.where('type', '=', type);
  if (from !== undefined) query = query.where('executed_at', '>=', isoOf(from));
  if (to !== undefined) query = query.where('executed_at', '<', isoOf(to));
  if (before !== undefined)
    query = query.where((eb) =>
      eb(eb.refTuple('executed_at', 'transaction_id'), '<', eb.tuple(isoOf(before.executed_at), before.transaction_id)),
    );
  const rows = await query.orderBy('executed_at', 'desc').orderBy('transaction_id', 'desc').limit(limit).execute();
  return rows.map(transactionOf);
}

/**
 * What is missing of the portfolio's own stream; for the default portfolio also of the user's, and of those that name a
 * portfolio which is not there, since their trades come to it.
 */
const missing = sql`
  coalesce((
    select json_agg(json_build_object('from', gap."from", 'to', gap."to") order by s.stream_id, gap."from")
    from streams as s, lateral (${MISSING}) as gap
    where s.user_id = p.user_id and s.gap_since is not null and (
      s.portfolio_id = p.portfolio_id
      or (p.is_default and not exists (
        select 1 from portfolios as named where named.portfolio_id = s.portfolio_id and named.user_id = s.user_id
      ))
    )
  ), '[]'::json) as missing`;

export async function missingIn(db: Db, portfolioId: string): Promise<readonly MissingTrades[]> {
  const { rows } = await sql<{ missing: unknown }>`
    select ${missing} from portfolios as p where p.portfolio_id = ${portfolioId}`.execute(db);
  return missingOf(rows[0]?.missing ?? []);
}

export const stateOf = async (db: Db, userId: string, portfolioId: string): Promise<PortfolioState | null> =>
  (await statesWhere(db, sql`p.user_id = ${userId} and p.portfolio_id = ${portfolioId}`, 1))[0] ?? null;

export const states = (
  db: Db,
  page: { readonly limit: number; readonly after?: string; readonly among?: readonly string[] },
): Promise<readonly PortfolioState[]> => {
  const { limit, after = '', among } = page;
  const wanted = among === undefined ? sql`` : sql`and p.portfolio_id = any(${[...among]}::text[])`;
  return statesWhere(db, sql`p.portfolio_id > ${after} ${wanted}`, limit);
};

/** Two queries, however many portfolios, which see the same moment. */
function statesWhere(db: Db, where: RawBuilder<unknown>, limit: number): Promise<readonly PortfolioState[]> {
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (tx) => {
      const { rows } = await sql<{ missing: unknown }>`
        select p.*, ${missing} from portfolios as p where ${where}
        order by p.portfolio_id limit ${sql.lit(limit)}`.execute(tx);
      const portfolios = rows.map((row) => ({ portfolio: portfolioOf(row), missing: missingOf(row.missing) }));
      if (portfolios.length === 0) return [];
      const byPortfolio = new Map<string, StoredTransaction[]>();
      const all = await transactionsOf(
        tx,
        portfolios.map(({ portfolio }) => portfolio.portfolio_id),
      );
      for (const transaction of all) {
        const own = byPortfolio.get(transaction.portfolio_id);
        if (own) own.push(transaction);
        else byPortfolio.set(transaction.portfolio_id, [transaction]);
      }
      return portfolios.map((state) => ({
        ...state,
        transactions: byPortfolio.get(state.portfolio.portfolio_id) ?? [],
      }));
    });
}

const exact = (text: string | null): string | null => (text === null ? null : formatDecimal(exactAmount(text)));

/** A transaction as it will be read again. @throws RangeError where a number has more than nine decimals */
export const canonical = (transaction: StoredTransaction): StoredTransaction => ({
  ...transaction,
  qty: exact(transaction.qty),
  price: exact(transaction.price),
  amount: exact(transaction.amount),
  fee: exact(transaction.fee),
  executed_at: isoOf(transaction.executed_at),
  created_at: isoOf(transaction.created_at),
});

/** @param streamId of a trade: what numbered it */
export async function insertTransactions(
  tx: Db,
  transactions: readonly StoredTransaction[],
  streamId: string | null,
): Promise<void> {
  if (transactions.length === 0) return;
  // One parameter, however many rows: a statement has room for 65,535.
  await sql`
    insert into transactions
      (transaction_id, portfolio_id, type, symbol, qty, price, amount, fee, ratio, currency, executed_at, sequence,
       external_id, source, trade_id, stream_id, named_portfolio_id, created_at)
    select transaction_id, portfolio_id, type, symbol, qty, price, amount, fee, ratio, currency, executed_at, sequence,
       external_id, source, trade_id, ${streamId}, named_portfolio_id, created_at
    from jsonb_to_recordset(${JSON.stringify(transactions)}::jsonb) as added (
      transaction_id text, portfolio_id text, type text, symbol text, qty numeric, price numeric, amount numeric,
      fee numeric, ratio text, currency text, executed_at timestamptz, sequence bigint, external_id text, source text,
      trade_id text, named_portfolio_id text, created_at timestamptz
    )`.execute(tx);
}
