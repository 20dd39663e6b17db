import net from 'node:net';
import fc from 'fast-check';
import { errorBody } from '../../contract/schemas/errors';
import { cognitoCallNames } from '../../local/host/identity/cognito-calls';
import { temporaryFolder } from './host/temporary';
import { type Material, requestTo } from './platform/fuzzed';
import { faultsOf, hung } from './platform/leaks';
import { nastyBody } from './platform/nasty';
import { addressOf, allRoutes, makeAll, meaningful, ownedParameters, ownedToday } from './platform/owned';
import { openPlatform, type Person, type Platform } from './platform/platform';
import { closeConnections, send, type Sent } from './platform/wire';

// FUZZ_SEED and FUZZ_REQUESTS look elsewhere, and longer: `FUZZ_SEED=$RANDOM FUZZ_REQUESTS=50000 npx jest fuzz`.
const seed = Number(process.env.FUZZ_SEED ?? 20_260_517);
const atLeast = Number(process.env.FUZZ_REQUESTS ?? 5_400);
const AT_ONCE = 16;

const folder = temporaryFolder();
let platform: Platform;
let ada: Person;
let secrets: string[];
let material: Material;

beforeAll(async () => {
  platform = await openPlatform(folder);
  ada = await platform.person();
  const bob = await platform.person();
  const canary = 'canary-7f3c9e51';
  const ids = Object.values(await makeAll(ownedToday, { platform, owner: ada, canary }));
  secrets = [canary, ada.sub, ada.email, ...ids];
  material = {
    // His, most often; hers never: whatever of hers is seen was not hers to see.
    authorizations: [`Bearer ${bob.token}`, undefined, `Bearer ${platform.machineToken}`, `Bearer ${bob.idToken}`],
    ids: [...ids, ada.sub],
    meaningful: meaningful(platform),
  };
}, 60_000);
afterAll(async () => {
  closeConnections();
  await platform.host.stop();
});

