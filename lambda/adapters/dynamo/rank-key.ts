/**
 * A number as text that sorts as the number does, and behind it the symbol, so that equal values have an order of their
 * own: DynamoDB promises none for rows with one key, and a page must not show a row twice.
 *
 * The bits of an IEEE 754 double sort as the number where it is positive once the sign is set, and where it is negative
 * once all are turned over.
 */
export function rankKey(value: number, symbol: string): string {
  const bits = new DataView(new ArrayBuffer(8));
  // −0 is 0, whose bits are others.
  bits.setFloat64(0, value === 0 ? 0 : value);
  const raw = bits.getBigUint64(0);
  const isNegative = raw >> 63n === 1n;
  const sorted = isNegative ? BigInt.asUintN(64, ~raw) : raw | (1n << 63n);
  return `${sorted.toString(16).padStart(16, '0')}#${symbol}`;
}
