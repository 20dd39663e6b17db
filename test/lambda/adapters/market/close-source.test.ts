import { createCloseSource } from '../../../../lambda/adapters/market/close-source';
import { testAlpaca } from '../../../service/alpaca';
import { memoryPortfolios } from '../../../service/memory-portfolios';
import { recordingLog } from '../../api/call';

function source(begin = '2026-05-20T15:00:00.000Z') {
  const time = { now: new Date(begin) };
  const alpaca = testAlpaca();
  const store = memoryPortfolios();
  const log = recordingLog();
  const clock = () => new Date(time.now);
  alpaca.closes.set('AAPL', {
    ...{ '2026-05-13': '1', '2026-05-14': '2', '2026-05-15': '3', '2026-05-18': '4', '2026-05-19': '5' },
    ...{ '2026-05-20': '6', '2026-05-21': '7' },
  });
  const closes = createCloseSource({ store, alpaca, clock, log, timeZone: 'America/New_York' });
  const asked = () => alpaca.asked.bars.map(({ symbols, start, end }) => [symbols.join(), start, end]);
  const ask = async (from: string, to: string, adjustment: 'raw' | 'all' = 'raw', symbols = ['AAPL']) => {
    const answer = await closes.closes(symbols, from, to, adjustment);
    return [
      answer.closes
        .get('AAPL')
        ?.map(({ close }) => close)
        .join(''),
      answer.stale,
    ];
  };
  return { time, alpaca, store, ask, asked, closes };
}

test('asks for what is not known only, and leaves no hole between what is', async () => {
  const { ask, asked } = source();
  expect(await ask('2026-05-14', '2026-05-15')).toEqual(['23', false]);
  expect(await ask('2026-05-14', '2026-05-15')).toEqual(['23', false]);
  expect(asked()).toEqual([['AAPL', '2026-05-14', '2026-05-15']]);
  expect(await ask('2026-05-13', '2026-05-14')).toEqual(['12', false]);
  expect(await ask('2026-05-19', '2026-05-19')).toEqual(['5', false]);
  expect(asked().slice(1)).toEqual([
    ['AAPL', '2026-05-13', '2026-05-13'],
    ['AAPL', '2026-05-16', '2026-05-19'],
  ]);
  expect(await ask('2026-05-01', '2026-05-19')).toEqual(['12345', false]);
  expect(asked().slice(3)).toEqual([['AAPL', '2026-05-01', '2026-05-12']]);
});

test('knows no close of a day that is not over', async () => {
  const { ask, asked, time } = source();
  expect(await ask('2026-05-19', '2026-05-25')).toEqual(['5', false]);
  expect(await ask('2026-05-20', '2026-05-25')).toEqual([undefined, false]);
  // A quarter past eight in the evening in New York.
  time.now = new Date('2026-05-21T00:14:59.999Z');
  expect(await ask('2026-05-20', '2026-05-20')).toEqual([undefined, false]);
  time.now = new Date('2026-05-21T00:15:00.000Z');
  expect(await ask('2026-05-20', '2026-05-20')).toEqual(['6', false]);
  expect(asked()).toEqual([
    ['AAPL', '2026-05-19', '2026-05-19'],
    ['AAPL', '2026-05-20', '2026-05-20'],
  ]);
});

test('asks for adjusted closes anew on another day: a dividend changes them all', async () => {
  const { ask, asked, alpaca, time } = source();
  expect(await ask('2026-05-18', '2026-05-19', 'all')).toEqual(['45', false]);
  await ask('2026-05-18', '2026-05-19', 'all');
  alpaca.closes.set('AAPL', { '2026-05-18': '8', '2026-05-19': '9' });
  expect(await ask('2026-05-19', '2026-05-19', 'all')).toEqual(['5', false]);
  time.now = new Date('2026-05-21T15:00:00.000Z');
  expect(await ask('2026-05-19', '2026-05-19', 'all')).toEqual(['9', false]);
  expect(asked()).toEqual([
    ['AAPL', '2026-05-18', '2026-05-19'],
    ['AAPL', '2026-05-18', '2026-05-19'],
  ]);
  expect(await ask('2026-05-18', '2026-05-19', 'raw')).toEqual(['89', false]);
});

test('gives the newest known as stale while the provider fails, leaves it alone, and asks again', async () => {
  const { ask, asked, alpaca, time } = source();
  await ask('2026-05-14', '2026-05-15');
  alpaca.fails = 'unavailable';
  expect(await ask('2026-05-14', '2026-05-19')).toEqual(['23', true]);
  expect(await ask('2026-05-14', '2026-05-19')).toEqual(['23', true]);
  expect(asked()).toHaveLength(2);
  alpaca.fails = null;
  time.now = new Date(time.now.getTime() + 5_000);
  expect(await ask('2026-05-14', '2026-05-19')).toEqual(['2345', false]);
});

