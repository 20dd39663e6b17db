import { SANDBOX_SYMBOLS } from '../../../local/sandbox/sandbox';
import { sandboxWithClients, type SandboxWithClients } from './clients';

const HOUR_MS = 3_600_000;
const SYMBOL = SANDBOX_SYMBOLS.steady;
let world: SandboxWithClients;
afterEach(() => world.sandbox.close());

async function alpaca(path: string): Promise<{ status: number; body: unknown }> {
  const headers = { 'APCA-API-KEY-ID': 'k', 'APCA-API-SECRET-KEY': 's' };
  const answer = await fetch(`${world.sandbox.alpacaUrl}${path}`, { headers });
  return { status: answer.status, body: await answer.json() };
}
async function alphaVantage(query: string): Promise<unknown> {
  const answer = await fetch(`${world.sandbox.alphaVantageUrl}/query?${query}`);
  expect(answer.status).toBe(200);
  return answer.json();
}

describe('news', () => {
  it('appears as time goes by, newest first', async () => {
    world = await sandboxWithClients();
    const before = await world.alphaVantage.newsSentiment({ limit: 20 });
    expect(before.rejected).toEqual([]);
    const times = before.articles.map(({ time_published }) => time_published);
    expect(times).toEqual([...times].sort().reverse());
    expect(times[0]! <= '2026-05-17T15:00:00Z').toBe(true);
    world.pass(HOUR_MS);
    const since = await world.alphaVantage.newsSentiment({
      timeFrom: new Date('2026-05-17T15:01:00Z'),
      sort: 'EARLIEST',
    });
    expect(since.articles.length).toBeGreaterThan(0);
    expect(since.articles.every(({ time_published }) => time_published >= '2026-05-17T15:01:00Z')).toBe(true);
  });

  it('is about the universe, repeats itself now and then, and ends pages exactly at the limit', async () => {
    world = await sandboxWithClients();
    const { articles, received } = await world.alphaVantage.newsSentiment({ limit: 200 });
    expect(received).toBe(200);
    expect(articles.length).toBeLessThan(200);
    const known = new Set(world.sandbox.universe.companies.map(({ symbol }) => symbol));
    for (const { ticker } of articles.flatMap((article) => article.ticker_sentiment))
      expect(known.has(ticker)).toBe(true);
  });

  it('tickers are an AND; topics and time windows narrow; nobody known is "Invalid inputs"', async () => {
    world = await sandboxWithClients();
    const { articles } = await world.alphaVantage.newsSentiment({ tickers: [SYMBOL], limit: 10 });
    expect(articles.length).toBeGreaterThan(0);
    const both = await world.alphaVantage.newsSentiment({ tickers: [SYMBOL, SANDBOX_SYMBOLS.bank] });
    expect(both.articles.length).toBeLessThan(50);
    for (const { ticker_sentiment } of both.articles) {
      expect(ticker_sentiment.map(({ ticker }) => ticker)).toEqual(
        expect.arrayContaining([SYMBOL, SANDBOX_SYMBOLS.bank]),
      );
    }
    const ipos = await world.alphaVantage.newsSentiment({ topics: ['ipo'], timeTo: new Date('2026-05-10T00:00:00Z') });
    expect(ipos.articles.every(({ topics }) => topics.some(({ topic }) => topic === 'ipo'))).toBe(true);
    expect((await world.alphaVantage.newsSentiment({ tickers: ['NOPE'] })).articles).toEqual([]);
    const future = { timeFrom: new Date('2027-01-01T00:00:00Z') };
    expect((await world.alphaVantage.newsSentiment(future)).received).toBe(0);
  });
});

