import { type Fundamentals, type StatementRow } from './fundamentals';
import { OLDEST_LAG, isMarketMoney, readFigure, readOverviewFigure, type Term } from './figures';

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
  /** What was made for `key` before, or `make()`: a measure that several scores share is computed once a company. */
  remember<Result>(key: object, make: () => Result): Result;
}

/** A 52/53-week year drifts by six days at most; a changed fiscal-year end moves by a month or more. */
const DRIFT_DAYS = 15;
const DAY_MS = 86_400_000;
const DATE = /^\d{4}-\d{2}-\d{2}$/;

/** Both vocabularies of Alpha Vantage's `Sector`; it is otherwise an opaque string. */
const FINANCIAL_SECTORS = new Set(['FINANCE', 'FINANCIAL SERVICES']);

type AnnualRows = ReadonlyMap<string, StatementRow>;

/** Joins the annual rows of the four statements. Pure; the order and repetition of rows make no difference. */
export function joinFiscalYears(fundamentals: Fundamentals): FiscalYears {
  const overview = fundamentals.overview;
  const income = annualRows(fundamentals.income_statement);
  const balance = annualRows(fundamentals.balance_sheet);
  const cash = annualRows(fundamentals.cash_flow);
  const t = latestSharedDate(income, balance, cash);
  const years = {
    income_statement: rowsByLag(income, t),
    balance_sheet: rowsByLag(balance, t),
    cash_flow: rowsByLag(cash, t),
    // EARNINGS begins with the current year so far, as if it were annual: near none of t, t-1 …, that row is ignored.
    earnings: rowsByLag(annualRows(fundamentals.earnings), t),
    overview: [],
  };
  const rowOf = (term: Term): StatementRow | undefined => years[term.origin][term.lag];
  const quoted = overview?.Currency ?? null;
  const read: (number | null | undefined)[] = [];
  const remembered = new Map<object, unknown>();

  return {
    fiscal_date: t,
    currency: years.balance_sheet[0]?.reported_currency ?? quoted,
    is_financial: FINANCIAL_SECTORS.has((overview?.Sector ?? '').trim().toUpperCase()),
    figure: (term) => {
      const known = read[term.index];
      if (known !== undefined) return known;
      const figure =
        term.origin === 'overview'
          ? readOverviewFigure(term.field, overview?.[term.field])
          : readFigure(rowOf(term)?.figures[term.field]);
      read[term.index] = figure;
      return figure;
    },
    conflict: (terms) => {
      let reported: string | null | undefined;
      let touchesMarket = false;
      for (const term of terms) {
        touchesMarket ||= isMarketMoney(term);
        // EARNINGS rows carry no currency: earnings per share are only ever compared with themselves.
        if (term.origin === 'overview' || term.origin === 'earnings') continue;
        const currency = rowOf(term)?.reported_currency ?? null;
        if (reported !== undefined && reported !== currency) return 'the years were reported in different currencies';
        reported = currency;
      }
      if (!touchesMarket || reported === undefined || (reported !== null && reported === quoted)) return null;
      return `statements in ${reported ?? 'an unknown currency'}, market figures in ${quoted ?? 'an unknown currency'}`;
    },
    remember: <Result>(key: object, make: () => Result): Result => {
      if (!remembered.has(key)) remembered.set(key, make());
      return remembered.get(key) as Result;
    },
  };
}

function annualRows(rows: readonly StatementRow[]): AnnualRows {
  const byDate = new Map<string, StatementRow>();
  for (const row of rows) {
    if (row.period !== 'annual' || !DATE.test(row.fiscal_date_ending)) continue;
    const present = byDate.get(row.fiscal_date_ending);
    if (present === undefined || outranks(row, present)) byDate.set(row.fiscal_date_ending, row);
  }
  return byDate;
}

/** Between two rows of one date the fuller wins, then the lexically greater: the order they came in must not matter. */
function outranks(a: StatementRow, b: StatementRow): boolean {
  const content = ({ figures }: StatementRow) => Object.entries(figures).filter(([, figure]) => figure !== null);
  const [left, right] = [content(a), content(b)];
  if (left.length !== right.length) return left.length > right.length;
  const canonical = (entries: typeof left, currency: string | null) =>
    JSON.stringify([entries.sort(([x], [y]) => (x < y ? -1 : 1)), currency]);
  return canonical(left, a.reported_currency) > canonical(right, b.reported_currency);
}

function latestSharedDate(income: AnnualRows, balance: AnnualRows, cash: AnnualRows): string | null {
  let latest: string | null = null;
  for (const date of balance.keys()) {
    if ((latest === null || date > latest) && income.has(date) && cash.has(date)) latest = date;
  }
  return latest;
}

/** The rows of t, t-1 … */
function rowsByLag(rows: AnnualRows, t: string | null): readonly (StatementRow | undefined)[] {
  if (t === null) return [];
  const byLag: (StatementRow | undefined)[] = [];
  for (let lag = 0; lag <= OLDEST_LAG; lag += 1) {
    const anniversary = `${Number(t.slice(0, 4)) - lag}${t.slice(4)}`;
    byLag.push(rows.get(anniversary) ?? nearest(rows, dayNumber(anniversary)));
  }
  return byLag;
}

/** The row that ends nearest to a day, within the drift; of two as near, the later. */
function nearest(rows: AnnualRows, day: number): StatementRow | undefined {
  let found: StatementRow | undefined;
  let [least, latest] = [DRIFT_DAYS, Number.NEGATIVE_INFINITY];
  for (const [date, row] of rows) {
    const ends = dayNumber(date);
    const distance = Math.abs(ends - day);
    if (distance < least || (distance === least && ends > latest)) [found, least, latest] = [row, distance, ends];
  }
  return found;
}

/** Days since 1970. 29 February of a common year is 1 March, well within the drift. */
function dayNumber(date: string): number {
  return Date.UTC(Number(date.slice(0, 4)), Number(date.slice(5, 7)) - 1, Number(date.slice(8, 10))) / DAY_MS;
}
