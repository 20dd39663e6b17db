import { type FiscalYears } from './fiscal-years';
import { tied, type Measure, type MeasureResult } from './measure';
import { RATIOS } from './ratios';
import { type ScoreResult } from './score';
import { MAGIC_FORMULA_PARTS } from './scores/magic-formula';
import { PIOTROSKI_TESTS, type PiotroskiTest } from './scores/piotroski';
import { SCORES, type ScoreId } from './scores';
import { type Sentiment } from './sentiment';
import { type AnalysisSettings } from './settings';

/**
 * The rules behind a rating. A rule compares one measured value with one threshold; it passes or fails, and its weight is
 * its points. Adding a rule is adding an entry: the rating, the analysis and docs/scoring.md read this table.
 */

export type Category =
  'profitability' | 'growth' | 'solvency' | 'efficiency' | 'valuation' | 'earnings_quality' | 'sentiment';

export type Comparison = '>' | '>=' | '<' | '<=';

export type Outcome = 'pass' | 'fail' | 'missing' | 'not_applicable';

/** What a rule looks at: a measure, a published score, or the news. */
export type Subject = Measure | { readonly score: ScoreId } | 'sentiment';

export interface Rule {
  readonly id: string;
  readonly title: string;
  readonly category: Category;
  /** Paper and year; where the threshold is not the paper's own, it says so. */
  readonly source: string;
  readonly of: Subject;
  readonly comparison: Comparison;
  readonly threshold: number | ((settings: AnalysisSettings) => number);
  readonly weight: number;
  /** A band in which the rule passes although there is no number to compare. */
  readonly passing_band?: string;
}

export interface RuleResult {
  readonly id: string;
  readonly title: string;
  readonly category: Category;
  readonly source: string;
  readonly formula: string;
  /** Reference → figure: where in the payload each came from. */
  readonly inputs: Readonly<Record<string, number | null>>;
  readonly comparison: Comparison;
  readonly threshold: number;
  readonly value: number | null;
  readonly outcome: Outcome;
  readonly weight: number;
  /** `weight` for a pass, else 0. */
  readonly points: number;
}

/** What the rules are evaluated on. */
export interface Evidence {
  readonly years: FiscalYears;
  readonly scores: Readonly<Record<ScoreId, ScoreResult>>;
  readonly sentiment: Sentiment | null;
  readonly settings: AnalysisSettings;
}

const PIOTROSKI = 'Piotroski (2000)';
const PIOTROSKI_CATEGORIES: Readonly<Record<PiotroskiTest, Category>> = {
  roa_positive: 'profitability',
  cfo_positive: 'profitability',
  roa_rising: 'profitability',
  cash_exceeds_earnings: 'earnings_quality',
  leverage_falling: 'solvency',
  current_ratio_rising: 'solvency',
  no_new_shares: 'solvency',
  gross_margin_rising: 'efficiency',
  asset_turnover_rising: 'efficiency',
};

const piotroskiRule = (test: PiotroskiTest): Rule => ({
  id: `piotroski_${test}`,
  title: PIOTROSKI_TESTS[test].title,
  category: PIOTROSKI_CATEGORIES[test],
  source: PIOTROSKI,
  of: PIOTROSKI_TESTS[test],
  comparison: test === 'no_new_shares' ? '>=' : '>',
  threshold: 0,
  weight: 1,
});

