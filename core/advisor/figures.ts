/**
 * Where a figure comes from, written as a person would look it up in the payload:
 *
 *   `balance_sheet.totalAssets[t-1]`      the annual row one year before the analysed one
 *   `overview.MarketCapitalization`       a field of the overview
 *   `a[t] | b[t] + c[t]`                  a, or where the provider has no a, the sum of b and c
 *
 * References are compiled once, when a table of measures is built.
 */

export type StatementName = 'income_statement' | 'balance_sheet' | 'cash_flow' | 'earnings';

/** One figure. `lag` counts fiscal years before t; `index` numbers the distinct terms, for a flat cache per company. */
export interface Term {
  readonly name: string;
  readonly origin: StatementName | 'overview';
  readonly field: string;
  readonly lag: number;
  readonly index: number;
}

/** Alternatives in order of preference; each is a sum of terms. */
export type Source = readonly (readonly [Term, ...Term[]])[];

/** The oldest fiscal year any formula looks at: t-3, for three-year growth. */
export const OLDEST_LAG = 3;

const TERM = /^(overview|income_statement|balance_sheet|cash_flow|earnings)\.(\w+)(?:\[t(?:-([1-3]))?\])?$/;

const terms = new Map<string, Term>();

function term(name: string): Term {
  const known = terms.get(name);
  if (known !== undefined) return known;
  const [, origin, field, lag] = TERM.exec(name) ?? [];
  if (origin === undefined || field === undefined || (origin === 'overview') === name.endsWith(']')) {
    throw new Error(`not a reference to a figure: ${name}`);
  }
  const made: Term = { name, origin: origin as Term['origin'], field, lag: Number(lag ?? 0), index: terms.size };
  terms.set(name, made);
  return made;
}

/**
 * Compiles a reference.
 * @throws Error when it is malformed; tables are built at load, so a slip shows in the first test.
 */
export function compileSource(reference: string): Source {
  return reference.split('|').map((alternative) => {
    const [first, ...rest] = alternative.split('+').map((name) => term(name.trim()));
    if (first === undefined) throw new Error(`empty reference: ${reference}`);
    return [first, ...rest] as const;
  });
}

/** Overview fields that are amounts of money in the overview's `Currency`: they must not meet statements in another one. */
const MONEY_IN_OVERVIEW = new Set(['MarketCapitalization', 'EPS', 'BookValue', 'DividendPerShare']);

export function isMarketMoney(term: Term): boolean {
  return term.origin === 'overview' && MONEY_IN_OVERVIEW.has(term.field);
}

/** Alpha Vantage prints "0" in these where it knows no value; a listed company has none of them at zero. */
const ZERO_MEANS_UNKNOWN = new Set([
  'PERatio',
  'PEGRatio',
  'TrailingPE',
  'ForwardPE',
  'PriceToBookRatio',
  'PriceToSalesRatioTTM',
  'EVToEBITDA',
  'MarketCapitalization',
  'SharesOutstanding',
]);

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/**
 * A provider's decimal string as a number, or null when it is none ("None", "-", "N/A", "" …).
 * `Number()` alone would read "" as 0 and "0x10" as 16.
 */
export function readFigure(text: string | null | undefined): number | null {
  if (text === null || text === undefined || !DECIMAL.test(text.trim())) return null;
  const value = Number(text);
  return Number.isFinite(value) ? value : null;
}

/** As {@link readFigure}, for an overview field, where a zero may mean "unknown". */
export function readOverviewFigure(field: string, text: string | null | undefined): number | null {
  const value = readFigure(text);
  return value === 0 && ZERO_MEANS_UNKNOWN.has(field) ? null : value;
}

const at = (lag: number): string => (lag === 0 ? '[t]' : `[t-${lag}]`);

/** References to a statement's field in year t, or `lag` years before. */
export const income = (field: string, lag = 0): string => `income_statement.${field}${at(lag)}`;
export const balance = (field: string, lag = 0): string => `balance_sheet.${field}${at(lag)}`;
export const cashFlow = (field: string, lag = 0): string => `cash_flow.${field}${at(lag)}`;
export const earnings = (field: string, lag = 0): string => `earnings.${field}${at(lag)}`;
export const overview = (field: string): string => `overview.${field}`;

/** Earnings before interest and tax; where the provider has none, pre-tax income plus interest expense. */
export const EBIT = `${income('ebit')} | ${income('incomeBeforeTax')} + ${income('interestExpense')}`;
