import type { Route } from '../../../contract/route';
import { routes } from '../../../contract/routes';
import { implement, serve } from '../../../lambda/api/serve';
import { startDynamo, type TestDynamo } from '../../dynamo';
import { startLedger, type TestLedger } from '../../ledger';
import { apiOn, bodyOf, functionRoutes } from './api';
import { call, machine, person, recordingLog } from './call';
import { assetRow, NOW, put, ulidOf } from './seed';

const every = functionRoutes;
const given: Readonly<Record<string, string>> = {
  assetId: 'IBM',
  statement: 'overview',
  asset: 'start.js',
  userId: 'me',
  watchlistId: ulidOf(1),
  itemId: ulidOf(2),
  tradeId: `TRADE-${ulidOf(3)}`,
};
const parametersOf = (route: Route) =>
  Object.fromEntries([...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => [name!, given[name!]!]));

let dynamo: TestDynamo;
let ledger: TestLedger;
let handlerOf: ReturnType<typeof apiOn>;

beforeAll(async () => {
  dynamo = await startDynamo();
  await dynamo.createTables('access');
  ledger = await startLedger();
  handlerOf = apiOn(dynamo, 'access', ledger);
  await put(dynamo.documents, 'access', 'assets', [assetRow(1, 'IBM')]);
});
afterAll(() => Promise.all([dynamo.stop(), ledger.stop()]));

describe.each(every.map((route) => [route.id, route] as const))('%s', (_, route) => {
  const statusFor = async (claims: Readonly<Record<string, unknown>> | null) => {
    const { statusCode, json, headers } = await call(handlerOf(route), route, {
      claims,
      parameters: parametersOf(route),
      ...bodyOf(route),
    });
    return { statusCode, code: json?.error?.code as string | undefined, headers };
  };
  // A route that does not find what is asked for (an asset's analysis, a list) was reached all the same.
  const reached = ({ statusCode, code }: { statusCode: number; code: string | undefined }) =>
    statusCode < 300 || code === 'not_analyzed' || (route.access === 'person' && code === 'not_found');

  test('without a token', async () => {
    for (const claims of [null, {}, { sub: '' }, { sub: 7 }]) {
      const answer = await statusFor(claims);
      if (route.access === 'public') expect(reached(answer)).toBe(true);
      else {
        expect([answer.statusCode, answer.code]).toEqual([401, 'unauthorized']);
        expect(answer.headers['www-authenticate']).toBe('Bearer');
      }
    }
  });

  test('with a token that carries no scope of ours', async () => {
    for (const claims of [{ sub: 'x' }, { sub: 'x', scope: 'openid signal9/market.reader' }]) {
      const answer = await statusFor(claims);
      if (route.access === 'public') expect(reached(answer)).toBe(true);
      else expect([answer.statusCode, answer.code]).toEqual([403, 'forbidden']);
    }
  });

  test('as a machine', async () => {
    const answer = await statusFor(machine);
    if (route.access === 'person') expect([answer.statusCode, answer.code]).toEqual([403, 'forbidden']);
    else expect(reached(answer)).toBe(true);
  });

  test('as a person', async () => {
    expect(reached(await statusFor(person))).toBe(true);
  });

  test('names a parameter that it does not know', async () => {
    const { statusCode, json } = await call(handlerOf(route), route, {
      parameters: parametersOf(route),
      ...bodyOf(route),
      query: { bogus: '1' },
    });
    expect([statusCode, json.error.details]).toEqual([400, [{ path: 'bogus', message: 'is not known here' }]]);
  });
});

test('a route for persons is closed to machines', async () => {
  const route = { ...routes.getHealth, access: 'person', cache: 'none' } as const;
  const handler = serve([implement(route, async () => Promise.reject(new Error('reached')))], {
    clock: () => NOW,
    log: recordingLog(),
  });
  expect((await call(handler, route, { claims: machine })).statusCode).toBe(403);
  expect((await call(handler, route, { claims: null })).statusCode).toBe(401);
});
