import { type Kysely, sql } from 'kysely';
import { isoOf } from '../ledger/columns';
import { lockPortfolio, touch } from './locks';
import type { Change, ChangeResult, PortfolioState, StoredTransaction } from './portfolios';
import { oweChanges } from './reports';
import { type LockedPortfolio, shownOf } from './rows';
import type { PortfolioTables } from './schema';
import { canonical, insertTransactions, missingIn, transactionsOf } from './transactions';

type Db = Kysely<PortfolioTables>;
export type Decide<Refusal> = (state: PortfolioState) => Change | { readonly refusal: Refusal };

export interface ChangingPorts {
  readonly db: Db;
  /** A change that adds ends where the portfolio would have more transactions. */
  readonly maxTransactions: number;
}

/**
 * A change whose attempts know of each other: the answer to a commit may be lost, and what was decided then stands. Asked
 * again, `decide` would find its own additions, and make them twice or refuse them.
 */
export function changing<Refusal>(
  { db, maxTransactions }: ChangingPorts,
  userId: string,
  portfolioId: string,
  now: string,
  decide: Decide<Refusal>,
): () => Promise<ChangeResult<Refusal>> {
  let decided: Change | undefined;
  return () =>
    db.transaction().execute(async (tx) => {
      const portfolio = await lockPortfolio(tx, userId, portfolioId);
      if (!portfolio) return { result: 'no_portfolio' };
      const before = await transactionsOf(tx, [portfolioId]);
      if (decided) {
        const added = doneBefore(decided, before);
        if (added) return { result: 'changed', added, revision: portfolio.revision };
      }
      const missing = await missingIn(tx, portfolioId);
      const decision = decide({ portfolio: shownOf(portfolio), transactions: before, missing });
      if ('refusal' in decision) return { result: 'refused', refusal: decision.refusal };
      decided = decision;
      return write({ tx, maxTransactions }, portfolio, before, decision, isoOf(now));
    });
}

/** @returns what was added, where all of a change is there already; null also for one that changes nothing */
function doneBefore(
  { add = [], remove = [] }: Change,
  transactions: readonly StoredTransaction[],
): readonly StoredTransaction[] | null {
  if (add.length === 0 && remove.length === 0) return null;
  const byId = new Map(transactions.map((transaction) => [transaction.transaction_id, transaction]));
  if (remove.some((id) => byId.has(id))) return null;
  const added = add.flatMap(({ transaction_id }) => byId.get(transaction_id) ?? []);
  return added.length === add.length ? added : null;
}

async function write<Refusal>(
  { tx, maxTransactions }: { readonly tx: Db; readonly maxTransactions: number },
  portfolio: LockedPortfolio,
  before: readonly StoredTransaction[],
  { add = [], remove = [] }: Change,
  now: string,
): Promise<ChangeResult<Refusal>> {
  const { portfolio_id, base_currency: currency, revision } = portfolio;
  if (add.length === 0 && remove.length === 0) return { result: 'changed', added: [], revision };
  const gone = new Set(remove);
  const removed = before.filter(({ transaction_id }) => gone.has(transaction_id));
  const fact = removed.find(({ source }) => source === 'trade');
  if (fact) throw new Error(`${fact.transaction_id} is a booked trade, which nothing removes`);
  const added = add.map((one) => canonical({ ...one, portfolio_id, currency, created_at: now }));
  const kept = before.filter(({ transaction_id }) => !gone.has(transaction_id));
  if (added.length > 0 && kept.length + added.length > maxTransactions) return { result: 'too_many' };

  await sql`
    delete from transactions
    where portfolio_id = ${portfolio_id} and transaction_id = any(${[...remove]}::text[])`.execute(tx);
  await insertTransactions(tx, added, null);
  const symbols = new Set([...removed, ...added].flatMap(({ symbol }) => symbol ?? []));
  await oweChanges(tx, portfolio, before, [...kept, ...added], symbols, now);
  return { result: 'changed', added, revision: await touch(tx, portfolio, now) };
}
