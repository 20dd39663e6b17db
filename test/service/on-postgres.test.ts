import { sql } from 'kysely';
import type { PublishedEvent } from '../../lambda/adapters/ports';
import { startPortfolios, type TestPortfolios } from '../portfolio';
import { ANNA, testService } from './service';
import { gate } from './timers';

/** The same service on the store that it has in AWS. */
let portfolios: TestPortfolios;
beforeAll(async () => {
  portfolios = await startPortfolios();
}, 120_000);
afterAll(() => portfolios.stop());

const service = (more: Parameters<typeof testService>[0] = {}) => testService({ store: portfolios.store, ...more });
const BUY = { type: 'buy', symbol: 'AAPL', qty: '10.50', price: '100.10', executed_at: '2026-05-04T14:00:00Z' };

test('keeps, shows, changes and exports a portfolio', async () => {
  const { ask, add, portfolio, alpaca } = service();
  alpaca.prices.set('AAPL', { price: '150' });
  alpaca.closes.set('AAPL', { '2026-05-18': '100', '2026-05-19': '110' });
  const id = await portfolio();
  const first = await add(id, { ...BUY, external_id: 'x' });
  expect([first.statusCode, first.content.qty, first.content.price]).toEqual([201, '10.5', '100.1']);
  expect((await add(id, { ...BUY, qty: '10.5', external_id: 'x' })).content).toEqual(first.content);
  expect((await add(id, { ...BUY, qty: '11', external_id: 'x' })).statusCode).toBe(409);
  expect((await add(id, { ...BUY, type: 'sell', qty: '10.6' })).statusCode).toBe(422);
  const sold = await add(id, { ...BUY, type: 'sell', qty: '0.5', executed_at: '2026-05-05T14:00:00Z' });

  const listed = (await ask('GET', `/portfolios/${id}/transactions?limit=1`)).content;
  expect(listed.items).toEqual([sold.content]);
  const rest = await ask('GET', `/portfolios/${id}/transactions?limit=1&cursor=${listed.next_cursor}`);
  expect(rest.content).toEqual({ items: [first.content], next_cursor: null });

  expect((await ask('GET', `/portfolios/${id}/holdings`)).content.items).toMatchObject([
    { qty: '10', market_value: '1500' },
  ]);
  const measured = () => ask('GET', `/portfolios/${id}/performance?from=2026-05-18&to=2026-05-19`);
  expect((await measured()).content).toMatchObject({ start_value: '1000', end_value: '1100', twr: 0.1 });
  expect((await measured()).content.twr).toBe(0.1);
  expect(alpaca.asked.bars).toHaveLength(1);

  const exported = (await ask('GET', `/portfolios/${id}/export`)).body;
  const other = await portfolio();
  const take = () => ask('POST', `/portfolios/${other}/import`, { body: exported });
  expect((await take()).content).toMatchObject({ imported: 2, unchanged: 0 });
  expect((await take()).content).toMatchObject({ imported: 0, unchanged: 2 });
  expect((await ask('GET', `/portfolios/${other}/export`)).body).toBe(exported);

  expect((await ask('DELETE', `/portfolios/${id}/transactions/${sold.content.transaction_id}`)).statusCode).toBe(204);
  expect((await ask('DELETE', `/portfolios/${id}`)).statusCode).toBe(204);
  expect((await ask('GET', `/portfolios/${id}/holdings`)).statusCode).toBe(404);
});

test('takes of two that record under one external_id at the same moment the one, and tells the other so', async () => {
  const { add, ask, portfolio } = service();
  const id = await portfolio();
  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, i) => add(id, { ...BUY, qty: i % 2 ? '1' : '2', external_id: 'same' })),
  );
  const statuses = answers.map(({ statusCode }) => statusCode).sort();
  expect(statuses).toEqual([200, 200, 200, 201, 409, 409, 409, 409]);
  expect((await ask('GET', `/portfolios/${id}/transactions`)).content.items).toHaveLength(1);
});

