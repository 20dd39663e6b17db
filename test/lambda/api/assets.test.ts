import { DeleteCommand } from '@aws-sdk/lib-dynamodb';
import { routes } from '../../../contract/routes';
import { tableName } from '../../../contract/tables';
import { makeHandler } from '../../../lambda/api/assets';
import type { LatestQuote } from '../../../lambda/adapters/quotes';
import { pageRequest } from '../../../lambda/api/reads/page';
import { startDynamo, type TestDynamo } from '../../dynamo';
import { call, everyPage, recordingLog } from './call';
import { analysisRow, assetRow, idOf, NOW, overviewRow, put, statementRow, ulidOf } from './seed';

interface Summary {
  readonly asset_id: string;
  readonly symbol: string;
  readonly name: string;
}

const ENV = 'assets';
let dynamo: TestDynamo;
let quote: LatestQuote | null = null;
const log = recordingLog();
const services = () => ({
  documents: dynamo.documents,
  env: ENV,
  clock: () => NOW,
  log,
  quotes: { latest: async () => quote },
});
const handler = (event: Parameters<ReturnType<typeof makeHandler>>[0]) => makeHandler(services())(event);

/** 300 assets over digits and letters, a third of them of one sector, a fifth inactive. */
const universe = Array.from({ length: 300 }, (_, n) => {
  const initial = '09ABCMTZ'.charAt(n % 8);
  return assetRow(1000 + n, `${initial}${String(n).padStart(3, 'X')}`, {
    name: n % 10 === 0 ? `Maple ${n}` : `Company ${n}`,
    status: n % 5 === 0 ? 'inactive' : 'active',
    exchange: n % 2 === 0 ? 'NASDAQ' : 'NYSE',
    ...(n % 3 === 0 && { sector: 'ENERGY' }),
  });
});

beforeAll(async () => {
  dynamo = await startDynamo();
  await dynamo.createTables(ENV);
  await put(dynamo.documents, ENV, 'assets', [
    ...universe,
    assetRow(1, 'IBM', {
      name: 'International Business Machines',
      sector: 'TECHNOLOGY',
      rating: {
        analysis_id: ulidOf(3),
        score: 61.5,
        grade: 'B',
        coverage: 0.94,
        fiscal_date: '2025-12-31',
        analyzed_at: '2026-05-17T10:00:00Z',
      },
    }),
    // One symbol, three companies: two delisted, one that trades.
    assetRow(2, 'XYZ', { status: 'inactive', updated_at: '2026-05-17T11:00:00Z' }),
    assetRow(3, 'XYZ', { status: 'active', updated_at: '2026-01-01T00:00:00Z' }),
    assetRow(4, 'XYZ', { status: 'inactive', updated_at: '2026-05-17T11:30:00Z' }),
    assetRow(5, 'OLD', { status: 'inactive', updated_at: '2025-01-01T00:00:00Z' }),
    assetRow(6, 'OLD', { status: 'inactive', updated_at: '2026-01-01T00:00:00Z' }),
    assetRow(7, 'NEVR', { name: 'Never Analysed' }),
  ]);
  await put(dynamo.documents, ENV, 'assetAnalysis', [
    ...[0, 1, 2, 3].map((n) => analysisRow(n, idOf(1), 'IBM', { rating: { score: n, grade: null, coverage: 1 } })),
    analysisRow(9, idOf(3), 'XYZ'),
  ]);
  await put(dynamo.documents, ENV, 'incomeStatement', [
    ...['2023-12-31', '2024-12-31', '2025-12-31'].map((date) => statementRow(idOf(1), 'annual', date)),
    ...['2025-03-31', '2025-06-30', '2025-09-30', '2025-12-31', '2026-03-31'].map((date) =>
      statementRow(idOf(1), 'quarterly', date),
    ),
    statementRow(idOf(3), 'annual', '2025-12-31', { fetched_at: 'yesterday' }),
    statementRow(idOf(3), 'annual', '2024-12-31'),
  ]);
  await put(dynamo.documents, ENV, 'companyOverview', [overviewRow(idOf(1), 'IBM')]);
});
afterAll(() => dynamo.stop());
beforeEach(() => {
  quote = null;
  log.lines.length = 0;
});

