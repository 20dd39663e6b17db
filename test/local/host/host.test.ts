import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { platformFunctions } from '../../../local/host/functions';
import { type Host, startHost } from '../../../local/host/host';
import { readyLines } from '../../../local/host/ready';
import { parseSettings } from '../../../local/settings';
import { type Json, temporaryFolder } from './temporary';

// The whole platform in this process, over a sandbox of thirty companies.
const settings = parseSettings({
  PORT: '0',
  SIGNAL9_DATA_DIR: path.join(temporaryFolder(), 'data'),
  SIGNAL9_UNIVERSE: '30',
  ALPHAVANTAGE_RPS: '100',
  ALPHAVANTAGE_RPM: 'none',
});
const said: string[] = [];
let host: Host;

const start = () => startHost(settings, { functions: platformFunctions, say: (line) => said.push(line) });
const tokenIn = (file: string) => readFileSync(file, 'utf8').trim();

async function get(url: string, token?: string, headers: Record<string, string> = {}) {
  const authorization: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const response = await fetch(`${host.url}${url}`, { headers: { ...authorization, ...headers } });
  const text = await response.text();
  const body: Json = response.headers.get('content-type')?.includes('json') ? JSON.parse(text) : text;
  return { status: response.status, headers: response.headers, body };
}
const asDemo = (url: string) => get(url, tokenIn(host.directory.demoToken));

beforeAll(async () => {
  host = await start();
  await host.firstDay;
}, 60_000);
afterAll(() => host.stop());

describe('the first start on the sandbox', () => {
  it('runs the day once, visibly, up to 25 analysed companies', () => {
    const steps = said.map((line) => line.trim().split(/\s{2,}/)[0]);
    expect(steps).toEqual([
      expect.stringContaining('First start'),
      'asset-sync',
      'earnings-sync',
      'news-sync',
      'earnings-pollination',
      'regular-pollination',
      ...Array<string>(5).fill('analysis'),
      'universe-ranking',
    ]);
    expect(said.at(-2)).toContain('25 of 25 companies');
    expect(said.at(-1)).toMatch(/\b[1-9]\d* ranked/);
    expect(host.standing()).toBe('');
  });

  it('ends with addresses, a token and a command for a company that was analysed', async () => {
    const lines = (await readyLines(host)).join('\n');
    expect(lines).toContain(`${host.url}/docs`);
    expect(lines).toContain(tokenIn(host.directory.demoToken));
    expect(lines).toMatch(
      /curl -H "Authorization: Bearer \$\(cat .*demo-token\)" "http.*\/assets\/[A-Z0-9.]+\/analysis"/,
    );
  });
});

describe('with the demo token', () => {
  it('the assets are listed and paged', async () => {
    const first = await asDemo('/assets?limit=20');
    expect(first.status).toBe(200);
    expect(first.body.items).toHaveLength(20);
    const second = await asDemo(`/assets?limit=20&cursor=${encodeURIComponent(first.body.next_cursor)}`);
    expect(second.body.items).toHaveLength(10);
  });

  it('an analysis is complete: rating, nine Piotroski tests, ratios, rules', async () => {
    const { body: page } = await asDemo('/assets?limit=200');
    const { symbol } = (page.items as { symbol: string; rating: unknown }[]).find(({ rating }) => rating !== null)!;
    const { status, body } = await asDemo(`/assets/${symbol.toLowerCase()}/analysis`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ symbol, currency: 'USD', rating: { coverage: expect.any(Number) } });
    expect(Object.keys(body.scores.piotroski.parts).length).toBeGreaterThanOrEqual(9);
    expect(Object.keys(body.ratios).length).toBeGreaterThan(15);
    expect(body.rules.length).toBeGreaterThan(5);
    const { body: asset } = await asDemo(`/assets/${symbol}`);
    expect(asset.price).toMatchObject({ price: expect.stringMatching(/^\d/), currency: 'USD' });
  });

  it('news, earnings and statements are there', async () => {
    expect((await asDemo('/news?limit=1')).body.items).toHaveLength(1);
    expect((await asDemo('/earnings')).body.items.length).toBeGreaterThan(0);
  });
});

