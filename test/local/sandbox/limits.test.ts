import { createRateLimit } from '../../../local/sandbox/rate-limit';
import { MISBEHAVIOURS, SANDBOX_SYMBOLS, startSandbox } from '../../../local/sandbox/sandbox';
import { sandboxWithClients, type SandboxWithClients } from './clients';

const SYMBOL = SANDBOX_SYMBOLS.steady;
let world: SandboxWithClients | undefined;
async function open(props: Parameters<typeof sandboxWithClients>[0] = {}): Promise<SandboxWithClients> {
  world = await sandboxWithClients(props);
  return world;
}
afterEach(async () => {
  await world?.sandbox.close();
  world = undefined;
});

describe('Alpha Vantage’s plan, judged by the sandbox itself', () => {
  const freePlan = { alphaVantage: { rps: 1, rpm: null, rpd: 25 } };

  it('one a second', async () => {
    const { alphaVantage, pass, sandbox } = await open({ plan: freePlan });
    await alphaVantage.overview(SYMBOL);
    pass(999);
    await expect(alphaVantage.overview(SYMBOL)).rejects.toMatchObject({ kind: 'throttled', scope: 'second' });
    pass(1);
    await expect(alphaVantage.overview(SYMBOL)).resolves.toBeDefined();
    expect(sandbox.callLog().map(({ outcome }) => outcome)).toEqual(['ok', 'throttled:second', 'ok']);
    expect(sandbox.callLog().every(({ status }) => status === 200)).toBe(true);
  });

  it('25 a day, of New York’s calendar; a refused call does not count', async () => {
    const { alphaVantage, pass } = await open({ at: '2026-05-17T23:00:00Z', plan: freePlan });
    for (let i = 0; i < 25; i += 1) {
      await alphaVantage.globalQuote(SYMBOL);
      pass(1_000);
    }
    await expect(alphaVantage.globalQuote(SYMBOL)).rejects.toMatchObject({ kind: 'throttled', scope: 'day' });
    pass(2 * 3_600_000);
    await expect(alphaVantage.earningsCalendar()).rejects.toMatchObject({ kind: 'throttled', scope: 'day' });
    pass(3 * 3_600_000);
    await expect(alphaVantage.globalQuote(SYMBOL)).resolves.toBeDefined();
  });

  it('a minute that slides', async () => {
    const { alphaVantage, pass } = await open({ plan: { alphaVantage: { rps: null, rpm: 3, rpd: null } } });
    for (let i = 0; i < 3; i += 1) {
      await alphaVantage.globalQuote(SYMBOL);
      pass(20_000);
    }
    // The first of the three is exactly a minute ago, the other two are not.
    await alphaVantage.globalQuote(SYMBOL);
    await expect(alphaVantage.globalQuote(SYMBOL)).rejects.toMatchObject({ kind: 'throttled', scope: 'minute' });
  });

  it('never more than the limit in any window, whatever comes', () => {
    const limit = createRateLimit({ rps: 2, rpm: 30, rpd: 100 });
    const accepted: number[] = [];
    for (let now = 0; now < 300_000; now += 137) if (limit(now).exceeded === null) accepted.push(now);
    for (const at of accepted) {
      expect(accepted.filter((other) => other > at - 1_000 && other <= at).length).toBeLessThanOrEqual(2);
      expect(accepted.filter((other) => other > at - 60_000 && other <= at).length).toBeLessThanOrEqual(30);
    }
    expect(accepted).toHaveLength(100);
  });
});

describe('Alpaca’s plan', () => {
  it('429 with Reset; the client waits for it and goes on', async () => {
    const { alpaca, slept, sandbox } = await open({ plan: { alpaca: { rpm: 2 } } });
    await alpaca.listAssets();
    await alpaca.listAssets();
    // Market data has a limit of its own.
    await alpaca.snapshots([SYMBOL]);
    await expect(alpaca.listAssets()).resolves.toBeDefined();
    expect(slept).toHaveLength(1);
    expect(slept[0]).toBeGreaterThanOrEqual(60_000);
    expect(sandbox.callLog().map(({ status }) => status)).toEqual([200, 200, 200, 429, 200]);
  });

  it('headers on every answer but a 401', async () => {
    const { sandbox } = await open();
    const headers = { 'APCA-API-KEY-ID': 'k', 'APCA-API-SECRET-KEY': 's' };
    const good = await fetch(`${sandbox.alpacaUrl}/v2/clock`, { headers });
    expect(good.headers.get('x-ratelimit-limit')).toBe('200');
    expect(good.headers.get('x-ratelimit-remaining')).toBe('199');
    const reset = Number(good.headers.get('x-ratelimit-reset')) * 1000;
    expect(reset - Date.parse('2026-05-17T15:00:00Z')).toBe(60_000);
    const refused = await fetch(`${sandbox.alpacaUrl}/v2/clock`);
    expect([refused.status, refused.headers.get('x-ratelimit-limit')]).toEqual([401, null]);
  });
});

