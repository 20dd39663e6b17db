import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { functions } from '../../../contract/functions';
import { routes } from '../../../contract/routes';
import { docsAsset } from '../../../contract/routes/platform';
import { makeHandler as makeDocs } from '../../../lambda/api/docs';
import { type CallBudgetUsage, type HealthServices, makeHandler as makeHealth } from '../../../lambda/api/health';
import { startDynamo, type TestDynamo } from '../../dynamo';
import { call, recordingLog } from './call';
import { NOW } from './seed';

const clock = () => NOW;

describe('GET /health', () => {
  let dynamo: TestDynamo;
  beforeAll(async () => {
    dynamo = await startDynamo();
    await dynamo.createTables('health', ['assets']);
  });
  afterAll(() => dynamo.stop());

  const usage: CallBudgetUsage = { used_today: 15, remaining_today: 10, day: '2026-05-17' };
  // A real engine answers when it can; only who waits for nothing is impatient.
  const ask = async (
    env: string,
    callBudgetUsage: () => Promise<CallBudgetUsage | null>,
    checkTimeoutMs = 10_000,
    more: Partial<HealthServices> = {},
  ) => {
    const log = recordingLog();
    const health = makeHealth({
      documents: dynamo.documents,
      env,
      clock,
      log,
      version: '1.2.3',
      region: 'local',
      callBudgetUsage,
      checkTimeoutMs,
      ...more,
    });
    return { ...(await call(health, routes.getHealth, { claims: null })), log };
  };

  test('is ok, and tells what is left of the calls, to anyone', async () => {
    const { statusCode, json } = await ask('health', async () => usage);
    expect(statusCode).toBe(200);
    expect(json).toEqual({
      status: 'ok',
      version: '1.2.3',
      env: 'health',
      region: 'local',
      checks: { database: 'ok', call_budget: 'ok' },
      providers: { alpha_vantage: usage },
    });
  });

  test('tells of no provider before the first call', async () => {
    expect((await ask('health', async () => null)).json).not.toHaveProperty('providers');
  });

  test('says whether a ledger that pauses is asleep, by the row that its jobs ask, and is well either way', async () => {
    const asked = async (isAsleep: () => Promise<boolean>) =>
      (await ask('health', async () => null, 10_000, { activity: { isAsleep } })).json as unknown;
    expect(await asked(async () => true)).toMatchObject({ status: 'ok', checks: { ledger: 'asleep' } });
    expect(await asked(async () => false)).toMatchObject({ status: 'ok', checks: { ledger: 'awake' } });
    expect(await asked(() => Promise.reject(new Error('no table')))).toMatchObject({
      status: 'degraded',
      checks: { ledger: 'unreachable' },
    });
  });

  test('is degraded where a table does not answer, and keeps the reason to the log', async () => {
    const { statusCode, json, log } = await ask('nowhere', async () => usage);
    expect([statusCode, json.status, json.checks.database]).toEqual([200, 'degraded', 'unreachable']);
    expect(log.lines).toContainEqual(expect.objectContaining({ level: 'error', message: 'a health check failed' }));
  });

  test('is degraded, and answers, where a check hangs or throws no error', async () => {
    const hanging = await ask('health', () => new Promise(() => undefined), 100);
    expect([hanging.json.status, hanging.json.checks.call_budget]).toEqual(['degraded', 'unreachable']);
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- what a driver might do
    const thrown = await ask('health', () => Promise.reject('words'));
    expect(thrown.json.checks.call_budget).toBe('unreachable');
  });
});

describe('the documentation', () => {
  const folder = join(__dirname, '../../../node_modules/swagger-ui-dist');
  const docs = makeDocs({
    clock,
    log: recordingLog(),
    version: '1.2.3',
    readFile: (name) => readFile(join(folder, name)),
  });
  const file = (asset: string) => call(docs, routes.getDocsAsset, { parameters: { asset }, claims: null });

  test('is open to anyone, and may be kept by any cache but for the page', async () => {
    const document = await call(docs, routes.getOpenApi, { claims: null });
    expect([document.statusCode, document.json.openapi, document.json.info.version]).toEqual([200, '3.1.0', '1.2.3']);
    expect(document.headers['cache-control']).toBe('public, max-age=60');
    expect((await call(docs, routes.getDocs, { claims: null })).headers['cache-control']).toBe('no-store');
  });

  // Where the page may be asked for: a stage, a domain, one machine, each with and without a slash at its end.
  test.each(['/prod/docs', '/prod/docs/', '/docs', '/docs/', '/api/docs'])('finds its files from %s', async (path) => {
    const page = await call(docs, routes.getDocs, { path, claims: null });
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    const root = path.replace(/\/docs\/?$/, '');
    const addresses = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(
      ([, address]) => new URL(address!, `https://signal9.example${path}`).pathname,
    );
    expect(addresses.sort()).toEqual(docsAsset.options.map((name) => `${root}/docs/${name}`).sort());
  });

  test('has no inline script and a policy that allows none, nor any other origin', async () => {
    const { body, headers } = await call(docs, routes.getDocs, { claims: null });
    expect(body).not.toMatch(/<script(?![^>]* src=)/);
    expect(body).not.toMatch(/\son\w+=|https?:/);
    const policy = headers['content-security-policy'] ?? '';
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe-eval|https?:|\*/);
  });

  test('starts Swagger UI on the document beside it, wherever that is', async () => {
    const { body } = await file('start.js');
    for (const root of ['https://x.example/prod', 'http://localhost:4000']) {
      const context = {
        URL,
        document: { currentScript: { src: `${root}/docs/start.js` } },
        window: {},
        started: { url: '' },
      };
      runInNewContext(`const SwaggerUIBundle = (options) => { started = options; };\n${body}`, context);
      expect(context.started.url).toBe(`${root}/openapi.json`);
    }
  });

  test.each([
    ['swagger-ui-bundle.js', 'text/javascript; charset=utf-8', false],
    ['swagger-ui.css', 'text/css; charset=utf-8', false],
    ['favicon-32x32.png', 'image/png', true],
  ])('serves %s as %s, byte for byte', async (name, mediaType, base64) => {
    const { statusCode, headers, body, isBase64Encoded } = await file(name);
    expect([statusCode, headers['content-type'], isBase64Encoded]).toEqual([200, mediaType, base64]);
    expect(Buffer.from(body, base64 ? 'base64' : 'utf8').equals(await readFile(join(folder, name)))).toBe(true);
    const again = await call(docs, routes.getDocsAsset, {
      parameters: { asset: name },
      headers: { 'If-None-Match': headers.etag! },
    });
    expect([again.statusCode, again.body]).toEqual([304, '']);
  });

  test('serves no other file', async () => {
    for (const asset of ['package.json', '../package.json', '..%2fpackage.json', 'swagger-ui.js']) {
      const { statusCode, json } = await file(asset);
      expect([statusCode, json.error.details[0].path]).toEqual([400, 'asset']);
    }
  });

  test('names in the contract every file that its function must carry', () => {
    const carried = functions['api-docs'].files.map((path) => path.split('/').at(-1));
    expect([...carried, 'start.js'].sort()).toEqual([...docsAsset.options].sort());
  });
});
