import * as z from 'zod/mini';
import type { Route } from '../../../contract/route';
import { errorBody } from '../../../contract/schemas/errors';
import { failure, type FailureCode, statusOf } from '../../../lambda/api/answers';
import { implement, serve, type Caller } from '../../../lambda/api/serve';
import { call, eventOf, machine, person, recordingLog } from './call';
import { NOW } from './seed';

const shared = {
  id: 'listThings',
  method: 'GET',
  path: '/things',
  summary: '',
  tag: 'assets',
  access: 'market',
  cache: 'shared',
  function: 'api-assets',
  query: z.strictObject({ size: z.optional(z.string()), tags: z.optional(z.string().check(z.maxLength(3))) }),
  success: { status: 200, body: z.object({ items: z.array(z.string()) }), description: '' },
  errors: [400],
} as const satisfies Route;

const mine = {
  ...shared,
  id: 'createThing',
  method: 'POST',
  access: 'person',
  cache: 'none',
  query: z.strictObject({}),
  body: z.strictObject({
    name: z.string().check(z.minLength(2)),
    count: z.optional(z.number().check(z.minimum(1), z.maximum(9))),
  }),
  success: { status: 201, body: z.object({ name: z.string(), owner: z.string() }), description: '' },
} as const satisfies Route;

const gone = {
  ...shared,
  id: 'deleteThing',
  method: 'DELETE',
  path: '/things/{thing}',
  access: 'person',
  cache: 'none',
  query: z.strictObject({}),
  parameters: z.strictObject({ thing: z.string() }),
  success: { status: 204, description: '' },
} as const satisfies Route;

const file = {
  ...mine,
  id: 'importThings',
  path: '/things/import',
  body: z.string(),
  bodyMediaType: 'text/csv',
  success: { status: 200, body: z.object({ text: z.string() }), description: '' },
} as const satisfies Route;

const log = recordingLog();
let listed: () => Promise<{ body: { items: string[] } }>;
let callers: (Caller | null)[] = [];
const handler = serve(
  [
    implement(shared, async (_input, caller) => {
      callers.push(caller);
      return listed();
    }),
    implement(mine, async ({ body }, caller) => {
      callers.push(caller);
      const { name } = body;
      if (name in statusOf) return failure(name as FailureCode, 'No');
      const answer = { name, owner: caller.sub, secret: 'x' };
      return name === 'again'
        ? { body: answer, status: 200 }
        : { body: answer, headers: { location: `/things/${name}` } };
    }),
    implement(gone, async () => ({})),
    implement(file, async ({ body }) => ({ body: { text: body } })),
  ],
  { clock: () => NOW, log, consoleOrigin: 'https://console.example' },
);

beforeEach(() => {
  log.lines.length = 0;
  callers = [];
  listed = async () => ({ body: { items: ['a'] } });
});

const post = (body: string | undefined, more: Parameters<typeof call>[2] = {}) =>
  call(handler, mine, { ...(body !== undefined && { body }), ...more });

test('carries the request id, the security headers and the console’s origin on every answer', async () => {
  for (const answer of [await call(handler, shared), await call(handler, shared, { claims: null })]) {
    expect(answer.headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'x-request-id': 'request-1',
      'x-content-type-options': 'nosniff',
      'strict-transport-security': expect.stringContaining('max-age='),
      'content-security-policy': expect.stringContaining("default-src 'none'"),
      'access-control-allow-origin': 'https://console.example',
    });
  }
  const plain = serve([implement(shared, () => listed())], { clock: () => NOW, log });
  expect((await call(plain, shared)).headers).not.toHaveProperty('access-control-allow-origin');
});

test('lets a shared answer be kept by its reader alone, and nothing else by anyone', async () => {
  expect((await call(handler, shared)).headers['cache-control']).toBe('private, max-age=60');
  expect((await post('{"name":"ab"}')).headers['cache-control']).toBe('no-store');
  expect((await call(handler, shared, { claims: null })).headers['cache-control']).toBe('no-store');
});

