import { ulid } from 'ulid';
import { portfolioRoutes as routes } from '../../contract/routes/portfolios';
import type { TransactionAnswer } from '../../contract/schemas/portfolios';
import { admit, parseTransaction } from '../../core/portfolio';
import type { StoredTransaction, TransactionFilter } from '../../lambda/adapters/portfolio/portfolios';
import { failure, type Failure, refusedBody, refusedParameter } from '../../lambda/api/answers';
import { endOf, startOf } from '../../lambda/api/reads/news';
import { invalidCursor, pageRequest } from '../../lambda/api/reads/page';
import type { Implementation } from '../../lambda/api/serve';
import { identityOf } from '../csv';
import { IN_FUTURE, isInFuture, isSameContent, newTransaction, refusalOf } from '../portfolio/new-transaction';
import { parsedTransactions } from '../../lambda/adapters/portfolio/parsed';
import type { PortfolioServices } from '../services';
import { noPortfolio, storeRoutes, tooMany } from './own';

/** A time that the store can compare with: a calendar date may be of the year 0, and an offset may lead beyond 9999. */
const storable = (time: number): string => new Date(Math.min(Math.max(time, 0), Date.UTC(9999, 11, 31))).toISOString();

/** Listing, recording and removing transactions. */
export function transactionImplementations({ store, clock, log }: PortfolioServices): Implementation[] {
  const implement = storeRoutes(log);
  const now = () => clock().toISOString();

  const listTransactions = implement(routes.listTransactions, async (input, { sub }) => {
    const { symbol, type, from, to } = input.query;
    if (from !== undefined && to !== undefined && startOf(from) > endOf(to))
      return refusedParameter('from', 'must not be after to');
    const page = pageRequest(routes.listTransactions, input);
    const [executed_at, transaction_id] = page.after ?? [];
    const isFirst = page.after === undefined;
    if (!isFirst && (executed_at === undefined || transaction_id === undefined)) return invalidCursor();
    const filter: TransactionFilter = {
      ...(symbol !== undefined && { symbol: symbol.toUpperCase() }),
      ...(type !== undefined && { type }),
      ...(from !== undefined && { from: storable(startOf(from)) }),
      // `to` is the last that the caller wants, a day as a whole; the store's is the first that it leaves out.
      ...(to !== undefined && { to: storable(endOf(to) + 1) }),
    };
    const rows = await store.transactions(sub, input.parameters.portfolioId, filter, {
      limit: page.limit + 1,
      ...(executed_at !== undefined && transaction_id !== undefined && { before: { executed_at, transaction_id } }),
    });
    if (!rows) return noPortfolio();
    const shown = rows.slice(0, page.limit);
    const last = rows.length > page.limit ? shown.at(-1) : undefined;
    const next_cursor = last ? page.cursorAfter([last.executed_at, last.transaction_id]) : null;
    return { body: { items: shown.map(answerOf), next_cursor } };
  });

  const addTransaction = implement(routes.addTransaction, async ({ parameters, body, address }, { sub }) => {
    const added = newTransaction(body, ulid(clock().getTime()));
    const parsed = parseTransaction(added);
    if (!parsed.ok) return refusalOf(parsed.errors);
    if (isInFuture(added, clock())) return refusedBody('executed_at', IN_FUTURE);
    const { transaction } = parsed;
    type Refusal = { readonly failure: Failure } | { readonly existing: StoredTransaction };

    const changed = await store.change<Refusal>(sub, parameters.portfolioId, now(), ({ portfolio, transactions }) => {
      const existing =
        added.external_id === null ? undefined : transactions.find((row) => identityOf(row) === added.external_id);
      // One without an id of its source's goes by ours in an export, which nobody else may use.
      if (existing)
        return {
          refusal:
            existing.external_id !== null && isSameContent(existing, added) ? { existing } : { failure: reused() },
        };
      const before = parsedTransactions(transactions);
      const admission = admit(before, [...before, transaction], portfolio.cost_basis);
      if (admission.ok) return { add: [added] };
      return { refusal: { failure: refusedBody(added.type === 'split' ? 'ratio' : 'qty', admission.error.message) } };
    });

    if (changed.result === 'no_portfolio') return noPortfolio();
    if (changed.result === 'too_many') return tooMany();
    const located = (row: StoredTransaction) => ({
      body: answerOf(row),
      headers: { location: `${address}/${row.transaction_id}` },
    });
    if (changed.result === 'refused')
      return 'failure' in changed.refusal
        ? changed.refusal.failure
        : { ...located(changed.refusal.existing), status: 200 };
    const [row] = changed.added;
    if (!row) throw new Error('the store added no transaction, and refused none');
    return located(row);
  });

  const removeTransaction = implement(routes.removeTransaction, async ({ parameters }, { sub }) => {
    const { portfolioId, transactionId } = parameters;
    const changed = await store.change<Failure>(sub, portfolioId, now(), ({ portfolio, transactions }) => {
      const row = transactions.find(({ transaction_id }) => transaction_id === transactionId);
      if (!row) return { refusal: failure('not_found', 'There is no such transaction') };
      if (row.source === 'trade')
        return { refusal: failure('unprocessable', 'A booked trade is a fact of the ledger and stays') };
      const before = parsedTransactions(transactions);
      const after = before.filter(({ transaction_id }) => transaction_id !== transactionId);
      const admission = admit(before, after, portfolio.cost_basis);
      if (admission.ok) return { remove: [transactionId] };
      return { refusal: failure('unprocessable', `Without it ${admission.error.message}`) };
    });
    if (changed.result === 'no_portfolio') return noPortfolio();
    return changed.result === 'refused' ? changed.refusal : {};
  });

  return [listTransactions, addTransaction, removeTransaction];
}

const reused = (): Failure =>
  failure('conflict', 'Another transaction was recorded under this external_id', [
    { path: 'external_id', message: 'is in use for another transaction' },
  ]);
function answerOf(row: StoredTransaction): TransactionAnswer {
  const { transaction_id, portfolio_id, type, symbol, qty, price, amount, fee, ratio, currency } = row;
  const { executed_at, external_id, source, trade_id, sequence, created_at } = row;
  return {
    ...{ transaction_id, portfolio_id, type, symbol, qty, price, amount, fee, ratio, currency },
    ...{ executed_at, external_id, source, trade_id, sequence, created_at },
  };
}
