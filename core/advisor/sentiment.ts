import { type ScoredArticle } from './fundamentals';

export type SentimentLabel = 'Bearish' | 'Somewhat-Bearish' | 'Neutral' | 'Somewhat-Bullish' | 'Bullish';

export interface Sentiment {
  /** Relevance-weighted mean, −1…1, to the six decimals the provider gives. */
  readonly score: number;
  readonly label: SentimentLabel;
  /** Articles that counted. */
  readonly articles: number;
  readonly window_days: number;
}

const DAY_MS = 86_400_000;

/** Alpha Vantage's own bands, as NEWS_SENTIMENT prints them; the lower bands include their upper edge, the upper ones their lower. */
export function sentimentLabel(score: number): SentimentLabel {
  if (score <= -0.35) return 'Bearish';
  if (score <= -0.15) return 'Somewhat-Bearish';
  if (score < 0.15) return 'Neutral';
  return score < 0.35 ? 'Somewhat-Bullish' : 'Bullish';
}

/**
 * The mean sentiment of the articles published within the window that ends now, weighted by relevance.
 * @param now RFC 3339; an article dated later does not count
 * @returns null when no article with any relevance falls into the window
 */
export function sentimentOf(articles: readonly ScoredArticle[], now: string, windowDays: number): Sentiment | null {
  const until = Date.parse(now);
  const from = until - windowDays * DAY_MS;
  let weighted = 0;
  let relevance = 0;
  let counted = 0;
  for (const article of articles) {
    const published = Date.parse(article.time_published);
    if (!(published >= from && published <= until && article.relevance_score > 0)) continue;
    weighted += article.sentiment_score * article.relevance_score;
    relevance += article.relevance_score;
    counted += 1;
  }
  if (counted === 0) return null;
  // + 0: a rounded −0 is 0.
  const score = Math.round((weighted / relevance) * 1e6) / 1e6 + 0;
  return { score, label: sentimentLabel(score), articles: counted, window_days: windowDays };
}
