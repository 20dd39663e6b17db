import { type Snapshot, snapshotPrice } from '../../../lambda/adapters/providers/alpaca';
import { describeWithFixtures, fixture } from '../../fixtures';
import { SECRET, stubAlpaca } from './stub-provider';

const ID = 'b0b6dd9d-8b9b-48a9-ba46-b9d54906e415';
const asset = (fields: object = {}) => ({
  id: ID,
  class: 'us_equity',
  exchange: 'NYSE',
  symbol: 'AAAA',
  name: 'A Company',
  status: 'active',
  tradable: true,
  marginable: true,
  shortable: true,
  fractionable: true,
  easy_to_borrow: true,
  borrow_status: 'easy_to_borrow',
  cusip: '037833100',
  attributes: ['has_options'],
  ...fields,
});
const bar = (t: string, c = 10) => ({ t, o: 10, h: 11, l: 9, c, v: 100, n: 3, vw: 10.1 });

describeWithFixtures('Alpaca’s own examples', () => {
  it('assets', async () => {
    const { client, calls } = stubAlpaca({ body: fixture('alpaca/assets.json') });
    await expect(client.listAssets()).resolves.toEqual({
      assets: [
        {
          asset_id: ID,
          symbol: 'AAPL',
          name: 'Apple Inc. Common Stock',
          exchange: 'NASDAQ',
          asset_class: 'us_equity',
          status: 'active',
          tradable: true,
          marginable: true,
          shortable: true,
          fractionable: true,
          easy_to_borrow: true,
          borrow_status: 'easy_to_borrow',
          cusip: null,
          attributes: [],
        },
      ],
      rejected: [],
    });
    expect(calls[0]?.url.href).toBe('https://trading.test/v2/assets');
    expect(calls[0]?.init.headers).toMatchObject({ 'APCA-API-KEY-ID': 'KEYID', 'APCA-API-SECRET-KEY': SECRET });
  });

  it('snapshots', async () => {
    const { client } = stubAlpaca({ body: fixture('alpaca/stocks_snapshots.json') });
    const { snapshots, rejected } = await client.snapshots(['AAPL', 'TSLA', 'NOPE']);
    expect(rejected).toEqual([]);
    expect([...snapshots.keys()]).toEqual(['AAPL', 'TSLA']);
    expect(snapshotPrice(snapshots.get('AAPL')!)).toEqual({
      price: '172.61',
      as_of: '2022-08-17T10:18:24.114Z',
      // Before the open: its daily bar is that of the day before.
      previous_close: '173.03',
    });
  });

  it('a page of bars', async () => {
    const page = JSON.parse(fixture('alpaca/stocks_bars.json')) as object;
    const { client, calls } = stubAlpaca({ body: page }, { body: { ...page, next_page_token: null } });
    const { bars } = await client.bars({ symbols: ['AAPL'], timeframe: '1Min' });
    expect(bars.get('AAPL')?.[0]).toEqual({
      t: '2022-01-03T09:00:00Z',
      o: '178.26',
      h: '178.26',
      l: '178.21',
      c: '178.21',
      v: '1118',
      n: 65,
      vw: '178.235733',
    });
    expect(calls[1]?.url.searchParams.get('page_token')).toBe('QUFQTHxNfDIwMjItMDEtMDNUMDk6MDA6MDAuMDAwMDAwMDAwWg==');
  });

  it('errors', async () => {
    const errors = JSON.parse(fixture('alpaca/errors.json')) as { status: number; body: unknown }[];
    for (const { status, body } of errors) {
      const { client } = stubAlpaca({ status, body });
      await expect(client.snapshots(['AAPL'])).rejects.toMatchObject({
        kind: status === 429 ? 'throttled' : 'invalid_request',
        status,
      });
    }
  });
});

