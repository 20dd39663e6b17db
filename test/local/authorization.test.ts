import { randomUUID } from 'node:crypto';
import { errorBody } from '../../contract/schemas/errors';
import { pathParameters, type Route } from '../../contract/route';
import { temporaryFolder } from './host/temporary';
import { badAuthorizations, scopeless } from './platform/forged';
import {
  addressOf,
  allRoutes,
  makeAll,
  meaningful,
  owned,
  ownedParameters,
  ownedToday,
  SHARED_PARAMETERS,
  type Values,
} from './platform/owned';
import { openPlatform, type Person, type Platform } from './platform/platform';
import { bodyFor, mediaTypeOf, pathWith, sharedValue } from './platform/samples';
import { type Answer, closeConnections } from './platform/wire';

// Made from the contract: a route that is added to it is asked the same questions as all others.

const folder = temporaryFolder();
let platform: Platform;
let bad: Record<string, string | undefined>;
let outsider: Person;
let noScope: string;

beforeAll(async () => {
  platform = await openPlatform(folder);
  outsider = await platform.person();
  bad = await badAuthorizations(platform, outsider);
  noScope = await scopeless(platform, outsider);
}, 60_000);
afterAll(async () => {
  closeConnections();
  await platform.host.stop();
});

const canaryOf = (person: Person) => `canary ${person.sub.slice(0, 8)}`;
/** Nobody is shown what anybody else wrote, whoever that is. */
const strangers = (answer: Answer, reader: Person): string[] =>
  (answer.text.match(/canary [0-9a-f]{8}/g) ?? []).filter((canary) => canary !== canaryOf(reader));
const made = (route: Route, owner: Person) =>
  makeAll(ownedParameters(route), { platform, owner, canary: canaryOf(owner) });
const nothing = (route: Route): Values =>
  Object.fromEntries(ownedParameters(route).map((name) => [name, owned[name]!.absent()]));

function ask(route: Route, values: Values, authorization?: string, more: Record<string, string> = {}): Promise<Answer> {
  const all = Object.fromEntries(
    pathParameters(route.path).map((name) => [name, values[name] ?? sharedValue(route, name, meaningful(platform))]),
  );
  return platform.send({
    method: route.method,
    path: pathWith(route, all),
    headers: {
      ...(route.body && { 'content-type': mediaTypeOf(route) }),
      ...(authorization !== undefined && { authorization }),
      ...more,
    },
    body: bodyFor(route, meaningful(platform), `text ${randomUUID().slice(0, 8)}`),
  });
}

/** All that a caller sees but the request's own id and time. */
function seen({ status, headers, text }: Answer) {
  const { 'x-request-id': id, date: _date, ...rest } = headers;
  return { status, headers: rest, text: text.replaceAll(String(id), '<request id>') };
}

/** A condition must not be looked at before it is known whose the thing is. */
const CONDITIONS: readonly Record<string, string>[] = [{}, { 'if-match': '"x"' }, { 'if-none-match': '*' }];

const refusal = (code: string) => ({ error: { code, message: expect.any(String), request_id: expect.any(String) } });

/** What the owner can read of these things. */
async function readable(names: readonly string[], values: Values, owner: Person) {
  const reads = allRoutes.filter(
    (route) =>
      route.method === 'GET' &&
      route.access === 'person' &&
      ownedParameters(route).every((name) => names.includes(name)),
  );
  return Promise.all(
    reads.map(async (route) => [route.id, timeless(seen(await ask(route, values, `Bearer ${owner.token}`)))]),
  );
}

/** Without the moment at which something was valued, and the tag that is made of it. */
function timeless({ headers, text, ...rest }: ReturnType<typeof seen>) {
  const moment = /"as_of":"[^"]*"/;
  const { etag: _, ...others } = headers;
  return moment.test(text) ? { ...rest, headers: others, text: text.replace(moment, '') } : { ...rest, headers, text };
}

