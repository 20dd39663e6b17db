import type { Cache } from '../../../../lambda/adapters/market/cache';
import { createMarketData, type MarketDataProps } from '../../../../lambda/adapters/market/market-data';
import { memoryCache } from '../../../../lambda/adapters/market/memory-cache';
import { testAlpaca } from '../../../service/alpaca';
import { gate } from '../../../service/timers';
import { recordingLog } from '../../api/call';

const BEGIN = Date.parse('2026-05-20T15:00:00.000Z');

function market(more: Partial<MarketDataProps> = {}) {
  const time = { now: BEGIN };
  const clock = () => new Date(time.now);
  const alpaca = testAlpaca();
  const log = recordingLog();
  const cache = memoryCache({ clock });
  return { time, alpaca, log, cache, data: createMarketData({ alpaca, cache, clock, log, ...more }), clock };
}

/** A cache that can be away. */
function frail(inner: Cache) {
  const state = { isAway: false, reads: 0 };
  const reached = () => {
    if (state.isAway) throw new Error('connection is closed');
  };
  const cache: Cache = {
    getMany: async (keys) => {
      state.reads += 1;
      reached();
      return inner.getMany(keys);
    },
    setMany: async (entries, ttl) => {
      reached();
      return inner.setMany(entries, ttl);
    },
    health: async () => (state.isAway ? 'unreachable' : 'ok'),
    close: () => inner.close(),
  };
  return { state, cache };
}

test('asks once a minute, for all at once, and knows what has no price', async () => {
  const { data, alpaca, time } = market();
  alpaca.prices.set('AAPL', { price: '150', previous: '120' });
  const first = await data.quotes(['AAPL', 'ZZZZ', 'AAPL']);
  expect([...first]).toEqual([
    [
      'AAPL',
      {
        ...{ symbol: 'AAPL', price: '150', currency: 'USD', previous_close: '120', stale: false },
        as_of: '2026-05-20T14:59:30.000Z',
      },
    ],
  ]);
  time.now = BEGIN + 59_999;
  expect([...(await data.quotes(['ZZZZ', 'AAPL']))]).toEqual([...first]);
  expect(alpaca.asked.snapshots).toEqual([['AAPL', 'ZZZZ']]);
  time.now = BEGIN + 60_000;
  await data.quotes(['AAPL', 'ZZZZ']);
  expect(alpaca.asked.snapshots).toHaveLength(2);
});

test('takes nothing from the cache that is older than asked for', async () => {
  const { data, alpaca, time } = market();
  await data.quotes(['AAPL']);
  time.now = BEGIN + 30_000;
  await data.quotes(['AAPL'], 30_001);
  expect(alpaca.asked.snapshots).toHaveLength(1);
  await data.quotes(['AAPL'], 30_000);
  expect(alpaca.asked.snapshots).toHaveLength(2);
});

test('asks once for a symbol that many want at the same time', async () => {
  const { data, alpaca } = market();
  alpaca.prices.set('AAPL', { price: '150' });
  alpaca.prices.set('MSFT', { price: '50' });
  const { opened, open } = gate();
  alpaca.gate = opened;
  const many = Promise.all([...Array.from({ length: 50 }, () => data.quotes(['AAPL'])), data.quotes(['MSFT', 'AAPL'])]);
  await new Promise((resolve) => setImmediate(resolve));
  open();
  const answers = await many;
  expect(answers.every((quotes) => quotes.get('AAPL')?.price === '150')).toBe(true);
  expect(answers.at(-1)?.get('MSFT')?.price).toBe('50');
  expect(alpaca.asked.snapshots).toEqual([['AAPL'], ['MSFT']]);
});

test('asks in chunks, a few at once', async () => {
  const { data, alpaca } = market({ symbolsACall: 3, callsAtOnce: 2 });
  const { opened, open } = gate();
  alpaca.gate = opened;
  const symbols = Array.from({ length: 10 }, (_, i) => `S${i}`);
  for (const symbol of symbols) alpaca.prices.set(symbol, { price: '1' });
  const all = data.quotes(symbols);
  await new Promise((resolve) => setImmediate(resolve));
  expect(alpaca.asked.snapshots.map((some) => some.length)).toEqual([3, 3]);
  open();
  expect((await all).size).toBe(10);
  expect(alpaca.asked.snapshots.map((some) => some.length)).toEqual([3, 3, 3, 1]);
});

test('gives the others their prices where one is refused', async () => {
  const { data, alpaca } = market();
  for (const symbol of ['A', 'B', 'C']) alpaca.prices.set(symbol, { price: '1' });
  alpaca.refused.add('B');
  expect([...(await data.quotes(['A', 'B', 'C'])).keys()]).toEqual(['A', 'C']);
  expect((await data.health()).provider).toBe('ok');
});

