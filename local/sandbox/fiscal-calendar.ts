import { randomOf } from './random';
import { type Company } from './universe';

const DAY_MS = 86_400_000;

/** The first fiscal year with reports. */
export const FIRST_FISCAL_YEAR = 2014;

export interface FiscalQuarter {
  /** 0 is the first quarter of FIRST_FISCAL_YEAR. */
  readonly index: number;
  readonly fiscalYear: number;
  readonly quarter: 1 | 2 | 3 | 4;
  /** `YYYY-MM-DD`, the last day of a month. */
  readonly ends: string;
  /** The weekday on which the company reports it. */
  readonly reported: string;
  readonly reportTime: 'pre-market' | 'post-market';
}

export function fiscalQuarter(company: Company, index: number): FiscalQuarter {
  const quarter = ((index % 4) + 1) as FiscalQuarter['quarter'];
  const fiscalYear = FIRST_FISCAL_YEAR + Math.floor(index / 4);
  // Day 0 of a month is the last day of the one before it.
  const ends = Date.UTC(fiscalYear, company.fiscalYearEndMonth - 3 * (4 - quarter), 0);
  const random = randomOf(company.seed, 'report', index);
  // Large filers have 40 days for a quarter and 60 for a year (SEC forms 10-Q and 10-K).
  const days = quarter === 4 ? random.int(30, 58) : random.int(18, 39);
  return {
    index,
    fiscalYear,
    quarter,
    ends: isoDate(ends),
    reported: isoDate(onWeekday(ends + days * DAY_MS)),
    reportTime: random.chance(0.5) ? 'pre-market' : 'post-market',
  };
}

/** How many quarters the company has reported by a day (that day included). */
export function quartersReported(company: Company, day: string): number {
  let index = firstGuess(day);
  while (index >= 0 && fiscalQuarter(company, index).reported > day) index -= 1;
  return index + 1;
}

/** The quarters that the company will report from a day on, up to another, both included. */
export function quartersDue(company: Company, from: string, to: string): FiscalQuarter[] {
  const due: FiscalQuarter[] = [];
  for (let index = Math.max(0, quartersReported(company, from) - 1); ; index += 1) {
    const quarter = fiscalQuarter(company, index);
    if (quarter.reported > to) return due;
    if (quarter.reported >= from) due.push(quarter);
  }
}

/** An index that certainly lies in the future of `day`: fiscal years end at most a year after their number's start. */
function firstGuess(day: string): number {
  return (Number(day.slice(0, 4)) - FIRST_FISCAL_YEAR + 2) * 4;
}

function onWeekday(instant: number): number {
  const weekday = new Date(instant).getUTCDay();
  return instant + (weekday === 6 ? 2 : weekday === 0 ? 1 : 0) * DAY_MS;
}

export function isoDate(instant: number): string {
  return new Date(instant).toISOString().slice(0, 10);
}
