import { SANDBOX_SYMBOLS } from '../../local/sandbox/named-symbols';
import { marketPrice } from '../../local/sandbox/prices';
import { createUniverse } from '../../local/sandbox/universe';

export const UNIVERSE = 25;
export const SEED = 9;

/** Traded in the run. */
export const SYMBOLS: readonly string[] = [
  SANDBOX_SYMBOLS.steady,
  SANDBOX_SYMBOLS.bank,
  SANDBOX_SYMBOLS.insurer,
  SANDBOX_SYMBOLS.noDebt,
  SANDBOX_SYMBOLS.classShare,
];
/** Sold by people who never had any, and bought by nobody. */
export const NEVER_HELD = SANDBOX_SYMBOLS.zeroRevenue;

const universe = createUniverse(UNIVERSE, SEED);

/** Where a trade lies between the second that it names and the next, its price may be off by so much, and by a tick. */
const WITHIN = 0.001;

/** Whether the market had this price at the moment that is told with it. */
export function isMarketPrice(symbol: string, price: string, asOf: string): boolean {
  const company = universe.bySymbol(symbol);
  if (!company) return false;
  const then = marketPrice(company, Date.parse(asOf));
  return Math.abs(Number(price) - then) <= then * WITHIN + 0.011;
}
