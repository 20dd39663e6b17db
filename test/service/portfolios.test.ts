import { testService } from './service';

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