test('a symbol that was asked for before is another company’s as soon as it changes hands', async () => {
  const same = makeHandler(services());
  const symbolOf = async (): Promise<unknown> =>
    (await call(same, routes.getAsset, { parameters: { assetId: 'hand' } })).json.asset_id;
  const write = (...rows: readonly ReturnType<typeof assetRow>[]) => put(dynamo.documents, ENV, 'assets', rows);
  await write(assetRow(20, 'HAND'));
  expect([await symbolOf(), await symbolOf()]).toEqual([idOf(20), idOf(20)]);
  // Delisted, and its symbol given away; then renamed.
  await write(assetRow(20, 'HAND', { status: 'inactive' }), assetRow(21, 'HAND'));
  expect([await symbolOf(), await symbolOf()]).toEqual([idOf(21), idOf(21)]);
  await write(assetRow(21, 'FOOT'), assetRow(22, 'HAND'));
  expect(await symbolOf()).toBe(idOf(22));
  for (const n of [20, 21, 22])
    await dynamo.documents.send(new DeleteCommand({ TableName: tableName(ENV, 'assets'), Key: { asset_id: idOf(n) } }));
});

describe('GET /assets', () => {
  const symbolsIn = (rows: readonly { readonly symbol?: unknown }[]) => rows.map(({ symbol }) => symbol);

  test('walks every asset by symbol in pages of seven, across partitions, none lost and none twice', async () => {
    const { items, sizes } = await everyPage<Summary>(handler, routes.listAssets, { query: { limit: '7' } });
    expect(items).toHaveLength(universe.length + 7);
    expect(new Set(items.map(({ asset_id }) => asset_id)).size).toBe(items.length);
    expect(symbolsIn(items)).toEqual([...symbolsIn(items)].sort());
    expect(sizes.slice(0, -1).every((size) => size === 7)).toBe(true);
  });

  test('asks one partition for all symbols that begin with no letter, and shows them first', async () => {
    let queries = 0;
    dynamo.documents.middlewareStack.add(
      (next) => async (args) => {
        queries += 1;
        return next(args);
      },
      { step: 'initialize', name: 'countQueries' },
    );
    const digits = symbolsIn(universe).filter((symbol) => /^\d/.test(String(symbol)));
    const limit = String(digits.length + 1);
    const { json } = await call(handler, routes.listAssets, { query: { limit } });
    dynamo.documents.middlewareStack.remove('countQueries');
    expect(new Set(digits.map((symbol) => String(symbol).charAt(0)))).toEqual(new Set(['0', '9']));
    expect(symbolsIn(json.items).slice(0, -1)).toEqual([...digits].sort());
    expect(symbolsIn(json.items).at(-1)).toMatch(/^A/);
    expect(queries).toBe(2);
  });

  test('finds symbols by the digit that they begin with', async () => {
    const { items } = await everyPage<Summary>(handler, routes.listAssets, { query: { query: '9', limit: '7' } });
    const nines = symbolsIn(universe).filter((symbol) => String(symbol).startsWith('9'));
    expect(symbolsIn(items)).toEqual([...nines].sort());
  });

  test.each([[['symbol:9']], [['symbol:9', '9', '9XX', idOf(1000)]], [['symbol:#', '9', '9XX', idOf(1000)]]])(
    'refuses a cursor into a partition that a digit had to itself: %j',
    async (position) => {
      const cursor = pageRequest(routes.listAssets, { parameters: {}, query: {} }).cursorAfter(position);
      const { statusCode, json } = await call(handler, routes.listAssets, { query: { cursor } });
      expect([statusCode, json.error.code]).toEqual([400, 'invalid_cursor']);
    },
  );

  test.each([
    [{ sector: 'ENERGY' }, (row: Record<string, unknown>) => row.sector === 'ENERGY'],
    [
      { status: 'inactive', exchange: 'NASDAQ' },
      (row: Record<string, unknown>) => row.status === 'inactive' && row.exchange === 'NASDAQ',
    ],
    [{ query: 'a' }, (row: Record<string, unknown>) => String(row.symbol).startsWith('A')],
    [
      { query: 'm', status: 'active' },
      (row: Record<string, unknown>) =>
        (String(row.symbol).startsWith('M') || String(row.name).startsWith('Maple')) && row.status === 'active',
    ],
  ])('walks %j completely in pages of seven', async (query, belongs) => {
    const { items } = await everyPage<Summary>(handler, routes.listAssets, { query: { ...query, limit: '7' } });
    const expected = symbolsIn(universe.filter(belongs));
    expect(symbolsIn(items).sort()).toEqual(expected.sort());
  });

  test('puts those whose symbol begins with the query before those whose name does', async () => {
    const { items } = await everyPage<Summary>(handler, routes.listAssets, { query: { query: 'M', limit: '5' } });
    const bySymbol = items.map(({ symbol }) => symbol.startsWith('M'));
    expect(bySymbol).toEqual([...bySymbol].sort((a, b) => Number(b) - Number(a)));
    expect(bySymbol).toContain(true);
    expect(bySymbol).toContain(false);
  });

  test('shows null for what is not known, and the latest rating', async () => {
    const { json } = await call(handler, routes.listAssets, { query: { query: 'ibm' } });
    expect(json).toMatchObject({
      items: [{ symbol: 'IBM', industry: null, currency: null, rating: { grade: 'B', score: 61.5 } }],
      next_cursor: null,
    });
    expect(json.items[0]).not.toHaveProperty('fingerprint');
  });

  test('answers a query that nothing matches with an empty list', async () => {
    const { statusCode, json } = await call(handler, routes.listAssets, { query: { query: '☃ snow' } });
    expect([statusCode, json]).toEqual([200, { items: [], next_cursor: null }]);
  });

  test('knows fifty as the default and two hundred as the greatest limit', async () => {
    expect((await call(handler, routes.listAssets)).json.items).toHaveLength(50);
    expect((await call(handler, routes.listAssets, { query: { limit: '200' } })).json.items).toHaveLength(200);
    const { statusCode, json } = await call(handler, routes.listAssets, { query: { limit: '201' } });
    expect(statusCode).toBe(400);
    expect(json.error.details).toEqual([{ path: 'limit', message: 'must be a whole number from 1 to 200' }]);
  });

  test('refuses a cursor of another query, a tampered one and none at all', async () => {
    const { json } = await call(handler, routes.listAssets, { query: { limit: '7' } });
    const cursor = String(json.next_cursor);
    const [digest, ...position] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as string[];
    const written = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const others: readonly Record<string, string>[] = [
      { cursor, query: 'A' },
      { cursor, status: 'active' },
      { cursor: `${cursor}A` },
      { cursor: written([digest, ...position.slice(0, -1), idOf(9)]) },
      { cursor: written({ digest }) },
      { cursor: written([]) },
      { cursor: 'garbage' },
    ];
    for (const query of others) {
      const answer = await call(handler, routes.listAssets, { query });
      expect([answer.statusCode, answer.json.error.code]).toEqual([400, 'invalid_cursor']);
      expect(answer.json.error.details).toEqual([expect.objectContaining({ path: 'cursor' })]);
    }
    // Another limit is the same query.
    expect((await call(handler, routes.listAssets, { query: { cursor, limit: '3' } })).json.items).toHaveLength(3);
  });

  test('leaves a malformed row out, and logs where without what', async () => {
    await put(dynamo.documents, ENV, 'assets', [assetRow(8, 'QBAD', { tradable: 'perhaps' }), assetRow(9, 'QGOOD')]);
    const { json } = await call(handler, routes.listAssets, { query: { query: 'Q' } });
    expect(symbolsIn(json.items)).toEqual(['QGOOD']);
    expect(log.lines).toContainEqual(
      expect.objectContaining({ level: 'error', fields: { table: 'assets', reason: 'tradable: invalid_type' } }),
    );
    // Asked for by itself, there is nothing else to show.
    expect((await call(handler, routes.getAsset, { parameters: { assetId: 'QBAD' } })).statusCode).toBe(500);
  });
});