test('answers 304 to a tag that still holds, and the whole to one that does not', async () => {
  const first = await call(handler, shared);
  const etag = first.headers.etag!;
  expect(etag).toMatch(/^"[\w-]{43}"$/);
  for (const given of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
    const again = await call(handler, shared, { headers: { 'if-none-match': given } });
    expect([again.statusCode, again.body, again.headers.etag]).toEqual([304, '', etag]);
  }
  listed = async () => ({ body: { items: ['b'] } });
  const changed = await call(handler, shared, { headers: { 'If-None-Match': etag } });
  expect([changed.statusCode, changed.json]).toEqual([200, { items: ['b'] }]);
  expect(changed.headers.etag).not.toBe(etag);
});

test('tells a route who calls, unless its answer is shared', async () => {
  await post('{"name":"ab"}');
  await call(handler, shared, { claims: machine });
  expect(callers).toEqual([{ sub: person.sub, scopes: person.scope.split(' '), kind: 'person' }, null]);
});

test('answers 201 with a location, another status of success where the route says so, and 204 with nothing', async () => {
  const created = await post('{"name":"ab"}');
  expect([created.statusCode, created.headers.location]).toEqual([201, '/things/ab']);
  expect(created.json).toEqual({ name: 'ab', owner: person.sub });
  expect((await post('{"name":"again"}')).statusCode).toBe(200);
  const { statusCode, body, headers } = await call(handler, gone, { parameters: { thing: 'x' } });
  expect([statusCode, body, headers['content-type']]).toEqual([204, '', undefined]);
});

test('maps every failure to its status, in the one shape of errors', async () => {
  for (const [code, status] of Object.entries(statusOf)) {
    const { statusCode, json } = await post(JSON.stringify({ name: code }));
    expect(statusCode).toBe(status);
    expect(json).toEqual({ error: { code, message: 'No', request_id: 'request-1' } });
  }
});

test.each([
  [undefined, {}, 'body', 'must be a JSON object'],
  ['', {}, 'body', 'must be a JSON object'],
  ['[]', {}, 'body', 'must be a JSON object'],
  ['null', {}, 'body', 'must be a JSON object'],
  ['{', {}, 'body', 'must be valid JSON'],
  ['{"name":"ab"}', { 'Content-Type': 'text/plain' }, 'Content-Type', 'must be application/json'],
  ['{}', {}, 'name', 'is required'],
  ['{"name":1}', {}, 'name', 'must be a string'],
  ['{"name":"a"}', {}, 'name', 'must have at least 2 characters'],
  ['{"name":"ab","count":"1"}', {}, 'count', 'must be a number'],
  ['{"name":"ab","count":0}', {}, 'count', 'must be at least 1'],
  ['{"name":"ab","count":10}', {}, 'count', 'must be at most 9'],
  ['{"name":"ab","other":1}', {}, 'other', 'is not known here'],
])('refuses the body %j with %j', async (body, headers, path, message) => {
  const { statusCode, json } = await post(body, { headers });
  expect([statusCode, json.error.code, json.error.details]).toEqual([400, 'invalid_request', [{ path, message }]]);
  expect(json.error.message).toContain(path);
  expect(errorBody.safeParse(json).success).toBe(true);
});

test('takes a body in base64, and media types of JSON', async () => {
  const event = { ...eventOf(mine), body: Buffer.from('{"name":"é…"}').toString('base64'), isBase64Encoded: true };
  expect((await handler({ ...event, headers: { 'content-type': 'application/merge-patch+json' } })).statusCode).toBe(
    201,
  );
  expect((await handler({ ...event, headers: { 'CONTENT-TYPE': 'application/json; charset=utf-8' } })).statusCode).toBe(
    201,
  );
});

