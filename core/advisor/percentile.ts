/**
 * Comparisons over a universe: pure functions of lists of numbers.
 */

/** Fewer companies than this make no sector, and no universe to rank in. */
export const LEAST_PEERS = 5;

/**
 * Percentile of a value within its sector: (less + ½·equal) ÷ N, 0…1, inverted where lower is better.
 * @param sector the values of all N companies of the sector that have one, the company's own among them
 * @returns null when N < 5
 */
export function sectorPercentile(
  value: number,
  sector: readonly number[],
  better: 'higher' | 'lower' = 'higher',
): number | null {
  if (sector.length < LEAST_PEERS) return null;
  let less = 0;
  let equal = 0;
  for (const peer of sector) {
    if (peer < value) less += 1;
    else if (peer === value) equal += 1;
  }
  const percentile = (less + equal / 2) / sector.length;
  return better === 'lower' ? 1 - percentile : percentile;
}

/** One company to rank: the parts of its `scores.magic_formula`. */
export interface MagicFormulaEntry {
  readonly symbol: string;
  readonly earnings_yield: number | null;
  readonly return_on_capital: number | null;
}

/** A company's place in the Magic Formula's ranking; rank 1 is the best, equal values share the better rank. */
export interface Standing {
  readonly earnings_yield_rank: number;
  readonly return_on_capital_rank: number;
  /** Sum of the two ranks. */
  readonly combined: number;
  /** Place by `combined`. */
  readonly rank: number;
  /** Companies ranked. */
  readonly of: number;
}

/**
 * Ranks a universe by earnings yield and by return on capital, and adds the ranks (Greenblatt 2005).
 * A company without either is not ranked: a rank for an unknown figure would be a guess.
 */
export function rankMagicFormula(universe: readonly MagicFormulaEntry[]): ReadonlyMap<string, Standing> {
  const known = universe.flatMap(({ symbol, earnings_yield: ey, return_on_capital: roc }) =>
    ey === null || roc === null ? [] : [{ symbol, ey, roc }],
  );
  const byYield = ranks(known.map(({ ey }) => ey));
  const byReturn = ranks(known.map(({ roc }) => roc));
  const placed = known.map(({ symbol, ey, roc }) => {
    const [first, second] = [byYield.get(ey) ?? 0, byReturn.get(roc) ?? 0];
    return { symbol, earnings_yield_rank: first, return_on_capital_rank: second, combined: first + second };
  });
  // The smaller sum is the better one: ranks() puts the greatest first, so negate.
  const byCombined = ranks(placed.map(({ combined }) => -combined));
  return new Map(
    placed.map(({ symbol, ...place }) => [
      symbol,
      { ...place, rank: byCombined.get(-place.combined) ?? 0, of: placed.length },
    ]),
  );
}

/** Value → rank, greatest first, equal values sharing the better rank (1, 2, 2, 4). */
function ranks(values: readonly number[]): ReadonlyMap<number, number> {
  const ranked = new Map<number, number>();
  values
    .toSorted((a, b) => b - a)
    .forEach((value, place) => {
      if (!ranked.has(value)) ranked.set(value, place + 1);
    });
  return ranked;
}