describe('at the door', () => {
  it('health and documentation are open to anyone, in the contract’s words', async () => {
    expect((await get('/health')).body).toMatchObject({
      status: 'ok',
      env: 'local',
      providers: { alpha_vantage: { used_today: expect.any(Number) } },
    });
    expect((await get('/openapi.json')).body).toMatchObject({ openapi: '3.1.0' });
    const page = await get('/docs');
    expect(page.headers.get('content-type')).toContain('text/html');
    expect((await get('/docs/swagger-ui.css')).status).toBe(200);
    const icon = await fetch(`${host.url}/docs/favicon-32x32.png`);
    expect(
      Buffer.from(await icon.arrayBuffer())
        .subarray(1, 4)
        .toString(),
    ).toBe('PNG');
  });

  it.each([
    ['no token', undefined],
    ['a token that is none', 'x.y.z'],
  ])('%s is 401, with the shape of every error', async (_what, token) => {
    const { status, body, headers } = await get('/assets', token);
    expect(status).toBe(401);
    expect(headers.get('www-authenticate')).toBe('Bearer');
    expect(body).toEqual({
      error: { code: 'unauthorized', message: expect.any(String), request_id: headers.get('x-request-id') },
    });
  });

  it('a machine reads the market', async () => {
    expect((await get('/assets?limit=1', tokenIn(host.directory.demoMachineToken))).status).toBe(200);
  });

  it.each([
    ['/nothing', 404, 'not_found'],
    ['/assets/%E0%A4%A', 400, 'invalid_request'],
    ['/assets?limit=0', 400, 'invalid_request'],
    ['/assets/NOPE9', 404, 'not_found'],
  ])('GET %s is %i %s', async (url, status, code) => {
    const answer = await asDemo(url);
    expect([answer.status, answer.body.error.code]).toEqual([status, code]);
  });

  it('a body beyond 1 MB is refused', async () => {
    const response = await fetch(`${host.url}/cognito`, { method: 'POST', body: 'x'.repeat(1_000_001) });
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ error: { code: 'payload_too_large' } });
  });

  it('pages of another origin, and names that only point here, are refused', async () => {
    const foreign = await get('/health', undefined, { origin: 'https://evil.example' });
    expect([foreign.status, foreign.body.error.code]).toEqual([403, 'foreign_origin']);
    expect(foreign.headers.get('access-control-allow-origin')).toBeNull();
    expect((await get('/health', undefined, { origin: host.url })).status).toBe(200);
    // fetch does not let anyone set Host; node's client does.
    const { request } = await import('node:http');
    const status = await new Promise((resolve) => {
      request(`${host.url}/health`, { headers: { host: 'rebound.example' } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      }).end();
    });
    expect(status).toBe(403);
  });

  it('the sign-in answers as Cognito does, and shows its keys', async () => {
    const response = await fetch(`${host.url}/cognito`, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': 'AWSCognitoIdentityProviderService.InitiateAuth',
      },
      body: JSON.stringify({
        ClientId: 'signal9-local-person',
        AuthFlow: 'USER_PASSWORD_AUTH',
        AuthParameters: { USERNAME: 'nobody', PASSWORD: 'x' },
      }),
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ __type: 'NotAuthorizedException' });
    expect((await get('/local_Signal9/.well-known/jwks.json')).body.keys).toHaveLength(1);
  });

  it('the job door does not exist for who lacks its secret', async () => {
    const response = await fetch(`${host.url}/_signal9/jobs`, { method: 'POST', body: '{"job":"asset-sync"}' });
    expect(response.status).toBe(404);
  });
});

describe('a restart', () => {
  it('keeps tokens and data, runs no first day again, and forgets where it was while it was down', async () => {
    const token = tokenIn(host.directory.demoToken);
    const { body: before } = await asDemo('/assets?limit=200');
    await host.stop();
    expect(existsSync(host.directory.host)).toBe(false);
    const lines = said.length;
    host = await start();
    await host.firstDay;
    expect(said).toHaveLength(lines);
    const { body: after } = await get('/assets?limit=200', token);
    const ids = ({ items }: { items: { asset_id: string }[] }) => items.map(({ asset_id }) => asset_id);
    expect(ids(after)).toEqual(ids(before));
  });

  it('is refused beside a running host', async () => {
    await expect(start()).rejects.toThrow(/^Another Signal9 host is running on /);
  });
});
