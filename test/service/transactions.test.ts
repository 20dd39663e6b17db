import { portfolioRoutes } from '../../contract/routes/portfolios';
import { errorBody } from '../../contract/schemas/errors';
import { testService } from './service';

const listed = portfolioRoutes.listTransactions.success.body;

const AT = '2026-05-04T14:00:00Z';
const buy = { type: 'buy', symbol: 'AAPL', qty: '10', price: '100', executed_at: AT };

test('records a transaction in the spelling in which it is kept', async () => {
  const { add, ask, portfolio } = testService();
  const id = await portfolio();
  const answer = await add(id, {
    ...{ type: 'buy', symbol: 'brk.b', qty: '010.50', price: '1.10', executed_at: '2026-05-04T10:00:00-04:00' },
    external_id: 'mine-1',
  });
  expect(answer.statusCode).toBe(201);
  expect(answer.content).toEqual({
    transaction_id: expect.stringMatching(/^[0-9A-Z]{26}$/),
    portfolio_id: id,
    type: 'buy',
    symbol: 'BRK.B',
    qty: '10.5',
    price: '1.1',
    amount: null,
    fee: null,
    ratio: null,
    currency: 'USD',
    executed_at: '2026-05-04T14:00:00.000Z',
    external_id: 'mine-1',
    source: 'manual',
    trade_id: null,
    sequence: null,
    created_at: '2026-05-20T15:00:00.000Z',
  });
  expect(answer.headers.location).toBe(`/portfolios/${id}/transactions/${answer.content.transaction_id}`);
  expect((await ask('GET', `/portfolios/${id}/transactions`)).content).toEqual({
    items: [answer.content],
    next_cursor: null,
  });
});

test('answers the first to the same external_id, and refuses it for anything else', async () => {
  const { add, ask, portfolio } = testService();
  const id = await portfolio();
  const first = await add(id, { ...buy, external_id: 'x' });
  const again = await add(id, {
    ...buy,
    qty: '10.0',
    fee: '0',
    executed_at: '2026-05-04T16:00:00+02:00',
    external_id: 'x',
  });
  expect([again.statusCode, again.content, again.headers.location]).toEqual([
    200,
    first.content,
    first.headers.location,
  ]);
  const other = await add(id, { ...buy, qty: '11', external_id: 'x' });
  expect([other.statusCode, other.content.error.code, other.content.error.details[0].path]).toEqual([
    409,
    'conflict',
    'external_id',
  ]);
  expect((await ask('GET', `/portfolios/${id}/transactions`)).content.items).toHaveLength(1);
  expect((await add(await portfolio(), { ...buy, external_id: 'x' })).statusCode).toBe(201);
});

test.each([
  [400, { ...buy, qty: undefined }, 'qty'],
  [400, { ...buy, amount: '5' }, 'amount'],
  [400, { ...buy, type: 'split', qty: undefined, price: undefined, ratio: 'two' }, 'ratio'],
  [400, { ...buy, qty: '1e3' }, 'qty'],
  [400, { ...buy, executed_at: '2026-02-30T10:00:00Z' }, 'executed_at'],
  [400, { ...buy, colour: 'red' }, 'colour'],
  [422, { ...buy, executed_at: '2026-05-21T15:00:00.001Z' }, 'executed_at'],
  [422, { ...buy, qty: '-1' }, 'qty'],
  [422, { ...buy, qty: '0' }, 'qty'],
  [422, { ...buy, price: '0' }, 'price'],
  [422, { ...buy, fee: '-1' }, 'fee'],
  [422, { ...buy, qty: '0.0000000001' }, 'qty'],
  [422, { ...buy, qty: '1000000000000' }, 'qty'],
  [422, { ...buy, type: 'sell', qty: '1' }, 'qty'],
])('refuses with %i what names %j wrongly: %s', async (status, transaction, path) => {
  const { add, portfolio, ask } = testService();
  const id = await portfolio();
  const answer = await add(id, transaction);
  expect([answer.statusCode, errorBody.parse(answer.content).error.details?.map((one) => one.path)]).toEqual([
    status,
    [path],
  ]);
  expect((await ask('GET', `/portfolios/${id}/transactions`)).content.items).toEqual([]);
});

