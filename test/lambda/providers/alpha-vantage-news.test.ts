import { describeWithFixtures, fixture } from '../../fixtures';
import { stubAlphaVantage } from './stub-provider';

const article = (fields: object = {}) => ({
  title: 'A headline',
  url: 'https://news.example/1',
  time_published: '20260517T110100',
  authors: ['Ada Quill'],
  summary: 'What happened',
  banner_image: null,
  source: 'Wire',
  category_within_source: 'General',
  source_domain: 'news.example',
  topics: [{ topic: 'earnings', relevance_score: '0.5' }],
  overall_sentiment_score: 0.2,
  overall_sentiment_label: 'Somewhat-Bullish',
  ticker_sentiment: [
    { ticker: 'BRK-B', relevance_score: '0.9', ticker_sentiment_score: '-0.4', ticker_sentiment_label: 'Bearish' },
  ],
  ...fields,
});

const news = async (...feed: unknown[]) =>
  stubAlphaVantage({ body: { items: String(feed.length), feed } }).client.newsSentiment();

describeWithFixtures('the real page about AAPL', () => {
  it('50 articles, every one about AAPL', async () => {
    const { client } = stubAlphaVantage({ body: fixture('alphavantage/news-sentiment.AAPL.json') });
    const { articles, rejected, received } = await client.newsSentiment({ tickers: ['AAPL'] });
    expect([articles.length, received, rejected]).toEqual([50, 50, []]);
    expect(articles[0]).toMatchObject({
      time_published: '2026-05-17T11:01:00Z',
      overall_sentiment_score: 0.22902,
      overall_sentiment_label: 'Somewhat-Bullish',
      topics: [{ topic: 'technology', relevance_score: 0.846949 }],
      authors: ['Mohd Haider'],
    });
    expect(articles.filter(({ banner_image }) => banner_image === null)).toHaveLength(3);
    const tickers = articles.flatMap(({ ticker_sentiment }) => ticker_sentiment.map(({ ticker }) => ticker));
    expect(tickers.filter((ticker) => ticker === 'AAPL')).toHaveLength(50);
    expect(tickers).toContain('BRK.B');
    expect(new Set(articles.map(({ news_id }) => news_id)).size).toBe(50);
  });
});

