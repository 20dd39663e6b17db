import crypto from 'node:crypto';
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { ulid } from 'ulid';
import { bodyExamples } from '../../contract/examples';
import { isTagged, pathParameters, type Route } from '../../contract/route';
import { type RouteId, routes } from '../../contract/routes';
import { MAX_WATCHLISTS } from '../../contract/schemas/watchlists';
import { metrics } from '../../contract/schemas/rankings';
import { statementName } from '../../contract/schemas/financials';
import { portfolioAbsent, portfolioCases, portfolioIds, portfolioRequests } from './portfolio-cases';
import { type Asking, bodyIn, type Case, refused, type Target, type World, worldOf } from './world';

export type { Case, Target, World } from './world';
export { bodyIn } from './world';

/**
 * What any deployment of the contract must answer over HTTP: every route's success and every error that it documents. Made
 * from the contract where that says enough, so that a new route cannot be forgotten: it will not compile without a way to
 * ask it well, and the suite's own test counts the documented answers.
 */
const me = { parameters: { userId: 'me' } };
const body = (id: RouteId) => ({ body: bodyExamples[id] });
const asset: Asking = async ({ symbol }) => ({ parameters: { assetId: await symbol() } });

async function listOf({ person }: World): Promise<string> {
  return bodyIn(await person.call('createWatchlist', { body: { name: 'Conformance' } })).watchlist_id;
}
async function itemOf(world: World): Promise<Record<string, string>> {
  const parameters = { watchlistId: await listOf(world) };
  const added = await world.person.call('addWatchlistItem', { parameters, body: { symbol: await world.symbol() } });
  return { ...parameters, itemId: bodyIn(added).item_id };
}
const order: Asking = async ({ symbol }) => ({ body: { symbol: await symbol(), quantity: 1 } });
async function booked({ person, symbol }: World): Promise<string> {
  return bodyIn(await person.call('bookTrade', { body: { symbol: await symbol(), quantity: 1 } })).trade_id;
}
const withProfile = async ({ person }: World) => void bodyIn(await person.call('createUser', { body: {} }));

/** How to ask each route well, as a person; each makes what it needs. */
const good: Readonly<Record<RouteId, Asking>> = {
  getHealth: () => ({}),
  getOpenApi: () => ({}),
  getDocs: () => ({}),
  getDocsAsset: () => ({ parameters: { asset: 'start.js' } }),
  listAssets: () => ({ query: { limit: 5 } }),
  getAsset: asset,
  getAnalysis: asset,
  getFinancials: async ({ symbol }) => ({ parameters: { assetId: await symbol(), statement: 'income-statement' } }),
  listRankings: () => ({ query: { metric: 'piotroski' } }),
  listNews: () => ({ query: { limit: 5 } }),
  listAssetNews: asset,
  listEarnings: () => ({ query: { limit: 5 } }),
  createUser: async ({ person }) => {
    await person.call('deleteUser', me);
    return body('createUser');
  },
  getUser: async (world) => {
    await withProfile(world);
    return me;
  },
  replaceUser: async (world) => {
    await withProfile(world);
    return { ...me, ...body('replaceUser') };
  },
  deleteUser: async (world) => {
    await withProfile(world);
    return me;
  },
  getPreferences: () => me,
  replacePreferences: () => ({ ...me, ...body('replacePreferences') }),
  listWatchlists: async (world) => {
    await listOf(world);
    return {};
  },
  createWatchlist: () => body('createWatchlist'),
  getWatchlist: async (world) => ({ parameters: { watchlistId: await listOf(world) } }),
  replaceWatchlist: async (world) => ({
    parameters: { watchlistId: await listOf(world) },
    ...body('replaceWatchlist'),
  }),
  deleteWatchlist: async (world) => ({ parameters: { watchlistId: await listOf(world) } }),
  addWatchlistItem: async (world) => ({
    parameters: { watchlistId: await listOf(world) },
    body: { symbol: await world.symbol() },
  }),
  removeWatchlistItem: async (world) => ({ parameters: await itemOf(world) }),
  bookTrade: order,
  listTrades: async (world) => {
    await booked(world);
    return {};
  },
  getTrade: async (world) => ({ parameters: { tradeId: await booked(world) } }),
  ...portfolioRequests,
};

