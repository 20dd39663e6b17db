import { describeWithFixtures, fixture } from '../../fixtures';
import { SECRET, stubAlphaVantage } from './stub-provider';

interface ErrorFixture {
  readonly items: readonly { readonly class: string; readonly body: unknown }[];
}

const EXPECTED: Readonly<Record<string, object>> = {
  rate_limit_daily: { kind: 'throttled', scope: 'day' },
  rate_limit_burst: { kind: 'throttled', scope: 'second' },
  rate_limit_minute_legacy: { kind: 'throttled', scope: 'minute' },
  auth: { kind: 'auth' },
  invalid_request: { kind: 'invalid_request' },
  news_invalid_or_no_match: { kind: 'invalid_request' },
  unknown_symbol_overview: { kind: 'unknown_symbol' },
};

describeWithFixtures('failure bodies, all with status 200', () => {
  // Read in the tests: without fixtures the body of a skipped suite is run all the same.
  const items = () => (JSON.parse(fixture('alphavantage/errors.json')) as ErrorFixture).items;
  const bodyOf = (name: string) => items().find((item) => item.class === name)?.body;

  it('knows every body of the collection', () => {
    expect(
      items()
        .map((item) => item.class)
        .sort(),
    ).toEqual([...Object.keys(EXPECTED), 'unknown_symbol_quote'].sort());
  });

  it.each(Object.keys(EXPECTED))('%s is recognised by a JSON function, and not retried', async (name) => {
    const { client, calls } = stubAlphaVantage({ body: bodyOf(name) });
    await expect(client.overview('IBM')).rejects.toMatchObject(EXPECTED[name]!);
    expect(calls).toHaveLength(1);
  });

  it.each(Object.keys(EXPECTED))('%s is recognised by the CSV function', async (name) => {
    const { client } = stubAlphaVantage({ body: bodyOf(name) });
    await expect(client.earningsCalendar()).rejects.toMatchObject(EXPECTED[name]!);
  });

  it.each(['incomeStatement', 'balanceSheet', 'cashFlow', 'earnings', 'globalQuote', 'timeSeriesDaily'] as const)(
    '%s recognises them too',
    async (method) => {
      for (const [name, expected] of Object.entries(EXPECTED)) {
        await expect(stubAlphaVantage({ body: bodyOf(name) }).client[method]('IBM')).rejects.toMatchObject(expected);
      }
    },
  );

  it('an empty quote is an unknown symbol; the other functions do not take it for an answer', async () => {
    const body = bodyOf('unknown_symbol_quote');
    await expect(stubAlphaVantage({ body }).client.globalQuote('NOPE')).rejects.toMatchObject({
      kind: 'unknown_symbol',
    });
    await expect(stubAlphaVantage({ body }).client.overview('NOPE')).rejects.toMatchObject({ kind: 'malformed' });
    await expect(stubAlphaVantage({ body }).client.earningsCalendar()).rejects.toMatchObject({ kind: 'malformed' });
  });

  it('NEWS_SENTIMENT says "Invalid inputs" where nothing matches: no articles', async () => {
    const { client } = stubAlphaVantage({ body: bodyOf('news_invalid_or_no_match') });
    await expect(client.newsSentiment({ tickers: ['NOPE'] })).resolves.toEqual({
      articles: [],
      rejected: [],
      received: 0,
    });
    for (const name of ['rate_limit_daily', 'rate_limit_burst', 'auth', 'invalid_request']) {
      await expect(stubAlphaVantage({ body: bodyOf(name) }).client.newsSentiment()).rejects.toMatchObject(
        EXPECTED[name]!,
      );
    }
  });
});

describe('notices', () => {
  it.each([
    ['the burst notice', 'Burst pattern detected. Please slow down.', { kind: 'throttled', scope: 'second' }],
    ['a minute-level notice', 'Minute-level limit reached for API key', { kind: 'throttled', scope: 'minute' }],
    ['premium', 'This is a premium endpoint. You may subscribe to …', { kind: 'not_entitled' }],
    ['words never seen', 'We are moving house this week.', { kind: 'unavailable' }],
  ])('%s', async (_name, Information, expected) => {
    await expect(stubAlphaVantage({ body: { Information } }).client.overview('IBM')).rejects.toMatchObject(expected);
  });

  it('a throttle that repeats the API key is a throttle, and the key stays out of the error', async () => {
    const body = {
      Information: `We have detected your API key as ${SECRET} and our standard API rate limit is 25 requests per day.`,
    };
    const error: unknown = await stubAlphaVantage({ body })
      .client.overview('IBM')
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ kind: 'throttled', scope: 'day', provider: 'alpha_vantage', operation: 'OVERVIEW' });
    expect(String(error) + JSON.stringify(error)).not.toContain(SECRET);
  });

  it('a notice beside the expected key does not make an answer a failure', async () => {
    const body = { Information: 'rate limit is near', Symbol: 'IBM', PERatio: '20' };
    await expect(stubAlphaVantage({ body }).client.overview('IBM')).resolves.toMatchObject({ symbol: 'IBM' });
  });
});

describe('answers that are none', () => {
  it.each([
    ['HTML', '<html>busy</html>'],
    ['half a body', '{"Symbol": "IB'],
    ['a list', '[]'],
    ['nothing', ''],
  ])('%s with status 200 is malformed', async (_name, body) => {
    await expect(stubAlphaVantage({ body }).client.overview('IBM')).rejects.toMatchObject({ kind: 'malformed' });
  });

  it.each([
    [403, 'auth'],
    [404, 'invalid_request'],
    [302, 'unavailable'],
    [500, 'unavailable'],
  ])('status %i is %s', async (status, kind) => {
    await expect(stubAlphaVantage({ status }).client.overview('IBM')).rejects.toMatchObject({ kind });
  });

  it('HTTP 429 is a throttle, and not retried here', async () => {
    const { client, calls } = stubAlphaVantage({ status: 429 });
    await expect(client.overview('IBM')).rejects.toMatchObject({ kind: 'throttled' });
    expect(calls).toHaveLength(1);
  });
});
