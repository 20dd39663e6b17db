import { routes } from '../../../contract/routes';
import { makeHandler } from '../../../lambda/api/market';
import { MAX_QUERIES } from '../../../lambda/api/reads/walk';
import { startDynamo, type TestDynamo } from '../../dynamo';
import { call, everyPage, recordingLog } from './call';
import { articleRow, assetRow, earningsRow, idOf, linkRow, NOW, put } from './seed';

const ENV = 'market';
let dynamo: TestDynamo;
let now = NOW;
const handler = (event: Parameters<ReturnType<typeof makeHandler>>[0]) =>
  makeHandler({ documents: dynamo.documents, env: ENV, clock: () => now, log: recordingLog() })(event);

const LABELS = ['Bearish', 'Neutral', 'Bullish'];
/** 100 articles, one every five days back from May 2026, each third Bearish; the even ones speak of IBM. */
const times = Array.from({ length: 100 }, (_, n) => new Date(NOW.getTime() - n * 5 * 86_400_000 - 3_600_000));
const spelt = (time: Date) => `${time.toISOString().slice(0, 19)}Z`;
const idsOf = (items: readonly { readonly news_id: string }[]) => items.map(({ news_id }) => news_id);
const newsId = (n: number) => `news-${String(n).padStart(4, '0')}`;

beforeAll(async () => {
  dynamo = await startDynamo();
  await dynamo.createTables(ENV);
  await put(dynamo.documents, ENV, 'assets', [assetRow(1, 'IBM'), assetRow(2, 'QUIET')]);
  await put(dynamo.documents, ENV, 'news', [
    ...times.map((time, n) => articleRow(n, spelt(time), LABELS[n % 3])),
    ...times.flatMap((time, n) => (n % 2 === 0 ? [linkRow(n, idOf(1), spelt(time), LABELS[n % 3])] : [])),
    articleRow(900, '2021-03-04T05:06:07Z'),
    articleRow(901, '2026-05-19T12:00:00Z'),
  ]);
  await put(dynamo.documents, ENV, 'earningsCalendar', [
    earningsRow(idOf(1), 'IBM', '2026-04-22'),
    earningsRow(idOf(1), 'IBM', '2026-07-22', { estimate: '2.91', currency: 'USD', time_of_day: 'post-market' }),
    earningsRow(idOf(2), 'QUIET', '2026-05-17'),
    earningsRow(idOf(3), 'ABC', '2026-07-22'),
    ...Array.from({ length: 30 }, (_, n) =>
      earningsRow(idOf(100 + n), `E${n}`, `2026-06-${String(n + 1).padStart(2, '0')}`),
    ),
    earningsRow(idOf(4), 'LATE', '2026-08-17'),
    earningsRow(idOf(5), 'LATER', '2026-08-18'),
  ]);
});
afterAll(() => dynamo.stop());
beforeEach(() => {
  now = NOW;
});