test('gives the last price as stale for a day, leaves a failing provider alone, and heals', async () => {
  const { data, alpaca, time } = market();
  alpaca.prices.set('AAPL', { price: '150' });
  await data.quotes(['AAPL']);
  alpaca.fails = 'unavailable';
  time.now = BEGIN + 60_000;
  const stale = async () => (await data.quotes(['AAPL'])).get('AAPL');
  expect(await stale()).toMatchObject({ price: '150', stale: true, as_of: '2026-05-20T14:59:30.000Z' });
  time.now += 4_999;
  await stale();
  expect([alpaca.asked.snapshots.length, (await data.health()).provider]).toEqual([2, 'unavailable']);
  time.now += 1;
  await stale();
  expect(alpaca.asked.snapshots).toHaveLength(3);

  time.now = BEGIN + 24 * 3_600_000 - 1;
  expect(await stale()).toMatchObject({ stale: true });
  time.now += 10_000;
  expect(await stale()).toBeUndefined();
  alpaca.fails = null;
  time.now += 10_000;
  expect([await stale(), (await data.health()).provider]).toEqual([expect.objectContaining({ stale: false }), 'ok']);
});

test('says that the provider is back where another process, which keeps the shared cache fresh, has heard from it', async () => {
  const { data, alpaca, cache, clock, log, time } = market();
  const other = createMarketData({ alpaca, cache, clock, log });
  alpaca.prices.set('AAPL', { price: '150' });
  await data.quotes(['AAPL']);
  alpaca.fails = 'unavailable';
  time.now = BEGIN + 60_000;
  await Promise.all([data.quotes(['AAPL']), other.quotes(['AAPL'])]);
  time.now += 1_000;
  await data.quotes(['AAPL']);
  expect((await data.health()).provider).toBe('unavailable');

  alpaca.fails = null;
  time.now += 5_000;
  await other.quotes(['AAPL']);
  time.now += 1_000;
  const asked = alpaca.asked.snapshots.length;
  expect((await data.quotes(['AAPL'])).get('AAPL')).toMatchObject({ price: '150', stale: false });
  expect([alpaca.asked.snapshots.length, (await data.health()).provider]).toEqual([asked, 'ok']);
});

test('keeps a price that the provider no longer tells, as an old one', async () => {
  const { data, alpaca, time } = market();
  alpaca.prices.set('AAPL', { price: '150' });
  await data.quotes(['AAPL']);
  alpaca.prices.clear();
  time.now = BEGIN + 60_000;
  for (let again = 0; again < 2; again++)
    expect((await data.quotes(['AAPL'])).get('AAPL')).toMatchObject({ price: '150', stale: true });
  expect(alpaca.asked.snapshots).toHaveLength(2);
});

describe('with a cache that others write, too', () => {
  test('takes what another process heard', async () => {
    const one = market();
    const other = market({ cache: one.cache });
    one.alpaca.prices.set('AAPL', { price: '150' });
    await one.data.quotes(['AAPL']);
    expect((await other.data.quotes(['AAPL'])).get('AAPL')?.price).toBe('150');
    expect(other.alpaca.asked.snapshots).toEqual([]);
  });

  test('knows nothing of what nobody can read', async () => {
    const { data, alpaca, cache } = market();
    alpaca.prices.set('AAPL', { price: '150' });
    for (const value of ['{', '{"quote":{"price":150},"heard_at":1}', 'null']) {
      await cache.setMany([{ key: 'signal9:{quotes}:AAPL', value }], 60_000);
      expect((await data.quotes(['AAPL'])).get('AAPL')?.price).toBe('150');
    }
    expect(alpaca.asked.snapshots).toHaveLength(3);
  });

  test('goes to the provider while it is away, with a memory of its own, says so, and comes back', async () => {
    const clock = () => new Date(time.now);
    const time = { now: BEGIN };
    const { state, cache } = frail(memoryCache({ clock }));
    const alpaca = testAlpaca();
    const log = recordingLog();
    const data = createMarketData({ alpaca, cache, clock, log });
    alpaca.prices.set('AAPL', { price: '150' });
    state.isAway = true;
    for (let i = 0; i < 5; i++) expect((await data.quotes(['AAPL'])).get('AAPL')?.price).toBe('150');
    expect([alpaca.asked.snapshots.length, (await data.health()).cache]).toEqual([1, 'unreachable']);
    expect(log.lines.some(({ message }) => message === 'quotes could not be read from the cache')).toBe(true);
    alpaca.fails = 'timeout';
    time.now += 60_000;
    expect((await data.quotes(['AAPL'])).get('AAPL')).toMatchObject({ price: '150', stale: true });
    state.isAway = false;
    alpaca.fails = null;
    time.now += 5_000;
    await data.quotes(['AAPL']);
    const other = createMarketData({ alpaca: testAlpaca(), cache, clock, log });
    expect((await other.quotes(['AAPL'])).get('AAPL')).toMatchObject({ price: '150', stale: false });
    expect((await data.health()).cache).toBe('ok');
  });

  test('reads all symbols in one round trip', async () => {
    const { state, cache } = frail(memoryCache({ clock: () => new Date(BEGIN) }));
    const { data } = market({ cache });
    await data.quotes(Array.from({ length: 1_000 }, (_, i) => `S${i}`));
    expect(state.reads).toBe(1);
  });
});

test('a memory forgets what was written longest ago, and what is over', async () => {
  const time = { now: BEGIN };
  const cache = memoryCache({ clock: () => new Date(time.now), capacity: 2 });
  const write = (key: string) => cache.setMany([{ key, value: key }], 1_000);
  for (const key of ['a', 'b', 'a', 'c']) await write(key);
  expect(await cache.getMany(['a', 'b', 'c'])).toEqual(['a', null, 'c']);
  time.now += 1_000;
  expect(await cache.getMany(['a', 'c'])).toEqual([null, null]);
});
