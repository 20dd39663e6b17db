import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import type { Route } from '../../../contract/route';
import { bodyExamples } from '../../../contract/examples';
import { type RouteId, routes } from '../../../contract/routes';
import { errorBody } from '../../../contract/schemas/errors';
import type { ApiHandler } from '../../../lambda/api/serve';
import { startDynamo, type TestDynamo } from '../../dynamo';
import { startLedger, type TestLedger } from '../../ledger';
import { apiOn, bodyOf, functionRoutes } from './api';
import { call } from './call';
import { articleRow, assetRow, earningsRow, idOf, linkRow, put, statementRow } from './seed';

/** Whatever is asked, the answer is a good one or says what was wrong with the question: never 5xx. */

let dynamo: TestDynamo;
let ledger: TestLedger;
let assets: ApiHandler;
let market: ApiHandler;
let handlerOf: ReturnType<typeof apiOn>;
beforeAll(async () => {
  dynamo = await startDynamo();
  await dynamo.createTables('hostile');
  ledger = await startLedger();
  handlerOf = apiOn(dynamo, 'hostile', ledger);
  assets = handlerOf(routes.listAssets);
  market = handlerOf(routes.listNews);
  await put(dynamo.documents, 'hostile', 'assets', [assetRow(1, 'IBM'), assetRow(2, 'A', { name: '🙂 smile' })]);
  const created = await call<{ watchlist_id: string }>(handlerOf(routes.createWatchlist), routes.createWatchlist, {
    body: JSON.stringify({ name: 'Hostile' }),
  });
  listId = created.json.watchlist_id;
  await put(dynamo.documents, 'hostile', 'news', [
    articleRow(1, '2026-05-17T11:00:00Z'),
    linkRow(1, idOf(1), '2026-05-17T11:00:00Z'),
  ]);
  await put(dynamo.documents, 'hostile', 'earningsCalendar', [earningsRow(idOf(1), 'IBM', '2026-05-20')]);
  await put(dynamo.documents, 'hostile', 'incomeStatement', [statementRow(idOf(1), 'annual', '2025-12-31')]);
});
afterAll(() => Promise.all([dynamo.stop(), ledger.stop()]));

let listId = '';

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 120 }),
  fc.string({ maxLength: 20 }),
  // Half surrogate pairs, as JSON may carry them.
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 8 }).map((units) => String.fromCharCode(...units)),
  fc.constantFrom(
    'IBM',
    'ibm',
    idOf(1),
    '',
    '%',
    '%00',
    '\u0000',
    '__proto__',
    'constructor',
    "' OR 1=1",
    '../..',
    '🙂',
    'true',
    '0',
    '-1',
    '1e3',
    '200',
    'NaN',
  ),
  fc.constantFrom(
    '2026-05-17',
    '0000-01-01',
    '9999-12-31',
    '2026-13-01',
    '2026-05-17T24:00:00Z',
    '0000-01-01T00:00:00+14:00',
    '9999-12-31T23:59:59-14:00',
    'annual',
    'Bullish',
    'income-statement',
  ),
);
const names = [
  'query',
  'status',
  'exchange',
  'sector',
  'sort',
  'limit',
  'cursor',
  'history',
  'period',
  'from',
  'to',
  'label',
  'symbol',
  '__proto__',
  'toString',
];
const query = fc.array(
  fc.tuple(fc.oneof(fc.constantFrom(...names), text), fc.oneof(text, fc.array(text, { maxLength: 2 }))),
  { maxLength: 4 },
);
const every = functionRoutes.filter(({ tag }) => tag !== 'platform');

test('a few hundred hostile requests', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...every),
      fc.array(text, { minLength: 2, maxLength: 2 }),
      query,
      async (route, values, asked) => {
        const parameters = Object.fromEntries(
          [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name], i) => [name!, values[i]!]),
        );
        const { statusCode, json } = await call(handlerOf(route), route, {
          parameters,
          query: Object.fromEntries(asked),
          ...bodyOf(route),
        });
        expect([200, 201, 204, 400, 404, 422]).toContain(statusCode);
        if (statusCode >= 300) expect(errorBody.safeParse(json).success).toBe(true);
      },
    ),
    { numRuns: 500 },
  );
});