/** Sends all of it, some at once. @returns what was answered, and what was wrong */
async function sendAll(requests: readonly Sent[]) {
  const statuses = new Map<number, number>();
  const faults: { readonly sent: Sent; readonly faults: readonly string[]; readonly answer?: string }[] = [];
  const queue = requests.values();
  const worker = async () => {
    for (const sent of queue) {
      const answer = await send(platform.host.url, sent).catch(hung);
      if (typeof answer === 'string') faults.push({ sent: shortened(sent), faults: [answer] });
      else {
        statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
        const found = faultsOf(sent, answer, secrets);
        if (found.length > 0) faults.push({ sent: shortened(sent), faults: found, answer: answer.text.slice(0, 400) });
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return { statuses, faults };
}

/** Chance may need so many requests until one is let in; most routes are reached by the first few. */
const MOST_TO_REACH = 600;
const BITE = 60;

const shortened = (sent: Sent): Sent => ({ ...sent, path: sent.path.slice(0, 400), body: sent.body?.slice(0, 400) });

test('no request to any route is a fault, hangs or leaks', async () => {
  const each = Math.ceil(atLeast / allRoutes.length);
  const requests = allRoutes.flatMap((route, index) =>
    fc.sample(requestTo(route, material), { seed: seed + index, numRuns: each }),
  );
  const started = performance.now();
  const { statuses, faults } = await sendAll(requests);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const told = [...statuses].sort(([a], [b]) => a - b).map(([status, count]) => `${count} × ${status}`);
  // eslint-disable-next-line no-console -- the seed, to be able to do it again
  console.log(
    `fuzz: seed ${seed}, ${requests.length} requests to ${allRoutes.length} routes in ${seconds} s: ${told.join(', ')}`,
  );
  expect(faults.slice(0, 10)).toEqual([]);
  expect(requests.length).toBeGreaterThanOrEqual(Math.min(atLeast, 5_000));
  // A fuzz of which all is refused has looked at the doors only.
  expect(statuses.get(200) ?? 0).toBeGreaterThan(requests.length / 10);
  expect(await platform.send({ method: 'GET', path: '/health' })).toMatchObject({
    status: 200,
    json: { status: 'ok' },
  });
}, 120_000);

test.each(allRoutes.map((route) => [addressOf(route), route] as const))(
  '%s is reached by the fuzz, not only refused at its door',
  async (_address, route) => {
    const cara = await platform.person();
    const own = await makeAll(ownedParameters(route), { platform, owner: cara, canary: 'her own' });
    // Her own things by their ids, as often as a well-spelt id of nothing.
    const hers = { ...material, meaningful: { ...material.meaningful, ...own } };
    const authorizations = [`Bearer ${cara.token}`, ...material.authorizations.slice(1)];
    const requests = fc.sample(requestTo(route, { ...hers, authorizations }), { seed, numRuns: MOST_TO_REACH });
    const inBites = Array.from({ length: MOST_TO_REACH / BITE }, (_, n) => requests.slice(n * BITE, (n + 1) * BITE));
    let isReached = false;
    for (const bite of inBites) {
      const { statuses, faults } = await sendAll(bite.filter(({ method }) => method === route.method));
      expect(faults).toEqual([]);
      isReached = [...statuses.keys()].some((status) => status < 400);
      if (isReached) break;
    }
    expect(isReached).toBe(true);
  },
);

test('no sign-in call is a fault or leaks, whatever it is sent', async () => {
  const bodies = fc.oneof(
    nastyBody(),
    fc
      .dictionary(
        fc.constantFrom(
          'ClientId',
          'Username',
          'AccessToken',
          'Session',
          'AuthFlow',
          'AuthParameters',
          'ChallengeName',
          'Token',
        ),
        fc.oneof(
          fc.constantFrom('signal9-local-person', ada.email, 'USER_PASSWORD_AUTH', 'MFA_SETUP', ada.token),
          fc.jsonValue(),
        ),
      )
      .map((body) => JSON.stringify(body)),
  );
  const calls = fc.record({ name: fc.constantFrom(...cognitoCallNames, 'ListUsers', 'constructor'), body: bodies });
  for (const { name, body } of fc.sample(calls, { seed, numRuns: 300 })) {
    const headers = { 'x-amz-target': `AWSCognitoIdentityProviderService.${name}` };
    const answer = await platform.send({ method: 'POST', path: '/cognito', headers, body });
    const about = [name, body.slice(0, 200), answer.text];
    // Hers is the one good token that the dice know: it may end her sign-in, which is hers to end.
    expect([...about, answer.status < 500]).toEqual([...about, true]);
    if (answer.status >= 400) {
      expect([...about, answer.json]).toEqual([...about, { __type: expect.any(String), message: expect.any(String) }]);
      expect(answer.text).not.toMatch(/invalid_type|invalid_union|Unexpected token|\bat .+:\d+/);
    }
  }
});

describe('what is no HTTP', () => {
  const HOST = 'host: 127.0.0.1';
  it.each([
    ['a word', 'hello\r\n\r\n'],
    ['another protocol', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
    ['a header without end', `GET /health HTTP/1.1\r\n${HOST}\r\nx: ${'a'.repeat(40_000)}\r\n\r\n`],
    ['a line without end', `GET /${'a'.repeat(40_000)} HTTP/1.1\r\n${HOST}\r\n\r\n`],
    ['a NUL in a header', `GET /health HTTP/1.1\r\n${HOST}\r\nx: a\0b\r\n\r\n`],
    ['two lengths', `POST /health HTTP/1.1\r\n${HOST}\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab`],
    [
      'a length and chunks',
      `POST /health HTTP/1.1\r\n${HOST}\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\nabc`,
    ],
    ['a chunk that is none', `POST /cognito HTTP/1.1\r\n${HOST}\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n`],
    ['a method that is none', `HACK /health HTTP/1.1\r\n${HOST}\r\n\r\n`],
    ['no host', 'GET /health HTTP/1.1\r\n\r\n'],
    ['an expectation', `GET /health HTTP/1.1\r\n${HOST}\r\nexpect: miracles\r\n\r\n`],
    ['an absolute address', `GET http://evil.example/health HTTP/1.1\r\nhost: evil.example\r\n\r\n`],
    ['no path', `GET * HTTP/1.1\r\n${HOST}\r\n\r\n`],
    ['an upgrade', `GET /health HTTP/1.1\r\n${HOST}\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n`],
    ['a tunnel', 'CONNECT evil.example:443 HTTP/1.1\r\nhost: evil.example:443\r\n\r\n'],
  ])('%s is refused in the contract’s words, or in none', async (_what, bytes) => {
    const text = await raw(bytes);
    const [head = '', rest = ''] = text.split(/\r\n\r\n(.*)/s);
    expect(text).not.toMatch(/^HTTP\/1\.1 5/);
    // Node itself answers some without a body, and another answer may follow on the same connection.
    const body = rest.slice(0, Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0));
    if (head.startsWith('HTTP/1.1 4') && body !== '') {
      expect([body, errorBody.safeParse(JSON.parse(body)).success]).toEqual([body, true]);
    }
    expect(text).not.toMatch(/HPE_|Parse Error|at Object|\.[jt]s:\d/);
    expect((await platform.send({ method: 'GET', path: '/health' })).status).toBe(200);
  });

  function raw(bytes: string): Promise<string> {
    return new Promise((resolve) => {
      const socket = net.connect(Number(new URL(platform.host.url).port), '127.0.0.1', () => socket.write(bytes));
      let text = '';
      const done = () => {
        socket.destroy();
        resolve(text);
      };
      // Kept alive, or waiting for more: what was said by then is what counts.
      const bound = setTimeout(done, 400);
      socket.on('data', (chunk) => (text += chunk.toString()));
      socket.on('error', done);
      socket.on('close', () => {
        clearTimeout(bound);
        done();
      });
    });
  }
});