/** A value of each path parameter that names nothing. */
const absent: Readonly<Record<string, string>> = {
  assetId: '00000000-0000-4000-8000-00000000dead',
  statement: 'overview',
  userId: '00000000-0000-4000-8000-00000000dead',
  watchlistId: '00000000000000000000000DED',
  itemId: '00000000000000000000000DED',
  tradeId: 'TRADE-00000000000000000000000DED',
  ...portfolioAbsent,
};

const every: readonly (readonly [RouteId, Route])[] = Object.entries(routes) as [RouteId, Route][];

/** One case for each route that `of` has one for. */
const forEvery = (of: (id: RouteId, route: Route) => Case | null): Case[] =>
  every.flatMap(([id, route]) => of(id, route) ?? []);

const successes = forEvery((id, { success: { status, headers = [] } }) => ({
  route: id,
  status,
  says: 'asked well',
  async run(world) {
    const answer = await world.person.send(id, await good[id](world));
    bodyIn(answer);
    equal(answer.status, status);
    ok(answer.headers.get('x-request-id'));
    for (const name of headers) ok(answer.headers.get(name), `the answer carries ${name}`);
  },
}));

const repeats = forEvery((id, { success }) =>
  success.repeated === undefined
    ? null
    : {
        route: id,
        status: 200,
        says: 'asked again: what was there',
        async run(world) {
          const request = await good[id](world);
          const first = await world.person.send(id, request);
          const again = await world.person.send(id, request);
          deepEqual([first.status, again.status], [201, 200]);
          ok(first.kind === 'success' && again.kind === 'success');
          deepEqual([again.body], [first.body]);
        },
      },
);

/** Of an answer that tells its age, two may differ within a second. */
const ATTEMPTS = 5;

const unchanged = forEvery((id, route) =>
  route.method !== 'GET' || !isTagged(route)
    ? null
    : {
        route: id,
        status: 304,
        says: 'asked with the tag of the answer before',
        async run(world) {
          const request = await good[id](world);
          const kinds: string[] = [];
          while (!kinds.includes('unchanged') && kinds.length < ATTEMPTS) {
            const tag = (await world.person.send(id, request)).headers.get('etag') ?? '';
            match(tag, /^"[\w-]+"$/);
            kinds.push((await world.person.send(id, { ...request, headers: { 'if-none-match': tag } })).kind);
          }
          equal(kinds.at(-1), 'unchanged');
        },
      },
);

/** Whatever the rest of the request: the token is looked at first. */
const tokens = forEvery((id, { access, path }) => {
  if (access === 'public') return null;
  const parameters = Object.fromEntries(pathParameters(path).map((name) => [name, absent[name] ?? '']));
  return {
    route: id,
    status: 401,
    says: 'asked without a good token',
    async run({ nobody, withToken }) {
      for (const client of [nobody, withToken('no-token'), withToken('a.b.c')]) {
        refused(await client.send(id, { parameters, ...body(id) }), 401, 'unauthorized');
      }
    },
  };
});

const machines = forEvery((id, { access, path }) => {
  const parameters = Object.fromEntries(pathParameters(path).map((name) => [name, absent[name] ?? '']));
  if (access === 'public') return null;
  return access === 'person'
    ? {
        route: id,
        status: 403,
        says: 'asked by a machine, for a person’s things',
        run: async ({ machine }) => refused(await machine.send(id, { parameters, ...body(id) }), 403, 'forbidden'),
      }
    : {
        route: id,
        status: 200,
        says: 'asked by a machine, which may read the market',
        async run(world) {
          bodyIn(await world.machine.send(id, await good[id](world)));
        },
      };
});

const misspelt = forEvery((id, { errors }) =>
  !errors.includes(400)
    ? null
    : {
        route: id,
        status: 400,
        says: 'asked with a parameter that it does not know',
        async run(world) {
          const request = await good[id](world);
          const answer = await world.person.send(id, { ...request, query: { ...request.query, bogus: '1' } });
          refused(answer, 400, 'invalid_request');
          ok(answer.kind === 'refusal' && answer.error.details?.some(({ path }) => path === 'bogus'));
        },
      },
);