describe('misbehaviour on request', () => {
  it.each([
    ['throttle_burst', { kind: 'throttled', scope: 'second' }],
    ['throttle_minute', { kind: 'throttled', scope: 'minute' }],
    ['throttle_daily', { kind: 'throttled', scope: 'day' }],
    ['invalid_key', { kind: 'auth' }],
    ['premium', { kind: 'not_entitled' }],
    ['invalid_request', { kind: 'invalid_request' }],
    ['empty', { kind: 'unknown_symbol' }],
    ['wrong_symbol', { kind: 'symbol_mismatch' }],
    ['truncated', { kind: 'malformed' }],
    ['malformed_rows', { kind: 'malformed' }],
    ['429', { kind: 'throttled' }],
  ] as const)('Alpha Vantage: %s, once', async (kind, expected) => {
    const { alphaVantage, sandbox } = await open();
    sandbox.misbehave({ provider: 'alpha_vantage', kind });
    await expect(alphaVantage.overview(SYMBOL)).rejects.toMatchObject(expected);
    await expect(alphaVantage.overview(SYMBOL)).resolves.toMatchObject({ symbol: SYMBOL });
    expect(sandbox.callLog().map(({ outcome }) => outcome)).toEqual([`misbehaved:${kind}`, 'ok']);
  });

  it('a throttle in the middle of an asset, by function and symbol', async () => {
    const { alphaVantage, sandbox } = await open();
    const match = `function=BALANCE_SHEET&symbol=${SYMBOL}`;
    sandbox.misbehave({ provider: 'alpha_vantage', kind: 'throttle_burst', match, times: 2 });
    await alphaVantage.overview(SYMBOL);
    await alphaVantage.balanceSheet(SANDBOX_SYMBOLS.bank);
    for (let i = 0; i < 2; i += 1) {
      await expect(alphaVantage.balanceSheet(SYMBOL)).rejects.toMatchObject({ kind: 'throttled' });
    }
    await alphaVantage.balanceSheet(SYMBOL);
  });

  it.each(['globalQuote', 'timeSeriesDaily', 'incomeStatement'] as const)('wrong_symbol reaches %s', async (method) => {
    const { alphaVantage, sandbox } = await open();
    sandbox.misbehave({ provider: 'alpha_vantage', kind: 'wrong_symbol' });
    await expect(alphaVantage[method](SYMBOL)).rejects.toMatchObject({ kind: 'symbol_mismatch' });
  });

  it('malformed rows cost the row, in statements, calendar, news, assets, bars and snapshots', async () => {
    const { alphaVantage, alpaca, sandbox } = await open();
    sandbox.misbehave({ provider: 'alpha_vantage', kind: 'malformed_rows', times: 3 });
    sandbox.misbehave({ provider: 'alpaca', kind: 'malformed_rows', times: 3 });
    const statement = await alphaVantage.incomeStatement(SYMBOL);
    expect(statement.rejected.map(({ path }) => path)).toEqual(['annualReports[0]', 'quarterlyReports[0]']);
    expect((await alphaVantage.earningsCalendar()).rejected).toHaveLength(1);
    expect((await alphaVantage.newsSentiment()).rejected).toMatchObject([{ path: 'feed[0]' }]);
    expect((await alpaca.listAssets()).rejected).toMatchObject([{ index: 0, symbol: SYMBOL }]);
    const symbols = [SYMBOL, SANDBOX_SYMBOLS.bank];
    const bars = await alpaca.bars({ symbols, timeframe: '1Day', start: '2026-05-10' });
    expect(bars.rejected.map(({ path }) => path)).toEqual(symbols.map((symbol) => `${symbol}[0]`));
    const { snapshots, rejected } = await alpaca.snapshots(symbols);
    expect([snapshots.size, rejected.length]).toEqual([0, 2]);
  });

  it('429, 500 and a dropped connection are retried', async () => {
    const { alpaca, sandbox, slept } = await open();
    sandbox.misbehave({ provider: 'alpaca', kind: '429' });
    sandbox.misbehave({ provider: 'alpaca', kind: 'html_500' });
    await expect(alpaca.listAssets()).resolves.toBeDefined();
    expect(slept[0]).toBeGreaterThanOrEqual(1_000);
    sandbox.misbehave({ provider: 'alpaca', kind: 'drop' });
    await expect(alpaca.listAssets()).resolves.toBeDefined();
    sandbox.misbehave({ provider: 'alpaca', kind: 'html_500', times: 3 });
    await expect(alpaca.listAssets()).rejects.toMatchObject({ kind: 'unavailable', status: 500 });
  });

  it('a slow answer is a timeout', async () => {
    const { alpaca, sandbox } = await open();
    sandbox.misbehave({ provider: 'alpaca', kind: 'slow', delay_ms: 60 });
    await expect(alpaca.listAssets()).resolves.toBeDefined();
    sandbox.misbehave({ provider: 'alpaca', kind: 'slow' });
    // The first attempt times out after two seconds, the second is answered.
    await expect(alpaca.listAssets()).resolves.toBeDefined();
  });

  it('401; a short page that is not the last; news whose count is wrong', async () => {
    const { alpaca, alphaVantage, sandbox } = await open();
    sandbox.misbehave({ provider: 'alpaca', kind: 'unauthorized' });
    await expect(alpaca.listAssets()).rejects.toMatchObject({ kind: 'auth' });
    const query = { symbols: [SYMBOL], timeframe: '1Day', start: '2026-05-01', end: '2026-05-15', limit: 10 };
    const whole = await alpaca.bars(query);
    expect(whole.bars.get(SYMBOL)).toHaveLength(15);
    sandbox.misbehave({ provider: 'alpaca', kind: 'short_page' });
    expect(await alpaca.bars(query)).toEqual(whole);
    sandbox.misbehave({ provider: 'alpha_vantage', kind: 'items_disagree' });
    expect((await alphaVantage.newsSentiment({ limit: 5 })).received).toBe(5);
  });

  it('can be called off', async () => {
    const { alpaca, sandbox } = await open();
    sandbox.misbehave({ provider: 'alpaca', kind: 'unauthorized', times: 99 });
    sandbox.behave();
    await expect(alpaca.listAssets()).resolves.toBeDefined();
  });
});