describe('assets', () => {
  const list = async (...rows: unknown[]) => stubAlpaca({ body: rows }).client.listAssets();

  it('tolerates what Alpaca may add, and easy_to_borrow gone', async () => {
    const { easy_to_borrow, borrow_status, cusip, ...rest } = asset();
    expect([easy_to_borrow, borrow_status, cusip]).toHaveLength(3);
    const { assets, rejected } = await list({
      ...rest,
      class: 'crypto_perp',
      exchange: 'MOONX',
      status: 'inactive',
      attributes: ['telepathic_settlement'],
      something_new: { deep: true },
    });
    expect(rejected).toEqual([]);
    expect(assets[0]).toMatchObject({
      exchange: 'MOONX',
      asset_class: 'crypto_perp',
      status: 'inactive',
      easy_to_borrow: null,
      borrow_status: null,
      cusip: null,
      attributes: ['telepathic_settlement'],
    });
    expect(assets[0]).not.toHaveProperty('something_new');
  });

  it('a row that claims no name, class or capability claims none', async () => {
    const { assets } = await list({ id: ID, symbol: 'AAAA', exchange: '', status: 'active', tradable: true });
    expect(assets[0]).toMatchObject({ name: '', asset_class: 'us_equity', shortable: false, fractionable: false });
  });

  it('a malformed row is reported, the good ones are kept', async () => {
    const { assets, rejected } = await list(
      asset(),
      asset({ id: 'seven', symbol: 'BBBB' }),
      'row',
      asset({ id: 'c0b6dd9d-8b9b-48a9-ba46-b9d54906e415', symbol: 'CCCC', tradable: 'yes' }),
      asset({ symbol: 'DDDD' }),
      asset({ id: 'd0b6dd9d-8b9b-48a9-ba46-b9d54906e415', symbol: 'EEEE' }),
    );
    expect(assets.map(({ symbol }) => symbol)).toEqual(['AAAA', 'EEEE']);
    expect(rejected.map(({ index, symbol }) => [index, symbol])).toEqual([
      [1, 'BBBB'],
      [2, undefined],
      [3, 'CCCC'],
      [4, 'DDDD'],
    ]);
    expect(rejected[2]?.reason).toContain('tradable');
    expect(rejected[3]?.reason).toContain('listed twice');
  });

  it('asks for what it is told to', async () => {
    const { client, calls } = stubAlpaca({ body: [] });
    await client.listAssets({ status: 'active', assetClass: 'crypto' });
    expect(calls[0]?.url.search).toBe('?status=active&asset_class=crypto');
  });

  it('an answer that is no list is malformed', async () => {
    await expect(stubAlpaca({ body: { assets: [] } }).client.listAssets()).rejects.toMatchObject({ kind: 'malformed' });
    await expect(stubAlpaca({ body: '<html>' }).client.listAssets()).rejects.toMatchObject({ kind: 'malformed' });
  });

  it('one asset by symbol or id', async () => {
    const { client, calls } = stubAlpaca({ body: asset() });
    await expect(client.asset('AAAA/X')).resolves.toMatchObject({ asset_id: ID });
    expect(calls[0]?.url.pathname).toBe('/v2/assets/AAAA%2FX');
    await expect(stubAlpaca({ status: 404, body: {} }).client.asset('NOPE')).resolves.toBeNull();
    await expect(stubAlpaca({ status: 401 }).client.asset('AAAA')).rejects.toMatchObject({ kind: 'auth' });
    await expect(stubAlpaca({ body: {} }).client.asset('AAAA')).rejects.toMatchObject({ kind: 'malformed' });
  });
});

describe('refusals', () => {
  it.each([
    [401, '', 'auth'],
    [403, { message: 'forbidden.' }, 'auth'],
    [403, { message: 'subscription does not permit querying recent SIP data' }, 'not_entitled'],
    [400, {}, 'invalid_request'],
    [422, { code: 42210000 }, 'invalid_request'],
    [302, '', 'unavailable'],
  ])('%i %j is %s', async (status, body, kind) => {
    const { client, calls } = stubAlpaca({ status, body });
    await expect(client.listAssets()).rejects.toMatchObject({ kind, provider: 'alpaca', operation: '/v2/assets' });
    expect(calls).toHaveLength(1);
  });

  it('a 429 with Reset two seconds ahead, then 200', async () => {
    const reset = String(Date.parse('2026-05-17T12:00:02Z') / 1000);
    const { client, slept } = stubAlpaca({ status: 429, headers: { 'X-RateLimit-Reset': reset } }, { body: [asset()] });
    expect((await client.listAssets()).assets).toHaveLength(1);
    expect(slept[0]).toBeGreaterThanOrEqual(2_000);
  });
});

describe('snapshots', () => {
  it('are asked for in chunks', async () => {
    const { client, calls } = stubAlpaca({ body: {} });
    const symbols = Array.from({ length: 450 }, (_, i) => `S${i}`);
    await client.snapshots(symbols);
    expect(calls.map(({ url }) => url.searchParams.get('symbols')?.split(',').length)).toEqual([200, 200, 50]);
    expect(calls[0]?.url.pathname).toBe('/v2/stocks/snapshots');
    expect(await client.snapshots([])).toEqual({ snapshots: new Map(), rejected: [] });
    expect(calls).toHaveLength(3);
  });

  it('a part may be null or missing, a quote of 0 is none, a symbol may be absent', async () => {
    const latestQuote = { t: '2026-05-15T20:00:00Z', ax: 'V', ap: 0, as: 0, bx: 'V', bp: 0, bs: 0, c: ['R'], z: 'C' };
    const body = { AAAA: { latestTrade: null, latestQuote, prevDailyBar: bar('2026-05-14T04:00:00Z') }, BBBB: null };
    const { snapshots } = await stubAlpaca({ body }).client.snapshots(['AAAA', 'BBBB', 'CCCC', 'toString']);
    expect([...snapshots.keys()]).toEqual(['AAAA']);
    expect(snapshots.get('AAAA')).toMatchObject({
      latestTrade: null,
      latestQuote: { ap: null, bp: null },
      minuteBar: null,
      dailyBar: null,
      prevDailyBar: { c: '10' },
    });
  });

  it('a garbled one is rejected, the others kept', async () => {
    const trade = (p: unknown) => ({ latestTrade: { t: '2026-05-15T20:00:00Z', p, s: 1 } });
    const body = {
      AAAA: trade('dear'),
      BBBB: trade(-1),
      CCCC: trade(1e-7),
      DDDD: { latestTrade: { t: 'noon', p: 1, s: 1 } },
    };
    const { snapshots, rejected } = await stubAlpaca({ body }).client.snapshots(['AAAA', 'BBBB', 'CCCC', 'DDDD']);
    expect(rejected.map(({ path }) => path)).toEqual(['AAAA', 'BBBB', 'DDDD']);
    expect(snapshots.get('CCCC')?.latestTrade?.p).toBe('0.0000001');
  });
});

