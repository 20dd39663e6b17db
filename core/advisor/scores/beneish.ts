import { balance, cashFlow, income } from '../figures';
import { measure, over, tied, type Measure } from '../measure';
import { evaluateParts, gathered, shortfall, valuesOf, type Score } from '../score';

const REVENUE = income('totalRevenue');
const REVENUE_PRIOR = income('totalRevenue', 1);
const ASSETS = balance('totalAssets');
const ASSETS_PRIOR = balance('totalAssets', 1);
const PPE = balance('propertyPlantEquipment');
const PPE_PRIOR = balance('propertyPlantEquipment', 1);

const PARTS = {
  DSRI: measure({
    title: 'Days sales in receivables index',
    formula: '(net receivables ÷ revenue) ÷ the same a year earlier',
    except_financials: true,
    better: 'lower',
    inputs: {
      receivables: balance('currentNetReceivables'),
      revenue: REVENUE,
      receivablesPrior: balance('currentNetReceivables', 1),
      revenuePrior: REVENUE_PRIOR,
    },
    compute: ({ receivables, revenue, receivablesPrior, revenuePrior }) =>
      over(over(receivables, revenue), over(receivablesPrior, revenuePrior)),
  }),
  GMI: measure({
    title: 'Gross margin index',
    formula: 'gross margin a year earlier ÷ gross margin',
    except_financials: true,
    better: 'lower',
    inputs: {
      gp: income('grossProfit'),
      revenue: REVENUE,
      gpPrior: income('grossProfit', 1),
      revenuePrior: REVENUE_PRIOR,
    },
    compute: ({ gp, revenue, gpPrior, revenuePrior }) => over(over(gpPrior, revenuePrior), over(gp, revenue)),
  }),
  AQI: measure({
    title: 'Asset quality index',
    formula:
      '[1 − (current assets + property, plant and equipment + long-term investments) ÷ total assets] ÷ the same a year earlier',
    except_financials: true,
    better: 'lower',
    inputs: {
      ca: balance('totalCurrentAssets'),
      ppe: PPE,
      investments: balance('longTermInvestments'),
      assets: ASSETS,
      caPrior: balance('totalCurrentAssets', 1),
      ppePrior: PPE_PRIOR,
      investmentsPrior: balance('longTermInvestments', 1),
      assetsPrior: ASSETS_PRIOR,
    },
    compute: ({ ca, ppe, investments, assets, caPrior, ppePrior, investmentsPrior, assetsPrior }) =>
      over(1 - over(ca + ppe + investments, assets), 1 - over(caPrior + ppePrior + investmentsPrior, assetsPrior)),
  }),
  SGI: measure({
    title: 'Sales growth index',
    formula: 'revenue ÷ revenue a year earlier',
    except_financials: true,
    better: 'lower',
    inputs: { revenue: REVENUE, revenuePrior: REVENUE_PRIOR },
    compute: ({ revenue, revenuePrior }) => over(revenue, revenuePrior),
  }),
  DEPI: measure({
    title: 'Depreciation index',
    formula: '[depreciation ÷ (depreciation + property, plant and equipment)] a year earlier ÷ the same now',
    except_financials: true,
    better: 'lower',
    inputs: {
      depreciation: cashFlow('depreciationDepletionAndAmortization'),
      ppe: PPE,
      depreciationPrior: cashFlow('depreciationDepletionAndAmortization', 1),
      ppePrior: PPE_PRIOR,
    },
    compute: ({ depreciation, ppe, depreciationPrior, ppePrior }) =>
      over(over(depreciationPrior, depreciationPrior + ppePrior), over(depreciation, depreciation + ppe)),
  }),
  SGAI: measure({
    title: 'Selling, general and administrative expenses index',
    formula: '(selling, general and administrative expenses ÷ revenue) ÷ the same a year earlier',
    except_financials: true,
    inputs: {
      sga: income('sellingGeneralAndAdministrative'),
      revenue: REVENUE,
      sgaPrior: income('sellingGeneralAndAdministrative', 1),
      revenuePrior: REVENUE_PRIOR,
    },
    compute: ({ sga, revenue, sgaPrior, revenuePrior }) => over(over(sga, revenue), over(sgaPrior, revenuePrior)),
  }),
  LVGI: measure({
    title: 'Leverage index',
    formula: '[(current liabilities + long-term debt) ÷ total assets] ÷ the same a year earlier',
    except_financials: true,
    inputs: {
      cl: balance('totalCurrentLiabilities'),
      debt: balance('longTermDebt'),
      assets: ASSETS,
      clPrior: balance('totalCurrentLiabilities', 1),
      debtPrior: balance('longTermDebt', 1),
      assetsPrior: ASSETS_PRIOR,
    },
    compute: ({ cl, debt, assets, clPrior, debtPrior, assetsPrior }) =>
      over(over(cl + debt, assets), over(clPrior + debtPrior, assetsPrior)),
  }),
  TATA: measure({
    title: 'Total accruals to total assets',
    formula: '(income from continuing operations − operating cash flow) ÷ total assets',
    except_financials: true,
    better: 'lower',
    inputs: {
      continuing: income('netIncomeFromContinuingOperations'),
      cfo: cashFlow('operatingCashflow'),
      assets: ASSETS,
    },
    compute: ({ continuing, cfo, assets }) => over(continuing - cfo, assets),
  }),
} as const satisfies Record<string, Measure>;

