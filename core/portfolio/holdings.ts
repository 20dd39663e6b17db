import type { Decimal } from '../money/decimal';
import { type Amount, ZERO, add, plus, shown, unknown } from './amount';
import {
  type Balance,
  type CostMethod,
  type OpenPosition,
  type Position,
  type Sale,
  buy,
  emptyPosition,
  lotsOf,
  qtyOf,
  sell,
  split,
  surplusOf,
} from './position';
import { type Trade, type Transaction, cashOf, inOrder, symbolOf } from './transaction';

/** A symbol's position, and what it has brought and cost besides. */
export interface Holding extends Position {
  /** Every sell, oldest first. */
  readonly sales: readonly Sale[];
  /** Before tax withheld. */
  readonly dividends: Decimal;
  /** Commissions, tax withheld and charges that name the symbol. */
  readonly fees: Decimal;
}

/** A sell of more than was held. */
export interface Oversell {
  readonly code: 'oversell';
  readonly transaction_id: string;
  readonly symbol: string;
  /** Decimal strings: held before the sell, sold by it, and what was not there. */
  readonly held: string;
  readonly qty: string;
  readonly short: string;
  readonly message: string;
}

/** What a portfolio is after its transactions. */
export interface Ledger {
  /** By symbol, in the order of the alphabet; those sold out too. */
  readonly holdings: ReadonlyMap<string, Holding>;
  /** Deposits, sales and dividends less withdrawals, purchases and fees; below zero where nobody recorded deposits. */
  readonly cash: Amount;
  /** Whether deposits or withdrawals are recorded: only then is `cash` a balance. */
  readonly has_cash_account: boolean;
  /** Of the portfolio, symbols and all. */
  readonly dividends: Decimal;
  readonly fees: Decimal;
  /** Sells of more than was held, in order. Empty where all is well. */
  readonly oversells: readonly Oversell[];
}

/**
 * Replays transactions, in whatever order they come. A trade that was booked is a fact and is never rejected: where it
 * sells more than is held, the position goes below zero, its cost is unknown, and the ledger says so.
 */
export function replay(transactions: readonly Transaction[], method: CostMethod): Ledger {
  const ledger = openLedger(method);
  for (const transaction of inOrder(transactions)) ledger.apply(transaction);
  return ledger.close();
}

export type Admission =
  { readonly ok: true; readonly ledger: Ledger } | { readonly ok: false; readonly error: Oversell };

/**
 * Whether a portfolio may go from these transactions to those: by one added, one deleted, or a file imported. It may not
 * where a sell then sells more than is held; but one that already did so, being a fact, is no reason to refuse.
 * @returns the first sell that stands in the way (422)
 */
export function admit(before: readonly Transaction[], after: readonly Transaction[], method: CostMethod): Admission {
  const known = new Map(replay(before, method).oversells.map(({ transaction_id, short }) => [transaction_id, short]));
  const ledger = replay(after, method);
  const error = ledger.oversells.find(({ transaction_id, short }) => {
    const previous = known.get(transaction_id);
    return previous === undefined || ZERO.plus(short).gt(previous);
  });
  return error === undefined ? { ok: true, ledger } : { ok: false, error };
}

/** A replay in steps: `apply` takes transactions in order, and the state may be read between them. */
export interface OpenLedger {
  /** Of this moment: what is applied next changes them. */
  readonly holdings: ReadonlyMap<string, Balance>;
  readonly cash: () => Amount;
  readonly apply: (transaction: Transaction) => void;
  readonly close: () => Ledger;
}

export function openLedger(method: CostMethod): OpenLedger {
  const holdings = new Map<string, OpenHolding>();
  const oversells: Oversell[] = [];
  let cash: Amount = ZERO;
  let hasCashAccount = false;
  let dividends = ZERO;
  let fees = ZERO;

  const apply = (transaction: Transaction): void => {
    cash = plus(cash, cashOf(transaction) ?? cashUnknown(transaction));
    hasCashAccount ||= transaction.type === 'deposit' || transaction.type === 'withdrawal';
    fees = add(fees, feeOf(transaction));
    if (transaction.type === 'dividend') dividends = dividends.plus(transaction.amount);
    const symbol = symbolOf(transaction);
    if (symbol === null) return;
    const holding = holdings.get(symbol) ?? opened(symbol);
    holdings.set(symbol, holding);
    if (transaction.type === 'sell') {
      const short = surplusOf(holding, transaction);
      if (!short.isZero()) oversells.push(oversell(holding, transaction, short));
    }
    book(holding, transaction, method);
  };

  const close = (): Ledger => ({
    holdings: new Map(
      [...holdings].sort(([a], [b]) => (a < b ? -1 : 1)).map(([symbol, open]) => [symbol, closed(open)]),
    ),
    cash,
    has_cash_account: hasCashAccount,
    dividends,
    fees,
    oversells,
  });
  return { holdings, cash: () => cash, apply, close };
}

/** What a transaction cost in fees, taxes withheld among them. */
export function feeOf(transaction: Transaction): Decimal {
  if (transaction.type === 'fee') return transaction.amount;
  return 'fee' in transaction ? transaction.fee : ZERO;
}

interface OpenHolding extends OpenPosition {
  readonly sales: Sale[];
  dividends: Decimal;
  fees: Decimal;
}

const opened = (symbol: string): OpenHolding => ({ ...emptyPosition(symbol), sales: [], dividends: ZERO, fees: ZERO });

function closed(open: OpenHolding): Holding {
  const { symbol, held, short, sales, dividends, fees } = open;
  return { symbol, lots: lotsOf(open), held, short, sales, dividends, fees };
}

function book(holding: OpenHolding, transaction: Transaction, method: CostMethod): void {
  holding.fees = add(holding.fees, feeOf(transaction));
  switch (transaction.type) {
    case 'buy': {
      buy(holding, transaction, method);
      return;
    }
    case 'sell':
      holding.sales.push(sell(holding, transaction, method));
      return;
    case 'split': {
      split(holding, transaction.ratio);
      return;
    }
    case 'dividend':
      holding.dividends = add(holding.dividends, transaction.amount);
  }
}

const cashUnknown = ({ type, transaction_id }: Transaction): Amount =>
  unknown('trade_price_unknown', `cash after ${type} ${transaction_id}, which has no price`);

function oversell(holding: Balance, { transaction_id, symbol, qty }: Trade, short: Decimal): Oversell {
  const [held, wanted, missing] = [shown(qtyOf(holding)) ?? '', shown(qty) ?? '', shown(short) ?? ''];
  const message = `sell ${transaction_id} sells ${wanted} ${symbol}, of which ${held} are held`;
  return { code: 'oversell', transaction_id, symbol, held, qty: wanted, short: missing, message };
}