describe('the price of a snapshot', () => {
  const none: Snapshot = { latestTrade: null, latestQuote: null, minuteBar: null, dailyBar: null, prevDailyBar: null };
  const at = (t: string, c: string) => ({ t, o: c, h: c, l: c, c, v: '1', n: 1, vw: null });
  const dailyBar = at('2026-05-15T04:00:00Z', '11');
  const prevDailyBar = at('2026-05-14T04:00:00Z', '10');

  it('trade, else the day’s close so far, else the previous close, else none', () => {
    const latestTrade = { t: '2026-05-15T19:59:59.123456789Z', p: '12', s: '5' };
    expect(snapshotPrice({ ...none, latestTrade, dailyBar, prevDailyBar })).toEqual({
      price: '12',
      as_of: '2026-05-15T19:59:59.123Z',
      previous_close: '10',
    });
    expect(snapshotPrice({ ...none, dailyBar, prevDailyBar })).toEqual({
      price: '11',
      as_of: '2026-05-15T04:00:00.000Z',
      previous_close: '10',
    });
    expect(snapshotPrice({ ...none, dailyBar })).toMatchObject({ price: '11', previous_close: null });
    expect(snapshotPrice({ ...none, prevDailyBar })).toMatchObject({ price: '10', previous_close: null });
    expect(snapshotPrice(none)).toBeNull();
  });

  it.each([
    ['before the open, of the next day of trading', '2026-05-18T13:00:00Z', '11'],
    ['in the evening, which is tomorrow in UTC', '2026-05-16T03:59:59Z', '10'],
    ['just after midnight in New York', '2026-05-16T04:00:00Z', '11'],
  ])('is compared with the close of the day before it: %s', (_when, t, previous_close) => {
    const latestTrade = { t, p: '12', s: '5' };
    expect(snapshotPrice({ ...none, latestTrade, dailyBar, prevDailyBar })).toMatchObject({ previous_close });
    expect(snapshotPrice({ ...none, latestTrade, prevDailyBar })).toMatchObject({ previous_close: '10' });
  });
});

describe('bars', () => {
  const query = { symbols: ['AAAA', 'BBBB'], timeframe: '1Day', start: '2026-05-01', end: '2026-05-15', limit: 2 };

  it('every page until the token is null, a short page included', async () => {
    const { client, calls } = stubAlpaca(
      { body: { bars: { AAAA: [bar('2026-05-01T04:00:00Z'), bar('2026-05-04T04:00:00Z')] }, next_page_token: 'two' } },
      { body: { bars: { AAAA: [bar('2026-05-05T04:00:00Z')] }, next_page_token: 'three' } },
      { body: { bars: { BBBB: [bar('2026-05-01T04:00:00Z')] }, next_page_token: null } },
    );
    const { bars } = await client.bars(query);
    expect(bars.get('AAAA')?.map(({ t }) => t.slice(0, 10))).toEqual(['2026-05-01', '2026-05-04', '2026-05-05']);
    expect(bars.get('BBBB')).toHaveLength(1);
    expect(calls.map(({ url }) => url.searchParams.get('page_token'))).toEqual([null, 'two', 'three']);
    expect(calls[0]?.url.host).toBe('data.test');
  });

  it('no bars at all, spelt null', async () => {
    const { client } = stubAlpaca({ body: { bars: null, next_page_token: null } });
    expect((await client.bars(query)).bars.size).toBe(0);
    const nobody = stubAlpaca({ body: { bars: { AAAA: null } } });
    expect((await nobody.client.bars(query)).bars.get('AAAA')).toEqual([]);
  });

  it('a garbled bar is rejected', async () => {
    const body = { bars: { AAAA: [{ ...bar('2026-05-01T04:00:00Z'), c: null }, bar('2026-05-04T04:00:00Z')] } };
    const { bars, rejected } = await stubAlpaca({ body }).client.bars(query);
    expect(bars.get('AAAA')).toHaveLength(1);
    expect(rejected).toMatchObject([{ path: 'AAAA[0]' }]);
  });

  it('a token that repeats itself does not hang', async () => {
    const { client } = stubAlpaca({ body: { bars: {}, next_page_token: 'again' } });
    await expect(client.bars(query)).rejects.toMatchObject({ kind: 'malformed' });
  });
});
