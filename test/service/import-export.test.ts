import { importReport } from '../../contract/schemas/portfolios';
import { testService } from './service';

const HEADER = 'type,symbol,qty,price,amount,fee,ratio,executed_at,external_id';
const file = (...rows: string[]) => [HEADER, ...rows, ''].join('\n');
const BUY = 'buy,AAPL,10,100,,,,2026-05-04T14:00:00Z,a';
const SELL = 'sell,AAPL,4,110,,1,,2026-05-05T14:00:00Z,b';

test('takes a file once, however often it is imported', async () => {
  const { ask, portfolio } = testService();
  const id = await portfolio();
  const take = () => ask('POST', `/portfolios/${id}/import`, { body: file(BUY, SELL) });
  expect((await take()).content).toEqual({
    ...{ format: 'signal9', rows: 2, imported: 2, unchanged: 0, skipped: [], rejected: [] },
  });
  expect((await take()).content).toMatchObject({ rows: 2, imported: 0, unchanged: 2 });
  const { items } = (await ask('GET', `/portfolios/${id}/transactions`)).content;
  expect(items).toMatchObject([
    { type: 'sell', source: 'import', external_id: 'b', fee: '1' },
    { type: 'buy', source: 'import', external_id: 'a' },
  ]);
});

test('exports what can be imported again, booked trades among it', async () => {
  const { ask, portfolio, store, add } = testService();
  const id = await portfolio();
  store.book(id, { qty: '3' });
  await add(id, { type: 'deposit', amount: '7.5', executed_at: '2026-05-01T12:00:00Z' });
  const exported = await ask('GET', `/portfolios/${id}/export`);
  expect([exported.statusCode, exported.headers['content-type'], exported.headers['content-disposition']]).toEqual([
    200,
    'text/csv; charset=utf-8',
    `attachment; filename="portfolio-${id}.csv"`,
  ]);
  const own = await ask('POST', `/portfolios/${id}/import`, { body: exported.body });
  expect(own.content).toMatchObject({ imported: 0, unchanged: 2 });
  const other = await portfolio();
  expect((await ask('POST', `/portfolios/${other}/import`, { body: exported.body })).content).toMatchObject({
    imported: 2,
  });
  expect((await ask('GET', `/portfolios/${other}/export`)).body).toBe(exported.body);
});

const BAD = file(
  BUY,
  'buy,AAPL,-1,100,,,,2026-05-04T14:00:00Z,c',
  SELL,
  'sell,AAPL,7,110,,,,2026-05-06T14:00:00Z,d',
  'sell,AAPL,6,110,,,,2026-05-07T14:00:00Z,e',
  'sell,MSFT,1,110,,,,2026-05-07T14:00:00Z,f',
);

test('refuses a file with a bad row as a whole, naming every bad line', async () => {
  const { ask, portfolio } = testService();
  const id = await portfolio();
  const { statusCode, content } = await ask('POST', `/portfolios/${id}/import`, { body: BAD });
  expect([statusCode, content.error.message]).toEqual([422, expect.stringMatching(/^3 lines of the file/)]);
  expect(content.error.details).toEqual([
    { path: 'line 3: qty', message: 'must be above zero, not -1' },
    { path: 'line 5: qty', message: 'sells 1 more than is held' },
    { path: 'line 7: qty', message: 'sells 1 more than is held' },
  ]);
  expect((await ask('GET', `/portfolios/${id}/transactions`)).content.items).toEqual([]);
});

test('keeps the good rows of it where that is asked for, and leaves out the same ones again', async () => {
  const { ask, portfolio } = testService();
  const id = await portfolio();
  const take = async () =>
    importReport.parse((await ask('POST', `/portfolios/${id}/import?partial=true`, { body: BAD })).content);
  const first = await take();
  expect(first).toMatchObject({ rows: 6, imported: 3, unchanged: 0 });
  expect(first.rejected.map(({ line }) => line)).toEqual([3, 5, 7]);
  const second = await take();
  expect([second.imported, second.unchanged, second.rejected]).toEqual([0, 3, first.rejected]);
  expect((await ask('GET', `/portfolios/${id}/holdings`)).content.items).toEqual([]);
});