test('a symbol that market data refuses takes no other’s closes away, and is not asked for again', async () => {
  const { ask, alpaca } = source();
  alpaca.refused.add('BAD');
  expect(await ask('2026-05-14', '2026-05-15', 'raw', ['BAD', 'AAPL', 'NONE'])).toEqual(['23', false]);
  const calls = alpaca.asked.bars.length;
  expect(await ask('2026-05-14', '2026-05-15', 'raw', ['NONE', 'AAPL', 'BAD'])).toEqual(['23', false]);
  expect(alpaca.asked.bars).toHaveLength(calls);
});

test('asks again for a bar that is late, though not at every request', async () => {
  // Twenty past eight in the evening in New York.
  const { ask, asked, alpaca, time } = source('2026-05-21T00:20:00.000Z');
  alpaca.closes.set('AAPL', { '2026-05-19': '5' });
  expect(await ask('2026-05-19', '2026-05-20')).toEqual(['5', false]);
  alpaca.closes.set('AAPL', { '2026-05-19': '5', '2026-05-20': '6' });
  expect(await ask('2026-05-19', '2026-05-20')).toEqual(['5', false]);
  expect(asked()).toHaveLength(1);
  time.now = new Date('2026-05-21T01:20:00.000Z');
  expect(await ask('2026-05-19', '2026-05-20')).toEqual(['56', false]);
  expect(asked().slice(1)).toEqual([['AAPL', '2026-05-20', '2026-05-20']]);
  time.now = new Date('2026-06-04T15:00:00.000Z');
  expect(await ask('2026-05-19', '2026-05-20')).toEqual(['56', false]);
  expect(asked()).toHaveLength(2);
});

test('awaits no bar of a day that is long over', async () => {
  const { ask, asked, alpaca, time } = source('2026-06-03T15:00:00.000Z');
  alpaca.closes.set('AAPL', { '2026-05-19': '5' });
  expect(await ask('2026-05-18', '2026-05-27')).toEqual(['5', false]);
  expect(await ask('2026-05-28', '2026-05-28')).toEqual(['', false]);
  time.now = new Date('2026-06-10T15:00:00.000Z');
  expect(await ask('2026-05-18', '2026-05-27')).toEqual(['5', false]);
  expect(asked().slice(1)).toEqual([['AAPL', '2026-05-28', '2026-05-28']]);
  await ask('2026-05-18', '2026-05-28');
  await ask('2026-05-18', '2026-05-28');
  expect(asked()).toHaveLength(3);
});

test.each(['raw', 'all'] as const)(
  'asks again on another day for a symbol that was refused: %s',
  async (adjustment) => {
    const { ask, asked, alpaca, time } = source();
    alpaca.refused.add('AAPL');
    const get = () => ask('2026-05-14', '2026-05-15', adjustment);
    expect(await get()).toEqual(['', false]);
    alpaca.refused.clear();
    time.now = new Date('2026-05-21T14:59:59.999Z');
    expect(await get()).toEqual(['', false]);
    expect(await ask('2026-05-11', '2026-05-19', adjustment)).toEqual(['', false]);
    expect(asked()).toHaveLength(1);
    time.now = new Date('2026-05-21T15:00:00.000Z');
    expect(await get()).toEqual(['23', false]);
  },
);

test('keeps what could be read, and asks again on another day for what could not', async () => {
  const { ask, asked, alpaca, time } = source();
  const bars = alpaca.bars.bind(alpaca);
  alpaca.bars = async (query) => {
    const heard = await bars(query);
    const read = (heard.bars.get('AAPL') ?? []).filter(({ c }) => c !== '3');
    return { bars: new Map([['AAPL', read]]), rejected: [{ path: 'AAPL[1]', reason: 'c: no price' }] };
  };
  expect(await ask('2026-05-14', '2026-05-18')).toEqual(['24', false]);
  alpaca.bars = bars;
  expect(await ask('2026-05-14', '2026-05-18')).toEqual(['24', false]);
  expect(asked()).toHaveLength(1);
  time.now = new Date('2026-05-21T15:00:00.000Z');
  expect(await ask('2026-05-14', '2026-05-18')).toEqual(['234', false]);
});

test('asks once for what many want at the same time, and in chunks', async () => {
  const { ask, alpaca, closes } = source();
  await Promise.all(Array.from({ length: 20 }, () => ask('2026-05-14', '2026-05-15')));
  expect(alpaca.asked.bars).toHaveLength(1);
  alpaca.asked.bars.length = 0;
  const many = Array.from({ length: 120 }, (_, i) => `S${i}`);
  await closes.closes([...many, 'AAPL'], '2026-05-14', '2026-05-15', 'raw');
  expect(alpaca.asked.bars.map(({ symbols }) => symbols.length)).toEqual([50, 50, 20]);
});

test('passes on that the database is away', async () => {
  const { ask, store } = source();
  store.isAway = true;
  await expect(ask('2026-05-14', '2026-05-15')).rejects.toMatchObject({ name: 'StoreUnavailable' });
});
