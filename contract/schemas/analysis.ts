import * as z from 'zod/mini';
import { date, instant, shown, ulid, uuid } from './primitives';

export const scoreStatus = z.enum(['ok', 'missing', 'zero_denominator', 'not_applicable']);
const inputs = z.record(z.string(), z.nullable(z.number()));

/** One score or ratio with its working: the value, why it is null where it is, and the figures it was made of. */
export const score = shown(
  z.looseObject({
    value: z.nullable(z.number()),
    status: scoreStatus,
    band: z.optional(z.nullable(z.string())),
    inputs,
    missing: z.array(z.string()),
    parts: z.optional(z.record(z.string(), z.unknown())),
  }),
  { id: 'Score' },
);

export const rating = z.object({
  score: z.nullable(z.number().check(z.minimum(0), z.maximum(100))),
  grade: z.nullable(z.enum(['A', 'B', 'C', 'D', 'F'])),
  coverage: z.number().check(z.minimum(0), z.maximum(1)),
});

export const ruleResult = shown(
  z.object({
    id: z.string(),
    title: z.string(),
    category: z.enum([
      'profitability',
      'growth',
      'solvency',
      'efficiency',
      'valuation',
      'earnings_quality',
      'sentiment',
    ]),
    source: z.string(),
    formula: z.string(),
    inputs,
    /** How the value is held against the threshold. */
    comparison: z.string(),
    threshold: z.number(),
    value: z.nullable(z.number()),
    outcome: z.enum(['pass', 'fail', 'missing', 'not_applicable']),
    weight: z.number(),
    points: z.number(),
  }),
  { id: 'RuleResult' },
);

export const sentiment = z.object({
  score: z.nullable(z.number()),
  label: z.nullable(z.string()),
  articles: z.number(),
  window_days: z.number(),
});

/** Where a company stands among the others that were compared at the same moment (job universe-ranking). */
export const standing = z.object({
  compared_at: instant(),
  /** Ranks from 1, the best; `combined` is their sum, `rank` the place by it, `of` the number of companies ranked. */
  magic_formula: z.nullable(
    z.object({
      earnings_yield_rank: z.number(),
      return_on_capital_rank: z.number(),
      combined: z.number(),
      rank: z.number(),
      of: z.number(),
    }),
  ),
  sector_percentiles: z.record(z.string(), z.number()),
});
export type StoredStanding = z.infer<typeof standing>;

/** Everything an analysis says of a company, without who it is about: what core/advisor computes. */
export const analysisBody = {
  fiscal_date: z.nullable(date()),
  currency: z.nullable(z.string()),
  model_version: z.string(),
  rating,
  scores: z.record(z.string(), score),
  ratios: z.record(z.string(), score),
  sentiment,
  rules: z.array(ruleResult),
} as const;

export const analysis = shown(
  z.object({ analysis_id: ulid(), asset_id: uuid(), symbol: z.string(), analyzed_at: instant(), ...analysisBody }),
  { id: 'Analysis' },
);
export type Analysis = z.infer<typeof analysis>;

/** An earlier analysis in a list: what it said, without its whole working. */
export const analysisSummary = shown(
  z.object({
    analysis_id: ulid(),
    asset_id: uuid(),
    symbol: z.string(),
    analyzed_at: instant(),
    fiscal_date: z.nullable(date()),
    model_version: z.string(),
    rating,
  }),
  { id: 'AnalysisSummary' },
);

/** `?history=true`: the same route answers the latest analysis or, as a list, the earlier ones. */
export const analysisOrHistory = z.union([
  analysis,
  z.object({ items: z.array(analysisSummary), next_cursor: z.nullable(z.string()) }),
]);