test('leaves out a row that takes shares away from a sell that was there', async () => {
  const { ask, portfolio, add } = testService();
  const id = await portfolio();
  await add(id, { type: 'buy', symbol: 'AAPL', qty: '10', price: '1', executed_at: '2026-05-01T14:00:00Z' });
  await add(id, { type: 'sell', symbol: 'AAPL', qty: '8', price: '1', executed_at: '2026-05-10T14:00:00Z' });
  const rows = file(
    'sell,AAPL,2,1,,,,2026-05-02T14:00:00Z,a',
    'sell,AAPL,1,1,,,,2026-05-03T14:00:00Z,b',
    'split,AAPL,,,,,1:2,2026-05-04T00:00:00Z,c',
  );
  const { content } = await ask('POST', `/portfolios/${id}/import?partial=true`, { body: rows });
  expect([content.imported, content.rejected]).toEqual([
    1,
    [
      { line: 3, path: 'qty', message: expect.stringMatching(/^takes shares away that sell \w{26} sells$/) },
      { line: 4, path: 'ratio', message: expect.stringMatching(/^takes shares away that sell \w{26} sells$/) },
    ],
  ]);
});

test('does not refuse a file over an oversell that was booked', async () => {
  const { ask, portfolio, store } = testService();
  const id = await portfolio();
  store.book(id, { type: 'sell', qty: '5', executed_at: '2026-05-08T14:00:00.000Z' });
  const { statusCode } = await ask('POST', `/portfolios/${id}/import`, {
    body: file('buy,AAPL,2,100,,,,2026-05-04T14:00:00Z,a', 'sell,AAPL,2,100,,,,2026-05-09T14:00:00Z,b'),
  });
  expect(statusCode).toBe(422);
  const bought = await ask('POST', `/portfolios/${id}/import`, { body: file(BUY) });
  expect(bought.content).toMatchObject({ imported: 1 });
});

test('refuses what is no such file', async () => {
  const { ask, portfolio } = testService();
  const id = await portfolio();
  const send = (body: string, headers = {}) => ask('POST', `/portfolios/${id}/import`, { body, headers });
  const unknown = await send('a,b\n1,2\n');
  expect([unknown.statusCode, unknown.content.error.details[0].path]).toEqual([422, 'body']);
  expect((await send('  ')).content.error.message).toBe('body must be a CSV file');
  const form = await send(file(BUY), { 'content-type': 'application/x-www-form-urlencoded' });
  expect([form.statusCode, form.content.error.message]).toEqual([400, 'Content-Type must be text/csv']);
  const large = await send(`${HEADER}\n${'x'.repeat(9_500_000)}`);
  expect([large.statusCode, large.content.error.code]).toEqual([413, 'payload_too_large']);
});

test('takes ten thousand rows of many symbols', async () => {
  const { ask, portfolio } = testService();
  const id = await portfolio();
  const rows = Array.from({ length: 10_000 }, (_, i) => {
    const day = String((i % 28) + 1).padStart(2, '0');
    return `buy,S${i % 50},1,${(i % 90) + 10}.25,,,,2025-01-${day}T14:00:00Z,id-${i}`;
  });
  const take = () => ask('POST', `/portfolios/${id}/import`, { body: file(...rows) });
  expect((await take()).content).toMatchObject({ imported: 10_000, unchanged: 0 });
  expect((await take()).content).toMatchObject({ imported: 0, unchanged: 10_000 });
});

test('refuses rows of the future', async () => {
  const { ask, portfolio } = testService();
  const id = await portfolio();
  const body = file(BUY, 'split,AAPL,,,,,2:1,2026-05-30T00:00:00Z,s');
  const { statusCode, content } = await ask('POST', `/portfolios/${id}/import`, { body });
  expect([statusCode, (content.error.details as { readonly path: string }[]).map(({ path }) => path)]).toEqual([
    422,
    ['line 3: executed_at'],
  ]);
});

test('names a thousand faults of a file, and says how many more there are', async () => {
  const { ask, portfolio } = testService();
  const id = await portfolio();
  const body = file(...Array.from({ length: 1200 }, (_, at) => `buy,AAPL,-1,1,,,,2026-05-04T14:00:00Z,${at}`));
  const { content } = await ask('POST', `/portfolios/${id}/import`, { body });
  expect(content.error.details).toHaveLength(1000);
  expect(content.error.message).toMatch(/^1200 lines .*; 200 more faults are not shown$/);
});
