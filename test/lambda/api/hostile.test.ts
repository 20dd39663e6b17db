import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import type { Route } from '../../../contract/route';
import { routes } from '../../../contract/routes';
import { errorBody } from '../../../contract/schemas/errors';
import { makeHandler as makeAssets } from '../../../lambda/api/assets';
import { makeHandler as makeMarket } from '../../../lambda/api/market';
import type { ApiHandler } from '../../../lambda/api/serve';
import { startDynamo, type TestDynamo } from '../../dynamo';
import { call, recordingLog } from './call';
import { articleRow, assetRow, earningsRow, idOf, linkRow, NOW, put, statementRow } from './seed';

/** Whatever is asked, the answer is a good one or says what was wrong with the question: never 5xx. */

let dynamo: TestDynamo;
let assets: ApiHandler;
let market: ApiHandler;
beforeAll(async () => {
  dynamo = await startDynamo();
  await dynamo.createTables('hostile');
  const services = { documents: dynamo.documents, env: 'hostile', clock: () => NOW, log: recordingLog() };
  assets = makeAssets({ ...services, quotes: { latest: async () => null } });
  market = makeMarket(services);
  await put(dynamo.documents, 'hostile', 'assets', [assetRow(1, 'IBM'), assetRow(2, 'A', { name: '🙂 smile' })]);
  await put(dynamo.documents, 'hostile', 'news', [
    articleRow(1, '2026-05-17T11:00:00Z'),
    linkRow(1, idOf(1), '2026-05-17T11:00:00Z'),
  ]);
  await put(dynamo.documents, 'hostile', 'earningsCalendar', [earningsRow(idOf(1), 'IBM', '2026-05-20')]);
  await put(dynamo.documents, 'hostile', 'incomeStatement', [statementRow(idOf(1), 'annual', '2025-12-31')]);
});
afterAll(() => dynamo.stop());

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
const every: readonly Route[] = Object.values(routes).filter(({ tag }) => tag !== 'platform');

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
        const handler = route.function === 'api-assets' ? assets : market;
        const { statusCode, json } = await call(handler, route, { parameters, query: Object.fromEntries(asked) });
        expect([200, 400, 404]).toContain(statusCode);
        if (statusCode !== 200) expect(errorBody.safeParse(json).success).toBe(true);
      },
    ),
    { numRuns: 500 },
  );
});

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