test('refuses what would make a later sell an oversell, and takes what has nothing to do with one that is booked', async () => {
  const { add, portfolio, store, ask } = testService();
  const id = await portfolio();
  const bought = await add(id, buy);
  await add(id, { ...buy, type: 'sell', executed_at: '2026-05-10T14:00:00Z' });
  const before = await add(id, { ...buy, type: 'sell', qty: '1', executed_at: '2026-05-07T14:00:00Z' });
  expect([before.statusCode, before.content.error.message]).toEqual([
    422,
    expect.stringContaining('of which 9 are held'),
  ]);
  const split = await add(id, { type: 'split', symbol: 'AAPL', ratio: '1:2', executed_at: '2026-05-07T14:00:00Z' });
  expect([split.statusCode, split.content.error.details[0].path]).toEqual([422, 'ratio']);
  const removed = await ask('DELETE', `/portfolios/${id}/transactions/${bought.content.transaction_id}`);
  expect([removed.statusCode, removed.content.error.message]).toEqual([
    422,
    expect.stringMatching(/^Without it sell /),
  ]);

  store.book(id, { type: 'sell', symbol: 'MSFT', qty: '5' });
  expect((await add(id, { ...buy, symbol: 'MSFT', qty: '1' })).statusCode).toBe(201);
});

test('removes what was recorded, and never what was booked', async () => {
  const { add, ask, portfolio, store } = testService();
  const id = await portfolio();
  const { transaction_id } = (await add(id, buy)).content;
  const url = `/portfolios/${id}/transactions/${transaction_id}`;
  expect((await ask('DELETE', url)).statusCode).toBe(204);
  expect((await ask('DELETE', url)).content.error.message).toBe('There is no such transaction');
  const booked = store.book(id, {});
  const refused = await ask('DELETE', `/portfolios/${id}/transactions/${booked.transaction_id}`);
  expect([refused.statusCode, refused.content.error.code]).toEqual([422, 'unprocessable']);
});

test('lists the newest first, by pages and filters', async () => {
  const { add, ask, portfolio } = testService();
  const id = await portfolio();
  for (let day = 1; day <= 5; day++)
    await add(id, { ...buy, symbol: day % 2 ? 'AAPL' : 'MSFT', executed_at: `2026-05-0${day}T14:00:00Z` });
  await add(id, { type: 'deposit', amount: '1', executed_at: '2026-05-06T23:59:59.999Z' });
  const days = async (query: string) => {
    const { items } = listed.parse((await ask('GET', `/portfolios/${id}/transactions?${query}`)).content);
    return items.map(({ executed_at }) => Number(executed_at.slice(8, 10)));
  };
  expect(await days('')).toEqual([6, 5, 4, 3, 2, 1]);
  expect(await days('symbol=msft')).toEqual([4, 2]);
  expect(await days('type=deposit')).toEqual([6]);
  expect(await days('from=2026-05-05&to=2026-05-06')).toEqual([6, 5]);
  expect(await days('from=2026-05-02T14:00:00Z&to=2026-05-03T14:00:00Z')).toEqual([3, 2]);

  const first = (await ask('GET', `/portfolios/${id}/transactions?limit=4`)).content;
  expect(await days(`limit=4&cursor=${first.next_cursor}`)).toEqual([2, 1]);
  const foreign = await ask('GET', `/portfolios/${id}/transactions?type=buy&cursor=${first.next_cursor}`);
  expect([foreign.statusCode, foreign.content.error.code]).toEqual([400, 'invalid_cursor']);
  const backwards = await ask('GET', `/portfolios/${id}/transactions?from=2026-05-06&to=2026-05-05`);
  expect([backwards.statusCode, backwards.content.error.details[0].path]).toEqual([400, 'from']);
});

test('refuses the id under which another transaction is exported', async () => {
  const { add, portfolio } = testService();
  const id = await portfolio();
  const first = await add(id, buy);
  const forged = await add(id, { ...buy, external_id: `signal9:${first.content.transaction_id}` });
  expect([forged.statusCode, forged.content.error.code]).toEqual([409, 'conflict']);
});
