import * as z from 'zod/mini';
import { Decimal, formatDecimal, parseDecimal, roundDecimal } from '../../../core/money/decimal';

/** Decimals behind the point in every column of money and quantity. */
export const SCALE = 9;

/** A time as both engines take it: UTC, to the millisecond, without a zone, which MySQL does not read. */
export const toInstant = (time: string): string => isoOf(time).replace('T', ' ').replace('Z', '');

/** The same moment as the ledger hands it out. @throws RangeError where it is no time */
export const isoOf = (time: string): string => new Date(time).toISOString();

/** An amount that a column holds as it is. @throws RangeError where it is no number or has more than nine decimals */
export function exactAmount(text: string): Decimal {
  const value = parseDecimal(text);
  if (value === null || value.decimalPlaces() > SCALE)
    throw new RangeError(`${text} is no amount of ${SCALE} decimals`);
  return value;
}

/** A price or fee, rounded to what a column holds. @throws RangeError where it is no number */
export function roundedAmount(text: string): Decimal {
  const value = parseDecimal(text);
  if (value === null) throw new RangeError(`${text} is no number`);
  return roundDecimal(value, SCALE);
}

const TIME = /^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2})(?:\.(\d{1,3}))?(?:\+00(?::?00)?)?$/;

/** A time read from a row: `2026-05-17 12:00:00.120` of MySQL, `2026-05-17 12:00:00.12+00` of PostgreSQL. */
export const instantColumn = z.pipe(
  z.string().check(z.regex(TIME, 'must be a time')),
  z.transform((text: string) => {
    const [, date = '', time = '', fraction = ''] = TIME.exec(text) ?? [];
    return `${date}T${time}.${fraction.padEnd(3, '0')}Z`;
  }),
);

/** Above or below zero, and spelled as engines spell it. */
const USUAL = /^-?(?:[1-9]|0\.\d*[1-9])/;

/** Text of many rows is trimmed as text: a Decimal made of it takes several times as long. */
function trimmed(text: string): string {
  if (!USUAL.test(text)) return formatDecimal(new Decimal(text));
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

/** Text without the zeros that fill the column up. */
export const decimalColumn = z.pipe(
  z.string().check(z.regex(/^-?\d+(\.\d+)?$/, 'must be a decimal')),
  z.transform(trimmed),
);

export const integerColumn = z.pipe(
  z.union([z.string().check(z.regex(/^\d+$/, 'must be a whole number')), z.number()]),
  z.pipe(
    z.transform((value: string | number) => Number(value)),
    z.int(),
  ),
);