const incomplete = forEvery((id, route) =>
  route.body === undefined || route.bodyMediaType !== undefined
    ? null
    : {
        route: id,
        status: 400,
        says: 'asked with a body that is none of its own',
        async run(world) {
          const answer = await world.person.send(id, { ...(await good[id](world)), body: { bogus: 1 } });
          refused(answer, 400, 'invalid_request');
          ok(answer.kind === 'refusal' && answer.error.details?.some(({ path }) => path === 'bogus'));
        },
      },
);

const missing = forEvery((id, { errors, path }) =>
  !errors.includes(404) || !path.includes('{')
    ? null
    : {
        route: id,
        status: 404,
        says: 'asked for what is not there',
        async run(world) {
          const parameters = Object.fromEntries(pathParameters(path).map((name) => [name, absent[name] ?? '']));
          refused(await world.person.send(id, { parameters, ...body(id) }), 404, 'not_found');
        },
      },
);

const others = forEvery((id, { access, path }) =>
  access !== 'person' || !path.includes('{')
    ? null
    : {
        route: id,
        status: 404,
        says: 'asked for another’s: as if it were not there',
        async run(world) {
          await withProfile(world);
          const { user_id } = bodyIn(await world.person.call('getUser', me));
          const theirs: Readonly<Record<string, string>> = {
            userId: user_id,
            ...(await itemOf(world)),
            tradeId: await booked(world),
            ...(path.includes('{portfolioId}') && (await portfolioIds(world))),
          };
          const ask = (ids: Readonly<Record<string, string>>) => {
            const parameters = Object.fromEntries(pathParameters(path).map((name) => [name, ids[name] ?? '']));
            return world.other.send(id, { parameters, ...body(id) });
          };
          const [another, none] = [await ask(theirs), await ask(absent)];
          refused(another, 404, 'not_found');
          ok(another.kind === 'refusal' && none.kind === 'refusal');
          equal(another.error.message, none.error.message);
        },
      },
);

const stale = forEvery((id, { errors }) =>
  !errors.includes(412)
    ? null
    : {
        route: id,
        status: 412,
        says: 'asked to change what has changed since it was seen',
        async run(world) {
          const request = await good[id](world);
          const first = await world.person.send(id, request);
          const tag = first.headers.get('etag') ?? '';
          const change = { ...request, body: { ...(request.body as object), ...CHANGES[id] } };
          const headers = { 'if-match': tag };
          bodyIn(await world.person.send(id, { ...change, headers }));
          refused(await world.person.send(id, { ...change, headers }), 412, 'precondition_failed');
        },
      },
);
/** One field of a body, changed. */
const CHANGES: Readonly<Partial<Record<RouteId, object>>> = {
  replaceUser: { display_name: 'Changed' },
  replacePreferences: { theme: 'light' },
  replaceWatchlist: { name: 'Changed' },
  replacePortfolio: { name: 'Changed' },
};

