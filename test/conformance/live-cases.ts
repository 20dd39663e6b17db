import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { ulid } from 'ulid';
import { createClient } from '../../contract/client';
import { MAX_SYMBOLS, SUBPROTOCOL } from '../../contract/schemas/live';
import { connected, connectLive, type LiveClient } from '../live-client';
import { bodyIn } from './cases';

/** What any deployment must answer over its WebSocket API; the same cases run against one machine and AWS. */
export interface LiveTarget {
  /** wss://…/<stage>, or ws://127.0.0.1:4000/ws */
  readonly url: string;
  /** Of two people made for this. */
  readonly personToken: string;
  readonly otherPersonToken: string;
  readonly machineToken: string;
  /** A token of the target's that has expired. Without one, its case is left out. */
  readonly expiredToken?: string;
  /** Makes a portfolio of whose token it is. @returns its id */
  readonly makePortfolio: (token: string) => Promise<string>;
  /** How long a first valuation may take, milliseconds. */
  readonly valuationWithinMs: number;
}

/** Makes portfolios over the target's own REST API. */
export const portfoliosOver =
  (baseUrl: string) =>
  async (token: string): Promise<string> => {
    const person = createClient({ baseUrl, token });
    return bodyIn(await person.call('createPortfolio', { body: { name: 'Live' } })).portfolio_id;
  };

export interface LiveCase {
  readonly says: string;
  readonly run: (target: LiveTarget) => Promise<void>;
}

/** A connection of the person, closed after the case. */
const asPerson =
  (work: (client: LiveClient, target: LiveTarget) => Promise<void>) =>
  async (target: LiveTarget): Promise<void> => {
    const client = await connected(target.url, target.personToken);
    try {
      await work(client, target);
    } finally {
      await client.close();
    }
  };

const refused =
  (status: number, tokenOf: (target: LiveTarget) => string | undefined) =>
  async (target: LiveTarget): Promise<void> =>
    deepEqual(await connectLive(target.url, tokenOf(target)), { status });

export const liveCases: readonly LiveCase[] = [
  {
    says: 'answers the subprotocol that carries the token',
    run: asPerson(async ({ socket }) => equal(socket.protocol, SUBPROTOCOL)),
  },
  {
    says: 'takes a token from the query',
    run: async ({ url, personToken }) => {
      const client = await connected(url, personToken, { by: 'query' });
      client.say({ action: 'ping', id: 'q' });
      equal((await client.next('pong')).id, 'q');
      await client.close();
    },
  },
  { says: 'refuses a connection without a token', run: refused(401, () => undefined) },
  { says: 'refuses what is no token', run: refused(401, () => 'x.y.z') },
  {
    says: 'refuses a token that was changed',
    run: refused(401, ({ personToken }) => `${personToken.slice(0, -8)}AAAAAAAA`),
  },
  { says: 'refuses a machine', run: refused(403, ({ machineToken }) => machineToken) },
  {
    says: 'tells of an expired token, then ends',
    run: async ({ url, expiredToken }) => {
      if (expiredToken === undefined) return;
      const client = await connected(url, expiredToken);
      equal((await client.next('error')).code, 'token_expired');
      await client.ended();
    },
  },
  {
    says: 'answers a ping with its id',
    run: asPerson(async (client) => {
      client.say({ action: 'ping', id: 'one' });
      deepEqual(await client.next('pong'), { type: 'pong', id: 'one' });
    }),
  },
  ...(
    [
      ['what is no JSON', '{', /JSON/],
      ['an action that nobody knows', { action: 'shout' }, /action/],
      ['a subscription to nothing', { action: 'subscribe' }, /portfolio_id or symbols/],
      ['a symbol that can be none', { action: 'subscribe', symbols: ['$'] }, /symbols\.0/],
    ] as const
  ).map(([what, message, named]): LiveCase => ({
    says: `names what is wrong with ${what}, and stays open`,
    run: asPerson(async (client) => {
      client.say(message);
      const error = await client.next('error');
      equal(error.code, 'invalid_request');
      match(error.message, named);
      client.say({ action: 'ping' });
      await client.next('pong');
    }),
  })),
  {
    says: 'lets symbols be watched in any case, and no longer be watched',
    run: asPerson(async (client) => {
      client.say({ action: 'subscribe', symbols: ['ibm', 'IBM'], id: 's' });
      deepEqual(await client.next('ack'), { type: 'ack', action: 'subscribe', symbols: ['IBM'], id: 's' });
      client.say({ action: 'unsubscribe', symbols: ['IBM'] });
      equal((await client.next('ack')).action, 'unsubscribe');
    }),
  },
  {
    says: 'names the limit to those who would watch too much',
    run: asPerson(async (client) => {
      const symbols = Array.from({ length: MAX_SYMBOLS }, (_, n) => `S${n}`);
      client.say({ action: 'subscribe', symbols });
      await client.next('ack', 15_000);
      client.say({ action: 'subscribe', symbols: ['ONEMORE'] });
      equal((await client.next('error')).code, 'too_many_subscriptions');
    }),
  },
  {
    says: 'values a portfolio for its owner soon after they subscribe',
    run: asPerson(async (client, { personToken, makePortfolio, valuationWithinMs }) => {
      const portfolio_id = await makePortfolio(personToken);
      client.say({ action: 'subscribe', portfolio_id });
      equal((await client.next('ack')).portfolio_id, portfolio_id);
      const valuation = await client.next('valuation', valuationWithinMs);
      equal(valuation.portfolio_id, portfolio_id);
      ok(!('user_id' in valuation), 'the owner’s id is not shown');
    }),
  },
  {
    says: "finds another's portfolio no more than one that is not there",
    run: asPerson(async (client, { otherPersonToken, makePortfolio }) => {
      client.say({ action: 'subscribe', portfolio_id: await makePortfolio(otherPersonToken) });
      const others = await client.next('error');
      client.say({ action: 'subscribe', portfolio_id: ulid() });
      equal(others.code, 'not_found');
      deepEqual(await client.next('error'), others);
    }),
  },
];
