import type { Decimal } from '../money/decimal';
import { ZERO, shown, shownRatio } from './amount';
import type { Ledger } from './holdings';
import { qtyOf } from './position';
import type { Prices } from './valuation';

export interface Slice {
  /** The symbol or sector; null for those whose sector is not known. */
  readonly name: string | null;
  readonly market_value: string;
  /** Of the values that are known: slices add up to 1. */
  readonly weight: number;
}

export interface Allocation {
  /** Largest first. */
  readonly by_symbol: readonly Slice[];
  readonly by_sector: readonly Slice[];
  /** Held, but in no slice: without a price, or sold more than held. */
  readonly left_out: readonly string[];
}

/**
 * How the known market values are divided. Cash is no part of it.
 * @param prices as for `valuate`
 * @param sectors symbol → sector as the provider calls it; null or absent where it is not known
 */
export function allocate(ledger: Ledger, prices: Prices, sectors: ReadonlyMap<string, string | null>): Allocation {
  const bySymbol = new Map<string, Decimal>();
  const bySector = new Map<string | null, Decimal>();
  const leftOut: string[] = [];
  for (const holding of ledger.holdings.values()) {
    const qty = qtyOf(holding);
    if (qty.isZero()) continue;
    const price = prices.get(holding.symbol)?.price;
    if (price === undefined || qty.isNegative()) {
      leftOut.push(holding.symbol);
      continue;
    }
    const value = qty.times(price);
    const sector = sectors.get(holding.symbol) ?? null;
    bySymbol.set(holding.symbol, value);
    bySector.set(sector, (bySector.get(sector) ?? ZERO).plus(value));
  }
  return { by_symbol: slices(bySymbol), by_sector: slices(bySector), left_out: leftOut };
}

/** Equal slices in the order of their names, the nameless last. */
function slices<Name extends string | null>(values: ReadonlyMap<Name, Decimal>): readonly Slice[] {
  const whole = [...values.values()].reduce((sum, value) => sum.plus(value), ZERO);
  return [...values]
    .sort(([a, x], [b, y]) => y.cmp(x) || (a === null ? 1 : b === null ? -1 : a < b ? -1 : 1))
    .map(([name, value]) => ({ name, market_value: shown(value) ?? '', weight: shownRatio(value.div(whole)) ?? 0 }));
}
