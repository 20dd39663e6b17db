import { events } from '../../contract/events';
import { led, of, valuations } from './led';
import { gate } from './timers';

/** The list of what is watched does not have yet what somebody has just begun to watch. */

const symbolsTold = (service: ReturnType<typeof led>) =>
  of(service.published, 'quotesUpdated').flatMap(({ detail }) =>
    events.quotesUpdated.detail.parse(detail).quotes.map(({ symbol }) => symbol),
  );

async function leading(more: Parameters<typeof led>[0] = {}) {
  const service = led(more);
  service.alpaca.prices.set('MSFT', { price: '400' });
  const id = await service.portfolio();
  service.store.book(id, {});
  service.start();
  await service.pass(0);
  service.published.length = 0;
  return { service, id, touch: service.store.touch.bind(service.store) };
}

test('tells the quotes of just the symbols that somebody begins to watch, at once and gathered', async () => {
  const { service, touch } = await leading();
  service.watched.symbols.push('AAPL');
  await touch({ portfolios: [], symbols: ['MSFT'] });
  await touch({ portfolios: [], symbols: ['ZZZZ', 'MSFT'] });
  await service.pass(149);
  expect(service.published).toEqual([]);
  await service.pass(1);
  expect(service.published).toMatchObject([
    { event: 'quotesUpdated', detail: { quotes: [{ symbol: 'MSFT', price: '400' }] } },
  ]);
  expect(service.store.calls.get('states')).toBeUndefined();
  await service.stop();
});

test('values a portfolio that somebody begins to watch at once, and one that changes unwatched not at all', async () => {
  const { service, id, touch } = await leading();
  const unwatched = await service.portfolio();
  service.store.book(unwatched, {});
  await touch({ portfolios: [id], symbols: [] });
  await service.pass(150);
  expect(valuations(service)).toMatchObject([{ portfolio_id: id, totals: { market_value: '150' } }]);
  expect(symbolsTold(service)).toEqual([]);
  expect([...service.store.days.values()]).toMatchObject([{ portfolio_id: id }]);
  await service.stop();
});

test('takes the word for a minute: for what changes, and for the next full minute', async () => {
  const { service, id, touch } = await leading();
  await touch({ portfolios: [id], symbols: ['MSFT'] });
  await service.pass(150);
  service.published.length = 0;
  service.store.book(id, {});
  await service.pass(150);
  expect(valuations(service)).toMatchObject([{ portfolio_id: id, totals: { market_value: '300' } }]);
  await service.pass(30_000);
  expect([valuations(service).length, symbolsTold(service)]).toEqual([2, ['MSFT']]);
  // Neither was ever listed: nobody watches them any more.
  await service.pass(60_000);
  service.store.book(id, {});
  await service.pass(150);
  expect([valuations(service).length, symbolsTold(service)]).toEqual([2, ['MSFT']]);
  await service.stop();
});

test('says once what is both listed and declared', async () => {
  const { service, id, touch } = await leading();
  service.watched.portfolios.push(id);
  service.watched.symbols.push('MSFT');
  await touch({ portfolios: [id], symbols: ['MSFT'] });
  await service.pass(150);
  service.published.length = 0;
  await service.pass(30_000);
  expect([valuations(service).length, symbolsTold(service)]).toEqual([1, ['MSFT']]);
  await service.stop();
});

test('does not need the list for what somebody has just said', async () => {
  const topics = { watched: () => Promise.reject(new Error('no answer')) };
  const { service, id, touch } = await leading({ topics });
  await touch({ portfolios: [id], symbols: ['MSFT'] });
  await service.pass(150);
  expect([valuations(service).length, symbolsTold(service)]).toEqual([1, ['MSFT']]);
  await service.stop();
});

test('makes nothing of what nobody knows', async () => {
  const { service, touch } = await leading();
  await touch({ portfolios: ['01HZZZZZZZZZZZZZZZZZZZZZZZ'], symbols: ['ZZZZ'] });
  await service.pass(150);
  expect(service.published).toEqual([]);
  expect(service.log.lines.filter(({ level }) => level === 'error')).toEqual([]);
  await service.stop();
});

test('values what somebody begins to watch while others are valued after them', async () => {
  const { service, id, touch } = await leading();
  const { opened, open } = gate();
  service.alpaca.gate = opened;
  await touch({ portfolios: [], symbols: ['MSFT'] });
  await service.pass(150);
  await touch({ portfolios: [id], symbols: [] });
  await service.pass(1_000);
  expect(service.published).toEqual([]);
  service.alpaca.gate = null;
  open();
  await service.pass(150);
  expect(service.published.map(({ event }) => event)).toEqual(['quotesUpdated', 'valuationUpdated']);
  await service.stop();
});

test('says nothing more once it leads no more', async () => {
  const { service, id, touch } = await leading();
  await touch({ portfolios: [id], symbols: ['MSFT'] });
  await service.stop();
  await service.pass(150);
  expect([service.published, service.waiting()]).toEqual([[], 0]);
});
