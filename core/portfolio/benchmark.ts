import { Decimal } from '../money/decimal';
import { type Amount, type Reason, minus, over, reasonsOf, shownRatio, unknown } from './amount';
import { type Close, priceHistory } from './price-history';

/** What a portfolio is compared with: an index, or a fund that follows one. */
export interface Benchmark {
  readonly symbol: string;
  /** Adjusted for splits; for dividends too, where it is to be a total return. */
  readonly closes: readonly Close[];
}

export interface BenchmarkView {
  readonly symbol: string;
  /** Over the same days as the portfolio's. */
  readonly twr: number | null;
  /** The portfolio's twr − the benchmark's. */
  readonly excess: number | null;
  /** On the days of the portfolio's series. */
  readonly series: readonly { readonly date: string; readonly twr: number | null }[];
  readonly reasons: Readonly<Partial<Record<'twr' | 'excess', Reason>>>;
}

/**
 * Nothing flows into a price, so its time-weighted return is last ÷ first − 1.
 * @param begin the day at whose close the comparison begins
 * @param days of the portfolio's series; the last one ends the comparison
 */
export function compare(
  { symbol, closes }: Benchmark,
  own: Amount,
  begin: string,
  days: readonly string[],
): BenchmarkView {
  const { on } = priceHistory(new Map([[symbol, closes]]), [], 'split_adjusted');
  const first = on(symbol, begin);
  const since = (date: string): Amount =>
    minus(over(on(symbol, date), first, unknown('price_unknown', `${symbol} closed at 0 on ${begin}`)), new Decimal(1));
  const figures = { twr: since(days.at(-1) ?? begin), excess: minus(own, since(days.at(-1) ?? begin)) };
  return {
    symbol,
    twr: shownRatio(figures.twr),
    excess: shownRatio(figures.excess),
    series: days.map((date) => ({ date, twr: date < begin ? 0 : shownRatio(since(date)) })),
    reasons: reasonsOf(figures),
  };
}