describe.each(allRoutes.map((route) => [addressOf(route), route] as const))('%s', (_address, route) => {
  it('has path parameters that are shared, or of a kind that the test can make', () => {
    for (const name of ownedParameters(route))
      expect([name, Object.keys(owned)]).toEqual([name, expect.arrayContaining([name])]);
    // What is somebody's own is no machine's business and in no shared cache.
    if (ownedParameters(route).length > 0) expect([route.access, route.cache]).toEqual(['person', 'none']);
    expect(SHARED_PARAMETERS.filter((name) => name in owned)).toEqual([]);
  });

  if (route.access === 'public') {
    it('answers anyone, whatever they carry', async () => {
      const open = await ask(route, {});
      expect(open.status).toBe(route.success.status);
      const carried = [
        ...Object.values(bad),
        `Bearer ${noScope}`,
        `Bearer ${platform.machineToken}`,
        `Bearer ${outsider.token}`,
      ];
      for (const authorization of carried) expect((await ask(route, {}, authorization)).status).toBe(open.status);
    });
    return;
  }

  it('is 401 for who has no good token, and says no more', async () => {
    const values = nothing(route);
    for (const [what, authorization] of Object.entries(bad)) {
      const answer = await ask(route, values, authorization);
      expect([what, answer.status, answer.json]).toEqual([what, 401, refusal('unauthorized')]);
      expect(answer.headers['www-authenticate']).toBe('Bearer');
    }
  });

  it('is 403 for a token whose scopes do not open it', async () => {
    const answer = await ask(route, nothing(route), `Bearer ${noScope}`);
    expect([answer.status, answer.json]).toEqual([403, refusal('forbidden')]);
  });

  it('answers its caller', async () => {
    const own = await platform.person();
    const answer = await ask(route, await made(route, own), `Bearer ${own.token}`);
    expect([200, 201, 204]).toContain(answer.status);
    expect(strangers(answer, own)).toEqual([]);
  });

  if (route.access === 'market') {
    it('answers a machine as it answers a person', async () => {
      const machine = await ask(route, {}, `Bearer ${platform.machineToken}`);
      expect(machine.status).toBe(route.success.status);
      if (route.cache === 'shared')
        expect(seen(machine)).toEqual(seen(await ask(route, {}, `Bearer ${outsider.token}`)));
    });
    return;
  }

  it('is 403 for a machine, whether or not the thing exists', async () => {
    const ada = await platform.person();
    const there = await ask(route, await made(route, ada), `Bearer ${platform.machineToken}`);
    expect([there.status, there.json]).toEqual([403, refusal('forbidden')]);
    expect(seen(await ask(route, nothing(route), `Bearer ${platform.machineToken}`))).toEqual(seen(there));
  });

  it('shows and changes nothing of another’s, and does not tell that it exists', async () => {
    const [ada, bob] = [await platform.person(), await platform.person()];
    const names = ownedParameters(route);
    const adas = await makeAll(ownedToday, { platform, owner: ada, canary: canaryOf(ada) });
    const before = await readable(ownedToday, adas, ada);
    // She sees her own, or there was nothing for him to see either.
    if (ownedToday.length > 0) expect(JSON.stringify(before)).toContain(canaryOf(ada));

    if (names.length === 0) {
      const answer = await ask(route, {}, `Bearer ${bob.token}`);
      expect(strangers(answer, bob)).toEqual([]);
      for (const secret of [ada.sub, ada.email]) expect(answer.text).not.toContain(secret);
    } else {
      const bobs = await made(route, bob);
      // Every mixture of his own, hers and nobody's, but all his own.
      for (const mixture of mixtures(names, bobs, adas).slice(1)) {
        for (const more of CONDITIONS) {
          const answer = await ask(route, mixture.asked, `Bearer ${bob.token}`, more);
          expect([answer.status, errorBody.safeParse(answer.json).success]).toEqual([404, true]);
          const absent = await ask(route, mixture.absent, `Bearer ${bob.token}`, more);
          expect(blind(seen(answer), mixture.asked)).toEqual(blind(seen(absent), mixture.absent));
        }
      }
    }
    expect(await readable(ownedToday, adas, ada)).toEqual(before);
  });
});

interface Mixture {
  readonly asked: Values;
  /** The same with nobody's in the place of hers. */
  readonly absent: Values;
}

/** The first is all his own. */
function mixtures(names: readonly string[], his: Values, hers: Values): Mixture[] {
  return names.reduce<Mixture[]>(
    (so, name) =>
      so.flatMap(({ asked, absent }) => {
        const none = owned[name]!.absent();
        return [
          { asked: { ...asked, [name]: his[name]! }, absent: { ...absent, [name]: his[name]! } },
          { asked: { ...asked, [name]: hers[name]! }, absent: { ...absent, [name]: none } },
          { asked: { ...asked, [name]: none }, absent: { ...absent, [name]: owned[name]!.absent() } },
        ];
      }),
    [{ asked: {}, absent: {} }],
  );
}

/** An answer may repeat the id that it was asked for. */
const blind = (answer: ReturnType<typeof seen>, values: Values) => ({
  ...answer,
  text: Object.entries(values).reduce((text, [name, value]) => text.replaceAll(value, `<${name}>`), answer.text),
});