const rules: readonly Case[] = [
  {
    route: 'createWatchlist',
    status: 422,
    says: 'asked for one more than a user may have; then the account takes them all with it',
    async run({ other }) {
      await other.call('deleteUser', me);
      for (let made = 0; made < MAX_WATCHLISTS; made += 1) {
        bodyIn(await other.call('createWatchlist', { body: { name: `List ${String(made)}` } }));
      }
      refused(await other.call('createWatchlist', { body: { name: 'One more' } }), 422, 'unprocessable');
      const { headers } = await other.call('deleteUser', me);
      equal(
        headers.get('x-signal9-removed'),
        `profile=0, watchlists=${String(MAX_WATCHLISTS)}, items=0, preferences=0`,
      );
      deepEqual(bodyIn(await other.call('listWatchlists', {})).items, []);
    },
  },
  {
    route: 'addWatchlistItem',
    status: 422,
    says: 'asked for a symbol that nobody trades under, which the answer names',
    async run(world) {
      const parameters = { watchlistId: await listOf(world) };
      const answer = await world.person.call('addWatchlistItem', { parameters, body: { symbol: 'NOSUCHSYMBL' } });
      refused(answer, 422, 'unprocessable');
      ok(answer.kind === 'refusal' && answer.error.message.includes('NOSUCHSYMBL'));
    },
  },
  {
    route: 'getAsset',
    status: 200,
    says: 'asked by a symbol in lower case',
    async run({ person, symbol }) {
      const assetId = (await symbol()).toLowerCase();
      equal(bodyIn(await person.call('getAsset', { parameters: { assetId } })).symbol, await symbol());
    },
  },
  {
    route: 'listAssets',
    status: 200,
    says: 'asked by rating: the best first, those without one last',
    async run({ person }) {
      const { items } = bodyIn(await person.call('listAssets', { query: { sort: 'rating', limit: 200 } }));
      const scores = items.map(({ rating }) => rating?.score ?? -1);
      deepEqual(
        scores,
        [...scores].sort((a, b) => b - a),
      );
    },
  },
  {
    route: 'listAssets',
    status: 200,
    says: 'asked page by page: no asset twice, and another query refuses the cursor',
    async run({ person }) {
      const first = bodyIn(await person.call('listAssets', { query: { limit: 7 } }));
      const cursor = first.next_cursor ?? '';
      const second = bodyIn(await person.call('listAssets', { query: { limit: 7, cursor } }));
      equal(new Set([...first.items, ...second.items].map(({ asset_id }) => asset_id)).size, 14);
      refused(await person.call('listAssets', { query: { cursor, status: 'active' } }), 400, 'invalid_cursor');
    },
  },
  {
    route: 'listRankings',
    status: 200,
    says: 'asked for every metric, both ways: by value, each asset once',
    async run({ person }) {
      for (const metric of metrics) {
        for (const order of ['asc', 'desc'] as const) {
          const { items } = bodyIn(await person.call('listRankings', { query: { metric, order, limit: 200 } }));
          const values = items.map(({ value }) => (order === 'asc' ? value : -value));
          deepEqual(
            values,
            [...values].sort((a, b) => a - b),
          );
          equal(new Set(items.map(({ asset_id }) => asset_id)).size, items.length);
        }
      }
    },
  },
  {
    route: 'listRankings',
    status: 200,
    says: 'asked for a sector: only its own, in the order of the whole',
    async run({ person }) {
      const all = bodyIn(await person.call('listRankings', { query: { limit: 200 } })).items;
      const sector = all[0]?.sector ?? '';
      const { items } = bodyIn(await person.call('listRankings', { query: { sector, limit: 200 } }));
      deepEqual(items, all.filter((one) => one.sector === sector).slice(0, items.length));
    },
  },
  {
    route: 'getFinancials',
    status: 200,
    says: 'asked for every statement',
    async run({ person, symbol }) {
      for (const statement of statementName.options) {
        const parameters = { assetId: await symbol(), statement };
        ok(bodyIn(await person.call('getFinancials', { parameters })).items.length > 0);
      }
    },
  },
  {
    route: 'getAnalysis',
    status: 200,
    says: 'asked for the history: a list',
    async run({ person, symbol }) {
      const parameters = { assetId: await symbol() };
      ok('items' in bodyIn(await person.call('getAnalysis', { parameters, query: { history: true } })));
    },
  },
  {
    route: 'getWatchlist',
    status: 200,
    says: 'asked at the address that its creation named',
    async run(world) {
      const parameters = await itemOf(world);
      const { items } = bodyIn(
        await world.person.call('getWatchlist', { parameters: { watchlistId: parameters.watchlistId ?? '' } }),
      );
      deepEqual(
        items.map(({ symbol }) => symbol),
        [await world.symbol()],
      );
    },
  },
  {
    route: 'deleteUser',
    status: 204,
    says: 'asked twice: everything goes, and then there was nothing left',
    async run(world) {
      await world.person.call('deleteUser', me);
      await withProfile(world);
      await itemOf(world);
      bodyIn(await world.person.call('replacePreferences', { ...me, body: bodyExamples.replacePreferences as never }));
      const removed = async () => (await world.person.call('deleteUser', me)).headers.get('x-signal9-removed');
      equal(await removed(), 'profile=1, watchlists=1, items=1, preferences=1');
      equal(await removed(), 'profile=0, watchlists=0, items=0, preferences=0');
      refused(await world.person.call('getUser', me), 404, 'not_found');
    },
  },
];

