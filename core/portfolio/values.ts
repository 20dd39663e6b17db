import { type Amount, ZERO, plus, times } from './amount';
import type { Edge } from './flows';
import { openLedger } from './holdings';
import { qtyOf } from './position';
import type { Closes, PriceHistory } from './price-history';
import { type Transaction, dateOf, symbolOf } from './transaction';

/** What was there at the close of a day. */
export interface DatedValue {
  readonly date: string;
  readonly value: Amount;
}

interface ValuesInput {
  readonly from: string;
  readonly to: string;
  /** In order. */
  readonly transactions: readonly Transaction[];
  readonly closes: Closes;
  readonly prices: PriceHistory;
  readonly edge: Edge;
}

/**
 * Values at the closes of `from`, `to`, and every day between on which something was traded, paid or quoted.
 * On all other days they are those of the day before.
 */
export function valuesOver(input: ValuesInput): readonly DatedValue[] {
  const { transactions, prices, edge } = input;
  // What is held does not depend on what it cost; `average` keeps one lot a symbol.
  const ledger = openLedger('average');
  let next = 0;
  return daysOf(input).map((date) => {
    for (let tx = transactions[next]; tx !== undefined && dateOf(tx) <= date; tx = transactions[++next])
      ledger.apply(tx);
    const shares = [...ledger.holdings.values()].reduce((total: Amount, holding) => {
      const qty = qtyOf(holding);
      return qty.isZero() ? total : plus(total, times(qty, prices.on(holding.symbol, date)));
    }, ZERO);
    return { date, value: edge === 'account' ? plus(shares, ledger.cash()) : shares };
  });
}

function daysOf({ from, to, transactions, closes }: ValuesInput): readonly string[] {
  const days = new Set([from, to]);
  const first = transactions[0];
  if (first === undefined) return [...days].sort();
  const add = (date: string) => {
    if (date > from && date < to && date >= dateOf(first)) days.add(date);
  };
  transactions.forEach((transaction) => add(dateOf(transaction)));
  for (const symbol of new Set(transactions.map(symbolOf)))
    if (symbol !== null) closes.get(symbol)?.forEach(({ date }) => add(date));
  return [...days].sort();
}
