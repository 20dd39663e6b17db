import { EBIT, balance, income } from '../figures';
import { average, measure, notMeaningful, over } from '../measure';
import { RATIOS } from '../ratios';
import { evaluateParts, gathered, shortfall, valuesOf, type Score } from '../score';

const PARTS = {
  net_margin: RATIOS.net_margin,
  asset_turnover: RATIOS.asset_turnover,
  equity_multiplier: measure({
    title: 'Equity multiplier',
    formula: 'average total assets ÷ average shareholder equity; not meaningful unless equity is positive',
    better: 'lower',
    inputs: {
      assets: balance('totalAssets'),
      assetsPrior: balance('totalAssets', 1),
      equity: balance('totalShareholderEquity'),
      equityPrior: balance('totalShareholderEquity', 1),
    },
    compute: ({ assets, assetsPrior, equity, equityPrior }) =>
      equity <= 0 || equityPrior <= 0
        ? notMeaningful('equity is not positive')
        : over(average(assets, assetsPrior), average(equity, equityPrior)),
  }),
} as const;

/** The five-step split of the net margin: what tax leaves × what interest leaves × the margin before both. */
const FIVE_STEP = {
  tax_burden: measure({
    title: 'Tax burden',
    formula: 'net income ÷ pre-tax income',
    inputs: { ni: income('netIncome'), pretax: income('incomeBeforeTax') },
    compute: ({ ni, pretax }) => over(ni, pretax),
  }),
  interest_burden: measure({
    title: 'Interest burden',
    formula: 'pre-tax income ÷ EBIT',
    inputs: { pretax: income('incomeBeforeTax'), ebit: EBIT },
    compute: ({ pretax, ebit }) => over(pretax, ebit),
  }),
  ebit_margin: RATIOS.ebit_margin,
} as const;

export const dupont: Score = {
  title: 'DuPont return on equity',
  source: 'Brown (DuPont, 1914–1920); Soliman (2008), The Use of DuPont Analysis by Market Participants',
  formula:
    'three steps: net margin × asset turnover × equity multiplier; five: tax burden × interest burden × EBIT margin × asset turnover × equity multiplier',
  bands: 'none',
  parts: { ...PARTS, ...FIVE_STEP },
  evaluate: (years) => {
    const evaluated = evaluateParts(PARTS, years);
    const fiveStep = evaluateParts(FIVE_STEP, years);
    const values = valuesOf(evaluated);
    const { net_margin, asset_turnover, equity_multiplier } = values;
    const found = { ...gathered({ ...evaluated, ...fiveStep }), parts: { ...values, ...valuesOf(fiveStep) } };
    if (net_margin === null || asset_turnover === null || equity_multiplier === null) {
      return { value: null, ...shortfall(Object.values(evaluated)), ...found };
    }
    return { value: net_margin * asset_turnover * equity_multiplier, status: 'ok', ...found };
  },
};
