/** What an operator may turn. Everything else in the model is published and fixed by MODEL_VERSION. */
export interface AnalysisSettings {
  /** M above this is flagged. −1.78 is the eight-variable cut-off; −2.22 a stricter popular one. @default -1.78 */
  readonly beneish_threshold: number;
  /** Days of news behind the sentiment. @default 30 */
  readonly sentiment_window_days: number;
  /** Least share of the applicable weight that must have been computed for a rating, 0…1. @default 0.5 */
  readonly minimum_coverage: number;
}

export const DEFAULT_SETTINGS: AnalysisSettings = {
  beneish_threshold: -1.78,
  sentiment_window_days: 30,
  minimum_coverage: 0.5,
};

/** Changes whenever a formula, threshold or weight does, so that two ratings are only compared within one version. */
export const MODEL_VERSION = '1.0.0';
