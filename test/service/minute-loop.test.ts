import type { EventDetail } from '../../contract/events';
import { events } from '../../contract/events';
import type { PublishedEvent } from '../../lambda/adapters/ports';
import { led, of, valuations } from './led';
import { gate, settled } from './timers';

const BUY = { type: 'buy', symbol: 'AAPL', qty: '10', price: '100', executed_at: '2026-05-04T14:00:00Z' };

test('values what is watched when it begins to lead, and on every minute', async () => {
  const service = led();
  const id = await service.portfolio();
  const other = await service.portfolio();
  for (const one of [id, other]) await service.add(one, BUY);
  service.watched.portfolios.push(id);
  service.watched.symbols.push('AAPL', 'ZZZZ');
  service.start();
  await service.pass(0);
  expect(valuations(service)).toMatchObject([
    {
      portfolio_id: id,
      user_id: 'f4b8c2d6-0000-4000-8000-000000000001',
      as_of: '2026-05-20T15:00:30.000Z',
      totals: { market_value: '1500', unrealized_pl: '500', change_today: 0.25, stale: false },
      holdings: [{ symbol: 'AAPL', qty: '10', market_value: '1500', weight: 1 }],
      holdings_left_out: 0,
    },
  ]);
  expect(of(service.published, 'quotesUpdated')).toMatchObject([
    { detail: { quotes: [{ symbol: 'AAPL', price: '150' }] } },
  ]);
  expect([...service.store.days.values()]).toMatchObject([
    { portfolio_id: id, date: '2026-05-20', total_value: '1500', final: false },
  ]);

  service.alpaca.prices.set('AAPL', { price: '160' });
  await service.pass(29_999);
  expect(valuations(service)).toHaveLength(1);
  await service.pass(1);
  expect(valuations(service)).toHaveLength(2);
  await service.pass(60_000);
  expect(valuations(service).map(({ as_of, totals }) => [as_of, totals.market_value])).toEqual([
    ['2026-05-20T15:00:30.000Z', '1500'],
    ['2026-05-20T15:01:00.000Z', '1600'],
    ['2026-05-20T15:02:00.000Z', '1600'],
  ]);
  expect(service.store.days.size).toBe(1);
  for (const { event, detail } of service.published) events[event].detail.parse(detail);
  await service.stop();
});

test('says nothing, and asks the database nothing, while nobody watches', async () => {
  const service = led();
  await service.add(await service.portfolio(), BUY);
  service.start();
  await service.pass(180_000);
  expect([valuations(service), service.store.calls.get('states')]).toEqual([[], undefined]);
  expect(service.alpaca.asked.snapshots).toEqual([]);
  await service.stop();
});

test('asks for each symbol once, however many portfolios hold it, and few queries for many of them', async () => {
  const service = led();
  const ids: string[] = [];
  for (let i = 0; i < 60; i++) {
    const id = await service.portfolio();
    ids.push(id);
    for (const symbol of ['AAPL', 'MSFT', `S${i}`]) service.store.book(id, { symbol });
  }
  service.watched.portfolios.push(...ids);
  service.store.calls.clear();
  service.start();
  await service.pass(0);
  expect(valuations(service)).toHaveLength(60);
  expect(service.alpaca.asked.snapshots.map((some) => some.length)).toEqual([62]);
  expect([service.store.calls.get('states'), service.store.calls.get('snapshot')]).toEqual([1, 1]);
  await service.stop();
}, 60_000);

test('pushes the largest hundred holdings and counts the rest', async () => {
  const service = led();
  const id = await service.portfolio();
  for (let i = 1; i <= 103; i++) {
    service.alpaca.prices.set(`S${i}`, { price: String(i) });
    service.store.book(id, { symbol: `S${i}` });
  }
  service.store.book(id, { symbol: 'UNKNOWN' });
  service.watched.portfolios.push(id);
  service.start();
  await service.pass(0);
  const [{ holdings, holdings_left_out }] = valuations(service) as [EventDetail<'valuationUpdated'>];
  expect([holdings.length, holdings[0]?.symbol, holdings.at(-1)?.symbol, holdings_left_out]).toEqual([
    100,
    'S103',
    'S4',
    4,
  ]);
  await service.stop();
});

test('values a changed portfolio at once where it is watched, and many changes as one', async () => {
  const service = led();
  const [id, other] = [await service.portfolio(), await service.portfolio()];
  service.watched.portfolios.push(id);
  service.start();
  await service.pass(0);
  service.published.length = 0;
  for (let i = 0; i < 5; i++) service.store.book(id, { qty: '2' });
  service.store.book(other, {});
  await service.pass(149);
  expect(valuations(service)).toEqual([]);
  await service.pass(1);
  expect(valuations(service)).toMatchObject([{ portfolio_id: id, totals: { market_value: '1500' } }]);
  expect(of(service.published, 'quotesUpdated')).toEqual([]);
  await service.stop();
});

