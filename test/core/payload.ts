import { type Fundamentals, type StatementRow } from '../../core/advisor';
import { fixtureJson } from '../fixtures';

type Raw = Record<string, unknown>;

/** Alpha Vantage's ways to say "no value" (DOMAIN.md, section 2). */
const clean = (value: unknown): string | null =>
  typeof value === 'string' && !['None', '-', 'N/A', ''].includes(value) ? value : null;

function row(raw: Raw, period: StatementRow['period']): StatementRow {
  const { fiscalDateEnding, reportedCurrency, ...figures } = raw;
  return {
    fiscal_date_ending: String(fiscalDateEnding),
    period,
    reported_currency: clean(reportedCurrency),
    figures: Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, clean(value)])),
  };
}

function rows(body: Record<string, Raw[]>, annual: string, quarterly: string): StatementRow[] {
  return [...body[annual]!.map((raw) => row(raw, 'annual')), ...body[quarterly]!.map((raw) => row(raw, 'quarterly'))];
}

/** IBM as Alpha Vantage really answered on 2026-05-17. */
export function ibm(): Fundamentals {
  const statement = (name: string) =>
    rows(fixtureJson(`alphavantage/${name}.IBM.json`), 'annualReports', 'quarterlyReports');
  const overview: Raw = fixtureJson('alphavantage/overview.IBM.json');
  return {
    symbol: 'IBM',
    overview: Object.fromEntries(Object.entries(overview).map(([name, value]) => [name, clean(value)])),
    income_statement: statement('income-statement'),
    balance_sheet: statement('balance-sheet'),
    cash_flow: statement('cash-flow'),
    earnings: rows(fixtureJson('alphavantage/earnings.IBM.json'), 'annualEarnings', 'quarterlyEarnings'),
  };
}