describe('an article', () => {
  it('comes out whole', async () => {
    const { articles } = await news(article());
    expect(articles).toEqual([
      {
        news_id: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
        url: 'https://news.example/1',
        title: 'A headline',
        summary: 'What happened',
        source: 'Wire',
        source_domain: 'news.example',
        authors: ['Ada Quill'],
        topics: [{ topic: 'earnings', relevance_score: 0.5 }],
        time_published: '2026-05-17T11:01:00Z',
        banner_image: null,
        overall_sentiment_score: 0.2,
        overall_sentiment_label: 'Somewhat-Bullish',
        ticker_sentiment: [
          { ticker: 'BRK.B', relevance_score: 0.9, sentiment_score: -0.4, sentiment_label: 'Bearish' },
        ],
      },
    ]);
  });

  it('without the parts that may be missing', async () => {
    const { title, url, time_published, overall_sentiment_score } = article();
    const bare = {
      title,
      url,
      time_published,
      overall_sentiment_score,
      summary: null,
      source: null,
      source_domain: null,
    };
    const { articles, rejected } = await news(bare);
    expect(rejected).toEqual([]);
    expect(articles[0]).toMatchObject({ summary: '', source: '', authors: [], topics: [], ticker_sentiment: [] });
  });

  it('has the same id wherever it turns up again', async () => {
    const [first, second] = [await news(article()), await news(article({ title: 'Another headline' }))];
    expect(first.articles[0]?.news_id).toBe(second.articles[0]?.news_id);
  });

  it.each([
    [-0.35, 'Bearish'],
    [-0.349, 'Somewhat-Bearish'],
    [-0.15, 'Somewhat-Bearish'],
    [-0.149, 'Neutral'],
    [0.149, 'Neutral'],
    [0.15, 'Somewhat-Bullish'],
    [0.349, 'Somewhat-Bullish'],
    [0.35, 'Bullish'],
  ])('without a label, %d is %s', async (score, label) => {
    const { articles } = await news(article({ overall_sentiment_score: score, overall_sentiment_label: undefined }));
    expect(articles[0]?.overall_sentiment_label).toBe(label);
  });

  it('the spelling Somewhat_Bullish of the definition becomes the data’s', async () => {
    const { articles } = await news(article({ overall_sentiment_label: 'Somewhat_Bullish' }));
    expect(articles[0]?.overall_sentiment_label).toBe('Somewhat-Bullish');
  });

  it('times without seconds are read, a time that is none rejects it', async () => {
    const { articles } = await news(article({ time_published: '20260517T1101' }));
    expect(articles[0]?.time_published).toBe('2026-05-17T11:01:00Z');
    for (const time_published of ['yesterday', '20260230T110100', '20261317T110100']) {
      expect((await news(article({ time_published }))).rejected).toHaveLength(1);
    }
  });

  it.each([
    ['no url', { url: undefined }],
    ['a url that is no web page', { url: 'javascript:alert(1)' }],
    ['no title', { title: '' }],
    ['a score that is no number', { overall_sentiment_score: 'n.m.' }],
    ['a score beyond ±1', { overall_sentiment_score: 3 }],
  ])('%s rejects it, not the page', async (_name, fields) => {
    const { articles, rejected, received } = await news(article(fields), article({ url: 'https://news.example/2' }));
    expect(articles).toHaveLength(1);
    expect(rejected).toMatchObject([{ path: 'feed[0]' }]);
    expect(received).toBe(2);
  });

  it('a garbled ticker or topic is left out and reported', async () => {
    const { articles, rejected } = await news(
      article({
        topics: [{ topic: 'ipo', relevance_score: 'high' }],
        ticker_sentiment: [
          { ticker: 'AAAA', relevance_score: '0.9', ticker_sentiment_score: 'n.m.' },
          { ticker: 'BBBB', relevance_score: '0.9', ticker_sentiment_score: '0.4' },
        ],
        banner_image: 'data:image/png;base64,',
      }),
    );
    expect(articles[0]?.ticker_sentiment).toEqual([
      { ticker: 'BBBB', relevance_score: 0.9, sentiment_score: 0.4, sentiment_label: 'Bullish' },
    ]);
    expect(articles[0]?.banner_image).toBeNull();
    expect(rejected.map(({ path }) => path)).toEqual(['feed[0].topics[0]', 'feed[0].ticker_sentiment[0]']);
  });
});

describe('a page', () => {
  it('holds a repeated url once, and says how many entries came', async () => {
    const { articles, received } = await news(article(), article({ title: 'Update' }));
    expect([articles.length, articles[0]?.title, received]).toEqual([1, 'A headline', 2]);
  });

  it('counts the feed, not `items`', async () => {
    const { client } = stubAlphaVantage({ body: { items: '999', feed: [article()] } });
    expect((await client.newsSentiment()).received).toBe(1);
    const empty = stubAlphaVantage({ body: { items: '50', feed: [] } });
    expect((await empty.client.newsSentiment()).articles).toEqual([]);
  });

  it('whose feed is none is malformed', async () => {
    for (const body of [{ feed: 'soon' }, { items: '0' }]) {
      await expect(stubAlphaVantage({ body }).client.newsSentiment()).rejects.toMatchObject({ kind: 'malformed' });
    }
  });

  it('is asked for in the provider’s words', async () => {
    const { client, calls } = stubAlphaVantage({ body: { feed: [] } });
    await client.newsSentiment({
      tickers: ['BRK.B', 'CRYPTO:BTC'],
      topics: ['ipo'],
      timeFrom: new Date('2026-05-16T09:05:59Z'),
      timeTo: new Date('2026-05-17T00:00:00Z'),
      sort: 'EARLIEST',
      limit: 1000,
    });
    const { apikey, ...query } = Object.fromEntries(calls[0]!.url.searchParams);
    expect(apikey).toBeDefined();
    expect(query).toEqual({
      function: 'NEWS_SENTIMENT',
      tickers: 'BRK-B,CRYPTO:BTC',
      topics: 'ipo',
      time_from: '20260516T0905',
      time_to: '20260517T0000',
      sort: 'EARLIEST',
      limit: '1000',
    });
  });
});
