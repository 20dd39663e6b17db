import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { routes } from '../../../contract/routes';
import { tableName, type TableId } from '../../../contract/tables';
import { type Asked, call, person, recordingLog, stranger } from './call';
import { startDynamo, type TestDynamo } from '../../dynamo';
import type { PublishedEvent } from '../../../lambda/adapters/ports';
import { apiOn } from './api';
import { grantsOf, noting } from './granted';
import { NOW, put, ulidOf } from './seed';

const ENV = 'users';
let dynamo: TestDynamo;
let done: Set<string>;
let now = NOW;
let documents: TestDynamo['documents'];
const log = recordingLog();
const naps: number[] = [];
const me = { userId: 'me' };

beforeAll(async () => {
  dynamo = await startDynamo();
  await dynamo.createTables(ENV, ['users', 'userPreferences', 'watchlists', 'watchlistItems']);
  ({ documents, done } = noting(dynamo.documents));
});
afterAll(() => dynamo.stop());

type UserRoute = (typeof routes)[keyof typeof routes];
const ask = (route: UserRoute, asked: Asked & { readonly json?: unknown } = {}) =>
  call(
    apiOn({ documents }, ENV, { clock: () => now, log, sleep: async (ms) => void naps.push(ms) })(route),
    route,
    asked.json === undefined ? asked : { ...asked, body: JSON.stringify(asked.json) },
  );
const rows = async (table: TableId) =>
  (await dynamo.documents.send(new ScanCommand({ TableName: tableName(ENV, table) }))).Items ?? [];

describe('a profile', () => {
  const ada = { display_name: 'Ada', email: 'ada@example.com' };

  test('is not found before it is made', async () => {
    expect((await ask(routes.getUser, { parameters: me })).statusCode).toBe(404);
    expect((await ask(routes.replaceUser, { parameters: me, json: ada })).statusCode).toBe(404);
  });

  test('is made once, for the caller, and answered again unchanged', async () => {
    const made = await ask(routes.createUser, { json: ada, stage: '/v1' });
    expect([made.statusCode, made.json]).toEqual([
      201,
      { user_id: person.sub, ...ada, created_at: NOW.toISOString(), updated_at: NOW.toISOString() },
    ]);
    expect(made.headers.location).toBe(`/v1/users/${person.sub}`);
    const again = await ask(routes.createUser, { json: { display_name: 'Eve' } });
    expect([again.statusCode, again.json]).toEqual([200, made.json]);
    expect(again.headers.location).toBe(`/users/${person.sub}`);
  });

  test('is made once by two at the same moment', async () => {
    const both = await Promise.all([1, 2].map(() => ask(routes.createUser, { json: {}, claims: stranger })));
    expect(both.map(({ statusCode }) => statusCode).sort()).toEqual([200, 201]);
    expect(await rows('users')).toHaveLength(2);
  });

  test('is made anew where it was removed between the two looks', async () => {
    const noted = documents;
    let puts = 0;
    documents = Object.assign(Object.create(dynamo.documents) as typeof documents, {
      send: async (command: object) => {
        if (command.constructor.name === 'PutCommand') puts += 1;
        else if (puts === 1) return {};
        return noted.send(command as never);
      },
    });
    expect((await ask(routes.createUser, { json: {} })).statusCode).toBe(200);
    documents = noted;
    expect(puts).toBe(2);
  });

  test('is shown under its id in any case, and under me', async () => {
    for (const userId of ['me', person.sub, person.sub.toUpperCase()]) {
      expect((await ask(routes.getUser, { parameters: { userId } })).json).toMatchObject(ada);
    }
    expect((await ask(routes.getUser, { parameters: { userId: 'ada' } })).statusCode).toBe(400);
  });

  test('is replaced whole', async () => {
    now = new Date('2026-05-18T12:00:00Z');
    const { statusCode, json, headers } = await ask(routes.replaceUser, {
      parameters: me,
      json: { display_name: 'A.' },
    });
    expect([statusCode, json]).toEqual([
      200,
      {
        user_id: person.sub,
        display_name: 'A.',
        email: null,
        created_at: NOW.toISOString(),
        updated_at: now.toISOString(),
      },
    ]);
    expect((await ask(routes.getUser, { parameters: me })).headers.etag).toBe(headers.etag);
  });

  test('is replaced only as it was seen, where the caller says so', async () => {
    const { headers } = await ask(routes.getUser, { parameters: me });
    const replace = (display_name: string, tag: string) =>
      ask(routes.replaceUser, { parameters: me, json: { display_name }, headers: { 'If-Match': tag } });
    expect((await replace('B', `"other", ${headers.etag!}`)).statusCode).toBe(200);
    const stale = await replace('C', headers.etag!);
    expect([stale.statusCode, stale.json.error.code]).toEqual([412, 'precondition_failed']);
    const { headers: fresh } = await ask(routes.getUser, { parameters: me });
    // Compared strongly: a weak tag is no match.
    expect((await replace('C', `W/${fresh.etag!}`)).statusCode).toBe(412);
    expect((await replace('C', '*')).statusCode).toBe(200);
    const both = await Promise.all([
      ask(routes.getUser, { parameters: me }).then(({ headers: { etag } }) => replace('D', etag!)),
      ask(routes.getUser, { parameters: me }).then(({ headers: { etag } }) => replace('E', etag!)),
    ]);
    expect(both.map(({ statusCode }) => statusCode).sort()).toEqual([200, 412]);
  });

  test.each([
    [{ display_name: '' }, 'display_name', 'must have at least 1 characters'],
    [{ display_name: ' Ada' }, 'display_name', 'must be one line without space around it'],
    [{ display_name: 'A\nB' }, 'display_name', 'must be one line without space around it'],
    [{ display_name: '\ud800' }, 'display_name', 'must be one line without space around it'],
    [{ display_name: 'x'.repeat(101) }, 'display_name', 'must have at most 100 characters'],
    [{ email: 'ada' }, 'email', 'is not valid'],
    [{ user_id: 'x' }, 'user_id', 'is not known here'],
  ])('refuses %j', async (json, path, message) => {
    for (const [route, asked] of [
      [routes.createUser, {}],
      [routes.replaceUser, { parameters: me }],
    ] as const) {
      const answer = await ask(route, { ...asked, json });
      expect([answer.statusCode, answer.json.error.details]).toEqual([400, [{ path, message }]]);
    }
  });
});

