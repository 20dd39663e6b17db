import { type Amount, ZERO, plus, unknown } from './amount';
import { type Transaction, type TransactionType, cashOf, dateOf } from './transaction';

/**
 * Where the edge of what is measured runs, and so which money crosses it.
 * account: shares and cash; only deposits and withdrawals cross it, dividends retained do not.
 * trades: shares alone, of one symbol or of all where nobody recorded deposits; what is paid for them and what they bring
 * crosses it.
 */
export type Edge = 'account' | 'trades';

/** Money that crossed the edge on one day. */
export interface DayFlow {
  readonly date: string;
  /** At the begin of the day: what works in the portfolio on that day already. */
  readonly inflow: Amount;
  /** At its end, after fees: what has worked in it on that day still. Negative where fees exceed what was got. */
  readonly outflow: Amount;
}

export const edgeOf = (transactions: readonly Transaction[]): Edge =>
  transactions.some(({ type }) => type === 'deposit' || type === 'withdrawal') ? 'account' : 'trades';

/** External flows by day. A trade without a price makes the flow of its day unknown. */
export function dayFlows(transactions: readonly Transaction[], edge: Edge): ReadonlyMap<string, DayFlow> {
  const days = new Map<string, DayFlow>();
  for (const transaction of transactions) {
    const direction = DIRECTIONS[edge][transaction.type];
    if (direction === undefined) continue;
    const date = dateOf(transaction);
    const { inflow, outflow } = days.get(date) ?? { inflow: ZERO, outflow: ZERO };
    const amount = crossing(transaction, edge, direction);
    days.set(
      date,
      direction === 'in'
        ? { date, inflow: plus(inflow, amount), outflow }
        : { date, inflow, outflow: plus(outflow, amount) },
    );
  }
  return days;
}

type Direction = 'in' | 'out';

const DIRECTIONS: Readonly<Record<Edge, Readonly<Partial<Record<TransactionType, Direction>>>>> = {
  account: { deposit: 'in', withdrawal: 'out' },
  // A fee is money got, below zero: it lessens what the shares brought, and is no capital that works in them.
  trades: { buy: 'in', sell: 'out', dividend: 'out', fee: 'out' },
};

/** To the account a deposit is cash that comes; to shares alone a purchase is cash that goes into them. */
function crossing(transaction: Transaction, edge: Edge, direction: Direction): Amount {
  const cash = cashOf(transaction);
  if (cash === null) {
    const { type, transaction_id } = transaction;
    return unknown('trade_price_unknown', `${type} ${transaction_id} has no price`);
  }
  const isCashOurs = edge === 'account';
  return isCashOurs === (direction === 'in') ? cash : cash.neg();
}
