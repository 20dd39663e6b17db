/** What the rest of the platform may use of the advisor's knowledge. */
export { analyze, type AnalysisContext, type AnalysisResult, type RatioResult, type Universe } from './analyze';
export { type Fundamentals, type Period, type ScoredArticle, type StatementRow } from './fundamentals';
export { type MeasureResult, type Status } from './measure';
export { rankMagicFormula, sectorPercentile, type MagicFormulaEntry, type Standing } from './percentile';
export { type Grade, type Rating } from './rating';
export { RATIOS, type RatioId } from './ratios';
export { RULES, type Category, type Comparison, type Outcome, type RuleResult } from './rules';
export { type ScoreResult } from './score';
export { SCORES, type ScoreId } from './scores';
export { sentimentLabel, sentimentOf, type Sentiment, type SentimentLabel } from './sentiment';
export { DEFAULT_SETTINGS, MODEL_VERSION, type AnalysisSettings } from './settings';
export {
  planPollination,
  type PollinationBudget,
  type PollinationCandidate,
  type PollinationPlan,
} from './pollination-plan';
export {
  block,
  reserve,
  usage,
  type BucketState,
  type CallPlan,
  type CallPurpose,
  type CallUsage,
  type Reservation,
} from './token-bucket';
