import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { createHttp } from '../../../lambda/adapters/providers/http';
import { ProviderError } from '../../../lambda/adapters/providers/provider-error';
import { SECRET, stubPorts } from './stub-provider';

const URL_WITH_KEY = `https://av.test/query?function=OVERVIEW&apikey=${SECRET}`;
const request = { operation: 'OVERVIEW', url: URL_WITH_KEY };

async function errorOf(promise: Promise<unknown>): Promise<ProviderError> {
  const error: unknown = await promise.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (error instanceof ProviderError) return error;
  throw new Error('expected a ProviderError');
}

describe('retries', () => {
  it.each([500, 502, 503, 504])('a %i is tried again, three attempts in all', async (status) => {
    const { ports, calls, slept } = stubPorts({ status });
    const error = await errorOf(createHttp('alpaca', ports)(request));
    expect(error).toMatchObject({ kind: 'unavailable', status });
    expect(calls).toHaveLength(3);
    // Full jitter: half (random is 0.5) of 500·2 and of 500·4.
    expect(slept).toEqual([500, 1000]);
  });

  it('waits no longer than the maximum', async () => {
    const { ports, slept } = stubPorts({ status: 500 });
    await errorOf(createHttp('alpaca', ports, { maxAttempts: 4, maxDelayMs: 1_200 })(request));
    expect(slept).toEqual([500, 600, 600]);
  });

  it('a network error is tried again and what then comes is the answer', async () => {
    const failed = new TypeError('fetch failed', { cause: Object.assign(new Error('x'), { code: 'ECONNREFUSED' }) });
    const { ports, calls } = stubPorts(failed, { body: 'hello' });
    await expect(createHttp('alpaca', ports)(request)).resolves.toMatchObject({ status: 200, body: 'hello' });
    expect(calls).toHaveLength(2);
  });

  it.each([200, 301, 400, 401, 404, 422])('a %i is an answer', async (status) => {
    const { ports, calls } = stubPorts({ status });
    await expect(createHttp('alpaca', ports)(request)).resolves.toMatchObject({ status });
    expect(calls).toHaveLength(1);
    expect(calls[0]?.init.redirect).toBe('manual');
  });

  it('asks before every attempt, and passes on what that throws', async () => {
    const { ports } = stubPorts({ status: 500 });
    const asked: number[] = [];
    const beforeAttempt = async ({ attempt }: { attempt: number }) => {
      asked.push(attempt);
      if (attempt === 3) throw new Error('no token left');
    };
    const call = createHttp('alpha_vantage', ports, { beforeAttempt, maxAttempts: 5 })(request);
    await expect(call).rejects.toThrow('no token left');
    expect(asked).toEqual([1, 2, 3]);
  });
});

describe('429', () => {
  const reset = String(Date.parse('2026-05-17T12:00:02Z') / 1000);

  it.each(['X-RateLimit-Reset', 'x-ratelimit-reset', 'X-Ratelimit-Reset'])(
    'waits until %s and some jitter, then goes on',
    async (header) => {
      const { ports, slept } = stubPorts({ status: 429, headers: { [header]: reset } }, { body: 'ok' });
      await expect(createHttp('alpaca', ports)(request)).resolves.toMatchObject({ body: 'ok' });
      expect(slept).toEqual([2_000 + 500]);
    },
  );

  it('backs off where no reset is told, or one in the past', async () => {
    const past = String(Date.parse('2026-05-17T11:00:00Z') / 1000);
    const { ports, slept } = stubPorts({ status: 429 }, { status: 429, headers: { 'x-ratelimit-reset': past } }, {});
    await createHttp('alpaca', ports)(request);
    expect(slept).toEqual([500, 1000]);
  });

  it('is thrown, with the time to come back, where the wait is too long or not ours to take', async () => {
    const far = Date.parse('2026-05-17T13:00:00Z');
    const answer = { status: 429, headers: { 'x-ratelimit-reset': String(far / 1000) } };
    const tooLong = stubPorts(answer);
    const error = await errorOf(createHttp('alpaca', tooLong.ports)(request));
    expect(error).toMatchObject({ kind: 'throttled', scope: 'minute', retry_at: new Date(far) });
    expect(tooLong.calls).toHaveLength(1);

    const notOurs = stubPorts({ status: 429 });
    await errorOf(createHttp('alpha_vantage', notOurs.ports, { retryThrottle: false })(request));
    expect(notOurs.calls).toHaveLength(1);
  });
});

describe('a slow provider', () => {
  let server: Server;
  let url = '';
  let seen = 0;
  beforeAll(async () => {
    server = createServer((incoming, response) => {
      seen += 1;
      response.writeHead(200);
      // The headers come at once: the time-out covers the body too.
      if (incoming.url === '/body') response.write('the beginning …');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  it.each(['/', '/body'])('is a timeout after the bounded attempts (%s)', async (path) => {
    seen = 0;
    const { ports } = stubPorts();
    const get = createHttp('alpaca', { ...ports, fetch }, { timeoutMs: 40, maxAttempts: 2 });
    const error = await errorOf(get({ operation: 'slow', url: `${url}${path}` }));
    expect(error).toMatchObject({ kind: 'timeout', provider: 'alpaca', operation: 'slow' });
    expect(seen).toBe(2);
  });
});

describe('secrets', () => {
  it('no key in message, stack or fields, even where the network error repeats the URL', async () => {
    const cause = Object.assign(new Error(`connect ${URL_WITH_KEY}`), { code: URL_WITH_KEY });
    for (const thrown of [new TypeError(`Failed to parse URL from ${URL_WITH_KEY}`, { cause }), new Error(SECRET)]) {
      const error = await errorOf(createHttp('alpha_vantage', stubPorts(thrown).ports)(request));
      const everything = `${String(error)} ${error.stack ?? ''} ${JSON.stringify(error)} ${JSON.stringify(Object.entries(error))}`;
      expect(everything).not.toContain(SECRET);
      expect(error.cause).toBeUndefined();
    }
  });
});
