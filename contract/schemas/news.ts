import * as z from 'zod/mini';
import { instant, shown } from './primitives';

/** Alpha Vantage's five bands; data hyphenates what its definition text underscores. */
export const sentimentLabel = z.enum(['Bearish', 'Somewhat-Bearish', 'Neutral', 'Somewhat-Bullish', 'Bullish']);

export const tickerSentiment = z.object({
  ticker: z.string(),
  relevance_score: z.number(),
  sentiment_score: z.number(),
  sentiment_label: z.string(),
});

export const article = shown(
  z.object({
    news_id: z.string(),
    url: z.string(),
    title: z.string(),
    summary: z.string(),
    source: z.string(),
    source_domain: z.nullable(z.string()),
    authors: z.array(z.string()),
    topics: z.array(z.object({ topic: z.string(), relevance_score: z.number() })),
    time_published: instant(),
    banner_image: z.nullable(z.string()),
    overall_sentiment_score: z.number(),
    overall_sentiment_label: z.string(),
    ticker_sentiment: z.array(tickerSentiment),
  }),
  { id: 'Article' },
);
export type Article = z.infer<typeof article>;
