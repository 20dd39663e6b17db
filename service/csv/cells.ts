import { formatDecimal, parseDecimal } from '../../core/money/decimal';
import { offsetIn } from '../../core/time/zone';
import { EXCHANGE_TIME_ZONE } from '../../core/trading/trading-day';

/** The cells of a row by the names of their columns, in lower case. */
export type Cells = (column: string) => string;

/** A header's columns as they are compared: brokers changed "Amount ($)", "Amount($)" and "Amount" from year to year. */
export const columnName = (cell: string): string =>
  cell
    .toLowerCase()
    .replace(/\s*\(\$\)$/, '')
    .trim();

/** Where a header puts the cells of the rows below it. */
export function cellsOf(columns: readonly string[]): (row: readonly string[]) => Cells {
  const places = new Map(columns.map((name, at) => [name, at]));
  return (row) => (column) => row[places.get(column) ?? -1] ?? '';
}

const GROUPED = /^[+-]?\d{1,3}(,\d{3})+(\.\d*)?$/;

/**
 * Money or a quantity as American brokers write it: `$1,234.56`, `-$12.00`, `($12.00)`, `- -` for none.
 * @returns a decimal string; null where there is none; undefined for what is no number
 */
export function readNumber(cell: string): string | null | undefined {
  if (/^[-\s]*$/.test(cell)) return null;
  const [, inBrackets] = /^\((.*)\)$/.exec(cell) ?? [];
  const text = (inBrackets ?? cell).replace(/^([+-]?)\$/, '$1').replace(/^\$-/, '-');
  const value = parseDecimal(GROUPED.test(text) ? text.replaceAll(',', '') : text);
  if (value === null) return undefined;
  return formatDecimal(inBrackets === undefined ? value : value.neg());
}

/** What came or went, without its sign. */
export const magnitude = (value: string | null): string | null => value?.replace(/^-/, '') ?? null;
export const isNegative = (value: string): boolean => value.startsWith('-');
export const isZero = (value: string | null): boolean => value === null || /^-?0(\.0*)?$/.test(value);

/** Months and days of American dates come in either order of digits elsewhere: only `MM/DD/YYYY` is read. */
const AMERICAN = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/;

/** @returns RFC 3339, the day's beginning; null for what is no date */
export function americanDate(text: string): string | null {
  const [, month, day, year] = AMERICAN.exec(text) ?? [];
  return month === undefined || day === undefined
    ? null
    : dayOf(`${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`);
}

/** @returns RFC 3339, the day's beginning; null for a day that is in no calendar */
export function dayOf(date: string): string | null {
  const instant = `${date}T00:00:00Z`;
  const parsed = Date.parse(instant);
  return !Number.isNaN(parsed) && new Date(parsed).toISOString().startsWith(date) ? instant : null;
}

const exchangeOffset = offsetIn(EXCHANGE_TIME_ZONE);

/**
 * A time that clocks showed in New York, in UTC.
 * @param date `YYYY-MM-DD`
 * @param time `HH:MM:SS`
 */
export function exchangeTime(date: string, time: string): string | null {
  const shown = dayOf(date) === null ? Number.NaN : Date.parse(`${date}T${time}Z`);
  if (Number.isNaN(shown)) return null;
  // The first offset is that of another hour, the second of the right one.
  const instant = shown - exchangeOffset(shown - exchangeOffset(shown));
  return new Date(instant).toISOString();
}