const anyJson = fc.oneof(
  fc.jsonValue(),
  fc.dictionary(
    fc.oneof(fc.constantFrom('name', 'symbol', 'display_name', 'email', '__proto__'), text),
    fc.oneof(text, fc.jsonValue()),
  ),
);
const withBody = every.filter(({ body }) => body);

test('a few hundred hostile bodies', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...withBody),
      fc.oneof(
        anyJson.map((value) => JSON.stringify(value)),
        text,
        fc.tuple(anyJson, fc.constantFrom(...withBody)).map(spliced),
      ),
      async (route, body) => {
        const parameters = { userId: 'me', watchlistId: listId, itemId: listId };
        const { statusCode, json } = await call(handlerOf(route), route, { parameters, body });
        expect([200, 201, 400, 422]).toContain(statusCode);
        if (statusCode >= 300) expect(errorBody.safeParse(json).success).toBe(true);
      },
    ),
    { numRuns: 400 },
  );
});

/** A good body with one field of it replaced. */
function spliced([value, route]: [unknown, Route]): string {
  const good = bodyExamples[route.id as RouteId] as Record<string, unknown>;
  return JSON.stringify({ ...good, [Object.keys(good)[0]!]: value });
}

/** A cursor whose digest is right and whose position is anybody's: the digest has no key, so it can be written. */
function forged(route: Route, entries: readonly (readonly [string, string])[], position: readonly string[]): string {
  const bound = [route.id, ...entries];
  const digest = createHash('sha256')
    .update(JSON.stringify([bound, position]))
    .digest('base64url')
    .slice(0, 16);
  return Buffer.from(JSON.stringify([digest, ...position])).toString('base64url');
}

interface List {
  readonly route: Route;
  readonly handler: () => ApiHandler;
  readonly parameters: Readonly<Record<string, string>>;
  readonly segment: string;
}

test('cursors forged with a right digest', async () => {
  const lists: readonly List[] = [
    { route: routes.listAssets, handler: () => assets, parameters: {}, segment: 'symbol:I' },
    { route: routes.listRankings, handler: () => assets, parameters: {}, segment: 'all' },
    { route: routes.listWatchlists, handler: () => handlerOf(routes.listWatchlists), parameters: {}, segment: 'own' },
    { route: routes.listNews, handler: () => market, parameters: {}, segment: '2026-05' },
    { route: routes.listEarnings, handler: () => market, parameters: {}, segment: '2026-05' },
    { route: routes.listAssetNews, handler: () => market, parameters: { assetId: 'IBM' }, segment: 'asset' },
    {
      route: routes.getFinancials,
      handler: () => assets,
      parameters: { assetId: 'IBM', statement: 'income-statement' },
      segment: '2025-12-31',
    },
  ];
  const value = fc.oneof(
    text,
    fc.constantFrom('I', 'IBM', idOf(1), '2026-05', '2026-05-20#IBM', '2026-05-17T11:00:00Z', 'annual'),
  );
  let taken = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...lists),
      fc.boolean(),
      fc.array(value, { maxLength: 4 }),
      async (list, known, values) => {
        const position = known ? [list.segment, ...values] : values;
        const cursor = forged(list.route, Object.entries(list.parameters).sort(), position);
        const { statusCode, json } = await call(list.handler(), list.route, {
          parameters: list.parameters,
          query: { cursor },
        });
        if (statusCode === 200) taken += 1;
        else if (cursor.length <= 2048) expect([statusCode, json.error.code]).toEqual([400, 'invalid_cursor']);
        else expect(statusCode).toBe(400);
      },
    ),
    { numRuns: 400 },
  );
  // Some positions are good ones: those show that the digests above were the right ones.
  expect(taken).toBeGreaterThan(0);
});
