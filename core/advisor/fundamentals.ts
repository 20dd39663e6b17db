/**
 * What a company reported, as the provider spells it: the input of every score.
 * Rows may come in any order and more than once; joining them by fiscal year is `fiscal-years.ts`.
 */

export type Period = 'annual' | 'quarterly';

/** One reported row. `figures`: the provider's own field name (totalRevenue, ebit, reportedEPS …) → decimal string, or null where the provider said none. */
export interface StatementRow {
  readonly fiscal_date_ending: string;
  readonly period: Period;
  readonly reported_currency: string | null;
  readonly figures: Readonly<Record<string, string | null>>;
}

/** One company. `overview`: the provider's own field name → string or null. */
export interface Fundamentals {
  readonly symbol: string;
  readonly overview: Readonly<Record<string, string | null>> | null;
  readonly income_statement: readonly StatementRow[];
  readonly balance_sheet: readonly StatementRow[];
  readonly cash_flow: readonly StatementRow[];
  readonly earnings: readonly StatementRow[];
}

/** A news article about one company. `time_published` is RFC 3339 UTC; relevance lies in 0…1, sentiment in −1…1. */
export interface ScoredArticle {
  readonly time_published: string;
  readonly relevance_score: number;
  readonly sentiment_score: number;
}