describe('GET /news', () => {
  test('walks two years newest first across months, none lost and none twice', async () => {
    const { items } = await everyPage<{ news_id: string }>(handler, routes.listNews, { query: { limit: '7' } });
    expect(idsOf(items)).toEqual(times.map((_, n) => newsId(n)));
  });

  test('keeps to one label, across months too', async () => {
    const { items } = await everyPage<{ news_id: string }>(handler, routes.listNews, {
      query: { label: 'Bearish', limit: '4' },
    });
    expect(idsOf(items)).toEqual(times.flatMap((_, n) => (n % 3 === 0 ? [newsId(n)] : [])));
  });

  test('takes instants and dates, both ends included', async () => {
    const all = async (query: Record<string, string>) =>
      idsOf((await everyPage<{ news_id: string }>(handler, routes.listNews, { query })).items);
    const [newest, second, third] = times;
    expect(await all({ from: spelt(third!), to: spelt(second!) })).toEqual([newsId(1), newsId(2)]);
    expect(await all({ from: third!.toISOString(), to: second!.toISOString() })).toEqual([newsId(1), newsId(2)]);
    expect(await all({ from: spelt(newest!).slice(0, 10), to: spelt(newest!).slice(0, 10) })).toEqual([newsId(0)]);
    expect(await all({ from: '2021-01-01', to: '2021-03-04' })).toEqual([newsId(900)]);
    expect(await all({ from: '2021-01-01T00:00:00+02:00', to: '2021-03-04T05:06:06Z' })).toEqual([]);
    // A year of `to` alone reaches two years back from there, not from now.
    expect(await all({ to: '2022-12-31' })).toEqual([newsId(900)]);
  });

  test('reads at most so many months a request, and goes on where it stopped', async () => {
    const { items, sizes } = await everyPage<{ news_id: string }>(handler, routes.listNews, {
      query: { from: '0001-01-01', limit: '200' },
    });
    expect(idsOf(items)).toEqual([...times.map((_, n) => newsId(n)), newsId(900)]);
    expect(sizes.length).toBeGreaterThanOrEqual(Math.floor((26 * 12) / MAX_QUERIES));
  });

  test('answers a stretch in the far future, or before all news, with an empty list', async () => {
    for (const query of [{ from: '9999-12-30T00:00:00Z' }, { to: '0000-01-01' }, { from: '2027-01-01' }] as Record<
      string,
      string
    >[]) {
      expect((await call(handler, routes.listNews, { query })).json).toEqual({ items: [], next_cursor: null });
    }
  });

  test.each([
    [
      { from: 'yesterday' },
      'from',
      'must be an RFC 3339 time, like 2026-05-17T12:00:00Z or must be a date, YYYY-MM-DD',
    ],
    [{ from: '2026-05-02', to: '2026-05-01' }, 'from', 'must not be after to'],
    [{ label: 'Happy' }, 'label', 'must be one of Bearish, Somewhat-Bearish, Neutral, Somewhat-Bullish, Bullish'],
    [{ symbol: 'IBM' }, 'symbol', 'is not known here'],
  ])('refuses %j', async (query, path, message) => {
    const { statusCode, json } = await call(handler, routes.listNews, { query });
    expect([statusCode, json.error.code, json.error.details]).toEqual([400, 'invalid_request', [{ path, message }]]);
  });

  test('refuses a cursor of another query', async () => {
    const { json } = await call(handler, routes.listNews, { query: { limit: '7' } });
    const { statusCode, json: refused } = await call(handler, routes.listNews, {
      query: { cursor: json.next_cursor, label: 'Neutral' },
    });
    expect([statusCode, refused.error.code]).toEqual([400, 'invalid_cursor']);
  });
});

describe('GET /assets/{assetId}/news', () => {
  const parameters = { assetId: 'ibm' };

  test('walks the articles that speak of the asset, newest first', async () => {
    const { items } = await everyPage<{ news_id: string; title: string }>(handler, routes.listAssetNews, {
      parameters,
      query: { limit: '9' },
    });
    expect(idsOf(items)).toEqual(times.flatMap((_, n) => (n % 2 === 0 ? [newsId(n)] : [])));
    expect(items[0]?.title).toBe('Article 0');
  });

  test('keeps to the label that the article has for the asset', async () => {
    const { items } = await everyPage<{ news_id: string }>(handler, routes.listAssetNews, {
      parameters,
      query: { label: 'Bullish', limit: '3' },
    });
    expect(idsOf(items)).toEqual(times.flatMap((_, n) => (n % 2 === 0 && n % 3 === 2 ? [newsId(n)] : [])));
  });

  test('answers an empty list for an asset without news, or a stretch in the future, and 404 for none', async () => {
    expect((await call(handler, routes.listAssetNews, { parameters: { assetId: 'QUIET' } })).json.items).toEqual([]);
    expect(
      (await call(handler, routes.listAssetNews, { parameters, query: { from: '2027-01-01' } })).json.items,
    ).toEqual([]);
    expect((await call(handler, routes.listAssetNews, { parameters: { assetId: 'NONE' } })).statusCode).toBe(404);
  });

  test('refuses a stretch that ends before it begins, and a foreign cursor', async () => {
    const query = { from: '2026-05-02', to: '2026-05-01' };
    expect((await call(handler, routes.listAssetNews, { parameters, query })).statusCode).toBe(400);
    const { json } = await call(handler, routes.listAssetNews, { parameters, query: { cursor: 'abc' } });
    expect(json.error.code).toBe('invalid_cursor');
  });
});

