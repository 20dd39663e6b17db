import { testService } from './service';

const buy = (symbol: string, qty: string, price: string, executed_at: string) => ({
  ...{ type: 'buy', symbol, qty, price, executed_at },
});

test('measures from the first day until today, with today’s price as today’s close', async () => {
  const { ask, add, portfolio, alpaca } = testService();
  alpaca.closes.set('AAPL', { '2026-05-18': '100', '2026-05-19': '110', '2026-05-20': '999' });
  alpaca.prices.set('AAPL', { price: '121' });
  const id = await portfolio();
  await add(id, buy('AAPL', '10', '100', '2026-05-18T14:00:00Z'));
  const { content, statusCode } = await ask('GET', `/portfolios/${id}/performance`);
  expect(statusCode).toBe(200);
  expect(content).toMatchObject({
    portfolio_id: id,
    from: '2026-05-17',
    to: '2026-05-20',
    since: '2026-05-18',
    currency: 'USD',
    start_value: '0',
    end_value: '1210',
    net_flows: '1000',
    gain: '210',
    unrealized_pl: '210',
    twr: 0.21,
    twr_annualized: null,
    stale: false,
    benchmark: null,
  });
  expect(content.series).toEqual([
    { date: '2026-05-17', value: '0', twr: 0 },
    { date: '2026-05-18', value: '1000', twr: 0 },
    { date: '2026-05-19', value: '1100', twr: 0.1 },
    { date: '2026-05-20', value: '1210', twr: 0.21 },
  ]);
  expect(content.reasons.twr_annualized.code).toBe('shorter_than_a_year');
  // Of today, while it lasts, there is no close to ask for.
  expect(alpaca.asked.bars).toMatchObject([{ start: '2026-05-07', end: '2026-05-19', adjustment: 'raw' }]);
});

test('has in it what was done late in the market’s day, which is tomorrow in UTC', async () => {
  const { ask, add, portfolio, alpaca, time } = testService();
  alpaca.closes.set('AAPL', { '2026-05-18': '100', '2026-05-19': '110' });
  alpaca.prices.set('AAPL', { price: '121' });
  const id = await portfolio();
  await add(id, buy('AAPL', '10', '100', '2026-05-18T14:00:00Z'));
  const get = async (query = ''): Promise<unknown> =>
    (await ask('GET', `/portfolios/${id}/performance${query}`)).content;
  // Half past eight in the evening in New York, on the 20th.
  time.now = new Date('2026-05-21T00:30:00.000Z');
  expect(await get()).toMatchObject({ to: '2026-05-20', end_value: '1210', net_flows: '1000' });
  await add(id, { ...buy('AAPL', '5', '120', '2026-05-21T00:29:00Z'), type: 'sell' });
  const evening = {
    to: '2026-05-21',
    end_value: '605',
    net_flows: '400',
    gain: '205',
    realized_pl: '100',
    stale: false,
  };
  expect(await get()).toMatchObject(evening);
  expect(await get('?from=2026-05-21')).toMatchObject({ from: '2026-05-21', to: '2026-05-21', gain: '0' });
  expect(await get('?to=2026-05-20')).toMatchObject({ end_value: '1210', realized_pl: '0' });
  // Nothing that is still to come counts, were it of the same day.
  await add(id, buy('AAPL', '1', '1', '2026-05-22T00:10:00Z'));
  expect(await get()).toMatchObject(evening);
  time.now = new Date('2026-05-21T15:00:00.000Z');
  expect(await get()).toMatchObject({ to: '2026-05-21' });
});