test.each([
  [{ size: ['1', '2'] }, 'size', 'must be given once'],
  [{ sise: '1' }, 'sise', 'is not known here'],
  [{ __proto__x: '1' }, '__proto__x', 'is not known here'],
  [{ tags: 'abcd' }, 'tags', 'must have at most 3 characters'],
  [{ size: 'half a \ud83d pair' }, 'size', 'must be well-formed Unicode'],
])('refuses the query %j', async (query, path, message) => {
  const { statusCode, json } = await call(handler, shared, { query });
  expect([statusCode, json.error.details]).toEqual([400, [{ path, message }]]);
});

test('names everything that is wrong at once', async () => {
  const { json } = await call(handler, shared, { query: { tags: 'abcd', a: '1', b: '2' } });
  expect((json.error.details as { path: string }[]).map(({ path }) => path).sort()).toEqual(['a', 'b', 'tags']);
});

test('reads the single values where an event has only those', async () => {
  const event = { ...eventOf(shared), queryStringParameters: { sise: '1' } };
  const { statusCode, body } = await handler(event);
  expect([statusCode, body]).toEqual([400, expect.stringContaining('sise')]);
  expect((await handler({ ...event, queryStringParameters: { size: '1' } })).statusCode).toBe(200);
});

test('answers 404 where no route is', async () => {
  const { statusCode, json } = await call(handler, { method: 'PUT', path: '/things' });
  expect([statusCode, json.error.code]).toEqual([404, 'not_found']);
});

describe('what is unexpected', () => {
  const opaque = {
    error: { code: 'internal_error', message: 'Something went wrong on our side', request_id: 'request-1' },
  };

  test('leaves as an opaque 500, and its cause in the log under the request id', async () => {
    listed = async () => Promise.reject(new Error('secret detail'));
    const { statusCode, json } = await call(handler, shared);
    expect([statusCode, json]).toEqual([500, opaque]);
    expect(log.lines[0]).toMatchObject({
      level: 'error',
      fields: { request_id: 'request-1', route: 'listThings', error_name: 'Error', error_message: 'secret detail' },
    });
    expect(log.lines[1]).toMatchObject({ level: 'info', fields: { status: 500, duration_ms: 0 } });
  });

  test('is an answer that breaks the contract, too', async () => {
    listed = async () => ({ body: { items: [7] } }) as never;
    expect((await call(handler, shared)).json).toEqual(opaque);
    expect(log.lines[0]?.fields.error_message).toBe(
      'the answer of listThings breaks the contract at items.0: invalid_type',
    );
  });

  test('may be no error at all', async () => {
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- what a library might do
    listed = () => Promise.reject('words');
    expect((await call(handler, shared)).json).toEqual(opaque);
    expect(log.lines[0]?.fields.error_message).toBe('words');
  });
});

describe('a CSV file as the body', () => {
  const send = (body: string | undefined, type?: string, more: object = {}) =>
    call(handler, file, {
      ...(body !== undefined && { body }),
      ...(type !== undefined && { headers: { 'Content-Type': type } }),
      ...more,
    });

  test('arrives as it was sent, whatever it is called', async () => {
    const text = 'a,b\r\n"1\n2",ü\r\n';
    for (const type of [
      undefined,
      'text/csv',
      'text/csv; charset=utf-8',
      'application/csv',
      'TEXT/PLAIN;header=present',
    ])
      expect((await send(text, type)).json).toEqual({ text });
    const encoded = { ...eventOf(file, {}), body: Buffer.from(text).toString('base64'), isBase64Encoded: true };
    expect(JSON.parse((await handler(encoded)).body)).toEqual({ text });
  });

  test('is refused under the name of something else, and where there is nothing in it', async () => {
    for (const type of ['application/json', 'application/x-www-form-urlencoded', 'multipart/form-data', 'text/csvx']) {
      const { statusCode, json } = await send('a,b', type);
      expect([statusCode, json.error.details]).toEqual([400, [{ path: 'Content-Type', message: 'must be text/csv' }]]);
    }
    for (const empty of [undefined, '', ' \r\n'])
      expect((await send(empty, 'text/csv')).json.error.message).toBe('body must be a CSV file');
  });
});
