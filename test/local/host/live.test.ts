import { request } from 'node:http';
import path from 'node:path';
import { ulid } from 'ulid';
import type { EventDetail, EventId, QueueId } from '../../../contract/events';
import { MAX_CONNECTION_SECONDS, MAX_MESSAGE_BYTES } from '../../../contract/schemas/live';
import { createBus } from '../../../local/host/bus/bus';
import { createMemoryQueue } from '../../../local/host/bus/memory-queue';
import type { Queue } from '../../../local/host/bus/queue';
import { signingKey } from '../../../local/host/identity/signing-key';
import { type HttpServer, startHttp } from '../../../local/host/http/server';
import { createTokens, type Tokens } from '../../../local/host/identity/tokens';
import { type Live, openLive } from '../../../local/host/live/live';
import type { LiveServer } from '../../../local/host/live/live-server';
import type { PortfolioRow } from '../../../lambda/adapters/portfolio/portfolios';
import { liveCases, type LiveTarget } from '../../conformance/live-cases';
import { quoteOf, tradeOf, valuationOf } from '../../lambda/portfolio/live';
import { connected, connectLive } from '../../live-client';
import { eventually, silentLog, temporaryFolder } from './temporary';

const folder = temporaryFolder();
const person = (sub: string) => ({ sub, username: sub, email: `${sub}@example.com` });
let ahead = 0;
const clock = () => new Date(Date.now() + ahead);
const owners = new Map<string, string>();
let tokens: Tokens;
let http: HttpServer;
let live: Live;
let server: LiveServer;
let queue: Queue;
let url: string;
let ada: string;

/** The bus with the one queue that matters here; whoever is touched is valued at once, as the portfolio service does. */
const nowhere = { sendAll: async () => undefined };
const queues = { live: { sendAll: (bodies: readonly string[]) => queue.sendAll(bodies) } };
const bus = createBus({
  queues: new Proxy(queues, { get: (target, id) => (id === 'live' ? target.live : nowhere) }) as unknown as Readonly<
    Record<QueueId, Pick<Queue, 'sendAll'>>
  >,
  archive: { append: async () => undefined },
  clock,
  log: silentLog,
});
const publish = <E extends EventId>(event: E, detail: EventDetail<E>) => bus.publish([{ event, detail }]);
const store = {
  find: async (userId: string, portfolioId: string) =>
    owners.get(portfolioId) === userId ? ({ portfolio_id: portfolioId } as PortfolioRow) : null,
  async touch({ portfolios }: { readonly portfolios: readonly string[] }) {
    for (const portfolio_id of portfolios) await publish('valuationUpdated', valued(portfolio_id));
  },
};
const valued = (portfolio_id: string, fields: object = {}) =>
  valuationOf({ portfolio_id, user_id: owners.get(portfolio_id) ?? '', ...fields });
function portfolioOf(user: string): string {
  const id = ulid();
  owners.set(id, user);
  return id;
}

beforeAll(async () => {
  tokens = createTokens(await signingKey(path.join(folder, 'key.pem')), clock);
  ada = await tokens.accessToken(person('ada'), 3600);
});
beforeEach(async () => {
  ahead = 0;
  queue = createMemoryQueue({ name: 'live', batchSize: 10, timeoutSeconds: 30, capacity: 5000, clock, log: silentLog });
  live = openLive({ store, bus, queue, clock, log: silentLog, metrics: { count: () => undefined } });
  server = live.serve(tokens);
  await queue.start(live.push);
  http = await startHttp({
    port: 0,
    routes: [],
    functions: {},
    tokens,
    clock,
    log: silentLog,
    doors: [],
    live: server,
  });
  url = `${http.url.replace('http:', 'ws:')}/ws`;
});
afterEach(async () => {
  await http.close();
  await queue.stop();
});

const watched = async () => (await live.topics.watched(clock())).portfolios;
async function watching(portfolio_id: string, token = ada) {
  const client = await connected(url, token);
  client.say({ action: 'subscribe', portfolio_id });
  await client.next('valuation');
  return client;
}

describe('as any deployment', () => {
  it.each(liveCases.map((one) => [one.says, one] as const))('%s', async (_, { run }) => {
    const target: LiveTarget = {
      url,
      personToken: ada,
      otherPersonToken: await tokens.accessToken(person('bob'), 3600),
      machineToken: await tokens.machineToken(3600),
      expiredToken: await tokens.accessToken(person('ada'), -1),
      makePortfolio: async (token) => portfolioOf(token === ada ? 'ada' : 'bob'),
      valuationWithinMs: 5000,
    };
    await run(target);
  });
});

it('tells a connection what it watches, and nobody else of it', async () => {
  const portfolio = portfolioOf('ada');
  const client = await watching(portfolio);
  const other = await watching(portfolioOf('bob'), await tokens.accessToken(person('bob'), 3600));
  client.say({ action: 'subscribe', symbols: ['IBM', 'AAPL'] });
  await client.next('ack');
  await client.next('ack');
  await publish('tradeBooked', tradeOf({ portfolio_id: portfolio }));
  await publish('quotesUpdated', { quotes: [quoteOf('IBM'), quoteOf('MSFT')] });
  expect(await client.next('trade')).toMatchObject({ portfolio_id: portfolio, quantity: '2' });
  expect((await client.next('quote')).quotes).toEqual([quoteOf('IBM')]);
  other.say({ action: 'ping' });
  await other.next('pong');
  expect(other.heard.map(({ type }) => type)).toEqual(['ack', 'valuation', 'pong']);
});

