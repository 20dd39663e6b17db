import { type Fundamentals, type ScoredArticle } from './fundamentals';
import { joinFiscalYears, type FiscalYears } from './fiscal-years';
import { type Measure, type MeasureResult } from './measure';
import { sectorPercentile, type Standing } from './percentile';
import { rate, type Rating } from './rating';
import { RATIOS, type RatioId } from './ratios';
import { RULES, evaluateRule, type RuleResult } from './rules';
import { type Score, type ScoreContext, type ScoreResult } from './score';
import { SCORES, type ScoreId } from './scores';
import { sentimentOf, type Sentiment } from './sentiment';
import { DEFAULT_SETTINGS, MODEL_VERSION, type AnalysisSettings } from './settings';

export interface RatioResult extends MeasureResult {
  /** Where the company stands in its sector, 0…1, 1 best; only when the caller gave the sector's values. */
  readonly sector_percentile?: number | null;
}

/** The comparisons that need other companies. All optional: what is not given is not computed. */
export interface Universe {
  /** This company's place, from `rankMagicFormula`. */
  readonly magic_formula?: Standing | undefined;
  /** Ratio → the values of all companies of its sector that have one, this company's among them. */
  readonly sector?: Readonly<Partial<Record<RatioId, readonly number[]>>> | undefined;
}

export interface AnalysisContext {
  /** RFC 3339: the end of the news window. */
  readonly now: string;
  readonly articles: readonly ScoredArticle[];
  readonly settings?: Partial<AnalysisSettings> | undefined;
  readonly universe?: Universe | undefined;
}

/** An analysis but for its identity (`analysis_id`, `asset_id`, `symbol`, `analyzed_at`), as the API shows it. */
export interface AnalysisResult {
  /** t: the latest annual date that the three statements share; null when they share none, and then no score has a value. */
  readonly fiscal_date: string | null;
  /** Of the statements. */
  readonly currency: string | null;
  readonly model_version: string;
  readonly rating: Rating;
  readonly scores: Readonly<Record<ScoreId, ScoreResult>>;
  readonly ratios: Readonly<Record<RatioId, RatioResult>>;
  readonly sentiment: Sentiment | null;
  readonly rules: readonly RuleResult[];
}

/**
 * Scores one company by published rules. Pure: the same figures, news and `now` give the same analysis, whatever order
 * the rows came in. Never throws on a provider's figures: what cannot be read is missing, and missing is never 0.
 */
export function analyze(fundamentals: Fundamentals, context: AnalysisContext): AnalysisResult {
  const settings = { ...DEFAULT_SETTINGS, ...context.settings };
  const years = joinFiscalYears(fundamentals);
  const sentiment = sentimentOf(context.articles, context.now, settings.sentiment_window_days);
  const scores = scoresOf(years, { settings, standing: context.universe?.magic_formula ?? null });
  const evidence = { years, scores, sentiment, settings };
  const rules = RULES.map((rule) => evaluateRule(rule, evidence));
  return {
    fiscal_date: years.fiscal_date,
    currency: years.currency,
    model_version: MODEL_VERSION,
    rating: rate(rules, settings.minimum_coverage),
    scores,
    ratios: ratiosOf(years, context.universe?.sector ?? {}),
    sentiment,
    rules,
  };
}

function scoresOf(years: FiscalYears, context: ScoreContext): Record<ScoreId, ScoreResult> {
  const scores: Record<string, ScoreResult> = {};
  for (const [id, score] of Object.entries<Score>(SCORES)) {
    const { band, ...result } = score.evaluate(years, context);
    // Some figures of the overview stand alone, but a score is a score of a fiscal year.
    scores[id] =
      years.fiscal_date === null && result.status !== 'not_applicable'
        ? { ...result, value: null, status: 'missing', reason: 'the three statements share no fiscal year' }
        : { ...result, ...(band === undefined ? {} : { band }) };
  }
  return scores;
}

function ratiosOf(years: FiscalYears, sector: NonNullable<Universe['sector']>): Record<RatioId, RatioResult> {
  const ratios: Record<string, RatioResult> = {};
  for (const [id, ratio] of Object.entries<Measure>(RATIOS)) {
    const result = ratio.evaluate(years);
    const peers = sector[id as RatioId];
    ratios[id] =
      peers === undefined || result.value === null
        ? result
        : { ...result, sector_percentile: sectorPercentile(result.value, peers, ratio.better) };
  }
  return ratios;
}