export const RULES: readonly Rule[] = [
  piotroskiRule('roa_positive'),
  piotroskiRule('cfo_positive'),
  piotroskiRule('roa_rising'),
  {
    id: 'return_on_equity',
    title: 'Earns 15 % on equity',
    category: 'profitability',
    source: 'Soliman (2008); threshold ours',
    of: RATIOS.roe,
    comparison: '>=',
    threshold: 0.15,
    weight: 1,
  },
  {
    id: 'return_on_invested_capital',
    title: 'Earns 10 % on invested capital',
    category: 'profitability',
    source: 'Stewart (1991), The Quest for Value; threshold ours',
    of: RATIOS.roic,
    comparison: '>=',
    threshold: 0.1,
    weight: 2,
  },
  {
    id: 'return_on_capital',
    title: 'Earns 25 % on tangible capital',
    category: 'profitability',
    source: 'Greenblatt (2005)',
    of: MAGIC_FORMULA_PARTS.return_on_capital,
    comparison: '>=',
    threshold: 0.25,
    weight: 1,
  },
  {
    id: 'gross_profitability',
    title: 'Gross profit is a third of assets',
    category: 'profitability',
    source: 'Novy-Marx (2013), The Other Side of Value; threshold ours',
    of: RATIOS.gross_profitability,
    comparison: '>=',
    threshold: 0.33,
    weight: 1,
  },
  {
    id: 'free_cash_flow',
    title: 'Free cash flow is positive',
    category: 'profitability',
    source: 'Jensen (1986), Agency Costs of Free Cash Flow; threshold ours',
    of: RATIOS.fcf_margin,
    comparison: '>',
    threshold: 0,
    weight: 1,
  },
  {
    id: 'revenue_growth',
    title: 'Revenue grows',
    category: 'growth',
    source: 'Jegadeesh & Livnat (2006), Revenue Surprises and Stock Returns; threshold ours',
    of: RATIOS.revenue_growth,
    comparison: '>',
    threshold: 0,
    weight: 1,
  },
  {
    id: 'revenue_growth_3y',
    title: 'Revenue grows 5 % a year over three years',
    category: 'growth',
    source: 'Chan, Karceski & Lakonishok (2003), The Level and Persistence of Growth Rates; threshold ours',
    of: RATIOS.revenue_cagr_3y,
    comparison: '>=',
    threshold: 0.05,
    weight: 1,
  },
  {
    id: 'earnings_growth',
    title: 'Earnings per share grow',
    category: 'growth',
    source: 'Chan, Karceski & Lakonishok (2003), The Level and Persistence of Growth Rates; threshold ours',
    of: RATIOS.eps_growth,
    comparison: '>',
    threshold: 0,
    weight: 1,
  },
  piotroskiRule('leverage_falling'),
  piotroskiRule('current_ratio_rising'),
  piotroskiRule('no_new_shares'),
  {
    id: 'altman_not_distressed',
    title: 'Not in distress',
    category: 'solvency',
    source: 'Altman (1968)',
    of: { score: 'altman_z' },
    comparison: '>=',
    threshold: 1.81,
    weight: 1,
  },
  {
    id: 'altman_safe',
    title: 'Safely solvent',
    category: 'solvency',
    source: 'Altman (1968)',
    of: { score: 'altman_z' },
    comparison: '>',
    threshold: 2.99,
    weight: 1,
  },
  {
    id: 'current_ratio',
    title: 'Current assets are twice current liabilities',
    category: 'solvency',
    source: 'Graham (1973), chapter 14',
    of: RATIOS.current_ratio,
    comparison: '>=',
    threshold: 2,
    weight: 1,
  },
  {
    id: 'interest_coverage',
    title: 'EBIT covers interest three times',
    category: 'solvency',
    source: 'Graham & Dodd (1934), Security Analysis',
    of: RATIOS.interest_coverage,
    comparison: '>=',
    threshold: 3,
    weight: 1,
    passing_band: 'no_debt_cost',
  },
  {
    id: 'debt_to_equity',
    title: 'Debt does not exceed equity',
    category: 'solvency',
    source: 'Bhandari (1988), Debt/Equity Ratio and Expected Common Stock Returns; threshold ours',
    of: RATIOS.debt_to_equity,
    comparison: '<=',
    threshold: 1,
    weight: 1,
  },
  piotroskiRule('gross_margin_rising'),
  piotroskiRule('asset_turnover_rising'),
  {
    id: 'earnings_yield',
    title: 'Yields 6 % on enterprise value',
    category: 'valuation',
    source: 'Greenblatt (2005): the least he asks, whatever bonds pay',
    of: RATIOS.earnings_yield,
    comparison: '>=',
    threshold: 0.06,
    weight: 2,
  },
  {
    id: 'free_cash_flow_yield',
    title: 'Yields 5 % in free cash flow',
    category: 'valuation',
    source: 'Lakonishok, Shleifer & Vishny (1994), Contrarian Investment, Extrapolation, and Risk; threshold ours',
    of: RATIOS.fcf_yield,
    comparison: '>=',
    threshold: 0.05,
    weight: 1,
  },
  {
    id: 'price_to_earnings',
    title: 'Costs at most 15 times earnings',
    category: 'valuation',
    source: 'Graham (1973), chapter 14',
    of: RATIOS.pe,
    comparison: '<=',
    threshold: 15,
    weight: 1,
  },
  {
    id: 'price_to_graham',
    title: 'Costs at most the Graham number',
    category: 'valuation',
    source: 'Graham (1973), chapter 14',
    of: RATIOS.price_to_graham,
    comparison: '<=',
    threshold: 1,
    weight: 1,
  },
  {
    id: 'price_to_earnings_to_growth',
    title: 'Price to earnings does not exceed growth',
    category: 'valuation',
    source: 'Lynch (1989), One Up on Wall Street',
    of: RATIOS.peg,
    comparison: '<=',
    threshold: 1,
    weight: 1,
  },
  piotroskiRule('cash_exceeds_earnings'),
  {
    id: 'beneish_clear',
    title: 'No sign of manipulated earnings',
    category: 'earnings_quality',
    source: 'Beneish (1999)',
    of: { score: 'beneish_m' },
    comparison: '<=',
    threshold: (settings) => settings.beneish_threshold,
    weight: 2,
  },
  {
    id: 'sloan_accruals',
    title: 'Accruals stay below a tenth of assets',
    category: 'earnings_quality',
    source:
      'Sloan (1996): it is high accruals that disappoint, so the rule is one-sided; threshold as practitioners band it',
    of: { score: 'sloan' },
    comparison: '<=',
    threshold: 0.1,
    weight: 1,
  },
  {
    id: 'news_not_bearish',
    title: 'The news is not bearish',
    category: 'sentiment',
    source: 'Tetlock (2007), Giving Content to Investor Sentiment; threshold as the provider labels it',
    of: 'sentiment',
    comparison: '>',
    threshold: -0.15,
    weight: 1,
  },
];

