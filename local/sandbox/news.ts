import { sentimentLabel } from '../../core/advisor/sentiment';
import { toAlphaVantageSymbol } from '../../lambda/adapters/providers/alpha-vantage/symbols';
import { randomOf, type Random } from './random';
import { type Company, type Universe } from './universe';

const HOUR_MS = 3_600_000;
/** How far back a search without `time_from` looks. */
const LOOKBACK_HOURS = 24 * 30;

const TOPICS = [
  'blockchain',
  'earnings',
  'ipo',
  'mergers_and_acquisitions',
  'financial_markets',
  'economy_fiscal',
  'economy_monetary',
  'economy_macro',
  'energy_transportation',
  'finance',
  'life_sciences',
  'manufacturing',
  'real_estate',
  'retail_wholesale',
  'technology',
] as const;
const SOURCES = ['Sandbox Wire', 'The Daily Fiction', 'Ledger & Quill', 'Makebelieve Markets'] as const;
const GOOD = [
  'beats expectations with a strong quarter',
  'wins a large order',
  'raises its outlook',
  'opens a new plant',
] as const;
const PLAIN = [
  'to present at an industry conference',
  'appoints a new finance director',
  'holds its annual meeting',
  'files its quarterly report',
] as const;
const BAD = ['warns of weaker demand', 'recalls a product', 'misses expectations', 'faces an inquiry'] as const;

export interface Article {
  readonly publishedAt: number;
  readonly payload: Readonly<Record<string, unknown>> & { readonly url: string };
  readonly tickers: readonly string[];
  readonly topics: readonly string[];
}

export interface NewsRequest {
  /** Alpha Vantage's spelling; an article must name all of them. */
  readonly tickers: readonly string[];
  readonly topics: readonly string[];
  readonly from: number | null;
  readonly to: number | null;
  readonly sort: string;
  readonly limit: number;
}

/** Articles that match, in the order asked for. They appear as time goes by: one of the next hour is not there yet. */
export function searchNews(universe: Universe, request: NewsRequest, now: number): Article[] {
  const to = Math.min(now, request.to ?? now);
  const from = request.from ?? to - LOOKBACK_HOURS * HOUR_MS;
  const earliest = request.sort === 'EARLIEST';
  const first = Math.floor(from / HOUR_MS);
  const last = Math.floor(to / HOUR_MS);
  const found: Article[] = [];
  for (let i = 0; i <= last - first && found.length < request.limit; i += 1) {
    const articles = articlesOf(universe, earliest ? first + i : last - i).filter(
      ({ publishedAt, tickers, topics }) =>
        publishedAt >= from &&
        publishedAt <= to &&
        request.tickers.every((ticker) => tickers.includes(ticker)) &&
        request.topics.every((topic) => topics.includes(topic)),
    );
    found.push(...(earliest ? articles : articles.toReversed()));
  }
  return found.slice(0, request.limit);
}

/** The articles of one hour since 1970, oldest first. */
export function articlesOf(universe: Universe, hour: number): Article[] {
  const random = randomOf(universe.seed, 'news', hour);
  const count = random.int(2, 4) + Math.min(16, Math.floor(universe.companies.length / 500));
  const articles: Article[] = [];
  const seconds = Array.from({ length: count }, () => random.int(0, 3599)).sort((a, b) => a - b);
  seconds.forEach((second, n) => {
    const previous = articles.at(-1);
    // One in twelve is the one before, sent out again under another headline and the same URL.
    const repeats = previous !== undefined && random.chance(1 / 12);
    const publishedAt = hour * HOUR_MS + second * 1000;
    if (repeats) {
      const payload = {
        ...previous.payload,
        title: `Update: ${String(previous.payload.title)}`,
        time_published: stamp(publishedAt),
      };
      articles.push({ ...previous, publishedAt, payload });
    } else {
      articles.push(articleOf(universe, random, publishedAt, `${hour}-${n}`));
    }
  });
  return articles;
}

function articleOf(universe: Universe, random: Random, publishedAt: number, slug: string): Article {
  const companies = mentioned(universe, random);
  const [subject] = companies;
  const mood = Math.max(-0.95, Math.min(0.95, random.normal(0.06, 0.25)));
  const label = sentimentLabel(mood);
  const headline = random.pick(mood >= 0.15 ? GOOD : mood <= -0.15 ? BAD : PLAIN);
  const title = `${subject?.name ?? 'The market'} ${headline}`;
  const topics = [...new Set([random.pick(TOPICS), random.pick(TOPICS)])];
  const source = random.pick(SOURCES);
  return {
    publishedAt,
    tickers: companies.map(({ symbol }) => toAlphaVantageSymbol(symbol)),
    topics,
    payload: {
      title,
      url: `https://news.example/${source.toLowerCase().replace(/[^a-z]+/g, '-')}/${slug}`,
      time_published: stamp(publishedAt),
      authors: random.chance(0.8)
        ? [`${random.pick(['Ada', 'Ben', 'Cleo', 'Dov'])} ${random.pick(['Quill', 'Inkwell', 'Byline'])}`]
        : [],
      summary: `${title}. This article and everybody in it are fictional.`,
      banner_image: random.chance(0.9) ? `https://news.example/images/${slug}.png` : null,
      source,
      category_within_source: 'General',
      source_domain: 'news.example',
      topics: topics.map((topic) => ({ topic, relevance_score: random.between(0.2, 1).toFixed(6) })),
      overall_sentiment_score: Number(mood.toFixed(6)),
      overall_sentiment_label: label,
      ticker_sentiment: companies.map(({ symbol }) => {
        const score = Math.max(-1, Math.min(1, mood + random.normal(0, 0.1))).toFixed(6);
        return {
          ticker: toAlphaVantageSymbol(symbol),
          relevance_score: random.between(0.1, 1).toFixed(6),
          ticker_sentiment_score: score,
          ticker_sentiment_label: sentimentLabel(Number(score)),
        };
      }),
    },
  };
}

/** One to four companies, the first ones of the universe more often: as with real news, few get most of it. */
function mentioned({ companies }: Universe, random: Random): Company[] {
  const picked = new Set<Company>();
  const count = random.int(1, 4);
  for (let i = 0; i < count; i += 1) {
    const company = companies[Math.floor(random.next() ** 2 * companies.length)];
    if (company?.active) picked.add(company);
  }
  return [...picked];
}

/** `YYYYMMDDTHHMMSS`, UTC. */
function stamp(instant: number): string {
  return new Date(instant).toISOString().slice(0, 19).replace(/[-:]/g, '');
}