test('replaces with If-Match what nobody else changed', async () => {
  const { add, ask, portfolio } = service();
  const id = await portfolio();
  const etag = String((await ask('GET', `/portfolios/${id}`)).headers.etag);
  const put = (name: string) => ask('PUT', `/portfolios/${id}`, { body: { name }, headers: { 'if-match': etag } });
  await add(id, BUY);
  expect((await put('Seen')).statusCode).toBe(200);
  expect((await put('Late')).statusCode).toBe(412);
});

test('one of two leads, values what changes at once, and is followed when its session ends', async () => {
  const names = ['first', 'second'] as const;
  const told: { by: string; event: PublishedEvent }[] = [];
  let heard = gate();
  const watched = { portfolios: [] as string[], symbols: [] as string[] };
  const busOf = (by: string) => ({
    publish: async (events: readonly PublishedEvent[]) => {
      told.push(...events.map((event) => ({ by, event })));
      if (events.some(({ event }) => event === 'valuationUpdated')) heard.open();
    },
  });
  const services = names.map((name) =>
    service({ bus: busOf(name), topics: { watched: async () => watched }, store: portfolios.storeWith({}) }),
  );
  const [one] = services as [(typeof services)[0]];
  one.alpaca.prices.set('AAPL', { price: '150' });
  const id = await one.portfolio();
  watched.portfolios.push(id);
  services.forEach((each) => each.start());
  await heard.opened;
  const [{ by: leader }] = told as [(typeof told)[0]];

  heard = gate();
  told.length = 0;
  await one.add(id, BUY);
  await heard.opened;
  expect(told.find(({ event }) => event.event === 'valuationUpdated')).toMatchObject({
    by: leader,
    event: { detail: { portfolio_id: id, user_id: ANNA, totals: { cost_basis: '1051.05' } } },
  });
  expect(new Set(told.map(({ by }) => by))).toEqual(new Set([leader]));

  heard = gate();
  told.length = 0;
  await sql`select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory'`.execute(portfolios.db);
  await heard.opened;
  expect(await portfolios.store.snapshots(id, '2026-05-20', '2026-05-20')).toMatchObject([{ cost_basis: '1051.05' }]);
  await Promise.all(services.map((each) => each.stop()));
});

test('tells what somebody begins to watch though the list does not have it yet, and nothing of what nobody watches', async () => {
  const told: PublishedEvent[] = [];
  const [begun, valued, quoted] = [gate(), gate(), gate()];
  const watched = { portfolios: [] as string[], symbols: [] as string[] };
  const of = (event: PublishedEvent['event']) => told.filter((one) => one.event === event);
  const bus = {
    publish: async (events: readonly PublishedEvent[]) => {
      told.push(...events);
      if (of('valuationUpdated').length > 0) begun.open();
      if (of('valuationUpdated').length > 1) valued.open();
      if (of('quotesUpdated').length > 0) quoted.open();
    },
  };
  const one = service({ bus, topics: { watched: async () => watched }, store: portfolios.storeWith({}) });
  one.alpaca.prices.set('AAPL', { price: '150' }).set('MSFT', { price: '400' });
  const [listed, declared, unwatched] = [await one.portfolio(), await one.portfolio(), await one.portfolio()];
  await one.add(declared, BUY);
  watched.portfolios.push(listed);
  one.start();
  await begun.opened;
  // Notifications come in the order of the commits: were this one of something watched, its value would come no later.
  await one.add(unwatched, BUY);
  await portfolios.store.touch({ portfolios: [declared], symbols: ['MSFT'] });
  await Promise.all([valued.opened, quoted.opened]);
  await one.stop();
  expect(of('valuationUpdated').map(({ detail }) => detail)).toMatchObject([
    { portfolio_id: listed },
    { portfolio_id: declared, totals: { market_value: '1575' } },
  ]);
  expect(of('quotesUpdated')).toMatchObject([{ detail: { quotes: [{ symbol: 'MSFT', price: '400' }] } }]);
});
