import { portfolioRoutes } from '../../contract/routes/portfolios';
import { BERT, testService } from './service';

const listed = portfolioRoutes.listPortfolios.success.body;

const FILE = 'type,symbol,qty,price,executed_at\nbuy,AAPL,1,1,2026-05-01T12:00:00Z\n';

test('opens, shows, lists, replaces and removes a portfolio', async () => {
  const { ask } = testService();
  const created = await ask('POST', '/portfolios', { body: { name: 'Main', benchmark: 'spy' } });
  expect(created.statusCode).toBe(201);
  expect(created.content).toMatchObject({
    name: 'Main',
    base_currency: 'USD',
    cost_basis: 'average',
    benchmark: 'SPY',
    is_default: false,
  });
  const url = created.headers.location!;
  expect(url).toBe(`/portfolios/${created.content.portfolio_id}`);

  const read = await ask('GET', url);
  expect([read.statusCode, read.content]).toEqual([200, created.content]);
  expect((await ask('GET', url, { headers: { 'if-none-match': String(read.headers.etag) } })).statusCode).toBe(304);
  expect((await ask('GET', '/portfolios')).content).toEqual({ items: [created.content], next_cursor: null });

  const replaced = await ask('PUT', url, { body: { name: 'Other', cost_basis: 'fifo' } });
  expect(replaced.content).toMatchObject({ name: 'Other', cost_basis: 'fifo', benchmark: null });
  const removed = await ask('DELETE', url);
  expect([removed.statusCode, removed.body]).toEqual([204, '']);
  expect((await ask('GET', url)).statusCode).toBe(404);
  expect((await ask('DELETE', url)).statusCode).toBe(404);
});

test('takes US dollars only, and names the field', async () => {
  const { ask } = testService();
  const refused = await ask('POST', '/portfolios', { body: { name: 'Main', base_currency: 'EUR' } });
  expect([refused.statusCode, refused.content.error.details]).toEqual([
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
    expect([answer.statusCode, answer.content.error]).toEqual([
      404,
      expect.objectContaining({ code: 'not_found', message: 'There is no such portfolio' }),
    ]);
  expect((await ask('GET', '/portfolios', asBert)).content.items).toEqual([]);
  expect((await ask('GET', `/portfolios/${id}`)).content.name).toBe('Main');
});

test('replaces what its caller saw, whatever was traded meanwhile, and not what somebody changed', async () => {
  const { ask, portfolio, store } = testService();
  const id = await portfolio();
  const etag = String((await ask('GET', `/portfolios/${id}`)).headers.etag);
  store.book(id, { symbol: 'AAPL' });
  const put = (name: string) => ask('PUT', `/portfolios/${id}`, { body: { name }, headers: { 'if-match': etag } });
  expect((await put('Seen')).statusCode).toBe(200);
  const late = await put('Late');
  expect([late.statusCode, late.content.error.code]).toEqual([412, 'precondition_failed']);
  expect((await ask('GET', `/portfolios/${id}`)).content.name).toBe('Seen');
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
  expect([answer.statusCode, answer.content.name]).toEqual([200, 'New']);
});

test('lists by pages, the oldest first, and refuses another list’s cursor', async () => {
  const { ask, portfolio } = testService();
  const ids = [];
  for (let i = 0; i < 5; i++) ids.push(await portfolio({ name: `No ${i}` }));
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const query: string = cursor === null ? '' : `&cursor=${cursor}`;
    const page = listed.parse((await ask('GET', `/portfolios?limit=2${query}`)).content);
    seen.push(...page.items.map(({ portfolio_id }) => portfolio_id));
    cursor = page.next_cursor;
  } while (cursor !== null);
  expect(seen).toEqual(ids);
  for (const wrong of ['nonsense', Buffer.from('["x","y"]').toString('base64url')])
    expect((await ask('GET', `/portfolios?cursor=${wrong}`)).content.error.code).toBe('invalid_cursor');
});

test('opens at most a hundred', async () => {
  const { ask, portfolio } = testService();
  for (let i = 0; i < 100; i++) await portfolio();
  const answer = await ask('POST', '/portfolios', { body: { name: 'One more' } });
  expect([answer.statusCode, answer.content.error.message]).toEqual([422, 'A user has at most 100 portfolios']);
});