export type BeneishIndex = keyof typeof PARTS;

/** The eight-variable model. TradingView prints 4.697 for TATA; the paper has 4.679. */
export function beneishM(x: Readonly<Record<BeneishIndex, number>>): number {
  return (
    -4.84 +
    0.92 * x.DSRI +
    0.528 * x.GMI +
    0.404 * x.AQI +
    0.892 * x.SGI +
    0.115 * x.DEPI -
    0.172 * x.SGAI +
    4.679 * x.TATA -
    0.327 * x.LVGI
  );
}

/** Flagged above the threshold; on it, not. */
export const beneishBand = (m: number, threshold: number): string =>
  m > threshold && !tied(m, threshold) ? 'flagged' : 'clear';

/** Where one of these cannot be computed Beneish sets it to 1, no change, rather than lose the company; it is named in `assumed`. */
const NEUTRAL_IF_UNDEFINED = ['AQI', 'DEPI', 'SGAI'] as const;

export const beneish: Score = {
  title: 'Beneish M-score',
  source: 'Beneish (1999), The Detection of Earnings Manipulation',
  formula:
    'M = −4.84 + 0.92·DSRI + 0.528·GMI + 0.404·AQI + 0.892·SGI + 0.115·DEPI − 0.172·SGAI + 4.679·TATA − 0.327·LVGI; AQI, DEPI and SGAI are 1 where undefined',
  bands: 'flagged above −1.78 (configurable), else clear',
  parts: PARTS,
  evaluate: (years, { settings }) => {
    const evaluated = evaluateParts(PARTS, years);
    const { DSRI, GMI, SGI, LVGI, TATA } = valuesOf(evaluated);
    const found = gathered(evaluated);
    if (DSRI === null || GMI === null || SGI === null || LVGI === null || TATA === null) {
      const { DSRI: d, GMI: g, SGI: s, LVGI: l, TATA: a } = evaluated;
      return { value: null, ...shortfall([d, g, s, l, a]), ...found, parts: valuesOf(evaluated) };
    }
    const assumed = NEUTRAL_IF_UNDEFINED.filter((name) => evaluated[name].value === null);
    const parts = {
      DSRI,
      GMI,
      AQI: evaluated.AQI.value ?? 1,
      SGI,
      DEPI: evaluated.DEPI.value ?? 1,
      SGAI: evaluated.SGAI.value ?? 1,
      LVGI,
      TATA,
    };
    const m = beneishM(parts);
    const band = beneishBand(m, settings.beneish_threshold);
    return { value: m, status: 'ok', band, ...found, parts, ...(assumed.length === 0 ? {} : { assumed }) };
  },
};