test('values old prices in the shares of a split that they have not followed yet', async () => {
  const { ask, add, portfolio, alpaca } = testService();
  alpaca.closes.set('AAPL', { '2026-05-18': '100' });
  alpaca.prices.set('AAPL', { price: '110', at: '2026-05-19T19:59:00.000Z', previous: '100' });
  const id = await portfolio();
  await add(id, buy('AAPL', '10', '100', '2026-05-18T14:00:00Z'));
  await add(id, { type: 'split', symbol: 'AAPL', ratio: '2:1', executed_at: '2026-05-20T00:00:00Z' });
  const { content } = await ask('GET', `/portfolios/${id}/performance`);
  expect(content).toMatchObject({ to: '2026-05-20', end_value: '1100', gain: '100' });
  const held = (await ask('GET', `/portfolios/${id}/holdings`)).content;
  expect(held.items).toMatchObject([{ qty: '20', current_price: '55', market_value: '1100', change_today: 0.1 }]);
  expect(held.allocation.by_symbol).toMatchObject([{ market_value: '1100' }]);
});

test('asks for no close twice', async () => {
  const { ask, add, portfolio, alpaca } = testService();
  alpaca.closes.set('AAPL', { '2026-05-15': '90', '2026-05-18': '100', '2026-05-19': '110' });
  const id = await portfolio();
  await add(id, buy('AAPL', '10', '100', '2026-05-18T14:00:00Z'));
  const get = () => ask('GET', `/portfolios/${id}/performance`);
  const first = (await get()).content;
  expect((await get()).content).toEqual(first);
  expect(alpaca.asked.bars).toHaveLength(1);
});

test('compares with the benchmark’s return, dividends and all', async () => {
  const { ask, add, portfolio, alpaca } = testService();
  alpaca.closes.set('AAPL', { '2026-05-15': '100', '2026-05-18': '110' });
  alpaca.closes.set('SPY', { '2026-05-15': '500', '2026-05-18': '510' });
  const id = await portfolio({ benchmark: 'SPY' });
  await add(id, buy('AAPL', '1', '100', '2026-05-14T14:00:00Z'));
  const { content } = await ask('GET', `/portfolios/${id}/performance?from=2026-05-15&to=2026-05-18`);
  expect(content.benchmark).toMatchObject({ symbol: 'SPY', twr: 0.02, excess: 0.08 });
  expect(alpaca.asked.bars.find(({ symbols }) => symbols.includes('SPY'))).toMatchObject({ adjustment: 'all' });
});

test('measures each symbol by itself where that is asked for', async () => {
  const { ask, add, portfolio, alpaca } = testService();
  alpaca.closes.set('AAPL', { '2026-05-15': '100', '2026-05-18': '110' });
  alpaca.closes.set('MSFT', { '2026-05-15': '100', '2026-05-18': '90' });
  const id = await portfolio();
  for (const symbol of ['MSFT', 'AAPL']) await add(id, buy(symbol, '1', '100', '2026-05-15T14:00:00Z'));
  const { content } = await ask('GET', `/portfolios/${id}/performance?to=2026-05-18&by=symbol`);
  expect(content).toMatchObject({ gain: '0', twr: 0 });
  expect(content.symbols).toMatchObject([
    { symbol: 'AAPL', gain: '10', twr: 0.1 },
    { symbol: 'MSFT', gain: '-10', twr: -0.1 },
  ]);
});

test('stays small enough to be sent, however many symbols and years there are', async () => {
  const { ask, add, portfolio, alpaca } = testService();
  const days = Array.from({ length: 1_200 }, (_, i) => new Date(Date.UTC(2023, 0, 2 + i)).toISOString().slice(0, 10));
  const closes = Object.fromEntries(days.map((date, i) => [date, String(100 + i)]));
  for (const symbol of ['AAPL', 'MSFT', 'SPY']) alpaca.closes.set(symbol, closes);
  const id = await portfolio({ benchmark: 'SPY' });
  for (const symbol of ['MSFT', 'AAPL']) await add(id, buy(symbol, '1', '100', '2023-01-02T14:00:00Z'));
  const { content } = await ask('GET', `/portfolios/${id}/performance?from=2023-01-02&to=2026-04-15&by=symbol`);
  expect(content.series.length).toBeGreaterThan(1_100);
  expect(content.benchmark.series).toHaveLength(content.series.length);
  interface OfSymbol {
    readonly symbol: string;
    readonly benchmark: unknown;
    readonly series: readonly { readonly date: string }[];
  }
  for (const { symbol, benchmark, series } of content.symbols as readonly OfSymbol[]) {
    expect([symbol, benchmark, series.length]).toEqual([symbol, null, 500]);
    expect([series[0]?.date, series.at(-1)?.date]).toEqual(['2023-01-02', '2026-04-15']);
    expect(new Set(series.map(({ date }) => date)).size).toBe(500);
  }
  expect(content.symbols).toHaveLength(2);
});

