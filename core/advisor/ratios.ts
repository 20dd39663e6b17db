import { EBIT, balance, cashFlow, earnings, income, overview } from './figures';
import { average, change, measure, notMeaningful, over, type Measure, type NotMeaningful } from './measure';

const NO_EQUITY = notMeaningful('equity is not positive');
const A_LOSS = notMeaningful('earnings are not positive');

/** Growth against the absolute value of the base, so that a smaller loss is growth. */
const growth = (current: number, previous: number): number => over(change(current, previous), Math.abs(previous));

/** Compound yearly growth over three years, from t-3 to t. */
function compoundGrowth(end: number, begin: number): number | NotMeaningful {
  if (begin <= 0 || end < 0) return notMeaningful('compound growth needs a positive base and no negative end');
  return Math.cbrt(over(end, begin)) - 1;
}

/** Alpha Vantage gives capital expenditures as a positive outflow; the absolute value also takes a negative one. */
const freeCashFlow = (cfo: number, capex: number): number => cfo - Math.abs(capex);

/** Market capitalisation plus debt less cash: what the whole firm would cost (Greenblatt 2005). */
function yieldOnEnterprise(ebit: number, cap: number, debt: number, cash: number): number | NotMeaningful {
  const enterpriseValue = cap + debt - cash;
  if (enterpriseValue < 0) return notMeaningful('enterprise value is negative');
  return over(ebit, enterpriseValue);
}

/** The return a provider of all capital earns: EBIT after the tax really paid, the rate held within 0…1. */
function returnOnInvestedCapital(ebit: number, tax: number, pretax: number, invested: number): number | NotMeaningful {
  if (invested < 0) return notMeaningful('invested capital is negative');
  const rate = Math.min(Math.max(over(tax, pretax), 0), 1);
  return over(ebit * (1 - rate), invested);
}

const margin = (title: string, what: string, field: string): Measure =>
  measure({
    title,
    formula: `${what} ÷ revenue`,
    inputs: { earned: income(field), revenue: income('totalRevenue') },
    compute: ({ earned, revenue }) => over(earned, revenue),
  });

const quoted = (title: string, formula: string, field: string): Measure =>
  measure({
    title,
    formula,
    better: 'lower',
    inputs: { multiple: overview(field) },
    compute: ({ multiple }) => (multiple > 0 ? multiple : notMeaningful('the multiple is not positive')),
  });

/**
 * Every ratio of an analysis: fractions, not percent. Two years' averages are of the balance sheets of t and t-1.
 * A new ratio is a new entry; it shows up in the analysis, the documentation and the sector percentiles by itself.
 */