/** Thresholds are compared as published: a value equal but for rounding counts as equal. */
export function holds(value: number, comparison: Comparison, threshold: number): boolean {
  const equal = tied(value, threshold);
  switch (comparison) {
    case '>':
      return value > threshold && !equal;
    case '>=':
      return value > threshold || equal;
    case '<':
      return value < threshold && !equal;
    case '<=':
      return value < threshold || equal;
  }
}

/** The rule's formula in words: its subject's. */
export function formulaOf({ of }: Rule): string {
  if (of === 'sentiment') return 'mean sentiment of the news of the window, weighted by relevance';
  return 'score' in of ? SCORES[of.score].formula : of.formula;
}

type Observation = Pick<MeasureResult, 'value' | 'status' | 'inputs' | 'band'>;

function observe(of: Subject, { years, scores, sentiment }: Evidence): Observation {
  if (of !== 'sentiment') return 'score' in of ? scores[of.score] : of.evaluate(years);
  return {
    value: sentiment?.score ?? null,
    status: sentiment === null ? 'missing' : 'ok',
    inputs: { 'sentiment.score': sentiment?.score ?? null, 'sentiment.articles': sentiment?.articles ?? 0 },
  };
}

/** Evaluates one rule, and shows its working. */
export function evaluateRule(rule: Rule, evidence: Evidence): RuleResult {
  const { id, title, category, source, comparison, weight } = rule;
  const { value, status, inputs, band } = observe(rule.of, evidence);
  const threshold = typeof rule.threshold === 'number' ? rule.threshold : rule.threshold(evidence.settings);
  const outcome = ((): Outcome => {
    if (value !== null) return holds(value, comparison, threshold) ? 'pass' : 'fail';
    if (band !== undefined && band === rule.passing_band) return 'pass';
    return status === 'not_applicable' ? 'not_applicable' : 'missing';
  })();
  const points = outcome === 'pass' ? weight : 0;
  return {
    id,
    title,
    category,
    source,
    formula: formulaOf(rule),
    inputs,
    comparison,
    threshold,
    value,
    outcome,
    weight,
    points,
  };
}
