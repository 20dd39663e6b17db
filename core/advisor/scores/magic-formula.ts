import { EBIT, balance } from '../figures';
import { measure, over } from '../measure';
import { RATIOS } from '../ratios';
import { evaluateParts, gathered, shortfall, valuesOf, type Score } from '../score';

export const MAGIC_FORMULA_PARTS = {
  earnings_yield: RATIOS.earnings_yield,
  return_on_capital: measure({
    title: 'Return on capital',
    formula:
      'EBIT ÷ (net working capital, at least 0, + property, plant and equipment); net working capital is current assets less cash, less current liabilities without short-term debt',
    except_financials: true,
    inputs: {
      ebit: EBIT,
      ca: balance('totalCurrentAssets'),
      cash: balance('cashAndShortTermInvestments'),
      cl: balance('totalCurrentLiabilities'),
      shortDebt: balance('shortTermDebt'),
      ppe: balance('propertyPlantEquipment'),
    },
    compute: ({ ebit, ca, cash, cl, shortDebt, ppe }) => over(ebit, Math.max(0, ca - cash - (cl - shortDebt)) + ppe),
  }),
} as const;

/**
 * The score is a place in a ranking, so without a ranked universe it has parts but no value.
 * `value` is the sum of the two ranks: 2 is the best there is.
 */
export const magicFormula: Score = {
  title: 'Magic Formula',
  source: 'Greenblatt (2005), The Little Book That Beats the Market',
  formula: 'rank by earnings yield + rank by return on capital, over the universe',
  bands: 'none; lower is better',
  parts: MAGIC_FORMULA_PARTS,
  evaluate: (years, { standing }) => {
    const evaluated = evaluateParts(MAGIC_FORMULA_PARTS, years);
    const values = valuesOf(evaluated);
    const found = gathered(evaluated);
    if (values.earnings_yield === null || values.return_on_capital === null) {
      return { value: null, ...shortfall(Object.values(evaluated)), ...found, parts: values };
    }
    if (standing === null) {
      const missing = [...found.missing, 'universe.magic_formula'];
      const reason = 'a rank needs a universe to rank in';
      return { value: null, status: 'missing', inputs: found.inputs, missing, reason, parts: values };
    }
    const { earnings_yield_rank, return_on_capital_rank, combined, rank, of } = standing;
    const parts = { ...values, earnings_yield_rank, return_on_capital_rank, rank, of };
    return { value: combined, status: 'ok', ...found, parts };
  },
};