export const RATIOS = {
  current_ratio: measure({
    title: 'Current ratio',
    formula: 'current assets ÷ current liabilities',
    except_financials: true,
    inputs: { ca: balance('totalCurrentAssets'), cl: balance('totalCurrentLiabilities') },
    compute: ({ ca, cl }) => over(ca, cl),
  }),
  quick_ratio: measure({
    title: 'Quick ratio',
    formula: '(cash and short-term investments + net receivables) ÷ current liabilities',
    except_financials: true,
    inputs: {
      cash: balance('cashAndShortTermInvestments'),
      receivables: balance('currentNetReceivables'),
      cl: balance('totalCurrentLiabilities'),
    },
    compute: ({ cash, receivables, cl }) => over(cash + receivables, cl),
  }),
  debt_to_equity: measure({
    title: 'Debt to equity',
    formula: 'total debt ÷ shareholder equity; not meaningful unless equity is positive',
    better: 'lower',
    // shortLongTermDebtTotal, not shortTermDebt + longTermDebt: the provider's own parts do not add up to its total.
    inputs: { debt: balance('shortLongTermDebtTotal'), equity: balance('totalShareholderEquity') },
    compute: ({ debt, equity }) => (equity <= 0 ? NO_EQUITY : over(debt, equity)),
  }),
  debt_to_assets: measure({
    title: 'Debt to assets',
    formula: 'total debt ÷ total assets',
    better: 'lower',
    inputs: { debt: balance('shortLongTermDebtTotal'), assets: balance('totalAssets') },
    compute: ({ debt, assets }) => over(debt, assets),
  }),
  net_debt_to_ebitda: measure({
    title: 'Net debt to EBITDA',
    formula: '(total debt − cash and short-term investments) ÷ EBITDA; not meaningful unless EBITDA is positive',
    except_financials: true,
    better: 'lower',
    inputs: {
      debt: balance('shortLongTermDebtTotal'),
      cash: balance('cashAndShortTermInvestments'),
      ebitda: income('ebitda'),
    },
    compute: ({ debt, cash, ebitda }) => (ebitda <= 0 ? A_LOSS : over(debt - cash, ebitda)),
  }),
  interest_coverage: measure({
    title: 'Interest coverage',
    formula: 'EBIT ÷ interest expense; an expense of 0 is no debt cost',
    inputs: { ebit: EBIT, interest: income('interestExpense') },
    compute: ({ ebit, interest }) =>
      interest === 0 ? notMeaningful('there is no interest to cover', 'no_debt_cost') : over(ebit, interest),
  }),
  gross_margin: margin('Gross margin', 'gross profit', 'grossProfit'),
  operating_margin: margin('Operating margin', 'operating income', 'operatingIncome'),
  net_margin: margin('Net margin', 'net income', 'netIncome'),
  ebitda_margin: margin('EBITDA margin', 'EBITDA', 'ebitda'),
  ebit_margin: measure({
    title: 'EBIT margin',
    formula: 'EBIT ÷ revenue',
    inputs: { ebit: EBIT, revenue: income('totalRevenue') },
    compute: ({ ebit, revenue }) => over(ebit, revenue),
  }),
  fcf_margin: measure({
    title: 'Free cash flow margin',
    formula: '(operating cash flow − |capital expenditures|) ÷ revenue',
    inputs: {
      cfo: cashFlow('operatingCashflow'),
      capex: cashFlow('capitalExpenditures'),
      revenue: income('totalRevenue'),
    },
    compute: ({ cfo, capex, revenue }) => over(freeCashFlow(cfo, capex), revenue),
  }),
  roe: measure({
    title: 'Return on equity',
    formula: 'net income ÷ average shareholder equity; not meaningful unless that is positive',
    inputs: {
      ni: income('netIncome'),
      equity: balance('totalShareholderEquity'),
      prior: balance('totalShareholderEquity', 1),
    },
    compute: ({ ni, equity, prior }) => (equity <= 0 || prior <= 0 ? NO_EQUITY : over(ni, average(equity, prior))),
  }),
  roa: measure({
    title: 'Return on assets',
    formula: 'net income ÷ average total assets',
    inputs: { ni: income('netIncome'), assets: balance('totalAssets'), prior: balance('totalAssets', 1) },
    compute: ({ ni, assets, prior }) => over(ni, average(assets, prior)),
  }),
  roic: measure({
    title: 'Return on invested capital',
    formula:
      'EBIT × (1 − income tax ÷ pre-tax income, held within 0…1) ÷ (total debt + shareholder equity − cash and short-term investments)',
    inputs: {
      ebit: EBIT,
      tax: income('incomeTaxExpense'),
      pretax: income('incomeBeforeTax'),
      debt: balance('shortLongTermDebtTotal'),
      equity: balance('totalShareholderEquity'),
      cash: balance('cashAndShortTermInvestments'),
    },
    compute: ({ ebit, tax, pretax, debt, equity, cash }) =>
      returnOnInvestedCapital(ebit, tax, pretax, debt + equity - cash),
  }),
  gross_profitability: measure({
    title: 'Gross profitability',
    formula: 'gross profit ÷ total assets',
    inputs: { gp: income('grossProfit'), assets: balance('totalAssets') },
    compute: ({ gp, assets }) => over(gp, assets),
  }),
  asset_turnover: measure({
    title: 'Asset turnover',
    formula: 'revenue ÷ average total assets',
    inputs: { revenue: income('totalRevenue'), assets: balance('totalAssets'), prior: balance('totalAssets', 1) },
    compute: ({ revenue, assets, prior }) => over(revenue, average(assets, prior)),
  }),
  cash_conversion: measure({
    title: 'Cash conversion',
    formula: 'operating cash flow ÷ net income; not meaningful unless net income is positive',
    inputs: { cfo: cashFlow('operatingCashflow'), ni: income('netIncome') },
    compute: ({ cfo, ni }) => (ni <= 0 ? A_LOSS : over(cfo, ni)),
  }),
  revenue_growth: measure({
    title: 'Revenue growth',
    formula: '(revenue − revenue a year earlier) ÷ |revenue a year earlier|',
    inputs: { current: income('totalRevenue'), previous: income('totalRevenue', 1) },
    compute: ({ current, previous }) => growth(current, previous),
  }),
  revenue_cagr_3y: measure({
    title: 'Revenue growth, three years compound',
    formula: '(revenue ÷ revenue three years earlier)^(1/3) − 1; needs a positive base and no negative end',
    inputs: { end: income('totalRevenue'), begin: income('totalRevenue', 3) },
    compute: ({ end, begin }) => compoundGrowth(end, begin),
  }),
  net_income_growth: measure({
    title: 'Net income growth',
    formula: '(net income − net income a year earlier) ÷ |net income a year earlier|',
    inputs: { current: income('netIncome'), previous: income('netIncome', 1) },
    compute: ({ current, previous }) => growth(current, previous),
  }),
  eps_growth: measure({
    title: 'Earnings per share growth',
    formula: '(EPS − EPS a year earlier) ÷ |EPS a year earlier|',
    inputs: { current: earnings('reportedEPS'), previous: earnings('reportedEPS', 1) },
    compute: ({ current, previous }) => growth(current, previous),
  }),
  earnings_yield: measure({
    title: 'Earnings yield',
    formula: 'EBIT ÷ enterprise value, which is market capitalisation + total debt − cash and short-term investments',
    except_financials: true,
    inputs: {
      ebit: EBIT,
      cap: overview('MarketCapitalization'),
      debt: balance('shortLongTermDebtTotal'),
      cash: balance('cashAndShortTermInvestments'),
    },
    compute: ({ ebit, cap, debt, cash }) => yieldOnEnterprise(ebit, cap, debt, cash),
  }),
  fcf_yield: measure({
    title: 'Free cash flow yield',
    formula: '(operating cash flow − |capital expenditures|) ÷ market capitalisation',
    inputs: {
      cfo: cashFlow('operatingCashflow'),
      capex: cashFlow('capitalExpenditures'),
      cap: overview('MarketCapitalization'),
    },
    compute: ({ cfo, capex, cap }) => over(freeCashFlow(cfo, capex), cap),
  }),
  dividend_yield: measure({
    title: 'Dividend yield',
    formula: 'dividend per share ÷ price, as the provider gives it',
    inputs: { dividend: overview('DividendYield') },
    compute: ({ dividend }) => dividend,
  }),
  payout_ratio: measure({
    title: 'Payout ratio',
    formula: 'dividends paid ÷ net income; not meaningful unless net income is positive',
    better: 'lower',
    inputs: { dividends: cashFlow('dividendPayout'), ni: income('netIncome') },
    compute: ({ dividends, ni }) => (ni <= 0 ? A_LOSS : over(Math.abs(dividends), ni)),
  }),
  pe: quoted('Price to earnings', 'price ÷ earnings per share of twelve months, as the provider gives it', 'PERatio'),
  peg: measure({
    title: 'Price to earnings to growth',
    formula: 'price to earnings ÷ growth of earnings per share in percent; not meaningful unless both are positive',
    better: 'lower',
    // Not the provider's PEGRatio, which stands on analysts' forecasts and prints 0 for unknown.
    inputs: {
      pe: overview('PERatio'),
      current: earnings('reportedEPS'),
      previous: earnings('reportedEPS', 1),
    },
    compute: ({ pe, current, previous }) => {
      const percent = growth(current, previous) * 100;
      return pe <= 0 || percent <= 0 ? notMeaningful('earnings or their growth are not positive') : over(pe, percent);
    },
  }),
  pb: quoted('Price to book', 'price ÷ book value per share, as the provider gives it', 'PriceToBookRatio'),
  ps: quoted('Price to sales', 'price ÷ revenue per share, as the provider gives it', 'PriceToSalesRatioTTM'),
  ev_to_ebitda: quoted('Enterprise value to EBITDA', 'as the provider gives it', 'EVToEBITDA'),
  price_to_graham: measure({
    title: 'Price to Graham number',
    formula:
      '(market capitalisation ÷ shares outstanding) ÷ √(22.5 × EPS × book value per share); not meaningful unless both are positive',
    better: 'lower',
    inputs: {
      cap: overview('MarketCapitalization'),
      shares: overview('SharesOutstanding'),
      eps: overview('EPS'),
      book: overview('BookValue'),
    },
    compute: ({ cap, shares, eps, book }) =>
      eps <= 0 || book <= 0
        ? notMeaningful('earnings or book value are not positive')
        : over(over(cap, shares), Math.sqrt(22.5 * eps * book)),
  }),
} as const satisfies Record<string, Measure>;

export type RatioId = keyof typeof RATIOS;
