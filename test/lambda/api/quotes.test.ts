import { createQuoteSource, currentQuotes } from '../../../lambda/adapters/quotes';
import type { Snapshot } from '../../../lambda/adapters/providers/alpaca';
import { ProviderError, type ProviderErrorKind } from '../../../lambda/adapters/providers/provider-error';
import { recordingLog } from './call';

const snapshot = (price: string): Snapshot => ({
  latestTrade: { t: '2026-05-17T11:59:00Z', p: price, s: '1' },
  latestQuote: null,
  minuteBar: null,
  dailyBar: null,
  prevDailyBar: { t: '2026-05-16T04:00:00Z', o: '1', h: '1', l: '1', c: '250.1', v: '1', n: null, vw: null },
});
const at = (price: string) => ({ price, currency: 'USD', as_of: '2026-05-17T11:59:00.000Z', previous_close: '250.1' });

function source(restMs = 5_000) {
  let time = Date.parse('2026-05-17T12:00:00Z');
  const asked: string[] = [];
  const log = recordingLog();
  const market = {
    answer: async (): Promise<Snapshot | undefined> => snapshot('253.18'),
    fail(kind: ProviderErrorKind) {
      market.answer = () =>
        Promise.reject(new ProviderError({ kind, provider: 'alpaca', operation: '/v2/stocks/snapshots' }));
    },
  };
  const quotes = createQuoteSource({
    alpaca: {
      snapshots: async (symbols) => {
        const [symbol = ''] = symbols;
        asked.push(symbol);
        const found = await market.answer();
        return { snapshots: new Map(found ? [[symbol, found]] : []), rejected: [] };
      },
    },
    clock: () => new Date(time),
    log,
    timeoutMs: 30,
    restMs,
  });
  return { quotes, market, asked, log, pass: (seconds: number) => (time += seconds * 1000) };
}

test('asks once a minute a symbol, and once for many who ask at a time', async () => {
  const { quotes, asked, pass } = source();
  const both = await Promise.all([quotes.latest('IBM'), quotes.latest('IBM'), quotes.latest('AAPL')]);
  expect(both[0]).toEqual(at('253.18'));
  expect(both[1]).toEqual(both[0]);
  pass(59);
  await quotes.latest('IBM');
  expect(asked).toEqual(['IBM', 'AAPL']);
  pass(1);
  await quotes.latest('IBM');
  expect(asked).toEqual(['IBM', 'AAPL', 'IBM']);
});

test('knows no price where the provider has none: null, never 0', async () => {
  const { quotes, market } = source();
  market.answer = async () => undefined;
  expect(await quotes.latest('NEW')).toBeNull();
  market.answer = async () => ({
    latestTrade: null,
    latestQuote: null,
    minuteBar: null,
    dailyBar: null,
    prevDailyBar: null,
  });
  expect(await quotes.latest('HALT')).toBeNull();
});

test.each(['unavailable', 'throttled', 'auth', 'malformed'] as const)(
  'shows the last price as stale when the provider is %s',
  async (kind) => {
    const { quotes, market, pass, asked, log } = source();
    await quotes.latest('IBM');
    market.fail(kind);
    pass(61);
    expect(await quotes.latest('IBM')).toEqual({ ...at('253.18'), stale: true });
    expect(log.lines[0]).toMatchObject({ level: 'warn', fields: { symbol: 'IBM', reason: kind } });
    // It is left alone for a while, for any symbol.
    expect(await quotes.latest('AAPL')).toBeNull();
    expect(asked).toHaveLength(2);
    pass(5);
    market.answer = async () => snapshot('254');
    expect(await quotes.latest('IBM')).toEqual(at('254'));
  },
);

test('does not wait for a slow provider, and takes its answer when it comes', async () => {
  const { quotes, market, pass } = source();
  let arrive: (value: Snapshot) => void = () => undefined;
  market.answer = () => new Promise((resolve) => (arrive = resolve));
  expect(await quotes.latest('IBM')).toBeNull();
  pass(6);
  const second = quotes.latest('IBM');
  arrive(snapshot('255.5'));
  expect(await second).toEqual(at('255.5'));
});

test('keeps the last price where the provider suddenly knows none', async () => {
  const { quotes, market, pass } = source();
  await quotes.latest('IBM');
  market.answer = async () => undefined;
  pass(61);
  expect(await quotes.latest('IBM')).toEqual({ ...at('253.18'), stale: true });
});

test('takes a refused symbol for that symbol’s fault, not the provider’s', async () => {
  const { quotes, market, asked } = source();
  market.fail('invalid_request');
  expect(await quotes.latest('GONE')).toBeNull();
  expect(await quotes.latest('GONE')).toBeNull();
  market.answer = async () => snapshot('253.18');
  expect(await quotes.latest('IBM')).toEqual(at('253.18'));
  expect(asked).toEqual(['GONE', 'IBM']);
});

test('survives what is no provider error, and forgets the symbols asked for longest ago', async () => {
  const { quotes, market, asked, log } = source(0);
  market.answer = () => Promise.reject(new TypeError('bug'));
  expect(await quotes.latest('IBM')).toBeNull();
  expect(log.lines[0]?.fields.reason).toBe('unexpected');
  market.answer = async () => snapshot('1');
  for (let n = 0; n <= 5_000; n += 1) await quotes.latest(`S${n}`);
  const before = asked.length;
  await quotes.latest('S5000');
  expect(asked).toHaveLength(before);
  await quotes.latest('S0');
  expect(asked).toHaveLength(before + 1);
});

test('for trading, prices of many symbols at once, unremembered; a failure is the caller’s', async () => {
  const asked: (readonly string[])[] = [];
  const alpaca = {
    snapshots: async (symbols: readonly string[]) => {
      asked.push(symbols);
      const empty = { ...snapshot('1'), latestTrade: null, prevDailyBar: null };
      return {
        snapshots: new Map([
          ['IBM', snapshot('253.18')],
          ['THIN', empty],
        ] as const),
        rejected: [],
      };
    },
  };
  const quotes = await currentQuotes(alpaca, ['IBM', 'THIN', 'IBM', 'NOPE']);
  expect(asked).toEqual([['IBM', 'THIN', 'NOPE']]);
  expect([...quotes]).toEqual([['IBM', at('253.18')]]);
  const down = { snapshots: () => Promise.reject(new Error('down')) };
  await expect(currentQuotes(down, ['IBM'])).rejects.toThrow('down');
});

test('current prices of others than a symbol that is refused, found in few calls', async () => {
  const symbols = Array.from({ length: 200 }, (_, n) => `S${n}`);
  let calls = 0;
  const alpaca = {
    snapshots: async (some: readonly string[]) => {
      calls += 1;
      if (some.includes('S77')) throw new ProviderError({ kind: 'invalid_request', provider: 'alpaca', operation: '' });
      return { snapshots: new Map(some.map((symbol) => [symbol, snapshot('1')] as const)), rejected: [] };
    },
  };
  const quotes = await currentQuotes(alpaca, symbols);
  expect(quotes.size).toBe(199);
  expect(quotes.has('S77')).toBe(false);
  expect(calls).toBeLessThanOrEqual(17);
});