describe('preferences', () => {
  const dark = {
    currency: 'EUR',
    locale: 'de-AT',
    time_zone: 'Europe/Vienna',
    theme: 'dark',
    notifications: { earnings: false, ratings: true, news: true },
  };

  test('are the defaults until they are set', async () => {
    const { statusCode, json } = await ask(routes.getPreferences, { parameters: me });
    expect([statusCode, json]).toMatchObject([200, { currency: 'USD', theme: 'system', updated_at: null }]);
  });

  test('are set once by two who saw nothing', async () => {
    const { headers } = await ask(routes.getPreferences, { parameters: me });
    const set = () =>
      ask(routes.replacePreferences, { parameters: me, json: dark, headers: { 'If-Match': headers.etag! } });
    const both = await Promise.all([set(), set()]);
    expect(both.map(({ statusCode }) => statusCode).sort()).toEqual([200, 412]);
  });

  test('are replaced whole, and only as they were seen where the caller says so', async () => {
    const light = { ...dark, theme: 'light' };
    const saved = await ask(routes.replacePreferences, { parameters: me, json: light });
    expect([saved.statusCode, saved.json]).toEqual([200, { ...light, updated_at: now.toISOString() }]);
    expect((await ask(routes.getPreferences, { parameters: me })).json).toEqual(saved.json);
    const replace = (tag: string) =>
      ask(routes.replacePreferences, { parameters: me, json: dark, headers: { 'if-match': tag } });
    expect((await replace(saved.headers.etag!)).statusCode).toBe(200);
    expect((await replace(saved.headers.etag!)).statusCode).toBe(412);
  });

  test.each([
    [{ ...dark, currency: 'euro' }, 'currency'],
    [{ ...dark, locale: 'not a locale' }, 'locale'],
    [{ ...dark, time_zone: 'Mars/Olympus' }, 'time_zone'],
    [{ ...dark, theme: 'pink' }, 'theme'],
    [{ ...dark, notifications: { earnings: true, ratings: 1, news: true } }, 'notifications.ratings'],
    [{ ...dark, notifications: undefined }, 'notifications'],
    [{ ...dark, font: 'big' }, 'font'],
  ])('refuse %j', async (json, path) => {
    const { statusCode, json: answer } = await ask(routes.replacePreferences, { parameters: me, json });
    expect([statusCode, answer.error.details]).toEqual([400, [{ path, message: expect.any(String) }]]);
  });
});

