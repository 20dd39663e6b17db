import { dateCell, numericCell, textCell } from './figures';
import { OVERVIEW_DATES, OVERVIEW_NUMBERS } from './fields';

export interface Overview {
  /** Alpaca's spelling. */
  readonly symbol: string;
  /** Under the provider's own names without `Symbol`: numbers as decimal strings, dates, and text (Sector, Name, …). */
  readonly figures: Readonly<Record<string, string | null>>;
}

const NUMBERS: ReadonlySet<string> = new Set(OVERVIEW_NUMBERS);
const DATES: ReadonlySet<string> = new Set(OVERVIEW_DATES);

/**
 * The figures of OVERVIEW, 46 to 59 of them over the years.
 *
 * An overview is one row: a number or date that is none makes the whole malformed, so that what is stored stays.
 * @returns the figures, or the name of the first malformed field.
 */
export function parseOverview(body: Readonly<Record<string, unknown>>): Overview['figures'] | string {
  const figures: Record<string, string | null> = {};
  for (const [key, value] of Object.entries(body)) {
    if (key === 'Symbol') continue;
    const cell = NUMBERS.has(key) ? numericCell(value) : DATES.has(key) ? dateCell(value) : textCell(value);
    if (cell.ok) figures[key] = cell.value;
    else if (NUMBERS.has(key) || DATES.has(key)) return key;
  }
  return figures;
}
