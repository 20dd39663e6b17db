import { balance, cashFlow, income } from '../figures';
import { average, change, measure, over } from '../measure';
import { evaluateParts, gathered, shortfall, type Score } from '../score';

/** What one of the nine tests came to. */
export type Verdict = 'pass' | 'fail' | 'missing' | 'not_applicable';

const NI = income('netIncome');
const NI_PRIOR = income('netIncome', 1);
const REVENUE = income('totalRevenue');
const REVENUE_PRIOR = income('totalRevenue', 1);
const ASSETS = balance('totalAssets');
const ASSETS_PRIOR = balance('totalAssets', 1);
const ASSETS_BEFORE = balance('totalAssets', 2);

/**
 * The nine tests, each as the amount by which it passes: a test passes above 0, the test of shares at 0 too.
 * Returns and turnover stand on the year's beginning assets, leverage on the year's average assets, as in the paper;
 * FinanceToolkit's tests 3, 5 and 7 differ, and texts of YCharts and CFI invert accruals and issuance.
 */
export const PIOTROSKI_TESTS = {
  roa_positive: measure({
    title: 'Positive return on assets',
    formula: 'net income ÷ beginning total assets > 0',
    inputs: { ni: NI, assets: ASSETS_PRIOR },
    compute: ({ ni, assets }) => over(ni, assets),
  }),
  cfo_positive: measure({
    title: 'Positive operating cash flow',
    formula: 'operating cash flow > 0',
    inputs: { cfo: cashFlow('operatingCashflow') },
    compute: ({ cfo }) => cfo,
  }),
  roa_rising: measure({
    title: 'Return on assets rises',
    formula: 'net income ÷ beginning total assets, less the same a year earlier, > 0',
    inputs: { ni: NI, assets: ASSETS_PRIOR, niPrior: NI_PRIOR, assetsPrior: ASSETS_BEFORE },
    compute: ({ ni, assets, niPrior, assetsPrior }) => change(over(ni, assets), over(niPrior, assetsPrior)),
  }),
  cash_exceeds_earnings: measure({
    title: 'Operating cash flow exceeds net income',
    formula: 'operating cash flow ÷ beginning total assets, less return on assets, > 0',
    inputs: { cfo: cashFlow('operatingCashflow'), ni: NI, assets: ASSETS_PRIOR },
    compute: ({ cfo, ni, assets }) => change(over(cfo, assets), over(ni, assets)),
  }),
  leverage_falling: measure({
    title: 'Leverage falls',
    formula: 'long-term debt ÷ average total assets a year earlier, less the same now, > 0',
    inputs: {
      debt: balance('longTermDebt'),
      debtPrior: balance('longTermDebt', 1),
      assets: ASSETS,
      assetsPrior: ASSETS_PRIOR,
      assetsBefore: ASSETS_BEFORE,
    },
    compute: ({ debt, debtPrior, assets, assetsPrior, assetsBefore }) =>
      change(over(debtPrior, average(assetsPrior, assetsBefore)), over(debt, average(assets, assetsPrior))),
  }),
  current_ratio_rising: measure({
    title: 'Current ratio rises',
    formula: 'current assets ÷ current liabilities, less the same a year earlier, > 0',
    except_financials: true,
    inputs: {
      ca: balance('totalCurrentAssets'),
      cl: balance('totalCurrentLiabilities'),
      caPrior: balance('totalCurrentAssets', 1),
      clPrior: balance('totalCurrentLiabilities', 1),
    },
    compute: ({ ca, cl, caPrior, clPrior }) => change(over(ca, cl), over(caPrior, clPrior)),
  }),
  no_new_shares: measure({
    title: 'No new shares',
    formula: 'shares outstanding a year earlier, less shares outstanding now, ≥ 0',
    inputs: {
      shares: balance('commonStockSharesOutstanding'),
      prior: balance('commonStockSharesOutstanding', 1),
    },
    compute: ({ shares, prior }) => change(prior, shares),
  }),
  gross_margin_rising: measure({
    title: 'Gross margin rises',
    formula: 'gross profit ÷ revenue, less the same a year earlier, > 0',
    inputs: {
      gp: income('grossProfit'),
      revenue: REVENUE,
      gpPrior: income('grossProfit', 1),
      revenuePrior: REVENUE_PRIOR,
    },
    compute: ({ gp, revenue, gpPrior, revenuePrior }) => change(over(gp, revenue), over(gpPrior, revenuePrior)),
  }),
  asset_turnover_rising: measure({
    title: 'Asset turnover rises',
    formula: 'revenue ÷ beginning total assets, less the same a year earlier, > 0',
    inputs: { revenue: REVENUE, assets: ASSETS_PRIOR, revenuePrior: REVENUE_PRIOR, assetsPrior: ASSETS_BEFORE },
    compute: ({ revenue, assets, revenuePrior, assetsPrior }) =>
      change(over(revenue, assets), over(revenuePrior, assetsPrior)),
  }),
} as const;

export type PiotroskiTest = keyof typeof PIOTROSKI_TESTS;

/** Ties score 0, except in shares: a company that issued none has passed. */
export function passesPiotroski(test: string, value: number): boolean {
  return test === 'no_new_shares' ? value >= 0 : value > 0;
}

/** The band, where the tests that could not be computed could not change it. */
function bandOf(passed: number, available: number): string | undefined {
  const most = passed + 9 - available;
  if (passed >= 8) return 'strong';
  if (most <= 1) return 'weak';
  return passed >= 2 && most <= 7 ? 'middling' : undefined;
}

export const piotroski: Score = {
  title: 'Piotroski F-score',
  source: 'Piotroski (2000), Value Investing: The Use of Historical Financial Statement Information',
  formula: 'how many of nine tests of profitability, leverage and efficiency pass',
  bands: 'strong 8–9, weak 0–1, else middling; none where tests that are missing could change it',
  parts: PIOTROSKI_TESTS,
  evaluate: (years) => {
    const tests = evaluateParts<string>(PIOTROSKI_TESTS, years);
    const parts: Record<string, Verdict> = {};
    let passed = 0;
    let available = 0;
    for (const [name, { value, status }] of Object.entries(tests)) {
      if (value === null) {
        parts[name] = status === 'not_applicable' ? status : 'missing';
        continue;
      }
      available += 1;
      const pass = passesPiotroski(name, value);
      if (pass) passed += 1;
      parts[name] = pass ? 'pass' : 'fail';
    }
    const found = { ...gathered(tests), parts, tests_available: available };
    if (available === 0) return { value: null, ...shortfall(Object.values(tests)), ...found };
    const band = bandOf(passed, available);
    return { value: passed, status: 'ok', ...(band === undefined ? {} : { band }), ...found };
  },
};