describe('GET /assets/{assetId}', () => {
  const get = (assetId: string) => call(handler, routes.getAsset, { parameters: { assetId } });

  test.each(['IBM', 'ibm', 'i%42m', idOf(1), idOf(1).toUpperCase()])('finds %s', async (reference) => {
    const { statusCode, json, headers } = await get(reference);
    expect(statusCode).toBe(200);
    expect(json).toMatchObject({ asset_id: idOf(1), symbol: 'IBM', price: null });
    expect(headers['cache-control']).toBe('no-store');
  });

  test('prefers, of several with one symbol, the active one, then the one heard of last', async () => {
    expect((await get('XYZ')).json.asset_id).toBe(idOf(3));
    expect((await get('OLD')).json.asset_id).toBe(idOf(6));
  });

  test('shows the price with its age, stale beyond a quarter of an hour or when it could not be refreshed', async () => {
    quote = { price: '253.18', currency: 'USD', as_of: '2026-05-17T11:59:30.500Z', previous_close: '251' };
    expect((await get('IBM')).json.price).toEqual({ ...quote, age_seconds: 29, stale: false });
    quote = { ...quote, stale: true };
    expect((await get('IBM')).json.price).toMatchObject({ price: '253.18', age_seconds: 29, stale: true });
    quote = { price: '253.18', currency: 'USD', as_of: '2026-05-15T20:00:00Z', previous_close: null };
    expect((await get('IBM')).json.price).toMatchObject({ age_seconds: 144000, stale: true, previous_close: null });
    quote = { ...quote, as_of: '2026-05-17T12:00:05Z' };
    expect((await get('IBM')).json.price).toMatchObject({ age_seconds: 0, stale: false });
  });

  test.each(['NONE', idOf(99)])('does not find %s', async (reference) => {
    const { statusCode, json } = await get(reference);
    expect([statusCode, json.error.code]).toEqual([404, 'not_found']);
    expect(json.error.message).toContain(reference);
  });

  test.each(['%', 'a b', '', '../x', `${idOf(1)}0`])('refuses %j with its name', async (reference) => {
    const { statusCode, json } = await get(reference);
    expect([statusCode, json.error.details[0].path]).toEqual([400, 'assetId']);
  });
});