test('takes any days: many years, the year 1, the future, and one day', async () => {
  const { ask, add, portfolio, alpaca } = testService();
  alpaca.closes.set('AAPL', { '2006-05-15': '10', '2026-05-18': '100' });
  alpaca.prices.set('AAPL', { price: '100' });
  const id = await portfolio();
  await add(id, buy('AAPL', '1', '10', '2006-05-15T14:00:00Z'));
  const get = async (query: string): Promise<unknown> =>
    (await ask('GET', `/portfolios/${id}/performance?${query}`)).content;
  expect(await get('from=2006-05-15&to=2026-05-18')).toMatchObject({ start_value: '10', end_value: '100', twr: 9 });
  expect(await get('from=0001-01-01')).toMatchObject({ from: '0001-01-01', since: '2006-05-15', end_value: '100' });
  expect(await get('to=2999-01-01')).toMatchObject({ to: '2999-01-01', end_value: '100' });
  expect(await get('from=2026-05-18&to=2026-05-18')).toMatchObject({ gain: '0', start_value: '100', end_value: '100' });
  expect(await get('to=2000-01-01')).toMatchObject({ from: '2000-01-01', to: '2000-01-01', end_value: '0' });
});

test('refuses a period that ends before it begins', async () => {
  const { ask, portfolio } = testService();
  const id = await portfolio();
  for (const query of ['from=2026-05-02&to=2026-05-01', 'from=2026-05-21']) {
    const { statusCode, content } = await ask('GET', `/portfolios/${id}/performance?${query}`);
    expect([statusCode, content.error.details[0]]).toEqual([400, { path: 'from', message: 'must not be after to' }]);
  }
});

test('measures nothing in an empty portfolio', async () => {
  const { ask, portfolio } = testService();
  const { content, statusCode } = await ask('GET', `/portfolios/${await portfolio()}/performance`);
  expect(statusCode).toBe(200);
  expect(content).toMatchObject({ from: '2026-05-20', to: '2026-05-20', end_value: '0', twr: null, stale: false });
});

test('uses the newest known closes, and says so, while the provider fails', async () => {
  const { ask, add, portfolio, alpaca, time } = testService();
  alpaca.closes.set('AAPL', { '2026-05-18': '100', '2026-05-19': '110', '2026-05-20': '115' });
  alpaca.prices.set('AAPL', { price: '121' });
  const id = await portfolio();
  await add(id, buy('AAPL', '10', '100', '2026-05-18T14:00:00Z'));
  await ask('GET', `/portfolios/${id}/performance`);
  alpaca.fails = 'timeout';
  time.now = new Date('2026-05-22T15:00:00.000Z');
  const failing = (await ask('GET', `/portfolios/${id}/performance?to=2026-05-21`)).content;
  expect([failing.stale, failing.end_value]).toEqual([true, '1100']);
  alpaca.fails = null;
  time.now = new Date('2026-05-22T15:01:00.000Z');
  const back = (await ask('GET', `/portfolios/${id}/performance?to=2026-05-21`)).content;
  expect([back.stale, back.end_value]).toEqual([false, '1150']);
  expect(alpaca.asked.bars.at(-1)).toMatchObject({ start: '2026-05-20', end: '2026-05-21' });
});
