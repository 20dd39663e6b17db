import { setTimeout as sleep } from 'node:timers/promises';
import { createMarketData } from '../../lambda/adapters/market/market-data';
import { valkeyCache, type ValkeyCacheProps } from '../../lambda/adapters/market/valkey-cache';
import { ProviderError } from '../../lambda/adapters/providers/provider-error';
import type { Snapshot } from '../../lambda/adapters/providers/alpaca-market-data';
import { type Redis, startRedis } from './redis';

/** The cache over its real protocol, with TLS and a user of few rights (`npm run test:engines`). */

const log = { debug: jest.fn(), info: jest.fn(), warn: jest.fn(), error: jest.fn() };
let redis: Redis;
const opened: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  redis = await startRedis();
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.close()));
  await redis.start();
});
afterAll(() => redis.stop());

function connect(props: Partial<ValkeyCacheProps> = {}) {
  const { host, port, ca, username } = redis;
  const cache = valkeyCache({
    host,
    port,
    tls: { ca },
    credentials: () => Promise.resolve({ username, password: redis.password() }),
    log,
    restMs: 50,
    ...props,
  });
  opened.push(cache);
  return cache;
}
const key = (name: string) => `signal9:{quotes}:${name}`;

/** Until it is so. @throws what the last try threw */
async function eventually<T>(check: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await check();
    } catch (error) {
      if (attempt === 200) throw error;
      await sleep(50);
    }
  }
}

test('keeps texts, in the order of the keys asked for, until they end', async () => {
  const cache = connect();
  await cache.setMany(
    [
      { key: key('A'), value: 'a' },
      { key: key('B'), value: 'ä€\n' },
    ],
    60_000,
  );
  await cache.setMany([{ key: key('C'), value: 'c' }], 1);
  expect(await cache.getMany([key('B'), key('none'), key('A')])).toEqual(['ä€\n', null, 'a']);
  await eventually(async () => expect(await cache.getMany([key('C')])).toEqual([null]));
  expect(await cache.health()).toBe('ok');
});

test('carries ten thousand keys in one read', async () => {
  const cache = connect({ commandTimeoutMs: 5_000 });
  const keys = Array.from({ length: 10_000 }, (_, n) => key(`S${String(n)}`));
  await cache.setMany(
    keys.map((one) => ({ key: one, value: one })),
    60_000,
  );
  expect(await cache.getMany([...keys, key('none')])).toEqual([...keys, null]);
});

test('does without what its user may not do', async () => {
  const cache = connect();
  await expect(cache.setMany([{ key: 'other:key', value: '1' }], 1000)).rejects.toThrow(/NOPERM|permissions/);
});

test('speaks to nobody whose certificate its authority has not signed, and not in the clear', async () => {
  const strict = connect({ tls: {} });
  await expect(strict.getMany([key('A')])).rejects.toThrow();
  expect(await strict.health()).not.toBe('ok');
  const clear = connect({ tls: false });
  await expect(clear.getMany([key('A')])).rejects.toThrow();
});

test('says that it is away while the server is, and comes back alone', async () => {
  const cache = connect();
  expect(await cache.health()).toBe('ok');
  await redis.kill();
  await expect(cache.getMany([key('A')])).rejects.toThrow();
  expect(await cache.health()).not.toBe('ok');
  await redis.start();
  await eventually(async () => expect(await cache.health()).toBe('ok'));
  await cache.setMany([{ key: key('A'), value: 'again' }], 60_000);
  expect(await cache.getMany([key('A')])).toEqual(['again']);
});

test('waits no longer than it was told for a server that holds still', async () => {
  const cache = connect({ commandTimeoutMs: 200 });
  await cache.getMany([key('A')]);
  redis.freeze();
  await expect(cache.getMany([key('A')])).rejects.toThrow(/timed out/i);
  redis.thaw();
  await eventually(() => cache.getMany([key('A')]));
});

test.each(['runs', 'is away'])('takes a password that was set while the server %s', async (how) => {
  const cache = connect();
  expect(await cache.health()).toBe('ok');
  if (how === 'is away') await redis.kill();
  await redis.rotate();
  await redis.start();
  await eventually(async () => expect(await cache.health()).toBe('ok'));
});

test('shows quotes through it: asked for once by many, by another process not at all, stale when all else fails', async () => {
  let now = Date.parse('2026-05-18T15:00:00Z');
  const asked: string[][] = [];
  let isDown = false;
  const alpaca = {
    snapshots: async (symbols: readonly string[]) => {
      if (isDown) throw new ProviderError({ kind: 'unavailable', provider: 'alpaca', operation: 'snapshots' });
      asked.push([...symbols]);
      const latestTrade = { t: new Date(now).toISOString(), p: '12.34', s: '1' };
      const snapshot: Snapshot = {
        latestTrade,
        latestQuote: null,
        minuteBar: null,
        dailyBar: null,
        prevDailyBar: null,
      };
      return { snapshots: new Map(symbols.map((symbol) => [symbol, snapshot])), rejected: [] };
    },
  };
  const marketOf = () => {
    const market = createMarketData({ alpaca, cache: connect(), clock: () => new Date(now), log });
    opened.push(market);
    return market;
  };
  const [one, two] = [marketOf(), marketOf()];
  await Promise.all(Array.from({ length: 20 }, () => one.quotes(['SHARED'])));
  expect(await two.quotes(['SHARED'])).toEqual(await one.quotes(['SHARED']));
  expect(asked).toEqual([['SHARED']]);

  now += 61_000;
  isDown = true;
  expect((await two.quotes(['SHARED'])).get('SHARED')).toMatchObject({ price: '12.34', stale: true });
  await redis.kill();
  now += 10_000;
  expect((await one.quotes(['SHARED'])).get('SHARED')).toMatchObject({ price: '12.34', stale: true });
  expect(await one.health()).toMatchObject({ cache: expect.not.stringMatching(/^ok$/) as string });

  isDown = false;
  now += 10_000;
  expect((await one.quotes(['SHARED'])).get('SHARED')).toMatchObject({ price: '12.34', stale: false });
});
