import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { pathParameters, type Route } from '../../../contract/route';
import { routes } from '../../../contract/routes';
import { tableName } from '../../../contract/tables';
import type { Caller } from '../../../lambda/api/serve';
import { implement, serve } from '../../../lambda/api/serve';
import { startDynamo, type TestDynamo } from '../../dynamo';
import { startLedger, type TestLedger } from '../../ledger';
import { apiOn, bodyOf, functionRoutes } from './api';
import { type Asked, call, person, recordingLog, stranger } from './call';
import { assetRow, NOW, put } from './seed';

/**
 * Made from the contract, so that no route escapes: every route for persons is asked for another's things, and must answer
 * as if they were not there; every route that is shared must answer all alike.
 */

const ENV = 'isolation';
const ABSENT: Readonly<Record<string, string>> = {
  userId: 'f4b8c2d6-0000-4000-8000-00000000dead',
  watchlistId: '01KRV5C8M00000000000000DED',
  itemId: '01KRV5C8M00000000000000DED',
  tradeId: 'TRADE-01KRV5C8M00000000000000DED',
};
/** Ids of things that the owner has; a parameter that is missing here fails its routes' tests. */
const owned: Record<string, string> = { userId: person.sub };
const every = functionRoutes;
const ofPersons = every.filter(({ access }) => access === 'person');
const withId = ofPersons.filter(({ path }) => pathParameters(path).length > 0);

let dynamo: TestDynamo;
let ledger: TestLedger;
let handlerOf: ReturnType<typeof apiOn>;
const ask = (route: Route, asked: Asked = {}) => call(handlerOf(route), route, { ...bodyOf(route), ...asked });

beforeAll(async () => {
  dynamo = await startDynamo();
  await dynamo.createTables(ENV);
  await put(dynamo.documents, ENV, 'assets', [assetRow(1, 'IBM')]);
  ledger = await startLedger();
  handlerOf = apiOn(dynamo, ENV, ledger);
  await ask(routes.createUser);
  await ask(routes.replacePreferences, { parameters: { userId: 'me' } });
  owned.watchlistId = String((await ask(routes.createWatchlist)).json.watchlist_id);
  const parameters = { watchlistId: owned.watchlistId };
  owned.tradeId = String((await ask(routes.bookTrade)).json.trade_id);
  owned.itemId = String((await ask(routes.addWatchlistItem, { parameters })).json.item_id);
});
afterAll(() => Promise.all([dynamo.stop(), ledger.stop()]));

const everything = async () => {
  const stored = await Promise.all(
    (['users', 'userPreferences', 'watchlists', 'watchlistItems'] as const).map(
      async (table) => (await dynamo.documents.send(new ScanCommand({ TableName: tableName(ENV, table) }))).Items,
    ),
  );
  return JSON.stringify(stored);
};
const named = (route: Route, from: Readonly<Record<string, string>>) =>
  Object.fromEntries(pathParameters(route.path).map((name) => [name, from[name]!]));

test.each(withId.map((route) => [route.id, route] as const))(
  '%s answers of another’s id what it answers of none, and changes nothing',
  async (_, route) => {
    const before = await everything();
    const theirs = await ask(route, { parameters: named(route, owned), claims: stranger });
    const absent = await ask(route, { parameters: named(route, ABSENT), claims: stranger });
    expect(theirs.statusCode).toBe(404);
    expect([theirs.statusCode, theirs.headers, theirs.body]).toEqual([absent.statusCode, absent.headers, absent.body]);
    expect(await everything()).toBe(before);
  },
);

test.each(ofPersons.filter((route) => !withId.includes(route)).map((route) => [route.id, route] as const))(
  '%s, which names no id, shows the caller nothing of another’s',
  async (_, route) => {
    const { statusCode, body } = await ask(route, { claims: stranger });
    expect(statusCode).toBeLessThan(300);
    for (const id of Object.values(owned)) expect(body).not.toContain(id);
  },
);

// A list of the stranger's own as a way to another's item.
test('an item is reached through its own list only', async () => {
  const { json } = await ask(routes.createWatchlist, { claims: stranger });
  const parameters = { watchlistId: String(json.watchlist_id), itemId: owned.itemId! };
  expect((await ask(routes.removeWatchlistItem, { parameters, claims: stranger })).statusCode).toBe(404);
});

describe('routes that are shared', () => {
  const shared = every.filter(({ cache }) => cache === 'shared');

  test.each(shared.map((route) => [route.id, route] as const))('%s is not told who calls', async (_, route) => {
    const seen: (Caller | null)[] = [];
    // Forgets the route's own types: what its answer is does not matter here.
    const handler = serve(
      [
        implement(route as typeof routes.listAssets, async (_input, caller) => {
          seen.push(caller satisfies null);
          return { body: { items: [], next_cursor: null } };
        }),
      ],
      { clock: () => NOW, log: recordingLog() },
    );
    const given = { assetId: 'IBM', statement: 'overview', asset: 'start.js' };
    for (const claims of [person, stranger]) await call(handler, route, { parameters: named(route, given), claims });
    expect(seen).toEqual([null, null]);
  });

  test('and no other is told null where a person calls', () => {
    expect(shared.filter(({ access }) => access === 'person')).toEqual([]);
  });
});
