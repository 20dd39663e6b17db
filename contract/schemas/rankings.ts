import * as z from 'zod/mini';
import { instant, shown, uuid } from './primitives';

/**
 * What assets are ranked by: the rating, and every score and ratio of an analysis, with the end of the scale that is the
 * better one. The names are those of core/advisor, which the contract may not import; a test holds the two together.
 */
export const METRICS = {
  rating: 'higher',
  piotroski: 'higher',
  altman_z: 'higher',
  beneish_m: 'lower',
  graham_number: 'higher',
  magic_formula: 'lower',
  dupont: 'higher',
  sloan: 'lower',
  current_ratio: 'higher',
  quick_ratio: 'higher',
  debt_to_equity: 'lower',
  debt_to_assets: 'lower',
  net_debt_to_ebitda: 'lower',
  interest_coverage: 'higher',
  gross_margin: 'higher',
  operating_margin: 'higher',
  net_margin: 'higher',
  ebitda_margin: 'higher',
  ebit_margin: 'higher',
  fcf_margin: 'higher',
  roe: 'higher',
  roa: 'higher',
  roic: 'higher',
  gross_profitability: 'higher',
  asset_turnover: 'higher',
  cash_conversion: 'higher',
  revenue_growth: 'higher',
  revenue_cagr_3y: 'higher',
  net_income_growth: 'higher',
  eps_growth: 'higher',
  earnings_yield: 'higher',
  fcf_yield: 'higher',
  dividend_yield: 'higher',
  payout_ratio: 'lower',
  pe: 'lower',
  peg: 'lower',
  pb: 'lower',
  ps: 'lower',
  ev_to_ebitda: 'lower',
  price_to_graham: 'lower',
} as const satisfies Record<string, 'higher' | 'lower'>;

export type Metric = keyof typeof METRICS;
export const metrics = Object.keys(METRICS) as [Metric, ...Metric[]];

/** An asset's place in a ranking: its value, and the company it belongs to. */
export const ranked = shown(
  z.object({
    metric: z.enum(metrics),
    asset_id: uuid(),
    symbol: z.string(),
    name: z.string(),
    sector: z.nullable(z.string()),
    value: z.number(),
    /** Of the analysis that found this value first; one that found the same again changes nothing. */
    analyzed_at: instant(),
  }),
  { id: 'Ranked' },
);
export type Ranked = z.infer<typeof ranked>;