test('values what changed while it was valuing after that', async () => {
  const service = led();
  const id = await service.portfolio();
  service.watched.portfolios.push(id);
  service.start();
  await service.pass(0);
  service.published.length = 0;
  const { opened, open } = gate();
  service.alpaca.gate = opened;
  service.store.book(id, { symbol: 'MSFT', qty: '1' });
  await service.pass(150);
  service.store.book(id, { symbol: 'MSFT', qty: '1' });
  await service.pass(1_000);
  expect(valuations(service)).toEqual([]);
  open();
  service.alpaca.gate = null;
  await service.pass(150);
  expect(valuations(service).map(({ holdings }) => holdings[0]?.qty)).toEqual(['1', '2']);
  await service.stop();
});

test('does not say what was held before a change that was valued meanwhile', async () => {
  const service = led();
  const id = await service.portfolio();
  service.store.book(id, { symbol: 'AAPL', qty: '10' });
  service.watched.portfolios.push(id);
  service.start();
  await service.pass(0);
  service.published.length = 0;
  const { opened, open } = gate();
  service.alpaca.gate = opened;
  // The minute has read ten shares, and waits for their price.
  await service.pass(30_000);
  service.alpaca.gate = null;
  service.store.book(id, { symbol: 'AAPL', qty: '5' });
  await service.pass(150);
  expect(valuations(service).map(({ holdings }) => holdings[0]?.qty)).toEqual(['15']);
  open();
  await service.pass(1_000);
  expect(valuations(service).map(({ holdings }) => holdings[0]?.qty)).toEqual(['15']);
  expect([...service.store.days.values()]).toMatchObject([{ portfolio_id: id, market_value: '2250' }]);
  await service.stop();
});

test('tells the ledger what a change made of a position, and again where the bus refused it', async () => {
  let isRefusing = true;
  const told: PublishedEvent[] = [];
  const bus = {
    publish: async (some: readonly PublishedEvent[]) => {
      if (isRefusing) throw new Error('no');
      told.push(...some);
    },
  };
  const service = led({ bus });
  const id = await service.portfolio();
  service.start();
  await service.add(id, BUY);
  await settled();
  expect([told, service.store.reports.length]).toEqual([[], 1]);
  isRefusing = false;
  await service.pass(30_000);
  expect(told).toMatchObject([
    { event: 'positionsChanged', detail: { portfolio_id: id, symbol: 'AAPL', qty: '10', sequence: 1 } },
  ]);
  expect(service.store.reports).toEqual([]);
  await service.add(id, { ...BUY, qty: '5' });
  await settled();
  expect(told[1]).toMatchObject({ detail: { qty: '15', sequence: 2 } });
  await service.stop();
});

test('tells the ledger the other reports where the bus refuses one, which stays owed', async () => {
  const told: unknown[] = [];
  let isRefusing = true;
  const bus = {
    publish: async (some: readonly PublishedEvent[]) => {
      const details = some.map(({ detail }) => events.positionsChanged.detail.parse(detail));
      if (isRefusing && details.some(({ symbol }) => symbol === 'S3')) throw new Error('no');
      told.push(...details.map(({ symbol }) => symbol));
    },
  };
  const service = led({ bus });
  const id = await service.portfolio();
  for (let i = 0; i < 60; i++) await service.add(id, { ...BUY, symbol: `S${i}` });
  service.start();
  await service.pass(0);
  expect(told).toEqual(Array.from({ length: 60 }, (_, i) => `S${i}`).filter((symbol) => symbol !== 'S3'));
  expect(service.store.reports).toMatchObject([{ detail: { symbol: 'S3' } }]);
  isRefusing = false;
  await service.pass(30_000);
  expect([told.at(-1), service.store.reports]).toEqual(['S3', []]);
  await service.stop();
});

test('gives up for a minute where the bus refuses every report', async () => {
  let calls = 0;
  const bus = {
    publish: async () => {
      calls += 1;
      throw new Error('no');
    },
  };
  const service = led({ bus });
  const id = await service.portfolio();
  for (let i = 0; i < 60; i++) await service.add(id, { ...BUY, symbol: `S${i}` });
  service.start();
  await service.pass(0);
  expect([calls, service.store.reports.length]).toEqual([51, 60]);
  await service.stop();
});

test('does not begin a minute while the one before is under way', async () => {
  const service = led();
  const id = await service.portfolio();
  await service.add(id, BUY);
  service.watched.portfolios.push(id);
  const { opened, open } = gate();
  service.alpaca.gate = opened;
  service.start();
  await service.pass(95_000);
  expect(service.alpaca.asked.snapshots).toHaveLength(1);
  expect(service.log.lines.filter(({ message }) => message.startsWith('a minute is left out'))).toHaveLength(2);
  service.alpaca.gate = null;
  open();
  await service.pass(55_000);
  expect(valuations(service)).toHaveLength(2);
  await service.stop();
});

