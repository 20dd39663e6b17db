import { formatDecimal } from '../../core/money/decimal';
import {
  byOrder,
  type CostMethod,
  openLedger,
  type Oversell,
  parseTransaction,
  replay,
  surplusOf,
  type Transaction,
} from '../../core/portfolio';
import type { NewTransaction } from './new-transaction';

/** A row of a file, as it would be added. */
export interface ImportRow {
  readonly line: number;
  readonly row: NewTransaction;
}
/** A row that is not taken. */
export interface RejectedRow {
  readonly line: number;
  readonly path: string;
  readonly message: string;
}

export interface Imported {
  readonly add: readonly ImportRow[];
  readonly unchanged: number;
  readonly rejected: readonly RejectedRow[];
}

interface Candidate extends ImportRow {
  readonly transaction: Transaction;
}

/**
 * Which rows of a file a portfolio takes: not those it has already, by their external_id, nor those that break a rule, nor
 * sells of more than is held. Rows are judged in the order of replay, so that the same file always leaves out the same ones.
 * @param before the portfolio's transactions
 * @param known external_ids of the portfolio
 */
export function takeRows(
  rows: readonly ImportRow[],
  before: readonly Transaction[],
  known: ReadonlySet<string>,
  method: CostMethod,
): Imported {
  const seen = new Set(known);
  const rejected: RejectedRow[] = [];
  const candidates: Candidate[] = [];
  let unchanged = 0;
  for (const { line, row } of rows) {
    if (row.external_id !== null && seen.has(row.external_id)) {
      unchanged += 1;
      continue;
    }
    const parsed = parseTransaction(row);
    if (parsed.ok) candidates.push({ line, row, transaction: parsed.transaction });
    else rejected.push(...parsed.errors.map(({ path, message }) => ({ line, path, message })));
    if (parsed.ok && row.external_id !== null) seen.add(row.external_id);
  }
  const left = leftOut(candidates, before, method);
  for (const { line, row } of candidates) {
    const why = left.get(row.transaction_id);
    if (why !== undefined) rejected.push({ line, path: row.type === 'split' ? 'ratio' : 'qty', message: why });
  }
  return {
    add: candidates.filter(({ row }) => !left.has(row.transaction_id)),
    unchanged,
    rejected: rejected.sort((a, b) => a.line - b.line),
  };
}

/** Rows without which nothing is sold that is not held, with the reason of each. Symbols know nothing of each other. */
function leftOut(
  candidates: readonly Candidate[],
  before: readonly Transaction[],
  method: CostMethod,
): ReadonlyMap<string, string> {
  const left = new Map<string, string>();
  const added = new Map(candidates.map(({ transaction }) => [transaction.transaction_id, transaction]));
  const earlier = bySymbol(before);
  for (const [symbol, own] of bySymbol([...added.values()])) {
    const there = earlier.get(symbol) ?? [];
    const shorts = shortsOf(replay(there, method).oversells);
    for (const [id, why] of leftOutOf(own, there, shorts, method)) left.set(id, why);
  }
  return left;
}

/**
 * One pass leaves out each new sell of more than is held then. Where a new row takes shares away from a later transaction
 * that was there before, the latest such row before it is left out and the symbol is gone over again.
 */
function leftOutOf(
  own: readonly Transaction[],
  there: readonly Transaction[],
  shorts: ReadonlyMap<string, string>,
  method: CostMethod,
): ReadonlyMap<string, string> {
  const isNew = new Set(own.map(({ transaction_id }) => transaction_id));
  const given = new Map<string, string>();
  for (;;) {
    const left = new Map(given);
    const ledger = openLedger(method);
    const takers: Transaction[] = [];
    let harmed: { readonly transaction: Transaction; readonly taker: Transaction } | undefined;
    for (const transaction of [...own, ...there].sort(byOrder)) {
      if (left.has(transaction.transaction_id)) continue;
      const short = shortOf(transaction, ledger.holdings);
      if (isNew.has(transaction.transaction_id)) {
        if (short !== null) {
          left.set(transaction.transaction_id, `sells ${formatDecimal(short)} more than is held`);
          continue;
        }
        if (takesAway(transaction)) takers.push(transaction);
      } else if (short?.gt(shorts.get(transaction.transaction_id) ?? 0)) {
        const taker = takers.at(-1);
        if (taker) {
          harmed = { transaction, taker };
          break;
        }
      }
      ledger.apply(transaction);
    }
    if (!harmed) return left;
    const { transaction, taker } = harmed;
    given.set(taker.transaction_id, `takes shares away that ${transaction.type} ${transaction.transaction_id} sells`);
  }
}

const takesAway = (transaction: Transaction): boolean =>
  transaction.type === 'sell' || (transaction.type === 'split' && transaction.ratio.to.lt(transaction.ratio.from));

function shortOf(transaction: Transaction, holdings: ReturnType<typeof openLedger>['holdings']) {
  if (transaction.type !== 'sell') return null;
  const holding = holdings.get(transaction.symbol);
  const short = holding ? surplusOf(holding, transaction) : transaction.qty;
  return short.isZero() ? null : short;
}

const shortsOf = (oversells: readonly Oversell[]): ReadonlyMap<string, string> =>
  new Map(oversells.map(({ transaction_id, short }) => [transaction_id, short]));

function bySymbol(transactions: readonly Transaction[]): ReadonlyMap<string, readonly Transaction[]> {
  const groups = new Map<string, Transaction[]>();
  for (const transaction of transactions) {
    const symbol = 'symbol' in transaction ? transaction.symbol : null;
    if (symbol === null) continue;
    const group = groups.get(symbol) ?? [];
    groups.set(symbol, group);
    group.push(transaction);
  }
  return groups;
}