describe('the sandbox’s own door', () => {
  const post = (url: string, body: unknown, type = 'application/json') =>
    fetch(`${url}/_sandbox/misbehave`, {
      method: 'POST',
      headers: { 'content-type': type },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });

  it('takes misbehaviour, over either server', async () => {
    const { sandbox, alphaVantage } = await open();
    const rule = { provider: 'alpha_vantage', kind: 'throttle_daily', times: 1, match: 'OVERVIEW', delay_ms: 1 };
    const answer = await post(sandbox.alpacaUrl, rule);
    expect([answer.status, await answer.json()]).toEqual([200, rule]);
    await expect(alphaVantage.overview(SYMBOL)).rejects.toMatchObject({ scope: 'day' });
    await post(sandbox.alphaVantageUrl, { ...rule, times: 5 });
    await fetch(`${sandbox.alphaVantageUrl}/_sandbox/misbehave`, { method: 'DELETE' });
    await expect(alphaVantage.overview(SYMBOL)).resolves.toBeDefined();
  });

  it('refuses what it does not understand', async () => {
    const { sandbox } = await open();
    const { alpacaUrl } = sandbox;
    for (const body of [
      '{',
      'null',
      '{"provider":"nasdaq"}',
      '{"provider":"alpaca","kind":"sulk"}',
      `"${'x'.repeat(11_000)}"`,
    ]) {
      expect((await post(alpacaUrl, body)).status).toBe(400);
    }
    expect((await post(alpacaUrl, '{}', 'text/plain')).status).toBe(415);
    expect((await fetch(`${alpacaUrl}/_sandbox/other`)).status).toBe(404);
    expect((await fetch(`${alpacaUrl}/v2/assets`, { method: 'POST' })).status).toBe(405);
    expect(MISBEHAVIOURS).toContain('slow');
  });

  it('shows the call log, without keys', async () => {
    const { sandbox, alphaVantage, alpaca } = await open();
    await alphaVantage.globalQuote(SYMBOL);
    await alpaca.listAssets({ status: 'active' });
    const log = await (await fetch(`${sandbox.alpacaUrl}/_sandbox/log`)).text();
    expect(JSON.parse(log)).toMatchObject([
      { provider: 'alpha_vantage', path: '/query', query: { function: 'GLOBAL_QUOTE', symbol: SYMBOL }, outcome: 'ok' },
      { provider: 'alpaca', path: '/v2/assets', query: { status: 'active' }, status: 200 },
    ]);
    expect(log).not.toMatch(/sandbox-(?:api-)?key|secret/);
  });

  it('listens on loopback only, and says when a port is taken or the universe too large', async () => {
    const { sandbox } = await open();
    expect(new URL(sandbox.alpacaUrl).hostname).toBe('127.0.0.1');
    const port = Number(new URL(sandbox.alpacaUrl).port);
    const now = () => new Date();
    await expect(startSandbox({ port, now })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await expect(startSandbox({ port: port - 1, now })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await expect(startSandbox({ universe: 12_001, now })).rejects.toThrow('12000');
  });
});