describe('the removal of an account', () => {
  const listRow = (n: number, user_id: string) => ({
    watchlist_id: ulidOf(n),
    user_id,
    name: `List ${n}`,
    description: null,
    created_at: '2026-05-17T10:00:00Z',
    updated_at: '2026-05-17T10:00:00Z',
    stamp: 's',
  });
  const itemRow = (n: number, list: number, user_id: string) => ({
    item_id: ulidOf(10_000 + n),
    watchlist_id: ulidOf(list),
    user_id,
    // Long rows, so that a query has several pages of 1 MB.
    name: 'x'.repeat(8_000),
    asset_id: ulidOf(n),
    symbol: 'A',
    added_at: '2026-05-17T10:00:00Z',
  });

  beforeAll(async () => {
    await put(dynamo.documents, ENV, 'watchlists', [
      ...Array.from({ length: 60 }, (_, n) => listRow(n, person.sub)),
      listRow(99, stranger.sub),
    ]);
    await put(dynamo.documents, ENV, 'watchlistItems', [
      ...Array.from({ length: 300 }, (_, n) => itemRow(n, n % 60, person.sub)),
      // Of a list that was removed while it was added.
      itemRow(900, 77, person.sub),
      itemRow(901, 99, stranger.sub),
    ]);
  });

  test('is the caller’s own to ask for', async () => {
    const { statusCode } = await ask(routes.deleteUser, { parameters: { userId: stranger.sub } });
    expect(statusCode).toBe(404);
    expect(await rows('users')).toHaveLength(2);
  });

  test('removes profile, preferences, lists and items, over every page, and tells how many', async () => {
    log.lines.length = 0;
    const { statusCode, headers, body } = await ask(routes.deleteUser, { parameters: me });
    expect([statusCode, body]).toEqual([204, '']);
    expect(headers['x-signal9-removed']).toBe('profile=1, watchlists=60, items=301, preferences=1');
    expect(log.lines[0]).toMatchObject({
      message: 'account removed',
      fields: { counts: { profile: 1, watchlists: 60, items: 301, preferences: 1 } },
    });
    for (const table of ['users', 'userPreferences', 'watchlists', 'watchlistItems'] as const) {
      expect((await rows(table)).filter(({ user_id }) => user_id === person.sub)).toEqual([]);
    }
  });

  test('leaves others alone', async () => {
    expect(await rows('users')).toMatchObject([{ user_id: stranger.sub }]);
    expect(await rows('watchlists')).toHaveLength(1);
    expect(await rows('watchlistItems')).toHaveLength(1);
  });

  test('asked for again removes nothing and says so', async () => {
    const { statusCode, headers } = await ask(routes.deleteUser, { parameters: { userId: person.sub } });
    expect([statusCode, headers['x-signal9-removed']]).toEqual([
      204,
      'profile=0, watchlists=0, items=0, preferences=0',
    ]);
  });

  test('tells the ledger, before the profile goes: a removal cut short tells it again', async () => {
    await ask(routes.createUser, { json: {} });
    const told: PublishedEvent[] = [];
    const remove = (publish: (events: readonly PublishedEvent[]) => Promise<void>) =>
      call(apiOn({ documents }, ENV, { clock: () => now, bus: { publish } })(routes.deleteUser), routes.deleteUser, {
        parameters: me,
      });
    expect((await remove(() => Promise.reject(new Error('no bus')))).statusCode).toBe(500);
    expect((await ask(routes.getUser, { parameters: me })).statusCode).toBe(200);
    expect((await remove(async (events) => void told.push(...events))).statusCode).toBe(204);
    expect(told).toEqual([{ event: 'userRemoved', detail: { user_id: person.sub, removed_at: now.toISOString() } }]);
    expect((await ask(routes.getUser, { parameters: me })).statusCode).toBe(404);
  });

  test('looks again, for an index may follow its table late', async () => {
    await put(dynamo.documents, ENV, 'watchlists', [listRow(1, person.sub)]);
    let queries = 0;
    const late = Object.assign(Object.create(dynamo.documents) as typeof documents, {
      send: async (command: object) => {
        if (command.constructor.name === 'QueryCommand' && (queries += 1) <= 2) return { Items: [], $metadata: {} };
        return dynamo.documents.send(command as never);
      },
    });
    naps.length = 0;
    const handler = apiOn({ documents: late }, ENV, { sleep: async (ms) => void naps.push(ms) })(routes.deleteUser);
    const { headers } = await call(handler, routes.deleteUser, { parameters: me });
    expect(headers['x-signal9-removed']).toBe('profile=0, watchlists=1, items=0, preferences=0');
    expect(naps).toEqual([500, 500]);
  });
});

test('does exactly what the contract lets the function do', () => {
  expect([...done].sort()).toEqual(grantsOf('api-users', ENV).sort());
});