test.each(['topics', 'database'])('tries again the next minute where the %s did not answer', async (what) => {
  let isFailing = true;
  const watched = { portfolios: [] as string[], symbols: [] as string[] };
  const topics = {
    watched: async () => {
      if (what === 'topics' && isFailing) throw new Error('no answer');
      return watched;
    },
  };
  const service = led({ topics });
  const id = await service.portfolio();
  await service.add(id, BUY);
  watched.portfolios.push(id);
  service.store.isAway = what === 'database';
  service.start();
  await service.pass(0);
  expect(service.log.lines.filter(({ level }) => level === 'error').map(({ message }) => message)).toEqual([
    'a minute failed',
  ]);
  isFailing = false;
  service.store.isAway = false;
  await service.pass(30_000);
  expect(valuations(service)).toHaveLength(1);
  await service.stop();
});

test('reads no more transactions at once than fit, and goes on where a page of them cannot be read', async () => {
  const service = led();
  const ids: string[] = [];
  for (const transactions of [30_000, 20_000, 1, 100_000]) {
    const id = await service.portfolio();
    service.store.book(id, {});
    service.store.sizesSaid.set(id, transactions);
    ids.push(id);
  }
  service.watched.portfolios.push(...ids);
  service.watched.symbols.push('AAPL');
  const states = service.store.states.bind(service.store);
  const pages: (readonly string[] | undefined)[] = [];
  service.store.states = (page) => {
    pages.push(page.among);
    return pages.length === 1 ? Promise.reject(new Error('too slow')) : states(page);
  };
  service.start();
  await service.pass(0);
  expect(pages).toEqual([ids.slice(0, 2), [ids[2]], [ids[3]]]);
  expect(valuations(service).map(({ portfolio_id }) => portfolio_id)).toEqual(ids.slice(2));
  expect(of(service.published, 'quotesUpdated')).toHaveLength(1);
  expect(service.log.lines.flatMap(({ level, message }) => (level === 'info' ? [] : [message]))).toEqual([
    'a page of portfolios was not valued',
    'a minute failed',
  ]);
  await service.stop();
});

test('goes on with the others where the bus refuses some', async () => {
  const accepted: PublishedEvent[] = [];
  let calls = 0;
  const bus = {
    publish: async (some: readonly PublishedEvent[]) => {
      calls += 1;
      if (calls === 2) throw new Error('throttled');
      accepted.push(...some);
    },
  };
  const service = led({ bus });
  for (let i = 0; i < 25; i++) {
    const id = await service.portfolio();
    service.store.book(id, {});
    service.watched.portfolios.push(id);
  }
  service.start();
  await service.pass(0);
  // The ten of the call that was refused once are said one by one.
  expect([calls, accepted.length, service.store.days.size]).toEqual([13, 25, 25]);
  await service.stop();
});

describe('two services on one database', () => {
  function two() {
    const first = led();
    const { store, alpaca, watched } = first;
    const second = led({ shared: { store, alpaca, watched } });
    return { first, second, store };
  }

  test('one leads; when it loses the lead the other takes over at once, and the first says nothing more', async () => {
    const { first, second, store } = two();
    const id = await first.portfolio();
    store.book(id, {});
    first.watched.portfolios.push(id);
    first.start();
    second.start();
    await Promise.all([first.pass(60_000), second.pass(60_000)]);
    expect([valuations(first).length, valuations(second).length]).toEqual([2, 0]);
    store.loseLeader();
    await Promise.all([first.pass(60_000), second.pass(60_000)]);
    expect([valuations(first).length, valuations(second).length]).toEqual([2, 2]);
    expect(first.waiting()).toBe(0);
    await Promise.all([first.stop(), second.stop()]);
  });

  test('a minute under way ends where the lead is lost', async () => {
    const { first, second, store } = two();
    const id = await first.portfolio();
    store.book(id, {});
    first.watched.portfolios.push(id);
    const { opened, open } = gate();
    first.alpaca.gate = opened;
    first.start();
    second.start();
    await first.pass(0);
    store.loseLeader();
    first.alpaca.gate = null;
    open();
    await Promise.all([first.pass(0), second.pass(0)]);
    expect([valuations(first).length, valuations(second).length, store.days.size]).toEqual([0, 1, 1]);
    await Promise.all([first.stop(), second.stop()]);
  });

  test('the one that stops hands the lead over', async () => {
    const { first, second, store } = two();
    const id = await first.portfolio();
    store.book(id, {});
    first.watched.portfolios.push(id);
    first.start();
    second.start();
    await first.stop();
    await second.pass(0);
    expect(valuations(second)).toHaveLength(1);
    await second.stop();
    expect(second.waiting()).toBe(0);
  });
});
