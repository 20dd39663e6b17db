import * as z from 'zod/mini';
import { type Rejected } from '../http';
import { type Cell, dateCell, numericCell, textCell } from './figures';
import { BALANCE_SHEET_FIGURES, CASH_FLOW_FIGURES, EARNINGS_FIGURES, INCOME_STATEMENT_FIGURES } from './fields';

/** One period of one statement; figures under the provider's own names, as decimal strings exactly as sent. */
export interface StatementRow {
  /** `YYYY-MM-DD`. */
  readonly fiscal_date_ending: string;
  readonly period: 'annual' | 'quarterly';
  readonly reported_currency: string | null;
  readonly figures: Readonly<Record<string, string | null>>;
}

export interface Statement {
  /** Alpaca's spelling. */
  readonly symbol: string;
  /** Annual rows, then quarterly ones, each newest first whatever the payload's order. */
  readonly rows: readonly StatementRow[];
  readonly rejected: readonly Rejected[];
}

export type StatementFunction = 'INCOME_STATEMENT' | 'BALANCE_SHEET' | 'CASH_FLOW' | 'EARNINGS';

interface Layout {
  readonly annual: string;
  readonly quarterly: string;
  readonly figures: readonly string[];
}

const REPORTS = { annual: 'annualReports', quarterly: 'quarterlyReports' };

const LAYOUTS: Readonly<Record<StatementFunction, Layout>> = {
  INCOME_STATEMENT: { ...REPORTS, figures: INCOME_STATEMENT_FIGURES },
  BALANCE_SHEET: { ...REPORTS, figures: BALANCE_SHEET_FIGURES },
  CASH_FLOW: { ...REPORTS, figures: CASH_FLOW_FIGURES },
  EARNINGS: { annual: 'annualEarnings', quarterly: 'quarterlyEarnings', figures: EARNINGS_FIGURES },
};

/** The keys of which one at least makes a body an answer to `name`. */
export function expectedKeys(name: StatementFunction): readonly string[] {
  return [LAYOUTS[name].annual, LAYOUTS[name].quarterly];
}

const NOT_FIGURES = new Set(['fiscalDateEnding', 'reportedCurrency']);
const TEXT_CELLS: Readonly<Record<string, (value: unknown) => Cell>> = { reportedDate: dateCell, reportTime: textCell };

/** Rows of a statement or of EARNINGS; null where one of the two lists is there but is no list. */
export function parseStatement(
  name: StatementFunction,
  body: Readonly<Record<string, unknown>>,
): Omit<Statement, 'symbol'> | null {
  const layout = LAYOUTS[name];
  const rejected: Rejected[] = [];
  const rows: StatementRow[] = [];
  for (const period of ['annual', 'quarterly'] as const) {
    const list = z.optional(z.array(z.unknown())).safeParse(body[layout[period]]);
    if (!list.success) return null;
    const parsed = parsePeriod(period, layout, list.data ?? [], rejected);
    rows.push(...(name === 'EARNINGS' && period === 'annual' ? withoutPartialYear(parsed, rejected) : parsed));
  }
  return { rows, rejected };
}

function parsePeriod(
  period: 'annual' | 'quarterly',
  layout: Layout,
  list: readonly unknown[],
  rejected: Rejected[],
): StatementRow[] {
  const rows = new Map<string, StatementRow>();
  list.forEach((value, index) => {
    const path = `${layout[period]}[${index}]`;
    const result = parseRow(period, new Set(layout.figures), value);
    if (typeof result === 'string') rejected.push({ path, reason: result });
    // Period and fiscal date are the key that a row is stored by; of two the first stands.
    else if (rows.has(result.fiscal_date_ending)) rejected.push({ path, reason: 'fiscalDateEnding: listed twice' });
    else rows.set(result.fiscal_date_ending, result);
  });
  return [...rows.values()].sort((a, b) => b.fiscal_date_ending.localeCompare(a.fiscal_date_ending));
}

/** @returns the row, or the reason why there is none. */
function parseRow(period: 'annual' | 'quarterly', known: ReadonlySet<string>, value: unknown): StatementRow | string {
  const row = z.record(z.string(), z.unknown()).safeParse(value);
  if (!row.success) return 'not an object';
  const date = dateCell(row.data.fiscalDateEnding);
  if (!date.ok || date.value === null) return 'fiscalDateEnding: not a date';
  const currency = textCell(row.data.reportedCurrency);
  if (!currency.ok) return 'reportedCurrency: not text';
  const figures: Record<string, string | null> = {};
  for (const [key, cell] of Object.entries(row.data)) {
    if (NOT_FIGURES.has(key)) continue;
    const parsed = (TEXT_CELLS[key] ?? numericCell)(cell);
    if (parsed.ok) figures[key] = parsed.value;
    // A figure that is no number makes the row untrustworthy; a new field of another kind is not ours to judge.
    else if (known.has(key)) return `${key}: not a number`;
  }
  return { fiscal_date_ending: date.value, period, reported_currency: currency.value, figures };
}

const ELEVEN_MONTHS_MS = 334 * 86_400_000;

/**
 * EARNINGS lists the running year among the annual rows (IBM: 2026-03-31 "1.91" above 2025-12-31 "11.57"). The newest
 * row is a whole year only if the one before it ended about a year earlier.
 */
function withoutPartialYear(annual: StatementRow[], rejected: Rejected[]): StatementRow[] {
  const [newest, previous] = annual;
  if (!newest || !previous) return annual;
  const span = Date.parse(newest.fiscal_date_ending) - Date.parse(previous.fiscal_date_ending);
  if (span >= ELEVEN_MONTHS_MS) return annual;
  rejected.push({ path: `annualEarnings ${newest.fiscal_date_ending}`, reason: 'partial fiscal year' });
  return annual.slice(1);
}
