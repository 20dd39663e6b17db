import { errorBody } from '../../contract/schemas/errors';
import { health } from '../../contract/schemas/health';
import { MARKET_SCOPE } from '../../contract/route';
import { portfolioRoutes } from '../../contract/routes/portfolios';
import type { PortfolioServices } from '../../service/services';
import { testService } from './service';

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
    expect(errorBody.safeParse(answer.body_).success).toBe(true);
    return [answer.statusCode, answer.body_.error.code, answer.headers['retry-after']];
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
    expect([away.statusCode, away.body_.error.code, away.headers['retry-after']]).toEqual([503, 'unavailable', '5']);
    expect(away.body_.error.request_id).toBe(away.headers['x-request-id']);
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
    expect([url, answer.statusCode, answer.body_.error.code]).toEqual([url, status, code]);
  }
  const large = await ask('POST', '/portfolios', { body: { name: 'x'.repeat(200_000) } });
  expect([large.statusCode, large.body_.error.code]).toEqual([413, 'payload_too_large']);
  const broken = await ask('POST', '/portfolios', { body: '{', headers: { 'content-type': 'application/json' } });
  expect([broken.statusCode, broken.body_.error.message]).toEqual([400, 'body must be valid JSON']);
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

describe('GET /health', () => {
  const ask = async (service = testService()) => {
    const answer = await service.ask('GET', '/health', { as: null });
    expect(health.safeParse(answer.body_).success).toBe(true);
    return answer.body_;
  };
  const OK = { database: 'ok', cache: 'ok', provider: 'ok', tokens: 'ok' };

  test('is ok without a token', async () => {
    const service = testService();
    const answer = await service.ask('GET', '/health', { as: null });
    expect([answer.statusCode, answer.headers['cache-control']]).toEqual([200, 'no-store']);
    expect(answer.body_).toEqual({ status: 'ok', version: '1', env: 'test', region: 'local', checks: OK });
  });

  test('is degraded, and no reason to end the instance, while the database is away', async () => {
    const service = testService();
    service.store.isAway = true;
    const answer = await service.ask('GET', '/health', { as: null });
    expect([answer.statusCode, answer.body_.status, answer.body_.checks]).toEqual([
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
    let drained = () => {};
    const sleep = jest.fn(() => new Promise<void>((resolve) => (drained = resolve)));
    const service = testService({ sleep, options: { drainMs: 20_000 } });
    const close = jest.spyOn(service.services.market, 'close');
    service.start();
    const stopped = service.stop();
    const answer = await service.ask('GET', '/health', { as: null });
    expect([answer.statusCode, answer.body_.checks]).toEqual([503, { service: 'draining' }]);
    expect((await service.ask('GET', '/portfolios')).statusCode).toBe(200);
    expect([sleep.mock.calls, close.mock.calls]).toEqual([[[20_000]], []]);
    drained();
    await stopped;
    expect(close).toHaveBeenCalledTimes(1);
    await service.stop();
    expect(close).toHaveBeenCalledTimes(1);
  });

  test('lets a request under way end', async () => {
    const service = testService();
    const list = service.store.list.bind(service.store);
    let answerNow = () => {};
    const began = new Promise<void>((resolve) => {
      service.store.list = async (...which) => {
        resolve();
        await new Promise<void>((go) => (answerNow = go));
        return list(...which);
      };
    });
    const url = await service.app.listen({ host: '127.0.0.1', port: 0 });
    const answer = fetch(`${url}/portfolios`, { headers: { authorization: 'Bearer anna' } });
    await began;
    const stopped = service.stop();
    answerNow();
    expect((await answer).status).toBe(200);
    await stopped;
    await expect(fetch(`${url}/health`)).rejects.toThrow();
  });

  test('cuts off one that never ends', async () => {
    let cut = () => {};
    const timers = {
      after: (_: number, run: () => void) => {
        cut = run;
        return () => undefined;
      },
    };
    const service = testService({ options: { timers, graceMs: 10_000 } });
    const began = new Promise<void>((resolve) => {
      service.store.list = () => {
        resolve();
        return new Promise(() => undefined);
      };
    });
    const url = await service.app.listen({ host: '127.0.0.1', port: 0 });
    const answer = fetch(`${url}/portfolios`, { headers: { authorization: 'Bearer anna' } });
    const refused = expect(answer).rejects.toThrow();
    await began;
    const stopped = service.stop();
    while (!service.log.lines.some(({ message }) => message === 'draining')) await Promise.resolve();
    await new Promise((resolve) => setImmediate(resolve));
    cut();
    await refused;
    await stopped;
  });
});
