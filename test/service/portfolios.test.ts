import { BERT, testService } from './service';

const FILE = 'type,symbol,qty,price,executed_at\nbuy,AAPL,1,1,2026-05-01T12:00:00Z\n';

test('opens, shows, lists, replaces and removes a portfolio', async () => {
  const { ask } = testService();
  const created = await ask('POST', '/portfolios', { body: { name: 'Main', benchmark: 'spy' } });
  expect(created.statusCode).toBe(201);
  expect(created.body_).toMatchObject({
    name: 'Main',
    base_currency: 'USD',
    cost_basis: 'average',
    benchmark: 'SPY',
    is_default: false,
  });
  const url = created.headers.location!;
  expect(url).toBe(`/portfolios/${created.body_.portfolio_id}`);

  const read = await ask('GET', url);
  expect([read.statusCode, read.body_]).toEqual([200, created.body_]);
  expect((await ask('GET', url, { headers: { 'if-none-match': String(read.headers.etag) } })).statusCode).toBe(304);
  expect((await ask('GET', '/portfolios')).body_).toEqual({ items: [created.body_], next_cursor: null });

  const replaced = await ask('PUT', url, { body: { name: 'Other', cost_basis: 'fifo' } });
  expect(replaced.body_).toMatchObject({ name: 'Other', cost_basis: 'fifo', benchmark: null });
  const removed = await ask('DELETE', url);
  expect([removed.statusCode, removed.body]).toEqual([204, '']);
  expect((await ask('GET', url)).statusCode).toBe(404);
  expect((await ask('DELETE', url)).statusCode).toBe(404);
});

test('takes US dollars only, and names the field', async () => {
  const { ask } = testService();
  const refused = await ask('POST', '/portfolios', { body: { name: 'Main', base_currency: 'EUR' } });
  expect([refused.statusCode, refused.body_.error.details]).toEqual([
    422,
    [{ path: 'base_currency', message: 'base_currency must be USD, not EUR' }],
  ]);
});

test('lets nobody see, change or remove what is another’s', async () => {
  const { ask, portfolio } = testService();
  const id = await portfolio();
  const asBert = { as: BERT };
  const transaction = { type: 'deposit', amount: '1', executed_at: '2026-05-01T12:00:00Z' };
  const answers = await Promise.all([
    ask('GET', `/portfolios/${id}`, asBert),
    ask('PUT', `/portfolios/${id}`, { ...asBert, body: { name: 'Mine' } }),
    ask('DELETE', `/portfolios/${id}`, asBert),
    ask('GET', `/portfolios/${id}/holdings`, asBert),
    ask('GET', `/portfolios/${id}/performance`, asBert),
    ask('GET', `/portfolios/${id}/transactions`, asBert),
    ask('POST', `/portfolios/${id}/transactions`, { ...asBert, body: transaction }),
    ask('DELETE', `/portfolios/${id}/transactions/${id}`, asBert),
    ask('POST', `/portfolios/${id}/import`, { ...asBert, body: FILE }),
    ask('GET', `/portfolios/${id}/export`, asBert),
  ]);
  for (const answer of answers)
    expect([answer.statusCode, answer.body_.error]).toEqual([
      404,
      expect.objectContaining({ code: 'not_found', message: 'There is no such portfolio' }),
    ]);
  expect((await ask('GET', '/portfolios', asBert)).body_.items).toEqual([]);
  expect((await ask('GET', `/portfolios/${id}`)).body_.name).toBe('Main');
});

test('replaces what its caller saw, whatever was traded meanwhile, and not what somebody changed', async () => {
  const { ask, portfolio, store } = testService();
  const id = await portfolio();
  const etag = String((await ask('GET', `/portfolios/${id}`)).headers.etag);
  store.book(id, { symbol: 'AAPL' });
  const put = (name: string) => ask('PUT', `/portfolios/${id}`, { body: { name }, headers: { 'if-match': etag } });
  expect((await put('Seen')).statusCode).toBe(200);
  const late = await put('Late');
  expect([late.statusCode, late.body_.error.code]).toEqual([412, 'precondition_failed']);
  expect((await ask('GET', `/portfolios/${id}`)).body_.name).toBe('Seen');
});

test('replaces with If-Match though a trade comes in between reading and writing', async () => {
  const { ask, portfolio, store } = testService();
  const id = await portfolio();
  const etag = String((await ask('GET', `/portfolios/${id}`)).headers.etag);
  const find = store.find.bind(store);
  let trades = 2;
  store.find = async (...which) => {
    const found = await find(...which);
    if (trades > 0) store.book(id, { symbol: 'AAPL' });
    trades -= 1;
    return found;
  };
  const answer = await ask('PUT', `/portfolios/${id}`, { body: { name: 'New' }, headers: { 'if-match': etag } });
  expect([answer.statusCode, answer.body_.name]).toEqual([200, 'New']);
});

test('lists by pages, the oldest first, and refuses another list’s cursor', async () => {
  const { ask, portfolio } = testService();
  const ids = [];
  for (let i = 0; i < 5; i++) ids.push(await portfolio({ name: `No ${i}` }));
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const query: string = cursor === null ? '' : `&cursor=${cursor}`;
    const page = await ask('GET', `/portfolios?limit=2${query}`);
    seen.push(...page.body_.items.map((one: { portfolio_id: string }) => one.portfolio_id));
    cursor = page.body_.next_cursor;
  } while (cursor !== null);
  expect(seen).toEqual(ids);
  for (const wrong of ['nonsense', Buffer.from('["x","y"]').toString('base64url')])
    expect((await ask('GET', `/portfolios?cursor=${wrong}`)).body_.error.code).toBe('invalid_cursor');
});

test('opens at most a hundred', async () => {
  const { ask, portfolio } = testService();
  for (let i = 0; i < 100; i++) await portfolio();
  const answer = await ask('POST', '/portfolios', { body: { name: 'One more' } });
  expect([answer.statusCode, answer.body_.error.message]).toEqual([422, 'A user has at most 100 portfolios']);
});
