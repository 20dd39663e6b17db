/** Calendar months, `YYYY-MM`: the partitions of what is listed by time. */

const MONTHS_A_YEAR = 12;

const countOf = (month: string): number => Number(month.slice(0, 4)) * MONTHS_A_YEAR + Number(month.slice(5, 7)) - 1;

const spelt = (count: number): string =>
  `${String(Math.floor(count / MONTHS_A_YEAR)).padStart(4, '0')}-${String((count % MONTHS_A_YEAR) + 1).padStart(2, '0')}`;

/** The month of a date or of an RFC 3339 time. */
export const monthOf = (time: string): string => time.slice(0, 7);

/** So many months before. */
export const monthBefore = (month: string, months: number): string => spelt(countOf(month) - months);

/** Every month from the first to the last, ascending. */
export const monthsFrom = (first: string, last: string): string[] =>
  Array.from({ length: Math.max(0, countOf(last) - countOf(first) + 1) }, (_, i) => spelt(countOf(first) + i));