const trading: readonly Case[] = [
  {
    route: 'bookTrade',
    status: 200,
    says: 'asked again under its key: the first answer, whatever the spelling of its numbers',
    async run({ person, symbol }) {
      const body = { symbol: await symbol(), quantity: '2.0', client_order_id: crypto.randomUUID() };
      const first = bodyIn(await person.call('bookTrade', { body }));
      deepEqual([first.client_order_id, first.quantity], [body.client_order_id, '2']);
      match(first.status, /^(SUCCESS|accepted|pending_new)$/);
      const again = bodyIn(await person.call('bookTrade', { body: { ...body, quantity: 2 } }));
      equal(again.trade_id, first.trade_id);
      const headers = { 'idempotency-key': body.client_order_id };
      const byHeader = await person.call('bookTrade', { headers, body: { symbol: body.symbol, quantity: 2 } });
      equal(bodyIn(byHeader).trade_id, first.trade_id);
    },
  },
  {
    route: 'bookTrade',
    status: 200,
    says: 'asked twenty times at once under one key: one trade',
    async run({ person, symbol }) {
      const body = { symbol: await symbol(), quantity: 3, client_order_id: crypto.randomUUID() };
      const answers = await Promise.all(Array.from({ length: 20 }, () => person.call('bookTrade', { body })));
      equal(new Set(answers.map((answer) => bodyIn(answer).trade_id)).size, 1);
    },
  },
  {
    route: 'bookTrade',
    status: 409,
    says: 'asked for another order under a key that was used',
    async run({ person, symbol }) {
      const body = { symbol: await symbol(), quantity: 1, client_order_id: crypto.randomUUID() };
      bodyIn(await person.call('bookTrade', { body }));
      refused(await person.call('bookTrade', { body: { ...body, quantity: 2 } }), 409, 'conflict');
      refused(await person.call('bookTrade', { body: { ...body, side: 'sell' } }), 409, 'conflict');
    },
  },
  {
    route: 'bookTrade',
    status: 400,
    says: 'asked without what it needs, which the answer names',
    async run({ person, symbol }) {
      const ask = async (body: object) => {
        const answer = await person.send('bookTrade', { body });
        refused(answer, 400, 'invalid_request');
        return answer.kind === 'refusal' ? answer.error.message : '';
      };
      match(await ask({}), /^Missing required fields: symbol, quantity/);
      match(await ask({ symbol: await symbol() }), /^Missing required fields: quantity/);
      match(await ask({ symbol: await symbol(), quantity: 1, type: 'limit' }), /^Missing required fields: limit_price/);
      for (const quantity of [0, -1, '1e3', 'many', 0.1 + 0.2, '0.0000000001', null])
        match(await ask({ symbol: await symbol(), quantity }), /quantity/);
      const twice = { symbol: await symbol(), quantity: 1, client_order_id: 'a' };
      refused(
        await person.send('bookTrade', { headers: { 'idempotency-key': 'b' }, body: twice }),
        400,
        'invalid_request',
      );
    },
  },
  {
    route: 'bookTrade',
    status: 422,
    says: 'asked for what a rule refuses, which the answer names',
    async run({ person, symbol }) {
      const body = { symbol: await symbol(), quantity: 1 };
      const refusedFor = async (path: string, change: object) => {
        const answer = await person.send('bookTrade', { body: { ...body, ...change } });
        refused(answer, 422, 'unprocessable');
        ok(answer.kind === 'refusal' && answer.error.details?.some((detail) => detail.path === path));
      };
      await refusedFor('symbol', { symbol: 'NOSUCHSYMBL' });
      await refusedFor('limit_price', { type: 'limit', limit_price: '1.001' });
      await refusedFor('limit_price', { type: 'limit', limit_price: '0.00001' });
      await refusedFor('time_in_force', { quantity: '0.5', time_in_force: 'ioc' });
      await refusedFor('quantity', { quantity: '999999999999999' });
      await refusedFor('quantity', { side: 'sell', portfolio_id: ulid() });
    },
  },
  {
    route: 'bookTrade',
    status: 404,
    says: 'asked for another’s portfolio',
    async run({ person, other, symbol }) {
      const body = { symbol: await symbol(), quantity: 1, portfolio_id: ulid() };
      bodyIn(await other.call('bookTrade', { body }));
      refused(await person.call('bookTrade', { body }), 404, 'not_found');
    },
  },
  {
    route: 'bookTrade',
    status: 200,
    says: 'asked for a limit that the market is far from: `day` waits, `ioc` is canceled',
    async run({ person, symbol }) {
      const body = { symbol: await symbol(), quantity: 1, type: 'limit', limit_price: '0.01' } as const;
      const day = bodyIn(await person.call('bookTrade', { body }));
      deepEqual([day.status, day.filled_qty, day.filled_avg_price], ['accepted', '0', null]);
      ok(day.expires_at);
      const ioc = bodyIn(await person.call('bookTrade', { body: { ...body, time_in_force: 'ioc' } }));
      deepEqual([ioc.status, ioc.expires_at], ['canceled', null]);
      match(ioc.reason ?? '', /^(not_marketable|market_closed)$/);
    },
  },
  {
    route: 'listTrades',
    status: 200,
    says: 'asked page by page, by symbol and side: the trade just booked first, none twice',
    async run(world) {
      const newest = await booked(world);
      const query = { symbol: await world.symbol(), side: 'buy', limit: 2 } as const;
      const first = bodyIn(await world.person.call('listTrades', { query }));
      equal(first.items[0]?.trade_id, newest);
      const second = bodyIn(
        await world.person.call('listTrades', { query: { ...query, cursor: first.next_cursor ?? '' } }),
      );
      const ids = [...first.items, ...second.items].map(({ trade_id }) => trade_id);
      equal(new Set(ids).size, ids.length);
      deepEqual(ids, ids.toSorted().toReversed());
      deepEqual(bodyIn(await world.person.call('listTrades', { query: { to: '2020-01-01' } })).items, []);
      const backwards = { from: '2026-01-02', to: '2026-01-01' };
      refused(await world.person.call('listTrades', { query: backwards }), 400, 'invalid_request');
    },
  },
];

