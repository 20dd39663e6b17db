import { EBIT, balance, income, overview } from '../figures';
import { type FiscalYears } from '../fiscal-years';
import { measure, over, tied, type Measure } from '../measure';
import { evaluateParts, gathered, shortfall, valuesOf, type Score } from '../score';

const ASSETS = balance('totalAssets');

const PARTS = {
  X1: measure({
    title: 'Working capital to assets',
    formula: '(current assets − current liabilities) ÷ total assets',
    except_financials: true,
    inputs: { ca: balance('totalCurrentAssets'), cl: balance('totalCurrentLiabilities'), assets: ASSETS },
    compute: ({ ca, cl, assets }) => over(ca - cl, assets),
  }),
  X2: measure({
    title: 'Retained earnings to assets',
    formula: 'retained earnings ÷ total assets',
    except_financials: true,
    inputs: { retained: balance('retainedEarnings'), assets: ASSETS },
    compute: ({ retained, assets }) => over(retained, assets),
  }),
  X3: measure({
    title: 'EBIT to assets',
    formula: 'EBIT ÷ total assets',
    except_financials: true,
    inputs: { ebit: EBIT, assets: ASSETS },
    compute: ({ ebit, assets }) => over(ebit, assets),
  }),
  X4: measure({
    title: 'Market value of equity to liabilities',
    formula: 'market capitalisation ÷ total liabilities',
    except_financials: true,
    inputs: { cap: overview('MarketCapitalization'), liabilities: balance('totalLiabilities') },
    compute: ({ cap, liabilities }) => over(cap, liabilities),
  }),
  X5: measure({
    title: 'Revenue to assets',
    formula: 'revenue ÷ total assets',
    except_financials: true,
    inputs: { revenue: income('totalRevenue'), assets: ASSETS },
    compute: ({ revenue, assets }) => over(revenue, assets),
  }),
} as const satisfies Record<string, Measure>;

/** Z″ weighs the book value of equity: it needs no market price, and so survives statements in another currency. */
const BOOK_EQUITY = measure({
  title: 'Book value of equity to liabilities',
  formula: 'shareholder equity ÷ total liabilities',
  except_financials: true,
  inputs: { equity: balance('totalShareholderEquity'), liabilities: balance('totalLiabilities') },
  compute: ({ equity, liabilities }) => over(equity, liabilities),
});

/** Below the first edge distress, above the second safe; the edges themselves are grey. */
function zone(z: number, distress: number, safe: number): string {
  if (z < distress && !tied(z, distress)) return 'distress';
  return z > safe && !tied(z, safe) ? 'safe' : 'grey';
}

/** Altman's Z of 1968, for listed manufacturers: the headline, as vendors print it for all. */
export function altmanZ(x1: number, x2: number, x3: number, x4: number, x5: number): number {
  return 1.2 * x1 + 1.4 * x2 + 3.3 * x3 + 0.6 * x4 + 1.0 * x5;
}

/** Z″ of 1995, for non-manufacturers: no turnover, which differs by industry; `x4` is of book equity. */
export function altmanZDoublePrime(x1: number, x2: number, x3: number, x4: number): number {
  return 6.56 * x1 + 3.26 * x2 + 6.72 * x3 + 1.05 * x4;
}

export const altmanZone = (z: number): string => zone(z, 1.81, 2.99);
export const altmanDoublePrimeZone = (z: number): string => zone(z, 1.1, 2.6);

function doublePrime(x1: number | null, x2: number | null, x3: number | null, years: FiscalYears) {
  const x4 = BOOK_EQUITY.evaluate(years).value;
  const z = x1 === null || x2 === null || x3 === null || x4 === null ? null : altmanZDoublePrime(x1, x2, x3, x4);
  return { X4_book: x4, Z_double_prime: z, Z_double_prime_band: z === null ? null : altmanDoublePrimeZone(z) };
}

export const altman: Score = {
  title: 'Altman Z-score',
  source:
    'Altman (1968), Financial Ratios, Discriminant Analysis and the Prediction of Corporate Bankruptcy; Z″: Altman (1995)',
  formula: 'Z = 1.2·X1 + 1.4·X2 + 3.3·X3 + 0.6·X4 + 1.0·X5; beside it Z″ = 6.56·X1 + 3.26·X2 + 6.72·X3 + 1.05·X4_book',
  bands: 'distress < 1.81 ≤ grey ≤ 2.99 < safe (Z″: 1.1 and 2.6)',
  parts: { ...PARTS, X4_book: BOOK_EQUITY },
  evaluate: (years) => {
    const evaluated = evaluateParts(PARTS, years);
    const values = valuesOf(evaluated);
    const { X1, X2, X3, X4, X5 } = values;
    const found = { ...gathered(evaluated), parts: { ...values, model: 'Z', ...doublePrime(X1, X2, X3, years) } };
    if (X1 === null || X2 === null || X3 === null || X4 === null || X5 === null) {
      return { value: null, ...shortfall(Object.values(evaluated)), ...found };
    }
    const z = altmanZ(X1, X2, X3, X4, X5);
    return { value: z, status: 'ok', band: altmanZone(z), ...found };
  },
};
