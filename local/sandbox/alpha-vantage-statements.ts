import {
  BALANCE_SHEET_FIGURES,
  CASH_FLOW_FIGURES,
  INCOME_STATEMENT_FIGURES,
} from '../../lambda/adapters/providers/alpha-vantage/fields';
import { randomOf } from './random';
import { type Books, type Figures, type QuarterReport, quartersBy, yearsBy } from './statements';
import { toAlphaVantageSymbol } from '../../lambda/adapters/providers/alpha-vantage/symbols';
import { type Company } from './universe';

type Row = Record<string, string>;

interface Sheet {
  readonly fields: readonly string[];
  readonly of: (books: Books) => Figures;
  /** What a careless filer left out. */
  readonly gaps: readonly string[];
}

const SHEETS = {
  INCOME_STATEMENT: {
    fields: INCOME_STATEMENT_FIGURES,
    of: ({ income }) => income,
    gaps: ['interestExpense', 'grossProfit', 'researchAndDevelopment', 'ebitda'],
  },
  BALANCE_SHEET: {
    fields: BALANCE_SHEET_FIGURES,
    of: ({ balance, shares }) => ({ ...balance, commonStockSharesOutstanding: shares / 1000 }),
    gaps: ['inventory', 'currentNetReceivables', 'longTermDebt', 'retainedEarnings'],
  },
  CASH_FLOW: {
    fields: CASH_FLOW_FIGURES,
    of: ({ cash }) => cash,
    gaps: ['depreciationDepletionAndAmortization', 'dividendPayout', 'stockBasedCompensation'],
  },
} as const satisfies Record<string, Sheet>;

export type StatementName = keyof typeof SHEETS;

/** A statement in Alpha Vantage's words: every figure a string, "None" where there is none. */
export function statementPayload(name: StatementName, company: Company, day: string): Record<string, unknown> {
  const sheet: Sheet = SHEETS[name];
  const row = (books: Books & { readonly ends: string }): Row => ({
    fiscalDateEnding: books.ends,
    reportedCurrency: company.reportedCurrency,
    ...Object.fromEntries(sheet.fields.map((field) => [field, figure(company, sheet, books, field)])),
  });
  const annualReports = yearsBy(company, day).map(row);
  const quarterlyReports = quartersBy(company, day).map(row);
  const payload = { symbol: toAlphaVantageSymbol(company.symbol), annualReports, quarterlyReports };
  if (company.trait !== 'missingData') return payload;
  // The cash flow lacks the year before last; the income statement comes oldest first.
  if (name === 'CASH_FLOW') return { ...payload, annualReports: annualReports.filter((_, i) => i !== 1) };
  if (name === 'INCOME_STATEMENT') return { ...payload, annualReports: annualReports.toReversed() };
  return payload;
}

function figure(company: Company, sheet: Sheet, books: Books, field: string): string {
  const thousands = sheet.of(books)[field] ?? null;
  if (thousands === null || (company.trait === 'missingData' && sheet.gaps.includes(field))) return 'None';
  return String(Math.round(thousands * 1000));
}

/** EARNINGS; the running year stands among the annual rows, as the real provider has it. */
export function earningsPayload(company: Company, day: string): Record<string, unknown> {
  const quarters = quartersBy(company, day);
  const annualEarnings: Row[] = yearsBy(company, day).map(({ ends, eps }) => ({
    fiscalDateEnding: ends,
    reportedEPS: String(eps),
  }));
  const [latest] = quarters;
  if (latest && latest.quarter !== 4) {
    const toDate = quarters.slice(0, latest.quarter).reduce((sum, { eps }) => sum + Math.round(eps * 100), 0) / 100;
    annualEarnings.unshift({ fiscalDateEnding: latest.ends, reportedEPS: String(toDate) });
  }
  return {
    symbol: toAlphaVantageSymbol(company.symbol),
    annualEarnings,
    quarterlyEarnings: quarters.map((quarter) => earningsRow(company, quarter)),
  };
}

function earningsRow(company: Company, quarter: QuarterReport): Row {
  const estimate = estimatedEps(company, quarter);
  const surprise = Math.round((quarter.eps - estimate) * 100) / 100;
  return {
    fiscalDateEnding: quarter.ends,
    reportedDate: quarter.reported,
    reportedEPS: String(quarter.eps),
    estimatedEPS: String(estimate),
    surprise: String(surprise),
    surprisePercentage: estimate === 0 ? 'None' : String(Math.round((surprise / Math.abs(estimate)) * 1e6) / 1e4),
    reportTime: quarter.reportTime,
  };
}

/** What analysts expect of a quarter: what it will be, give or take. */
export function estimatedEps(company: Company, { index, eps }: QuarterReport): number {
  const miss = randomOf(company.seed, 'estimate', index).normal(0, 0.06);
  return Math.round(eps * (1 + miss) * 100) / 100;
}
