import { errorBody } from '../../contract/schemas/errors';
import { health } from '../../contract/schemas/health';
import { MARKET_SCOPE } from '../../contract/route';
import { portfolioRoutes } from '../../contract/routes/portfolios';
import type { PortfolioServices } from '../../service/services';
import { testService } from './service';
import { gate, testTime } from './timers';

const ID = '01HZZZZZZZZZZZZZZZZZZZZZZZ';
const FILE = 'type,symbol,qty,price,executed_at\nbuy,AAPL,1,1,2026-05-01T12:00:00Z\n';
const BODIES: Readonly<Record<string, unknown>> = {
  createPortfolio: { name: 'Main' },
  replacePortfolio: { name: 'Main' },
  addTransaction: { type: 'deposit', amount: '1', executed_at: '2026-05-01T12:00:00Z' },
  importTransactions: FILE,
};
const ROUTES = Object.values(portfolioRoutes).map(({ id, method, path }) => ({
  id,
  method,
  url: path.replace(/\{\w+\}/g, ID),
  ...(BODIES[id] !== undefined && { body: BODIES[id] }),
}));

describe.each(ROUTES)('$id', ({ method, url, ...asked }) => {
  const status = async (as: string | null, more: Partial<PortfolioServices> = {}) => {
    const answer = await testService(more).ask(method, url, { as, ...asked });
    return [answer.statusCode, errorBody.parse(answer.content).error.code, answer.headers['retry-after']];
  };

  test('lets in who carries a person’s token only', async () => {
    expect(await status(null)).toEqual([401, 'unauthorized', undefined]);
    expect(await status('bad')).toEqual([401, 'unauthorized', undefined]);
    const machine = { verify: async () => ({ sub: 'm', scope: MARKET_SCOPE }), health: async () => 'ok' };
    expect(await status('machine', { tokens: machine })).toEqual([403, 'forbidden', undefined]);
  });

  test('asks to come back where the user pool’s keys are not known', async () => {
    const tokens = { verify: () => Promise.reject(new Error('no keys')), health: async () => 'no keys' };
    expect(await status('anna', { tokens })).toEqual([503, 'unavailable', '5']);
  });

  test('asks to come back while the database is away, and answers when it is back', async () => {
    const service = testService();
    service.store.isAway = true;
    const away = await service.ask(method, url, asked);
    expect([away.statusCode, away.content.error.code, away.headers['retry-after']]).toEqual([503, 'unavailable', '5']);
    expect(away.content.error.request_id).toBe(away.headers['x-request-id']);
    service.store.isAway = false;
    expect([200, 201, 404]).toContain((await service.ask(method, url, asked)).statusCode);
  });
});

test('answers in one shape to what is no route, and to what is too large', async () => {
  const { ask } = testService();
  for (const [url, status, code] of [
    ['/nothing', 404, 'not_found'],
    ['/portfolios/%zz', 400, 'invalid_request'],
    ['/portfolios/not-an-id', 400, 'invalid_request'],
    [`/portfolios/${ID}?colour=red`, 400, 'invalid_request'],
  ] as const) {
    const answer = await ask('GET', url);
    expect([url, answer.statusCode, answer.content.error.code]).toEqual([url, status, code]);
  }
  const large = await ask('POST', '/portfolios', { body: { name: 'x'.repeat(200_000) } });
  expect([large.statusCode, large.content.error.code]).toEqual([413, 'payload_too_large']);
  const broken = await ask('POST', '/portfolios', { body: '{', headers: { 'content-type': 'application/json' } });
  expect([broken.statusCode, broken.content.error.message]).toEqual([400, 'body must be valid JSON']);
});

test('says nothing of an error’s cause, and logs it under the request’s id', async () => {
  const { ask, store, log } = testService();
  store.list = async () => Promise.reject(new Error('secret host db.internal'));
  const answer = await ask('GET', '/portfolios');
  expect([answer.statusCode, answer.body]).toEqual([500, expect.not.stringContaining('db.internal')]);
  expect(log.lines.find(({ level }) => level === 'error')?.fields).toMatchObject({
    request_id: answer.headers['x-request-id'],
    error_message: 'secret host db.internal',
  });
});

