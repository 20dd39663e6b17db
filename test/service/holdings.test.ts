import { holdings } from '../../contract/schemas/portfolios';
import { testService } from './service';

const AT = '2026-05-04T14:00:00Z';
const buy = (symbol: string, qty: string, price: string | null, executed_at = AT) => ({
  ...{ type: 'buy', symbol, qty, executed_at },
  ...(price !== null && { price }),
});

test('values what is held at the latest prices', async () => {
  const { ask, add, portfolio, alpaca } = testService();
  alpaca.prices.set('AAPL', { price: '150', previous: '120' });
  alpaca.prices.set('MSFT', { price: '50', previous: '50' });
  const id = await portfolio();
  await add(id, { type: 'deposit', amount: '2000', executed_at: '2026-05-01T12:00:00Z' });
  await add(id, buy('aapl', '10', '100'));
  await add(id, { ...buy('MSFT', '10', '40'), fee: '5' });
  const { content, statusCode } = await ask('GET', `/portfolios/${id}/holdings`);
  expect(statusCode).toBe(200);
  expect(content).toMatchObject({
    portfolio_id: id,
    currency: 'USD',
    as_of: '2026-05-20T15:00:00Z',
    discrepancies: [],
  });
  expect(content.items).toMatchObject([
    {
      symbol: 'AAPL',
      qty: '10',
      cost_basis: '1000',
      current_price: '150',
      price_as_of: '2026-05-20T14:59:30.000Z',
      stale: false,
      market_value: '1500',
      unrealized_pl: '500',
      change_today: 0.25,
      weight: 0.75,
    },
    { symbol: 'MSFT', avg_entry_price: '40', cost_basis: '405', market_value: '500', unrealized_pl: '95' },
  ]);
  expect(content.totals).toMatchObject({
    market_value: '2000',
    cash: '595',
    total_value: '2595',
    stale: false,
    fees: '5',
  });
  expect(content.allocation).toEqual({
    by_symbol: [
      { name: 'AAPL', market_value: '1500', weight: 0.75 },
      { name: 'MSFT', market_value: '500', weight: 0.25 },
    ],
    left_out: [],
  });
});

test('says of an unknown price that it is unknown, and why', async () => {
  const { ask, add, portfolio } = testService();
  const id = await portfolio();
  await add(id, buy('ZZZZ', '10', '1'));
  await add(id, buy('FREE', '10', null));
  const { content } = await ask('GET', `/portfolios/${id}/holdings`);
  expect(content.items[1]).toMatchObject({ symbol: 'ZZZZ', cost_basis: '10', market_value: null, current_price: null });
  expect(content.items[1].reasons.market_value.code).toBe('price_unknown');
  expect(content.items[0].reasons.cost_basis.code).toBe('trade_price_unknown');
  expect(content.totals).toMatchObject({ market_value: null, total_value: null, cash: null });
  expect(content.allocation.left_out).toEqual(['FREE', 'ZZZZ']);
});

test('shows symbols that were sold out where they are asked for', async () => {
  const { ask, add, portfolio, alpaca } = testService();
  const id = await portfolio();
  await add(id, buy('AAPL', '3', '10'));
  await add(id, { ...buy('AAPL', '3', '11', '2026-05-05T14:00:00Z'), type: 'sell' });
  expect((await ask('GET', `/portfolios/${id}/holdings`)).content.items).toEqual([]);
  const { content } = await ask('GET', `/portfolios/${id}/holdings?closed=true`);
  expect(content.items).toMatchObject([{ symbol: 'AAPL', qty: '0', realized_pl: '3', market_value: '0' }]);
  expect(alpaca.asked.snapshots).toEqual([]);
});

test('shows the last price as stale while the provider fails, and a fresh one when it is back', async () => {
  const { ask, add, portfolio, alpaca, time } = testService();
  alpaca.prices.set('AAPL', { price: '150' });
  const id = await portfolio();
  await add(id, buy('AAPL', '1', '100'));
  const price = async () => {
    const { items, totals } = holdings.parse((await ask('GET', `/portfolios/${id}/holdings`)).content);
    return [items[0]?.current_price, items[0]?.price_as_of, items[0]?.stale, totals.stale];
  };
  const seen = '2026-05-20T14:59:30.000Z';
  expect(await price()).toEqual(['150', seen, false, false]);
  alpaca.fails = 'unavailable';
  alpaca.prices.set('AAPL', { price: '151', at: '2026-05-20T15:02:00.000Z' });
  time.now = new Date('2026-05-20T15:00:59.000Z');
  expect(await price()).toEqual(['150', seen, false, false]);
  time.now = new Date('2026-05-20T15:01:01.000Z');
  expect(await price()).toEqual(['150', seen, true, true]);
  alpaca.fails = null;
  time.now = new Date('2026-05-20T15:02:30.000Z');
  expect(await price()).toEqual(['151', '2026-05-20T15:02:00.000Z', false, false]);
});

test('tells of an oversell, of trades that are missing, and of one that was meant for another portfolio', async () => {
  const { ask, portfolio, store } = testService();
  const id = await portfolio();
  const named = '01HZZZZZZZZZZZZZZZZZZZZZZZ';
  const oversell = store.book(id, { type: 'sell', symbol: 'AAPL', qty: '2' });
  const foreign = store.book(id, { symbol: 'MSFT', named_portfolio_id: named });
  store.miss(id, 3, 5);
  const { content } = await ask('GET', `/portfolios/${id}/holdings`);
  expect(content.discrepancies).toEqual([
    expect.objectContaining({ code: 'oversell', symbol: 'AAPL', transaction_id: oversell.transaction_id }),
    {
      code: 'missing_trades',
      message: 'booked trades 3 to 5 have not arrived, though later ones have',
      symbol: null,
      transaction_id: null,
    },
    {
      code: 'foreign_trade',
      message: `the trade named portfolio ${named}, which is none of the caller's`,
      symbol: 'MSFT',
      transaction_id: foreign.transaction_id,
    },
  ]);
  expect(content.items[0]).toMatchObject({ symbol: 'AAPL', qty: '-2', cost_basis: null });
});
