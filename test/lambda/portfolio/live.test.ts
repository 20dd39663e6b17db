import { MAX_MESSAGE_BYTES, MAX_SYMBOLS } from '../../../contract/schemas/live';
import { StoreUnavailable } from '../../../lambda/adapters/portfolio/portfolios';
import { makeHandler } from '../../../lambda/portfolio/live';
import { type LiveGround, liveGround, MONDAY, OTHERS, PORTFOLIO } from './live';

let ground: LiveGround;
let handler: ReturnType<typeof makeHandler>;
beforeEach(() => {
  ground = liveGround();
  handler = makeHandler(ground.services);
});

const context = (routeKey: string, connectionId: string) => ({ routeKey, connectionId, connectedAt: MONDAY });
const connect = (id: string, user_id: string, tokenSeconds = 3600, headers: Record<string, string> = {}) =>
  handler({
    requestContext: {
      ...context('$connect', id),
      // API Gateway makes texts of the authorizer's numbers.
      authorizer: { user_id, token_expires_at: String(MONDAY / 1000 + tokenSeconds), principalId: user_id },
    },
    headers,
  });
const say = (id: string, message: unknown) =>
  handler({
    requestContext: context('$default', id),
    body: typeof message === 'string' ? message : JSON.stringify(message),
  });
const watchersOf = (symbol: string) =>
  ground.services.connections.watchers([{ kind: 'symbol', symbol }], ground.services.clock());

describe('$connect', () => {
  it('opens the connection, and answers the subprotocol where it was offered', async () => {
    const offered = await connect('a', 'ada', 3600, { 'Sec-WebSocket-Protocol': 'signal9, x.y.z' });
    expect(offered).toEqual({ statusCode: 200, headers: { 'Sec-WebSocket-Protocol': 'signal9' } });
    expect(await connect('b', 'ada')).toEqual({ statusCode: 200 });
    expect(await ground.services.connections.find('a', ground.services.clock())).toEqual({
      connection_id: 'a',
      user_id: 'ada',
      token_expires_at: MONDAY / 1000 + 3600,
      expires_at: MONDAY / 1000 + 7800,
    });
  });

  it('refuses what no authorizer has seen', async () => {
    expect(await handler({ requestContext: context('$connect', 'a') })).toEqual({ statusCode: 401 });
  });

  it('tells of an expired token by an event, since nothing can be posted yet', async () => {
    await connect('a', '', -1);
    expect(ground.published).toEqual([{ event: 'tokenExpired', detail: { connection_id: 'a' } }]);
    expect(ground.said).toEqual([]);
  });
});