export const cases: readonly Case[] = [
  ...successes,
  ...repeats,
  ...unchanged,
  ...tokens,
  ...machines,
  ...misspelt,
  ...incomplete,
  ...missing,
  ...others,
  ...stale,
  ...rules,
  ...trading,
  ...portfolioCases,
];

/** The answers that a route documents. A person's token always has a scope that opens the market: no 403 there to be had. */
export const documented = ({ method, access, errors, success }: Route): readonly number[] => [
  ...new Set([
    success.status,
    ...(success.repeated === undefined ? [] : [200]),
    ...(method === 'GET' ? [304] : []),
    ...(access === 'public' ? [] : [401]),
    ...(access === 'person' ? [403] : []),
    // Whether the market is open is known to every target that is well.
    ...errors.filter((status) => status !== 503),
  ]),
];

export interface Outcome extends Pick<Case, 'route' | 'status' | 'says'> {
  /** Why it failed; null where it did not. */
  readonly failure: string | null;
}

/** Runs the cases in turn, and leaves nothing behind. */
export async function runConformance(target: Target, some: readonly Case[] = cases): Promise<Outcome[]> {
  const world = worldOf(target);
  const outcomes: Outcome[] = [];
  for (const one of some) {
    const { route, status, says } = one;
    const failure = await one.run(world).then(
      () => null,
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
    outcomes.push({ route, status, says, failure });
  }
  for (const client of [world.person, world.other]) await client.call('deleteUser', me);
  return outcomes;
}
