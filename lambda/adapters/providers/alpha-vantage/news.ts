import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import { sentimentLabel } from '../../../../core/advisor/sentiment';
import { type Rejected } from '../http';
import { toAlpacaSymbol } from './symbols';

export interface TickerSentiment {
  /** Alpaca's spelling; also `CRYPTO:BTC`, `FOREX:USD`. */
  readonly ticker: string;
  /** 0 … 1. */
  readonly relevance_score: number;
  /** −1 … 1. */
  readonly sentiment_score: number;
  readonly sentiment_label: string;
}

export interface NewsArticle {
  /** The first 32 hex digits of the URL's SHA-256: the same article has the same id wherever it turns up again. */
  readonly news_id: string;
  readonly url: string;
  readonly title: string;
  readonly summary: string;
  readonly source: string;
  readonly source_domain: string;
  readonly authors: readonly string[];
  readonly topics: readonly { readonly topic: string; readonly relevance_score: number }[];
  /** RFC 3339; the payload names no zone and is taken as UTC. */
  readonly time_published: string;
  readonly banner_image: string | null;
  readonly overall_sentiment_score: number;
  readonly overall_sentiment_label: string;
  readonly ticker_sentiment: readonly TickerSentiment[];
}

export interface NewsPage {
  readonly articles: readonly NewsArticle[];
  readonly rejected: readonly Rejected[];
  /** Feed entries before deduplication: as many as the limit means that more may wait. `items` is not believed. */
  readonly received: number;
}

export const EMPTY_NEWS: NewsPage = { articles: [], rejected: [], received: 0 };

// Scores arrive as numbers for the article and as strings for its topics and tickers.
const numeric = z.union([
  z.number(),
  z.pipe(z.string().check(z.regex(/^-?\d+(?:\.\d+)?(?:[eE][+-]?\d{1,2})?$/)), z.transform(Number)),
]);
const sentiment = z.pipe(numeric, z.number().check(z.gte(-1), z.lte(1)));
const relevance = z.pipe(numeric, z.number().check(z.gte(0), z.lte(1)));
// The console links to it: nothing but the web.
const link = z.string().check(z.regex(/^https?:\/\/[^\s]+$/i));
const text = z._default(z.nullable(z.string()), '');

const article = z.object({
  title: z.string().check(z.minLength(1)),
  url: link,
  time_published: z.string(),
  authors: z.catch(z.array(z.string()), []),
  summary: text,
  banner_image: z.catch(z.nullish(link), null),
  source: text,
  source_domain: text,
  topics: z._default(z.array(z.unknown()), []),
  overall_sentiment_score: sentiment,
  overall_sentiment_label: z.nullish(z.string()),
  ticker_sentiment: z._default(z.array(z.unknown()), []),
});
const topic = z.object({ topic: z.string(), relevance_score: relevance });
const ticker = z.object({
  ticker: z.string().check(z.minLength(1)),
  relevance_score: relevance,
  ticker_sentiment_score: sentiment,
  ticker_sentiment_label: z.nullish(z.string()),
});

/** NEWS_SENTIMENT's feed; null where it is no list. */
export function parseNews(feed: unknown): NewsPage | null {
  if (!Array.isArray(feed)) return null;
  const articles = new Map<string, NewsArticle>();
  const rejected: Rejected[] = [];
  feed.forEach((entry: unknown, index) => {
    const path = `feed[${index}]`;
    const parsed = article.safeParse(entry);
    if (!parsed.success) return void rejected.push({ path, reason: reasonOf(parsed.error) });
    const time_published = utcOf(parsed.data.time_published);
    if (time_published === null) return void rejected.push({ path, reason: 'time_published: not a time' });
    // The same URL comes again under a second headline: the first (with LATEST, the newest) stands.
    if (!articles.has(parsed.data.url)) {
      articles.set(parsed.data.url, articleOf(parsed.data, time_published, path, rejected));
    }
  });
  return { articles: [...articles.values()], rejected, received: feed.length };
}

function articleOf(
  row: z.infer<typeof article>,
  time_published: string,
  path: string,
  rejected: Rejected[],
): NewsArticle {
  const good = <T extends z.ZodMiniType>(list: readonly unknown[], schema: T, name: string): z.infer<T>[] =>
    list.flatMap((value, index) => {
      const parsed = schema.safeParse(value);
      if (parsed.success) return [parsed.data];
      rejected.push({ path: `${path}.${name}[${index}]`, reason: reasonOf(parsed.error) });
      return [];
    });
  return {
    news_id: createHash('sha256').update(row.url).digest('hex').slice(0, 32),
    url: row.url,
    title: row.title,
    summary: row.summary ?? '',
    source: row.source ?? '',
    source_domain: row.source_domain ?? '',
    authors: row.authors,
    topics: good(row.topics, topic, 'topics'),
    time_published,
    banner_image: row.banner_image ?? null,
    overall_sentiment_score: row.overall_sentiment_score,
    overall_sentiment_label: labelOf(row.overall_sentiment_label, row.overall_sentiment_score),
    ticker_sentiment: good(row.ticker_sentiment, ticker, 'ticker_sentiment').map((entry) => ({
      ticker: toAlpacaSymbol(entry.ticker),
      relevance_score: entry.relevance_score,
      sentiment_score: entry.ticker_sentiment_score,
      sentiment_label: labelOf(entry.ticker_sentiment_label, entry.ticker_sentiment_score),
    })),
  };
}

/** The definition text writes `Somewhat_Bullish`, the data a hyphen: one spelling goes out. */
function labelOf(label: string | null | undefined, score: number): string {
  return label ? label.replaceAll('_', '-') : sentimentLabel(score);
}

/** `YYYYMMDDTHHMM[SS]` → RFC 3339 UTC, or null. */
function utcOf(text: string): string | null {
  const match = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})?$/.exec(text);
  if (!match) return null;
  const [, year, month, day, hour, minute, second = '00'] = match;
  const spelt = `${year}-${month}-${day}T${hour}:${minute}:${second}`;
  const instant = new Date(`${spelt}Z`);
  // Date rolls 30 February over to March: what it read must be what was written.
  return !Number.isNaN(instant.getTime()) && instant.toISOString().startsWith(spelt) ? `${spelt}Z` : null;
}

/** `time_from` and `time_to`: `YYYYMMDDTHHMM`, UTC. */
export function newsTime(instant: Date): string {
  return instant.toISOString().slice(0, 16).replace(/[-:]/g, '');
}

function reasonOf(error: z.core.$ZodError): string {
  return error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
}
