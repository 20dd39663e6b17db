import { balance, cashFlow, income } from '../figures';
import { average, measure, over, tied } from '../measure';
import { evaluateParts, gathered, shortfall, valuesOf, type Score } from '../score';

const PARTS = {
  accruals: measure({
    title: 'Accruals to average assets',
    formula: '(net income − operating cash flow) ÷ average total assets',
    better: 'lower',
    inputs: {
      ni: income('netIncome'),
      cfo: cashFlow('operatingCashflow'),
      assets: balance('totalAssets'),
      prior: balance('totalAssets', 1),
    },
    compute: ({ ni, cfo, assets, prior }) => over(ni - cfo, average(assets, prior)),
  }),
  accruals_with_investing: measure({
    title: 'Accruals, investing included, to assets',
    formula: '(net income − operating cash flow − investing cash flow) ÷ total assets',
    better: 'lower',
    inputs: {
      ni: income('netIncome'),
      cfo: cashFlow('operatingCashflow'),
      cfi: cashFlow('cashflowFromInvestment'),
      assets: balance('totalAssets'),
    },
    compute: ({ ni, cfo, cfi, assets }) => over(ni - cfo - cfi, assets),
  }),
} as const;

/** The practitioners' bands, published for the ratio that includes investing: within ±10 % safe, beyond ±25 % bad. */
export function sloanBand(accrualsWithInvesting: number): string {
  const size = Math.abs(accrualsWithInvesting);
  if (size < 0.1 || tied(size, 0.1)) return 'safe';
  return size < 0.25 || tied(size, 0.25) ? 'warning' : 'bad';
}

export const sloan: Score = {
  title: 'Sloan accruals ratio',
  source: 'Sloan (1996), Do Stock Prices Fully Reflect Information in Accruals and Cash Flows about Future Earnings?',
  formula: '(net income − operating cash flow) ÷ average total assets',
  bands: 'of the variant with investing cash flow: safe within ±10 %, bad beyond ±25 %, else warning',
  parts: PARTS,
  evaluate: (years) => {
    const evaluated = evaluateParts(PARTS, years);
    const parts = valuesOf(evaluated);
    const found = { ...gathered(evaluated), parts };
    if (parts.accruals === null) return { value: null, ...shortfall([evaluated.accruals]), ...found };
    const banded = parts.accruals_with_investing;
    return { value: parts.accruals, status: 'ok', ...(banded === null ? {} : { band: sloanBand(banded) }), ...found };
  },
};