describe('GET /assets/{assetId}/analysis', () => {
  const get = (assetId: string, query = {}) => call(handler, routes.getAnalysis, { parameters: { assetId }, query });

  test('answers the latest, with its working and without our bookkeeping', async () => {
    const { statusCode, json } = await get('IBM');
    expect(statusCode).toBe(200);
    expect(json).toMatchObject({
      analysis_id: ulidOf(3),
      rating: { score: 3 },
      ratios: { current_ratio: { value: 2.5 } },
    });
    expect(json.ratios.pe).toEqual({ value: null, status: 'missing', inputs: { price: null }, missing: ['price'] });
    expect(json).not.toHaveProperty('inputs_digest');
  });

  test('lists the earlier ones, newest first, page by page', async () => {
    const { items } = await everyPage<{ analysis_id: string }>(handler, routes.getAnalysis, {
      parameters: { assetId: 'IBM' },
      query: { history: 'true', limit: '2' },
    });
    expect(items.map(({ analysis_id }) => analysis_id)).toEqual([ulidOf(2), ulidOf(1), ulidOf(0)]);
    expect(items[0]).not.toHaveProperty('ratios');
    expect((await get('XYZ', { history: 'true' })).json).toEqual({ items: [], next_cursor: null });
    expect((await get('NEVR', { history: 'true' })).json).toEqual({ items: [], next_cursor: null });
  });

  test('tells an asset that was never analysed from one that does not exist', async () => {
    const never = await get('NEVR');
    expect([never.statusCode, never.json.error.code, never.json.error.message]).toEqual([
      404,
      'not_analyzed',
      'NEVR has not been analysed yet',
    ]);
    expect((await get('NONE')).json.error.code).toBe('not_found');
  });

  test('refuses a history that is neither true nor false, and a cursor without history', async () => {
    expect((await get('IBM', { history: 'yes' })).json.error.details).toEqual([
      { path: 'history', message: 'must be true or false' },
    ]);
    const { json } = await get('IBM', { history: 'true', limit: '1' });
    expect((await get('IBM', { cursor: json.next_cursor })).json.error.code).toBe('invalid_cursor');
    expect((await get('IBM', { history: 'true', cursor: 'x' })).json.error.code).toBe('invalid_cursor');
    expect((await get('XYZ', { history: 'true', cursor: json.next_cursor })).json.error.code).toBe('invalid_cursor');
  });
});

