import { Decimal } from '../money/decimal';
import { type Amount, unknown } from './amount';
import { type Ratio, type Transaction, dateOf } from './transaction';

/** A closing price. */
export interface Close {
  /** `YYYY-MM-DD` */
  readonly date: string;
  /** Decimal string. */
  readonly close: string;
}
export type Closes = ReadonlyMap<string, readonly Close[]>;

/**
 * raw: as it was traded on the day (Alpaca's `adjustment=raw`) · split_adjusted: in shares of today, every later split
 * reckoned in (`adjustment=split`).
 */
export type Adjustment = 'raw' | 'split_adjusted';

/** A split as prices see it. */
export interface DatedSplit {
  /** `YYYY-MM-DD`: prices of this day are of new shares. */
  readonly date: string;
  readonly ratio: Ratio;
}
export type Splits = ReadonlyMap<string, readonly DatedSplit[]>;

/** The splits among transactions, by symbol. */
export function splitsOf(transactions: readonly Transaction[]): Splits {
  const splits = new Map<string, DatedSplit[]>();
  for (const transaction of transactions) {
    if (transaction.type !== 'split') continue;
    const { symbol, ratio } = transaction;
    const own = splits.get(symbol) ?? [];
    splits.set(symbol, own);
    own.push({ date: dateOf(transaction), ratio });
  }
  return splits;
}

export interface PriceHistory {
  /** What one share, as it was on that date, was worth at its close: the latest close until then. */
  readonly on: (symbol: string, date: string) => Amount;
}

/**
 * Prices that agree with the quantities of a replay, whichever way closes are adjusted: a close from before a split is
 * never multiplied with the shares of after it. Closes may come in any order.
 * @param transactions whose splits are reckoned with; a close of a split's own date is one of new shares
 */
export function priceHistory(
  closes: Closes,
  transactions: readonly Transaction[],
  adjustment: Adjustment,
): PriceHistory {
  const splits = splitsOf(transactions);
  const sorted = new Map(
    [...closes].map(([symbol, series]) => [symbol, series.toSorted((a, b) => (a.date < b.date ? -1 : 1))]),
  );

  const on = (symbol: string, date: string): Amount => {
    const latest = latestUntil(sorted.get(symbol) ?? [], date);
    if (latest === null) return unknown('price_unknown', `no close of ${symbol} until ${date} is known`);
    const own = splits.get(symbol) ?? [];
    return adjustment === 'raw'
      ? own
          .filter((split) => split.date > latest.date && split.date <= date)
          .reduce((price, { ratio }) => price.times(ratio.from).div(ratio.to), new Decimal(latest.close))
      : own
          .filter((split) => split.date > date)
          .reduce((price, { ratio }) => price.times(ratio.to).div(ratio.from), new Decimal(latest.close));
  };
  return { on };
}

/** By halves: a series has thousands of days. */
function latestUntil(series: readonly Close[], date: string): Close | null {
  let [low, high] = [0, series.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((series[middle]?.date ?? '') <= date) low = middle + 1;
    else high = middle;
  }
  return series[low - 1] ?? null;
}