describe('GET /earnings', () => {
  const symbols = (items: readonly { readonly symbol: string }[]) => items.map(({ symbol }) => symbol);

  test('begins today and ends 92 days later, by date and then by symbol', async () => {
    const { items } = await everyPage<{ symbol: string }>(handler, routes.listEarnings, { query: { limit: '7' } });
    expect(symbols(items)).toEqual(['QUIET', ...Array.from({ length: 30 }, (_, n) => `E${n}`), 'ABC', 'IBM', 'LATE']);
    expect(items.at(-2)).toMatchObject({ estimate: '2.91', currency: 'USD', time_of_day: 'post-market' });
    expect(items[0]).toMatchObject({ estimate: null });
    expect(items[0]).not.toHaveProperty('report_key');
  });

  test('means by today the day at the exchange', async () => {
    now = new Date('2026-05-18T02:00:00Z');
    expect(symbols((await call(handler, routes.listEarnings)).json.items)).toContain('QUIET');
  });

  test('takes a stretch, both ends included', async () => {
    const { json } = await call(handler, routes.listEarnings, { query: { from: '2026-07-22', to: '2026-08-17' } });
    expect(symbols(json.items)).toEqual(['ABC', 'IBM', 'LATE']);
  });

  test('filters by symbol, in any case; one that nobody knows has no report dates', async () => {
    const query = { symbol: 'ibm', from: '2026-01-01', limit: '1', to: '2026-12-31' };
    const { items } = await everyPage<{ report_date: string }>(handler, routes.listEarnings, { query });
    expect(items.map(({ report_date }) => report_date)).toEqual(['2026-04-22', '2026-07-22']);
    expect((await call(handler, routes.listEarnings, { query: { symbol: 'NONE' } })).json).toEqual({
      items: [],
      next_cursor: null,
    });
  });

  test.each([
    [{ from: '2026-05-02', to: '2026-05-01' }, 'from', 'must not be after to'],
    [{ from: '2026-01-01', to: '2027-01-03' }, 'to', 'must be at most 366 days after from'],
    [{ from: '2026-02-30' }, 'from', 'must be a date that exists'],
    [{ to: '17.5.2026' }, 'to', 'must be a date, YYYY-MM-DD'],
    [{ symbol: 'A B' }, 'symbol', 'must be a ticker symbol, like AAPL or BRK.B'],
  ])('refuses %j', async (query, path, message) => {
    const { statusCode, json } = await call(handler, routes.listEarnings, { query });
    expect([statusCode, json.error.details]).toEqual([400, [{ path, message }]]);
  });

  test('takes a whole leap year, and the last days of time', async () => {
    const year = { from: '2026-01-01', to: '2027-01-02' };
    expect((await call(handler, routes.listEarnings, { query: year })).statusCode).toBe(200);
    expect((await call(handler, routes.listEarnings, { query: { from: '9999-12-01' } })).json.items).toEqual([]);
    const { json } = await call(handler, routes.listEarnings, { query: { cursor: 'abc' } });
    expect(json.error.code).toBe('invalid_cursor');
    expect((await call(handler, routes.listEarnings, { query: { cursor: 'abc', symbol: 'IBM' } })).statusCode).toBe(
      400,
    );
  });
});
