import { GetCommand, ScanCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { routes } from '../../../contract/routes';
import {
  MAX_WATCHLIST_ITEMS,
  MAX_WATCHLISTS,
  type Watchlist,
  type WatchlistItem,
} from '../../../contract/schemas/watchlists';
import { tableName } from '../../../contract/tables';
import { itemId } from '../../../lambda/adapters/dynamo/watchlists';
import { watchedAssets } from '../../../lambda/adapters/dynamo/watched';
import { startDynamo, type TestDynamo } from '../../dynamo';
import { apiOn } from './api';
import { type Asked, call, everyPage, stranger } from './call';
import { grantsOf, noting } from './granted';
import { assetRow, idOf, NOW, put, ulidOf } from './seed';

const ENV = 'watchlists';
let dynamo: TestDynamo;
let documents: TestDynamo['documents'];
let done: Set<string>;
let now = NOW;

beforeAll(async () => {
  dynamo = await startDynamo();
  await dynamo.createTables(ENV, ['assets', 'watchlists', 'watchlistItems']);
  ({ documents, done } = noting(dynamo.documents));
  await put(dynamo.documents, ENV, 'assets', [
    assetRow(1, 'IBM'),
    assetRow(2, 'BRK.B'),
    assetRow(3, 'AAPL'),
    ...Array.from({ length: 60 }, (_, n) => assetRow(100 + n, `S${n}`)),
  ]);
});
afterAll(() => dynamo.stop());

type AnyRoute = (typeof routes)[keyof typeof routes];
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a test reads what it expects
const ask = <Body = any>(route: AnyRoute, asked: Asked & { readonly json?: unknown } = {}, on = documents) =>
  call<Body>(
    apiOn({ documents: on }, ENV, { clock: () => now })(route),
    route,
    asked.json === undefined ? asked : { ...asked, body: JSON.stringify(asked.json) },
  );
const made = async (name = 'List', claims?: Asked['claims']): Promise<string> => {
  const { json } = await ask<Watchlist>(routes.createWatchlist, { json: { name }, ...(claims && { claims }) });
  return json.watchlist_id;
};
const add = (watchlistId: string, symbol: string, on = documents) =>
  ask<WatchlistItem>(routes.addWatchlistItem, { parameters: { watchlistId }, json: { symbol } }, on);
const shown = async (watchlistId: string) => ask<Watchlist>(routes.getWatchlist, { parameters: { watchlistId } });

describe('a watchlist', () => {
  test('is made at an address of its own, and shown there', async () => {
    const { statusCode, json, headers } = await ask(routes.createWatchlist, {
      json: { name: 'Dividends', description: 'Quarterly' },
      stage: '/v1',
    });
    expect([statusCode, json]).toMatchObject([
      201,
      { name: 'Dividends', description: 'Quarterly', created_at: NOW.toISOString(), items: [] },
    ]);
    expect(headers.location).toBe(`/v1/watchlists/${String(json.watchlist_id)}`);
    expect((await shown(json.watchlist_id as string)).json).toEqual(json);
  });

  test('is replaced but for its items, and only as it was seen where the caller says so', async () => {
    const watchlistId = await made('Before');
    await add(watchlistId, 'IBM');
    now = new Date('2026-05-18T12:00:00Z');
    const parameters = { watchlistId };
    const { statusCode, json, headers } = await ask(routes.replaceWatchlist, { parameters, json: { name: 'After' } });
    expect([statusCode, json]).toMatchObject([
      200,
      { name: 'After', description: null, created_at: NOW.toISOString(), updated_at: now.toISOString() },
    ]);
    expect(json.items).toHaveLength(1);
    expect((await shown(watchlistId)).headers.etag).toBe(headers.etag);

    const replace = (name: string, tag: string) =>
      ask(routes.replaceWatchlist, { parameters, json: { name }, headers: { 'If-Match': tag } });
    await add(watchlistId, 'AAPL');
    // An item more is another list than the one that was seen.
    expect((await replace('Late', headers.etag!)).statusCode).toBe(412);
    const seen = (await shown(watchlistId)).headers.etag!;
    const both = await Promise.all([replace('One', seen), replace('Two', seen)]);
    expect(both.map(({ statusCode: status }) => status).sort()).toEqual([200, 412]);
  });

  test('that is removed while it is replaced is not found', async () => {
    const watchlistId = await made();
    const between = Object.assign(Object.create(documents) as typeof documents, {
      send: async (command: object) => {
        if (command.constructor.name === 'PutCommand') {
          await ask(routes.deleteWatchlist, { parameters: { watchlistId } });
        }
        return documents.send(command as never);
      },
    });
    const replace = (headers: Record<string, string>) =>
      ask(routes.replaceWatchlist, { parameters: { watchlistId }, json: { name: 'x' }, headers }, between);
    expect((await replace({})).statusCode).toBe(404);
    expect((await replace({ 'If-Match': '*' })).statusCode).toBe(404);
  });

  test('is removed with its items, and then is not found', async () => {
    const watchlistId = await made();
    for (let n = 0; n < 60; n += 1) await add(watchlistId, `S${n}`);
    const parameters = { watchlistId };
    expect((await ask(routes.deleteWatchlist, { parameters })).statusCode).toBe(204);
    for (const route of [routes.getWatchlist, routes.deleteWatchlist]) {
      expect((await ask(route, { parameters })).statusCode).toBe(404);
    }
    const { Items } = await dynamo.documents.send(new ScanCommand({ TableName: tableName(ENV, 'watchlistItems') }));
    expect(Items!.filter((item) => item.watchlist_id === watchlistId)).toEqual([]);
  });

  test('is listed page by page, the oldest first, without its items', async () => {
    const claims = { ...stranger, sub: 'lister' };
    for (let n = 0; n < 7; n += 1) {
      now = new Date(NOW.getTime() + n * 1000);
      await made(`List ${n}`, claims);
    }
    const { items, sizes } = await everyPage<Watchlist>(
      apiOn({ documents }, ENV)(routes.listWatchlists),
      routes.listWatchlists,
      { claims, query: { limit: '3' } },
    );
    expect(sizes).toEqual([3, 3, 1]);
    expect(items.map(({ name }) => name)).toEqual(Array.from({ length: 7 }, (_, n) => `List ${n}`));
    expect(items[0]).not.toHaveProperty('items');
    const { json } = await ask(routes.listWatchlists, { claims, query: { limit: '3' } });
    // Another's cursor leads nowhere.
    const answer = await ask(routes.listWatchlists, { query: { cursor: String(json.next_cursor), limit: '3' } });
    expect([answer.statusCode, answer.json.error.code]).toEqual([400, 'invalid_cursor']);
  });

  test('too many are refused', async () => {
    const claims = { ...stranger, sub: 'hoarder' };
    const rows = Array.from({ length: MAX_WATCHLISTS }, (_, n) => ({ watchlist_id: ulidOf(n), user_id: 'hoarder' }));
    await put(dynamo.documents, ENV, 'watchlists', rows);
    const { statusCode, json } = await ask(routes.createWatchlist, { json: { name: 'One more' }, claims });
    expect([statusCode, json.error.message]).toEqual([422, 'A user has at most 100 watchlists']);
  });
});

describe('an item', () => {
  test('is an asset by its symbol, in any case, and added once', async () => {
    const watchlistId = await made();
    const first = await add(watchlistId, 'brk.b');
    expect([first.statusCode, first.json]).toMatchObject([201, { asset_id: idOf(2), symbol: 'BRK.B' }]);
    expect(first.headers.location).toBe(`/watchlists/${watchlistId}/items/${first.json.item_id}`);
    now = new Date('2026-06-01T00:00:00Z');
    const again = await add(watchlistId, 'BRK.B');
    expect([again.statusCode, again.json]).toEqual([200, first.json]);
    expect((await shown(watchlistId)).json.items).toEqual([first.json]);
    expect(await watchedAssets(dynamo.documents, ENV)).toContain(idOf(2));
  });

  test('added by many at once is one', async () => {
    const watchlistId = await made();
    const answers = await Promise.all(Array.from({ length: 12 }, () => add(watchlistId, 'IBM')));
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([...Array<number>(11).fill(200), 201]);
    expect(new Set(answers.map(({ json }) => json.item_id)).size).toBe(1);
    expect((await shown(watchlistId)).json.items).toHaveLength(1);
  });

  test('has another id on another list, a ULID', async () => {
    const ids = [itemId(ulidOf(1), idOf(1)), itemId(ulidOf(2), idOf(1)), itemId(ulidOf(1), idOf(2))];
    expect(new Set(ids).size).toBe(3);
    for (const id of ids) expect(id).toMatch(/^01KRV5C8M0[0-9A-HJKMNP-TV-Z]{16}$/);
  });

  test('are shown by symbol', async () => {
    const watchlistId = await made();
    for (const symbol of ['IBM', 'BRK.B', 'AAPL']) await add(watchlistId, symbol);
    const { items } = (await shown(watchlistId)).json;
    expect(items.map(({ symbol }) => symbol)).toEqual(['AAPL', 'BRK.B', 'IBM']);
    const [first, second] = items;
    await dynamo.documents.send(
      new UpdateCommand({
        TableName: tableName(ENV, 'watchlistItems'),
        Key: { item_id: second!.item_id, watchlist_id: watchlistId },
        UpdateExpression: 'SET symbol = :symbol',
        ExpressionAttributeValues: { ':symbol': first!.symbol },
      }),
    );
    const ids = (await shown(watchlistId)).json.items.slice(0, 2).map(({ item_id }) => item_id);
    expect(ids).toEqual([...ids].sort());
  });

  test('of an unknown symbol is refused by its name', async () => {
    const watchlistId = await made();
    const { statusCode, json } = await ask(routes.addWatchlistItem, {
      parameters: { watchlistId },
      json: { symbol: 'NOPE' },
    });
    expect([statusCode, json.error.details]).toEqual([
      422,
      [{ path: 'symbol', message: 'No asset has the symbol NOPE' }],
    ]);
    const bad = await ask(routes.addWatchlistItem, { parameters: { watchlistId }, json: { symbol: 'a b' } });
    expect([bad.statusCode, bad.json.error.details[0].path]).toEqual([400, 'symbol']);
  });

  test('is taken off once', async () => {
    const watchlistId = await made();
    const { json } = await add(watchlistId, 'IBM');
    const parameters = { watchlistId, itemId: json.item_id };
    expect((await ask(routes.removeWatchlistItem, { parameters })).statusCode).toBe(204);
    expect((await ask(routes.removeWatchlistItem, { parameters })).json.error.message).toBe(
      'There is no such item on the watchlist',
    );
    expect((await shown(watchlistId)).json.items).toEqual([]);
  });

  test('too many are refused, but not one that is there', async () => {
    const watchlistId = await made();
    await add(watchlistId, 'IBM');
    await put(
      dynamo.documents,
      ENV,
      'watchlistItems',
      Array.from({ length: MAX_WATCHLIST_ITEMS - 1 }, (_, n) => ({
        item_id: ulidOf(n),
        watchlist_id: watchlistId,
        // Beyond 1 MB, so that the count has pages too.
        padding: 'x'.repeat(3_000),
      })),
    );
    expect((await add(watchlistId, 'AAPL')).statusCode).toBe(422);
    expect((await add(watchlistId, 'IBM')).statusCode).toBe(200);
  });

  test('added to a list that is removed at that moment does not stay behind', async () => {
    const watchlistId = await made();
    const between = Object.assign(Object.create(documents) as typeof documents, {
      send: async (command: object) => {
        if (command.constructor.name === 'PutCommand') {
          await ask(routes.deleteWatchlist, { parameters: { watchlistId } });
        }
        return documents.send(command as never);
      },
    });
    expect((await add(watchlistId, 'IBM', between)).statusCode).toBe(404);
    const Key = { item_id: itemId(watchlistId, idOf(1)), watchlist_id: watchlistId };
    const { Item } = await dynamo.documents.send(new GetCommand({ TableName: tableName(ENV, 'watchlistItems'), Key }));
    expect(Item).toBeUndefined();
  });
});

test('does exactly what the contract lets the function do', () => {
  expect([...done].sort()).toEqual(grantsOf('api-watchlists', ENV).sort());
});
