import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ulid } from 'ulid';
import { pathParameters, type Route } from '../../../contract/route';
import { routes } from '../../../contract/routes';
import type { Person, Platform } from './platform';
import { bodyFor, pathWith } from './samples';

/** Path parameters that name what is the same for everyone. */
export const SHARED_PARAMETERS: readonly string[] = ['assetId', 'statement', 'asset'];

export type Values = Readonly<Record<string, string>>;
/** What a maker is given. */
export interface Making {
  readonly platform: Platform;
  readonly owner: Person;
  /** Text by which a leak is recognised; it goes wherever the owner may write. */
  readonly canary: string;
  /** What was made for the parameters before it in the path. */
  readonly earlier: Values;
}

interface Maker {
  /** Makes such a thing for its owner. @returns its id */
  readonly make: (making: Making) => Promise<string>;
  /** A well-spelt id of nothing. */
  readonly absent: () => string;
}

/**
 * How a thing of somebody's own comes to be, by the parameter that names it. A route with a parameter that is neither here
 * nor shared fails the authorization test: who adds one says here how to make it.
 */
export const owned: Readonly<Record<string, Maker>> = {
  userId: {
    // makeAll has made the profile already.
    make: ({ owner }) => Promise.resolve(owner.sub),
    absent: () => randomUUID(),
  },
  watchlistId: { make: (making) => created('POST /watchlists', making), absent: () => ulid() },
  // A trade has no Location: it is the answer itself.
  tradeId: { make: async (making) => (await booked(making)).trade_id, absent: () => `TRADE-${ulid()}` },
  portfolioId: { make: (making) => created('POST /portfolios', making), absent: () => ulid() },
  transactionId: { make: (making) => recorded(making), absent: () => ulid() },
  itemId: { make: (making) => created('POST /watchlists/{watchlistId}/items', making), absent: () => ulid() },
};

export const allRoutes: readonly Route[] = Object.values(routes);
export const addressOf = ({ method, path }: Route): string => `${method} ${path}`;
export const ownedParameters = (route: Route): string[] =>
  pathParameters(route.path).filter((name) => !SHARED_PARAMETERS.includes(name));

/** Values that a `refine` asks for or that must be of something that is there, by the names of fields and parameters. */
export const meaningful = ({ symbol }: Platform) => ({
  assetId: symbol,
  symbol,
  quantity: '1.5',
  limit_price: '100.25',
  base_currency: 'USD',
  currency: 'USD',
  locale: 'en-GB',
  time_zone: 'Europe/Paris',
});

/** Its key is text of the owner's own, which goes where a leak would show it. */
async function booked({ platform, owner, canary }: Making): Promise<{ trade_id: string }> {
  const body = JSON.stringify({ symbol: platform.symbol, quantity: 1, client_order_id: `${canary} ${ulid()}` });
  const request = { method: 'POST', path: '/trade', headers: { 'content-type': 'application/json' }, body };
  const answer = await platform.send(request, owner.token);
  if (answer.status !== 200) throw new Error(`POST /trade answered ${answer.status} ${answer.text} to ${body}`);
  // It names no portfolio: the default one is made for it, over the bus.
  const list = { method: 'GET', path: '/portfolios' };
  for (let n = 0; n < 500 && !(await platform.send(list, owner.token)).text.includes('"is_default":true'); n += 1)
    await sleep(20);
  return answer.json as { trade_id: string };
}

/** Which fields go together depends on the type: chance would draw few that do. */
async function recorded({ platform, owner, canary, earlier }: Making): Promise<string> {
  const body = JSON.stringify({
    type: 'deposit',
    amount: '1000',
    executed_at: '2026-01-02T15:00:00Z',
    external_id: `${canary} ${ulid()}`,
  });
  const path = `/portfolios/${earlier.portfolioId ?? ''}/transactions`;
  const request = { method: 'POST', path, headers: { 'content-type': 'application/json' }, body };
  const answer = await platform.send(request, owner.token);
  if (answer.status !== 201) throw new Error(`POST ${path} answered ${answer.status} ${answer.text} to ${body}`);
  return answer.headers.location?.split('/').at(-1) ?? '';
}

const find = (address: string) => allRoutes.find((route) => addressOf(route) === address);

/** Creates by a route of the contract. @returns the id that Location ends with */
async function created(address: string, { platform, owner, canary, earlier }: Making): Promise<string> {
  const route = find(address);
  if (!route) throw new Error(`the contract has no ${address}`);
  const body = bodyFor(route, meaningful(platform), canary);
  const answer = await platform.send(
    { method: 'POST', path: pathWith(route, earlier), headers: { 'content-type': 'application/json' }, body },
    owner.token,
  );
  if (answer.status >= 300) throw new Error(`${address} answered ${answer.status} ${answer.text} to ${body}`);
  return answer.headers.location?.split('/').at(-1) ?? '';
}

/** What the routes of today know to be somebody's own. */
export const ownedToday: readonly string[] = Object.keys(owned).filter((name) =>
  allRoutes.some((route) => ownedParameters(route).includes(name)),
);

/** Everything that the names ask for, and the profile that may have to be there first, made for one owner. */
export async function makeAll(names: readonly string[], making: Omit<Making, 'earlier'>): Promise<Values> {
  const values: Record<string, string> = {};
  if (find('POST /users')) await created('POST /users', { ...making, earlier: {} });
  for (const name of names) {
    const maker = owned[name];
    if (!maker) throw new Error(`no maker of ${name}: add one to test/local/platform/owned.ts`);
    values[name] = await maker.make({ ...making, earlier: { ...values } });
  }
  return values;
}