it('answers the messages of a connection in their order', async () => {
  const client = await connected(url, ada);
  const own = portfolioOf('ada');
  client.say({ action: 'subscribe', portfolio_id: own, id: '0' });
  client.say({ action: 'unsubscribe', portfolio_id: own, id: '1' });
  for (let n = 2; n < 20; n += 1) client.say({ action: 'ping', id: String(n) });
  await eventually(() => client.heard.filter((message) => message.type === 'pong').length === 18);
  const ids = client.heard.flatMap((message) => ('id' in message ? [message.id] : []));
  expect(ids).toEqual(Array.from({ length: 20 }, (_, n) => String(n)));
  expect(await watched()).toEqual([]);
});

it('cuts off a client that does not read, and tells the others all the same', async () => {
  const portfolio = portfolioOf('ada');
  const slow = await watching(portfolio);
  const quick = await watching(portfolio);
  slow.socket.pause();
  const pushed = () => quick.heard.filter(({ type }) => type === 'valuation').length;
  const holdings = Array.from({ length: 100 }, () => ({
    symbol: 'IBM',
    qty: '1'.repeat(400),
    current_price: null,
    price_as_of: null,
    stale: null,
    market_value: null,
    unrealized_pl: null,
    weight: null,
  }));
  let sent = 1;
  // What the kernel takes for a client differs; some megabytes are more than any takes.
  while ((await live.connections.watchers([{ kind: 'portfolio', portfolio_id: portfolio }], clock())).length > 1) {
    expect(sent).toBeLessThan(2000);
    await publish('valuationUpdated', valued(portfolio, { holdings }));
    sent += 1;
    await eventually(() => pushed() === sent);
  }
  expect(pushed()).toBe(sent);
  expect(quick.heard.filter(({ type }) => type === 'error')).toEqual([]);
  slow.socket.terminate();
}, 60_000);

it('forgets a client that has gone without a word, at the second beat', async () => {
  const silent = await connected(url, ada, { autoPong: false });
  silent.say({ action: 'subscribe', portfolio_id: portfolioOf('ada') });
  await silent.next('valuation');
  const well = await watching(portfolioOf('ada'));
  server.beat();
  const ponged = new Promise((resolve) => well.socket.once('ping', resolve));
  await ponged;
  well.say({ action: 'ping' });
  // Its pong went before this.
  await well.next('pong');
  server.beat();
  expect(await silent.ended()).toBe(1006);
  await eventually(async () => (await watched()).length === 1);
  expect(well.socket.readyState).toBe(well.socket.OPEN);
});

it('forgets a client that closes, with all that it watched', async () => {
  const client = await watching(portfolioOf('ada'));
  expect(await watched()).toHaveLength(1);
  await client.close();
  await eventually(async () => (await watched()).length === 0);
});

it('tells a connection whose token expires meanwhile so instead of the next value, and ends it', async () => {
  const portfolio = portfolioOf('ada');
  const client = await watching(portfolio);
  ahead = 3601_000;
  await publish('valuationUpdated', valued(portfolio));
  expect((await client.next('error')).code).toBe('token_expired');
  expect(await client.ended()).toBe(1008);
  expect(client.heard.filter(({ type }) => type === 'valuation')).toHaveLength(1);
  expect(await watched()).toEqual([]);
});

it('ends a connection after as long as API Gateway allows, whatever its token', async () => {
  const client = await watching(portfolioOf('ada'), await tokens.accessToken(person('ada'), 48 * 3600));
  ahead = MAX_CONNECTION_SECONDS * 1000;
  server.beat();
  expect(await client.ended()).toBe(1001);
});

it('ends a connection that sends more than a message may hold', async () => {
  const client = await connected(url, ada);
  client.say('x'.repeat(MAX_MESSAGE_BYTES + 1));
  expect(await client.ended()).toBe(1009);
});

it.each([
  ['a page of another origin', { origin: 'https://evil.example' }, 403],
  ['a name that points here', { headers: { host: 'evil.example' } }, 403],
])('refuses %s, with a good token', async (_, options, status) => {
  expect(await connectLive(url, ada, options)).toEqual({ status });
  expect(await connectLive(url, ada, { ...options, by: 'query' })).toEqual({ status });
});

it('serves a page of its own origin', async () => {
  const client = await connected(url, ada, { origin: http.url });
  client.say({ action: 'ping' });
  await client.next('pong');
});

it('has no other path', async () => {
  expect(await connectLive(`${url}/more`, ada)).toEqual({ status: 404 });
});

it('forgets a connection whose handshake comes to nothing', async () => {
  const opened = jest.spyOn(live.connections, 'open');
  const closed = jest.spyOn(live.connections, 'close');
  expect(await shakeHands({ 'sec-websocket-protocol': `signal9, ${ada}`, 'sec-websocket-version': '7' })).toBe(400);
  await eventually(() => closed.mock.calls.length > 0);
  expect(closed).toHaveBeenCalledWith(opened.mock.calls[0]![0].connection_id);
});

it('says goodbye to everyone when it stops, waits for their ends and lets nobody in any more', async () => {
  const clients = await Promise.all([1, 2, 3].map(() => watching(portfolioOf('ada'))));
  clients[0]!.socket.pause();
  const closing = server.close();
  expect(await connectLive(url, ada)).toEqual({ status: 503 });
  await closing;
  expect(await watched()).toEqual([]);
  expect(await clients[1]!.ended()).toBe(1001);
  clients[0]!.socket.terminate();
});

it('answers ordinary requests beside', async () => {
  expect((await fetch(http.url)).status).toBe(404);
});

/** A handshake by hand. @returns the status */
function shakeHands(headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const asking = request(url.replace('ws:', 'http:'), {
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
        ...headers,
      },
    });
    asking.on('response', (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    asking.on('error', reject);
    asking.end();
  });
}
