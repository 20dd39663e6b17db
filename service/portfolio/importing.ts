import { Decimal, formatDecimal } from '../../core/money/decimal';
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
    for (const [id, why] of leftOutOf(own, there, shorts)) left.set(id, why);
  }
  return left;
}

/**
 * A pass leaves out each new sell of more than is held then. Where new rows take shares away from a later transaction that
 * was there before, as many of the latest such rows before it are left out as cover the shortage. What they give back is
 * reckoned and so rounded: passes follow until one leaves out nothing, each at least twice as many rows at a time.
 */
function leftOutOf(
  own: readonly Transaction[],
  there: readonly Transaction[],
  shorts: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  const isNew = new Set(own.map(({ transaction_id }) => transaction_id));
  const left = new Map<string, string>();
  let remaining = [...own, ...there].sort(byOrder);
  for (let atLeast = 1, before = -1; before < left.size; atLeast *= 2) {
    before = left.size;
    remaining = remaining.filter(({ transaction_id }) => !left.has(transaction_id));
    pass(remaining, isNew, shorts, left, atLeast);
  }
  return left;
}

/** A new row that took shares away. */
interface Taker {
  readonly transaction: Transaction;
  readonly qty: Decimal;
  /** New shares for one of the beginning, by the splits until then. */
  readonly factor: Decimal;
}

function pass(
  ordered: readonly Transaction[],
  isNew: ReadonlySet<string>,
  shorts: ReadonlyMap<string, string>,
  left: Map<string, string>,
  atLeast: number,
): void {
  // What is held does not depend on what it cost.
  const ledger = openLedger('average');
  const takers: Taker[] = [];
  let factor = new Decimal(1);
  for (const transaction of ordered) {
    const { transaction_id } = transaction;
    const short = shortOf(transaction, ledger.holdings);
    if (isNew.has(transaction_id) && short !== null) {
      left.set(transaction_id, `sells ${formatDecimal(short)} more than is held`);
      continue;
    }
    if (short !== null && transaction.type === 'sell') {
      let missing = short.minus(shorts.get(transaction_id) ?? 0);
      // Shorts of before are rounded to nine decimals.
      if (missing.gt(INVISIBLE)) {
        missing = missing.plus(ledger.holdings.get(transaction.symbol)?.short ?? 0);
        const why = `takes shares away that ${transaction.type} ${transaction_id} sells`;
        for (let out = 0; missing.gt(0) || out < atLeast; out++) {
          const taker = takers.pop();
          if (taker === undefined) break;
          left.set(taker.transaction.transaction_id, why);
          const qty = taker.qty.times(factor).div(taker.factor);
          missing = missing.minus(qty);
          // Its shares come back, and a split that never was no longer changes those of the rows before it.
          ledger.apply({ ...transaction, type: 'buy', qty, price: null });
          if (taker.transaction.type === 'split')
            factor = factor.times(taker.transaction.ratio.from).div(taker.transaction.ratio.to);
        }
      }
    }
    const held = heldOf(transaction, ledger.holdings);
    ledger.apply(transaction);
    if (transaction.type === 'split') factor = factor.times(transaction.ratio.to).div(transaction.ratio.from);
    const qty = held.minus(heldOf(transaction, ledger.holdings));
    if (isNew.has(transaction_id) && qty.gt(0)) takers.push({ transaction, qty, factor });
  }
}

/** As many shares as nobody is shown. */
const INVISIBLE = '0.0000000005';

function heldOf(transaction: Transaction, holdings: ReturnType<typeof openLedger>['holdings']): Decimal {
  const holding = 'symbol' in transaction && transaction.symbol !== null ? holdings.get(transaction.symbol) : undefined;
  return holding?.held ?? new Decimal(0);
}

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