test.each([
  ['c6af9ac6-7b61-11e6-9a41-93e8deadbeef', true],
  ['A1b2C3d4', true],
  ['x'.repeat(64), true],
  ['x'.repeat(65), false],
  ['short', false],
  ['', false],
  ['one-id-12345, two-id-67890', false],
  ['c6af9ac6"}{"level":"error', false],
  ['c6af9ac6 7b61', false],
  ['c6af9ac6\u00e9\u00e9', false],
])('answers under the id that it came by where that is one: %j', async (given, isTaken) => {
  const answer = await testService().ask('GET', '/nothing', { headers: { 'x-request-id': given } });
  const id = String(answer.headers['x-request-id']);
  expect(id === given).toBe(isTaken);
  expect(id).toMatch(isTaken ? /^[\w-]+$/ : /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  expect(answer.content.error.request_id).toBe(id);
});

describe('GET /health', () => {
  const ask = async (service = testService()) => {
    const answer = await service.ask('GET', '/health', { as: null });
    return health.parse(answer.content);
  };
  const OK = { database: 'ok', cache: 'ok', provider: 'ok', tokens: 'ok' };

  test('is ok without a token', async () => {
    const service = testService();
    const answer = await service.ask('GET', '/health', { as: null });
    expect([answer.statusCode, answer.headers['cache-control']]).toEqual([200, 'no-store']);
    expect(answer.content).toEqual({ status: 'ok', version: '1', env: 'test', region: 'local', checks: OK });
  });

  test('is degraded, and no reason to end the instance, while the database is away', async () => {
    const service = testService();
    service.store.isAway = true;
    const answer = await service.ask('GET', '/health', { as: null });
    expect([answer.statusCode, answer.content.status, answer.content.checks]).toEqual([
      200,
      'degraded',
      { ...OK, database: 'unreachable' },
    ]);
    service.store.isAway = false;
    expect((await ask(service)).checks).toEqual(OK);
  });

  test('says why the provider does not answer, and that it does again', async () => {
    const service = testService();
    service.alpaca.fails = 'throttled';
    await service.services.market.quotes(['AAPL']);
    expect((await ask(service)).checks).toEqual({ ...OK, provider: 'throttled' });
    service.alpaca.fails = null;
    service.time.now = new Date('2026-05-20T15:00:06.000Z');
    await service.services.market.quotes(['AAPL']);
    expect((await ask(service)).checks).toEqual(OK);
  });

  test('passes on what is wrong with the cache and the tokens', async () => {
    const { services } = testService();
    const market = { ...services.market, health: async () => ({ cache: 'unreachable', provider: 'ok' }) };
    const tokens = { ...services.tokens, health: async () => 'no user pool yet' };
    const answer = await ask(testService({ market, tokens }));
    expect([answer.status, answer.checks]).toEqual([
      'degraded',
      { ...OK, cache: 'unreachable', tokens: 'no user pool yet' },
    ]);
  });
});

describe('stopping', () => {
  test('says that it is draining at once, answers meanwhile, and closes what it stands on', async () => {
    const deregistered = gate();
    const sleep = jest.fn(() => deregistered.opened);
    const service = testService({ sleep, options: { drainMs: 20_000 } });
    const close = jest.spyOn(service.services.market, 'close');
    service.start();
    const stopped = service.stop();
    const answer = await service.ask('GET', '/health', { as: null });
    expect([answer.statusCode, answer.content.checks]).toEqual([503, { service: 'draining' }]);
    expect((await service.ask('GET', '/portfolios')).statusCode).toBe(200);
    expect([sleep.mock.calls, close.mock.calls]).toEqual([[[20_000]], []]);
    deregistered.open();
    await stopped;
    expect(close).toHaveBeenCalledTimes(1);
    await service.stop();
    expect(close).toHaveBeenCalledTimes(1);
  });

  test('lets a request under way end', async () => {
    const service = testService();
    const list = service.store.list.bind(service.store);
    const [began, held] = [gate(), gate()];
    service.store.list = async (...which) => {
      began.open();
      await held.opened;
      return list(...which);
    };
    const url = await service.app.listen({ host: '127.0.0.1', port: 0 });
    const answer = fetch(`${url}/portfolios`, { headers: { authorization: 'Bearer anna' } });
    await began.opened;
    const stopped = service.stop();
    held.open();
    expect((await answer).status).toBe(200);
    await stopped;
    await expect(fetch(`${url}/health`)).rejects.toThrow();
  });

  test('cuts off one that never ends', async () => {
    const time = testTime('2026-05-20T15:00:00.000Z');
    const service = testService({ options: { timers: time, graceMs: 10_000 } });
    const began = gate();
    service.store.list = () => {
      began.open();
      return new Promise(() => undefined);
    };
    const url = await service.app.listen({ host: '127.0.0.1', port: 0 });
    const answer = fetch(`${url}/portfolios`, { headers: { authorization: 'Bearer anna' } });
    const refused = expect(answer).rejects.toThrow();
    await began.opened;
    const stopped = service.stop();
    await time.pass(10_000);
    await refused;
    await stopped;
  });
});

test('lets the console read every answer, refusals too, and no other origin', async () => {
  const consoleOrigin = 'https://console.example.com';
  const answers = async (more: Partial<PortfolioServices>) => {
    const { ask } = testService(more);
    const asked = ['/portfolios', '/nothing', '/portfolios/%zz'].map((url) => ask('GET', url));
    return (await Promise.all(asked)).map(({ headers }) => [
      headers['access-control-allow-origin'],
      (headers['access-control-expose-headers'] ?? '').includes('Retry-After'),
    ]);
  };
  expect(await answers({ consoleOrigin })).toEqual([1, 2, 3].map(() => [consoleOrigin, true]));
  expect(await answers({})).toEqual([1, 2, 3].map(() => [undefined, false]));
});