describe('GET /assets/{assetId}/financials/{statement}', () => {
  const get = (statement: string, query = {}, assetId = 'IBM') =>
    call(handler, routes.getFinancials, { parameters: { assetId, statement }, query });
  const shown = (items: { period: string; fiscal_date_ending: string }[]) =>
    items.map(({ period, fiscal_date_ending }) => `${fiscal_date_ending} ${period}`);
  const merged = [
    '2026-03-31 quarterly',
    '2025-12-31 annual',
    '2025-12-31 quarterly',
    '2025-09-30 quarterly',
    '2025-06-30 quarterly',
    '2025-03-31 quarterly',
    '2024-12-31 annual',
    '2023-12-31 annual',
  ];

  test('merges both periods by fiscal date, newest first, in pages of any size', async () => {
    expect(shown((await get('income-statement')).json.items)).toEqual(merged);
    for (const limit of ['1', '2', '3', '5', '8']) {
      const { items } = await everyPage<{ period: string; fiscal_date_ending: string }>(handler, routes.getFinancials, {
        parameters: { assetId: 'IBM', statement: 'income-statement' },
        query: { limit },
      });
      expect(shown(items)).toEqual(merged);
    }
  });

  test('shows one period alone, with figures as they were sent', async () => {
    const { json } = await get('income-statement', { period: 'annual', limit: '2' });
    expect(shown(json.items)).toEqual(['2025-12-31 annual', '2024-12-31 annual']);
    expect(json.items[0].figures).toEqual({ totalRevenue: '67535000000', researchAndDevelopment: null });
    const next = await get('income-statement', { period: 'annual', limit: '2', cursor: json.next_cursor });
    expect(shown(next.json.items)).toEqual(['2023-12-31 annual']);
    expect((await get('income-statement', { period: 'quarterly', cursor: json.next_cursor })).json.error.code).toBe(
      'invalid_cursor',
    );
    expect((await get('cash-flow', { period: 'annual', cursor: json.next_cursor })).json.error.code).toBe(
      'invalid_cursor',
    );
  });

  test('shows the overview as one row, and none before the first fetch', async () => {
    expect((await get('overview')).json).toEqual({
      items: [{ figures: { Sector: 'TECHNOLOGY', PERatio: null }, fetched_at: '2026-05-17T09:00:00Z' }],
      next_cursor: null,
    });
    expect((await get('overview', {}, 'XYZ')).json).toEqual({ items: [], next_cursor: null });
    expect((await get('overview', { cursor: 'x' })).json.error.code).toBe('invalid_cursor');
    expect((await get('earnings')).json).toEqual({ items: [], next_cursor: null });
  });

  test('leaves a malformed row out', async () => {
    expect(shown((await get('income-statement', {}, 'XYZ')).json.items)).toEqual(['2024-12-31 annual']);
  });

  test('refuses what is no statement, and an asset that does not exist', async () => {
    const { statusCode, json } = await get('profit');
    expect([statusCode, json.error.details]).toEqual([
      400,
      [{ path: 'statement', message: 'must be one of income-statement, balance-sheet, cash-flow, earnings, overview' }],
    ]);
    expect((await get('overview', {}, 'NONE')).statusCode).toBe(404);
    expect((await get('income-statement', { cursor: 'AAAA' })).json.error.code).toBe('invalid_cursor');
  });
});
