import { Decimal as DecimalJs } from 'decimal.js';

/**
 * Exact decimals for money and quantities: a share quantity of nine decimals times a price of four is more than a double
 * holds. Round once, at output, half to even.
 */
export const Decimal = DecimalJs.clone({
  precision: 40,
  rounding: DecimalJs.ROUND_HALF_EVEN,
  // Plain notation always: "1e-9" at rest would sort, print and compare wrongly.
  toExpNeg: -9e15,
  toExpPos: 9e15,
});
export type Decimal = DecimalJs;

const PLAIN = /^[+-]?(?:\d+\.?\d*|\.\d+)$/;

/**
 * Reads a decimal string, "-12.50" say.
 * @returns null for anything else: "", "None", "1e9", "0x10", "NaN", "1,000"
 */
export function parseDecimal(text: string | null | undefined): Decimal | null {
  if (text === null || text === undefined) return null;
  const trimmed = text.trim();
  return PLAIN.test(trimmed) ? new Decimal(trimmed) : null;
}

/** Rounds half to even, so that many roundings do not drift. */
export function roundDecimal(value: Decimal, decimals: number): Decimal {
  return value.toDecimalPlaces(decimals, DecimalJs.ROUND_HALF_EVEN);
}

/**
 * Writes a decimal in plain notation, never with an exponent and never "-0".
 * @param decimals exactly so many, rounded half to even; as many as there are when left out
 */
export function formatDecimal(value: Decimal, decimals?: number): string {
  const rounded = decimals === undefined ? value : roundDecimal(value, decimals);
  const unsigned = rounded.isZero() ? rounded.abs() : rounded;
  return decimals === undefined ? unsigned.toFixed() : unsigned.toFixed(decimals);
}
