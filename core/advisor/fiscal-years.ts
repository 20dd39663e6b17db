import { type Fundamentals, type StatementRow } from './fundamentals';
import {
  OLDEST_LAG,
  isMarketMoney,
  readFigure,
  readOverviewFigure,
  type StatementName,
  type Term,
} from './figures';

/**
 * One company's annual figures, joined by fiscal year.
 *
 * t is the latest annual date that income statement, balance sheet and cash flow share. t-1 … t-3 are the rows *about*
 * one to three years earlier: a 52/53-week year ends on another day each year. A year that is absent is absent; the next
 * older row never takes its place.
 */
export interface FiscalYears {
  /** t as YYYY-MM-DD; null when the three statements share no annual date. */
  readonly fiscal_date: string | null;
  /** Of the statements at t, else of the overview. */
  readonly currency: string | null;
  readonly is_financial: boolean;
  /** The figure, or null when the provider has none or the year is absent. */
  figure(term: Term): number | null;
  /** Why these figures must not meet in one formula (two currencies), or null when they may. */
  conflict(terms: readonly Term[]): string | null;
}

/** A 52/53-week year drifts by six days at most; a changed fiscal-year end moves by a month or more. */
const DRIFT_DAYS = 15;
const DAY_MS = 86_400_000;
const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;

/** Both vocabularies of Alpha Vantage's `Sector`; it is otherwise an opaque string. */
const FINANCIAL_SECTORS = new Set(['FINANCE', 'FINANCIAL SERVICES']);

const STATEMENTS: readonly StatementName[] = ['income_statement', 'balance_sheet', 'cash_flow', 'earnings'];

interface AnnualRow {
  readonly row: StatementRow;
  readonly day: number;
}

/** Joins the annual rows of the four statements. Pure; the order and repetition of rows make no difference. */
export function joinFiscalYears(fundamentals: Fundamentals): FiscalYears {
  const overview = fundamentals.overview;
  const annual = new Map(STATEMENTS.map((name) => [name, annualRows(fundamentals[name])]));
  const fiscalDate = latestSharedDate(annual);
  const years = new Map(STATEMENTS.map((name) => [name, rowsByLag(annual.get(name), fiscalDate)]));
  const rowOf = (term: Term): StatementRow | undefined =>
    term.origin === 'overview' ? undefined : years.get(term.origin)?.[term.lag];

  const cache: (number | null | undefined)[] = [];
  const quoted = overview?.Currency ?? null;
  const reported = years.get('balance_sheet')?.[0]?.reported_currency ?? null;

  return {
    fiscal_date: fiscalDate,
    currency: reported ?? quoted,
    is_financial: FINANCIAL_SECTORS.has((overview?.Sector ?? '').trim().toUpperCase()),
    figure: (term) =>
      (cache[term.index] ??=
        term.origin === 'overview'
          ? readOverviewFigure(term.field, overview?.[term.field])
          : readFigure(rowOf(term)?.figures[term.field])),
    conflict: (terms) => {
      // EARNINGS rows carry no currency: earnings per share are only ever compared with themselves.
      const statements = terms.filter(({ origin }) => origin !== 'overview' && origin !== 'earnings');
      const [first, second] = new Set(statements.map((term) => rowOf(term)?.reported_currency ?? null));
      if (first !== undefined && second !== undefined) return 'the years were reported in different currencies';
      if (first === undefined || first === quoted || !terms.some(isMarketMoney)) return null;
      return `statements in ${first ?? 'an unknown currency'}, market figures in ${quoted ?? 'an unknown currency'}`;
    },
  };
}

function annualRows(rows: readonly StatementRow[]): Map<string, AnnualRow> {
  const byDate = new Map<string, AnnualRow>();
  for (const row of rows) {
    if (row.period !== 'annual') continue;
    const day = dayNumber(row.fiscal_date_ending, 0);
    if (day === null) continue;
    const present = byDate.get(row.fiscal_date_ending);
    if (present === undefined || outranks(row, present.row)) byDate.set(row.fiscal_date_ending, { row, day });
  }
  return byDate;
}

/** Between two rows of one date the fuller wins, then the lexically greater: the order they came in must not matter. */
function outranks(a: StatementRow, b: StatementRow): boolean {
  const content = (row: StatementRow) => Object.entries(row.figures).filter(([, figure]) => figure !== null);
  const [left, right] = [content(a), content(b)];
  if (left.length !== right.length) return left.length > right.length;
  const canonical = (entries: typeof left) => JSON.stringify(entries.sort(([x], [y]) => (x < y ? -1 : 1)));
  return canonical(left) + (a.reported_currency ?? '') > canonical(right) + (b.reported_currency ?? '');
}

function latestSharedDate(annual: ReadonlyMap<StatementName, ReadonlyMap<string, AnnualRow>>): string | null {
  let latest: string | null = null;
  for (const date of annual.get('balance_sheet')?.keys() ?? []) {
    const shared = annual.get('income_statement')?.has(date) === true && annual.get('cash_flow')?.has(date) === true;
    if (shared && (latest === null || date > latest)) latest = date;
  }
  return latest;
}

/** The rows of t, t-1 … by nearness to the same day in those years. A partial year (EARNINGS' first row) is near none. */
function rowsByLag(
  rows: ReadonlyMap<string, AnnualRow> | undefined,
  fiscalDate: string | null,
): (StatementRow | undefined)[] {
  if (rows === undefined || fiscalDate === null) return [];
  return Array.from({ length: OLDEST_LAG + 1 }, (_, lag) => {
    const anniversary = dayNumber(fiscalDate, lag) ?? Number.NaN;
    let nearest: AnnualRow | undefined;
    for (const candidate of rows.values()) {
      const distance = Math.abs(candidate.day - anniversary);
      if (!(distance <= DRIFT_DAYS)) continue;
      const best = nearest === undefined ? Number.POSITIVE_INFINITY : Math.abs(nearest.day - anniversary);
      if (distance < best || (distance === best && candidate.day > (nearest?.day ?? 0))) nearest = candidate;
    }
    return nearest?.row;
  });
}

/** Days since 1970 of a date, `yearsEarlier` before; null when it is no date. 29 February becomes 1 March, within the drift. */
function dayNumber(date: string, yearsEarlier: number): number | null {
  const [, year, month, day] = DATE.exec(date) ?? [];
  if (year === undefined) return null;
  return Date.UTC(Number(year) - yearsEarlier, Number(month) - 1, Number(day)) / DAY_MS;
}
