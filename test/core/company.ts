import {
  analyze,
  type AnalysisContext,
  type AnalysisResult,
  type Fundamentals,
  type StatementRow,
} from '../../core/advisor';

/** Reference → figure, written as the analysis writes its inputs: `balance_sheet.totalAssets[t-1]`, `overview.Sector`. */
export type Figures = Readonly<Record<string, number | string | null>>;

/**
 * A company of small distinct numbers: exchange any two operands, or any sign, and a result changes. Its statements need
 * not add up; every expected value in the tests is worked out by hand from the figures here.
 */
export const BASE: Figures = {
  'overview.Currency': 'USD',
  'overview.Sector': 'TECHNOLOGY',
  'overview.FiscalYearEnd': 'December',
  'overview.MarketCapitalization': 1999,
  'overview.SharesOutstanding': 97,
  'overview.EPS': 1.31,
  'overview.BookValue': 7.9,
  'overview.PERatio': 15.7,
  'overview.PEGRatio': 1.4,
  'overview.PriceToBookRatio': 2.6,
  'overview.PriceToSalesRatioTTM': 1.9,
  'overview.EVToEBITDA': 8.3,
  'overview.DividendYield': 0.018,

  'income_statement.totalRevenue[t]': 1009,
  'income_statement.totalRevenue[t-1]': 907,
  'income_statement.totalRevenue[t-2]': 853,
  'income_statement.totalRevenue[t-3]': 797,
  'income_statement.grossProfit[t]': 431,
  'income_statement.grossProfit[t-1]': 373,
  'income_statement.operatingIncome[t]': 193,
  'income_statement.ebit[t]': 211,
  'income_statement.ebitda[t]': 269,
  'income_statement.netIncome[t]': 127,
  'income_statement.netIncome[t-1]': 103,
  'income_statement.netIncomeFromContinuingOperations[t]': 131,
  'income_statement.interestExpense[t]': 23,
  'income_statement.incomeBeforeTax[t]': 179,
  'income_statement.incomeTaxExpense[t]': 47,
  'income_statement.sellingGeneralAndAdministrative[t]': 157,
  'income_statement.sellingGeneralAndAdministrative[t-1]': 149,

  'balance_sheet.totalAssets[t]': 1511,
  'balance_sheet.totalAssets[t-1]': 1423,
  'balance_sheet.totalAssets[t-2]': 1319,
  'balance_sheet.totalCurrentAssets[t]': 613,
  'balance_sheet.totalCurrentAssets[t-1]': 569,
  'balance_sheet.totalCurrentLiabilities[t]': 307,
  'balance_sheet.totalCurrentLiabilities[t-1]': 293,
  'balance_sheet.cashAndShortTermInvestments[t]': 89,
  'balance_sheet.currentNetReceivables[t]': 139,
  'balance_sheet.currentNetReceivables[t-1]': 113,
  'balance_sheet.propertyPlantEquipment[t]': 421,
  'balance_sheet.propertyPlantEquipment[t-1]': 397,
  'balance_sheet.longTermInvestments[t]': 61,
  'balance_sheet.longTermInvestments[t-1]': 59,
  'balance_sheet.totalLiabilities[t]': 743,
  'balance_sheet.longTermDebt[t]': 241,
  'balance_sheet.longTermDebt[t-1]': 257,
  'balance_sheet.shortTermDebt[t]': 53,
  'balance_sheet.shortLongTermDebtTotal[t]': 311,
  'balance_sheet.totalShareholderEquity[t]': 769,
  'balance_sheet.totalShareholderEquity[t-1]': 691,
  'balance_sheet.retainedEarnings[t]': 337,
  'balance_sheet.commonStockSharesOutstanding[t]': 101,
  'balance_sheet.commonStockSharesOutstanding[t-1]': 103,

  'cash_flow.operatingCashflow[t]': 167,
  'cash_flow.capitalExpenditures[t]': 71,
  'cash_flow.cashflowFromInvestment[t]': -83,
  'cash_flow.depreciationDepletionAndAmortization[t]': 58,
  'cash_flow.depreciationDepletionAndAmortization[t-1]': 54,
  'cash_flow.dividendPayout[t]': 37,

  'earnings.reportedEPS[t]': 1.27,
  'earnings.reportedEPS[t-1]': 1.03,
};

export const NOW = '2025-03-01T12:00:00Z';
export const YEAR = 2024;

const REFERENCE = /^(\w+)\.(\w+)(?:\[t(?:-(\d))?\])?$/;

/** The fundamentals of the base company with some figures changed; null takes one away. Rows come newest first. */
export function company(changes: Figures = {}, currency: string | null = 'USD'): Fundamentals {
  const overview: Record<string, string | null> = {};
  const rows: Record<string, Map<number, Record<string, string | null>>> = {
    income_statement: new Map(),
    balance_sheet: new Map(),
    cash_flow: new Map(),
    earnings: new Map(),
  };
  for (const [reference, figure] of Object.entries({ ...BASE, ...changes })) {
    const [, origin, field, lag] = REFERENCE.exec(reference)!;
    const text = figure === null ? null : String(figure);
    if (origin === 'overview') {
      overview[field!] = text;
      continue;
    }
    const years = rows[origin!]!;
    const year = YEAR - Number(lag ?? 0);
    years.set(year, { ...years.get(year), [field!]: text });
  }
  const statement = (name: string): StatementRow[] =>
    [...rows[name]!]
      .sort(([a], [b]) => b - a)
      .map(([year, figures]) => ({
        fiscal_date_ending: `${year}-12-31`,
        period: 'annual',
        reported_currency: name === 'earnings' ? null : currency,
        figures,
      }));
  return {
    symbol: 'TEST',
    overview,
    income_statement: statement('income_statement'),
    balance_sheet: statement('balance_sheet'),
    cash_flow: statement('cash_flow'),
    earnings: statement('earnings'),
  };
}

/** The analysis of the base company with some figures changed. */
export function analyzed(changes: Figures = {}, context: Partial<AnalysisContext> = {}): AnalysisResult {
  return analyze(company(changes), { now: NOW, articles: [], ...context });
}

/** Without the rows of the named statements' given years. */
export function withoutYears(
  fundamentals: Fundamentals,
  statements: readonly string[],
  lags: readonly number[],
): Fundamentals {
  const dates = lags.map((lag) => `${YEAR - lag}-12-31`);
  const keep = (name: string, rows: readonly StatementRow[]) =>
    statements.includes(name) ? rows.filter((row) => !dates.includes(row.fiscal_date_ending)) : rows;
  return {
    ...fundamentals,
    income_statement: keep('income_statement', fundamentals.income_statement),
    balance_sheet: keep('balance_sheet', fundamentals.balance_sheet),
    cash_flow: keep('cash_flow', fundamentals.cash_flow),
    earnings: keep('earnings', fundamentals.earnings),
  };
}

export const EVERY_STATEMENT = ['income_statement', 'balance_sheet', 'cash_flow', 'earnings'] as const;

/** Every row, restated with another date. */
export function redated(fundamentals: Fundamentals, date: (old: string) => string): Fundamentals {
  const each = (rows: readonly StatementRow[]) =>
    rows.map((row) => ({ ...row, fiscal_date_ending: date(row.fiscal_date_ending) }));
  return {
    ...fundamentals,
    income_statement: each(fundamentals.income_statement),
    balance_sheet: each(fundamentals.balance_sheet),
    cash_flow: each(fundamentals.cash_flow),
    earnings: each(fundamentals.earnings),
  };
}
