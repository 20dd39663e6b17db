import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { makeHandler as makeAssetSync } from '../../../lambda/advisor/asset-sync';
import { makeHandler } from '../../../lambda/advisor/news-sync';
import { assetStore } from '../../../lambda/adapters/dynamo/assets';
import { newsStore } from '../../../lambda/adapters/dynamo/news';
import type { NewsArticle, NewsPage } from '../../../lambda/adapters/providers/alpha-vantage';
import { SANDBOX_SYMBOLS } from '../../../local/sandbox/sandbox';
import { startAdvisor, type TestAdvisor } from './advisor';

const HOUR = 3_600_000;
let advisor: TestAdvisor;

beforeAll(async () => {
  advisor = await startAdvisor({ plan: { rps: 10, rpm: 600, rpd: 25, timeZone: 'America/New_York' } });
  await makeAssetSync(advisor.services)(advisor.job('asset-sync'));
});
afterAll(() => advisor.stop());

const table = async () =>
  (await advisor.dynamo.documents.send(new ScanCommand({ TableName: 'signal9-test-news' }))).Items ?? [];
const sync = () => makeHandler(advisor.services)(advisor.job('news-sync'));

test('news come in once, each linked to its assets with the sentiment for them', async () => {
  const { counts } = await sync();
  expect(counts).toMatchObject({ calls: 1, deferred: 0 });
  expect(counts.written).toBeGreaterThan(5);
  const rows = await table();
  const articles = rows.filter(({ feed_month }) => feed_month !== undefined);
  const links = rows.filter(({ asset_id }) => asset_id !== undefined);
  expect(articles).toHaveLength(counts.written!);
  expect(links).toHaveLength(counts.links!);
  const ids = new Map(
    [...(await assetStore(advisor.services, 'test').idsBySymbol())].map(([symbol, id]) => [id, symbol]),
  );
  for (const link of links) {
    const mentions = (link.article as NewsArticle).ticker_sentiment;
    const mention = mentions.find(({ ticker }) => ticker === ids.get(link.asset_id as string))!;
    expect(link.sentiment_score).toBe(mention.sentiment_score);
  }
});

test('a repeat over the same hours writes no article again', async () => {
  const before = await table();
  advisor.pass(60_000);
  const { counts } = await sync();
  expect(counts.known).toBeGreaterThan(0);
  expect((await table()).length - before.length).toBe((counts.written ?? 0) + (counts.links ?? 0));
  expect(counts.written).toBeLessThan(5);
});

test('the next hour goes on from the watermark', async () => {
  advisor.pass(HOUR);
  const { counts } = await sync();
  const [asked] = advisor.sandbox
    .callLog()
    .filter(({ query }) => JSON.stringify(query).includes('NEWS_SENTIMENT'))
    .slice(-1);
  expect(JSON.stringify(asked!.query)).toContain('time_from');
  expect(counts.received).toBeGreaterThan(0);
});

test('news take a fifth of the day’s calls and no more; what was read stays', async () => {
  // 25 a day: five for news, three of which are spent.
  for (let hour = 0; hour < 2; hour++) {
    advisor.pass(HOUR / 2);
    expect((await sync()).counts).toMatchObject({ calls: 1 });
  }
  advisor.pass(HOUR / 2);
  expect((await sync()).counts).toMatchObject({ calls: 0, deferred: 1, written: 0 });
});

const article = (index: number, time_published: string, ...tickers: string[]): NewsArticle => ({
  news_id: `id-${index}`,
  url: `https://news.test/${index}`,
  title: `Article ${index}`,
  summary: '',
  source: 'Test',
  source_domain: 'news.test',
  authors: [],
  topics: [],
  time_published,
  banner_image: null,
  overall_sentiment_score: 0,
  overall_sentiment_label: 'Neutral',
  ticker_sentiment: tickers.map((ticker) => ({
    ticker,
    relevance_score: 0.5,
    sentiment_score: 0.2,
    sentiment_label: 'Neutral',
  })),
});

describe('paging', () => {
  const START = Date.parse('2026-06-01T12:00:00Z');
  /** A feed of `total` articles `spacing` apart, answered as the provider would: from a minute on, at most `limit`. */
  async function page(total: number, spacing: number) {
    advisor.pass(START - advisor.now().getTime() + 12 * HOUR);
    const feed = Array.from({ length: total }, (_, index) =>
      article(
        total * 10_000 + index,
        new Date(START + index * spacing).toISOString(),
        SANDBOX_SYMBOLS.steady,
        'CRYPTO:BTC',
        'NIX',
      ),
    );
    const asked: string[] = [];
    const newsSentiment = async ({ timeFrom, limit }: { timeFrom?: Date; limit?: number } = {}): Promise<NewsPage> => {
      const minute = Math.floor(timeFrom!.getTime() / 60_000) * 60_000;
      asked.push(timeFrom!.toISOString());
      const articles = feed.filter(({ time_published }) => Date.parse(time_published) >= minute).slice(0, limit);
      return { articles, rejected: [{ path: 'feed[0]', reason: 'x' }], received: articles.length };
    };
    const alphaVantage = { ...advisor.services.alphaVantage, newsSentiment };
    const { counts } = await makeHandler({ ...advisor.services, alphaVantage })(advisor.job('news-sync'));
    return { counts, asked };
  }

  test('a full page is followed by the next until one is short', async () => {
    const { counts, asked } = await page(2300, 10_000);
    expect(counts).toMatchObject({ calls: 3, written: 2300, links: 2300 });
    expect(asked).toHaveLength(3);
    const id = (await assetStore(advisor.services, 'test').idsOf(SANDBOX_SYMBOLS.steady))[0]!;
    expect((await newsStore(advisor.services, 'test').mentions(id, '2026-06-01T12:00:00.000Z')).length).toBe(2300);
  });

  test('a whole page within one minute does not hold the job', async () => {
    const { counts } = await page(1200, 1);
    expect(counts.calls).toBeLessThanOrEqual(5);
  });
});

test('an error that is no lack of calls fails the job and moves no watermark', async () => {
  const newsSentiment = () => Promise.reject(new Error('boom'));
  advisor.pass(HOUR);
  const alphaVantage = { ...advisor.services.alphaVantage, newsSentiment };
  await expect(makeHandler({ ...advisor.services, alphaVantage })(advisor.job('news-sync'))).rejects.toThrow('boom');
  expect(advisor.counted.JobFailed).toBe(1);
});