describe('Alpaca’s wire', () => {
  it('assets by id and symbol, by exchange, of another class', async () => {
    world = await sandboxWithClients();
    const asset = await world.alpaca.asset(SYMBOL);
    expect(await world.alpaca.asset(asset!.asset_id)).toEqual(asset);
    expect(await world.alpaca.asset('NOPE')).toBeNull();
    expect((await alpaca('/v2/assets?exchange=MOONX')).body).toMatchObject([
      { symbol: SANDBOX_SYMBOLS.unknownExchange },
    ]);
    expect((await world.alpaca.listAssets({ assetClass: 'crypto' })).assets).toEqual([]);
  });

  it('latest quotes and trades, wrapped', async () => {
    world = await sandboxWithClients();
    const symbols = `${SYMBOL},NOPE,${SANDBOX_SYMBOLS.thinlyTraded}`;
    const quotes = await alpaca(`/v2/stocks/quotes/latest?symbols=${symbols}`);
    expect(quotes.body).toMatchObject({ quotes: { [SYMBOL]: { z: 'C' }, [SANDBOX_SYMBOLS.thinlyTraded]: { ap: 0 } } });
    const trades = await alpaca(`/v2/stocks/trades/latest?symbols=${symbols}`);
    expect(trades.body).toEqual({ trades: { [SYMBOL]: expect.objectContaining({ x: 'V' }) as unknown } });
  });

  it('refusals', async () => {
    world = await sandboxWithClients();
    expect((await alpaca('/v2/stocks/snapshots')).status).toBe(400);
    expect((await alpaca(`/v2/stocks/bars?symbols=${SYMBOL}&timeframe=often`)).status).toBe(400);
    expect((await alpaca(`/v2/stocks/bars?symbols=${SYMBOL}&timeframe=1Day&limit=0`)).status).toBe(400);
    expect((await alpaca('/v2/stocks/auctions?symbols=A')).status).toBe(404);
    expect((await alpaca('/v2/positions')).status).toBe(404);
    expect((await alpaca(`/v2/stocks/snapshots?symbols=${'AAAAJ,'.repeat(1500)}`)).status).toBe(414);
  });

  it.each([
    ['1Min', '2026-05-17T14:00:00Z', '2026-05-17T14:09:00Z', 10],
    ['5T', '2026-05-17T14:00:00Z', '2026-05-17T14:59:00Z', 12],
    ['1Hour', '2026-05-17T00:00:00Z', '2026-05-17T23:00:00Z', 15],
    ['1Day', '2026-05-01', '2026-05-31', 17],
    ['1Week', '2026-04-06', '2026-05-03', 4],
    ['1Month', '2026-01-01', '2026-04-30', 4],
  ])('%s bars from %s to %s: %i', async (timeframe, start, end, count) => {
    world = await sandboxWithClients();
    const query = { symbols: [SYMBOL], timeframe, start, end, limit: 3 };
    const rising = (await world.alpaca.bars(query)).bars.get(SYMBOL)!;
    expect(rising).toHaveLength(count);
    const falling = (await world.alpaca.bars({ ...query, sort: 'desc' })).bars.get(SYMBOL)!;
    expect(falling).toEqual([...rising].reverse());
  });

  it('the market is open around the clock', async () => {
    world = await sandboxWithClients();
    expect((await alpaca('/v2/clock')).body).toEqual({
      timestamp: '2026-05-17T11:00:00-04:00',
      is_open: true,
      next_open: '2026-05-18T00:00:00-04:00',
      next_close: '2026-05-18T00:00:00-04:00',
    });
    expect((await alpaca('/v2/calendar?start=2026-05-16&end=2026-05-18')).body).toMatchObject([
      { date: '2026-05-16', open: '00:00', close: '24:00' },
      { date: '2026-05-17' },
      { date: '2026-05-18' },
    ]);
  });

  it('unless told otherwise: weekdays, half past nine to four', async () => {
    // A Sunday.
    world = await sandboxWithClients({ market: 'calendar' });
    expect((await alpaca('/v2/clock')).body).toEqual({
      timestamp: '2026-05-17T11:00:00-04:00',
      is_open: false,
      next_open: '2026-05-18T09:30:00-04:00',
      next_close: '2026-05-18T16:00:00-04:00',
    });
    expect((await alpaca('/v2/calendar?start=2026-05-15&end=2026-05-18')).body).toMatchObject([
      { date: '2026-05-15', open: '09:30', close: '16:00', session_open: '0930' },
      { date: '2026-05-18' },
    ]);
    expect((await alpaca('/v2/calendar')).body).toHaveLength(22);
    const { snapshots } = await world.alpaca.snapshots([SYMBOL]);
    const { latestTrade, dailyBar, prevDailyBar } = snapshots.get(SYMBOL)!;
    expect(latestTrade!.t.slice(0, 19)).toBe('2026-05-15T20:00:00');
    expect(latestTrade!.p).toBe(dailyBar!.c);
    expect([dailyBar!.t, prevDailyBar!.t]).toEqual(['2026-05-15T04:00:00Z', '2026-05-14T04:00:00Z']);
    const { bars } = await world.alpaca.bars({
      symbols: [SYMBOL],
      timeframe: '1Day',
      start: '2026-05-11',
      end: '2026-05-17',
    });
    expect(bars.get(SYMBOL)).toHaveLength(5);
    world.pass(24 * HOUR_MS);
    expect((await alpaca('/v2/clock')).body).toMatchObject({ is_open: true, next_close: '2026-05-18T16:00:00-04:00' });
  });
});

describe('Alpha Vantage’s wire', () => {
  it('speaks its failures with status 200', async () => {
    world = await sandboxWithClients();
    expect(await alphaVantage('function=OVERVIEW&symbol=ACMEJ')).toHaveProperty('Error Message');
    expect(await alphaVantage('function=SING&apikey=k')).toHaveProperty('Error Message');
    expect(await alphaVantage('function=OVERVIEW&symbol=NOPE&apikey=k')).toEqual({});
    expect(await alphaVantage('function=GLOBAL_QUOTE&symbol=NOPE&apikey=k')).toEqual({ 'Global Quote': {} });
    expect(await alphaVantage('function=TIME_SERIES_DAILY&symbol=ACMEJ&outputsize=full&apikey=k')).toHaveProperty(
      'Information',
    );
    expect(await alphaVantage('function=NEWS_SENTIMENT&time_from=noon&apikey=k')).toHaveProperty('Information');
    expect((await fetch(`${world.sandbox.alphaVantageUrl}/`)).status).toBe(404);
  });

  it('a calendar for somebody unknown is a header only', async () => {
    world = await sandboxWithClients();
    await expect(world.alphaVantage.earningsCalendar({ symbol: 'NOPE' })).resolves.toEqual({ rows: [], rejected: [] });
  });
});