describe('a connection', () => {
  beforeEach(() => connect('a', 'ada'));

  it('is answered with a pong that repeats its id', async () => {
    await say('a', { action: 'ping', id: '7' });
    await say('a', { action: 'ping' });
    expect(ground.toldTo('a')).toEqual([{ type: 'pong', id: '7' }, { type: 'pong' }]);
  });

  it('watches its own portfolio and symbols in any case, and has their values hurried', async () => {
    await say('a', { action: 'subscribe', portfolio_id: PORTFOLIO, symbols: ['ibm', 'IBM', 'brk.b'], id: 's1' });
    const symbols = ['IBM', 'BRK.B'];
    expect(ground.toldTo('a')).toEqual([
      { type: 'ack', action: 'subscribe', portfolio_id: PORTFOLIO, symbols, id: 's1' },
    ]);
    expect(await ground.services.connections.watched(ground.services.clock())).toEqual({
      portfolios: [PORTFOLIO],
      symbols,
    });
    expect(ground.touched).toEqual([{ portfolios: [PORTFOLIO], symbols }]);
  });

  it('stops watching, its own words in another case', async () => {
    await say('a', { action: 'subscribe', symbols: ['IBM'] });
    await say('a', { action: 'unsubscribe', symbols: ['ibm'] });
    expect(ground.toldTo('a').at(-1)).toEqual({ type: 'ack', action: 'unsubscribe', symbols: ['IBM'] });
    expect(await watchersOf('IBM')).toEqual([]);
  });

  it("finds another's portfolio no more than one that is not there, and then watches nothing of the message", async () => {
    await say('a', { action: 'subscribe', portfolio_id: OTHERS, symbols: ['IBM'], id: 'x' });
    await say('a', { action: 'subscribe', portfolio_id: PORTFOLIO.replace('S3', 'S9'), symbols: ['IBM'], id: 'x' });
    const [others, unknown] = ground.toldTo('a');
    expect(others).toEqual({ type: 'error', code: 'not_found', message: 'no such portfolio', id: 'x' });
    expect(unknown).toEqual(others);
    expect(await watchersOf('IBM')).toEqual([]);
    expect(ground.touched).toEqual([]);
  });

  it('is told which limit it met', async () => {
    await say('a', { action: 'subscribe', symbols: Array.from({ length: MAX_SYMBOLS }, (_, n) => `S${n}`) });
    await say('a', { action: 'subscribe', symbols: ['IBM'] });
    expect(ground.toldTo('a').at(-1)).toMatchObject({ type: 'error', code: 'too_many_subscriptions' });
    expect(await watchersOf('IBM')).toEqual([]);
  });

  it.each([
    ['no JSON', '{', 'JSON'],
    ['an empty frame', '', 'JSON'],
    ['null', 'null', 'must be an object'],
    ['no action', {}, 'action'],
    ['an unknown action', { action: 'shout' }, 'action is not valid'],
    ['nothing to watch', { action: 'subscribe' }, 'portfolio_id or symbols'],
    ['a portfolio that can be none', { action: 'subscribe', portfolio_id: 7 }, 'portfolio_id'],
    ['a symbol that can be none', { action: 'subscribe', symbols: ['IBM', '$'] }, 'symbols.1'],
    ['no symbols', { action: 'unsubscribe', symbols: [] }, 'symbols must name a symbol'],
    ['a field that nobody knows', { action: 'ping', portfolio_id: PORTFOLIO }, 'portfolio_id is not known here'],
    ['too many bytes', { action: 'ping', id: 'x'.repeat(MAX_MESSAGE_BYTES) }, 'bytes'],
  ])('stays open after %s, and is told what is wrong', async (_, message, named) => {
    await say('a', message);
    await say('a', { action: 'ping' });
    const [error, pong] = ground.toldTo('a');
    expect(error).toMatchObject({ type: 'error', code: 'invalid_request' });
    expect(error).toHaveProperty('message', expect.stringContaining(named));
    expect(pong).toEqual({ type: 'pong' });
    expect(ground.ended).toEqual([]);
  });

  it('is told where the portfolios cannot be asked, and stays', async () => {
    handler = makeHandler({
      ...ground.services,
      store: { ...ground.services.store, find: () => Promise.reject(new StoreUnavailable('no answer')) },
    });
    await say('a', { action: 'subscribe', portfolio_id: PORTFOLIO, id: 'q' });
    expect(ground.toldTo('a')).toEqual([
      { type: 'error', code: 'unavailable', message: 'not possible now, try again later', id: 'q' },
    ]);
    expect(ground.ended).toEqual([]);
  });

  it('watches all the same where its first value cannot be hurried', async () => {
    handler = makeHandler({
      ...ground.services,
      store: { ...ground.services.store, touch: () => Promise.reject(new StoreUnavailable('no answer')) },
    });
    await say('a', { action: 'subscribe', symbols: ['IBM'] });
    expect(ground.toldTo('a')).toEqual([{ type: 'ack', action: 'subscribe', symbols: ['IBM'] }]);
    expect(await watchersOf('IBM')).toHaveLength(1);
  });

  it('is told that its token has expired meanwhile, ended and forgotten', async () => {
    await say('a', { action: 'subscribe', symbols: ['IBM'] });
    ground.pass(3600);
    await say('a', { action: 'ping' });
    expect(ground.toldTo('a').at(-1)).toMatchObject({ type: 'error', code: 'token_expired' });
    expect(ground.ended).toEqual(['a']);
    expect(await watchersOf('IBM')).toEqual([]);
  });

  it('that has come with an expired token is told so at its first word', async () => {
    await connect('late', '', -1);
    await say('late', { action: 'subscribe', portfolio_id: PORTFOLIO });
    expect(ground.toldTo('late')).toMatchObject([{ type: 'error', code: 'token_expired' }]);
    expect(ground.ended).toEqual(['late']);
  });

  it('that nobody knows any more is ended', async () => {
    await say('forgotten', { action: 'ping' });
    expect(ground.ended).toEqual(['forgotten']);
    expect(ground.said).toEqual([]);
  });

  it('that is gone when it is answered is forgotten', async () => {
    ground.gone.add('a');
    await say('a', { action: 'subscribe', symbols: ['IBM'] });
    expect(await watchersOf('IBM')).toEqual([]);
  });

  it('is forgotten with all that it watched when it ends', async () => {
    await say('a', { action: 'subscribe', symbols: ['IBM'] });
    await handler({ requestContext: context('$disconnect', 'a') });
    await handler({ requestContext: context('$disconnect', 'a') });
    expect(await watchersOf('IBM')).toEqual([]);
  });
});
