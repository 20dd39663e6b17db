/** Nine decimals, as whole numbers of billionths: no double, and nothing of the platform's own arithmetic. */
const SCALE = 9;

export function billionths(text: string): bigint {
  const match = /^(-?)(\d+)(?:\.(\d{1,9}))?$/.exec(text);
  if (!match) throw new Error(`${text} is no amount of ${SCALE} decimals`);
  const [, sign = '', whole = '', fraction = ''] = match;
  const value = BigInt(whole + fraction.padEnd(SCALE, '0'));
  return sign === '-' ? -value : value;
}

/** Shortest notation, as the API and the events write amounts. */
export function shortest(text: string): string {
  return text.includes('.') ? text.replace(/0+$/, '').replace(/\.$/, '') : text;
}
