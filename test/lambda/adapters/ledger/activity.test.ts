import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { tableName } from '../../../../contract/tables';
import {
  announcedLedger,
  LEAVES_WORK,
  type LedgerActivity,
  ledgerActivity,
  type LedgerActivityPorts,
  type Look,
  MINUTE_JOBS,
} from '../../../../lambda/adapters/ledger/activity';
import type { Ledger } from '../../../../lambda/adapters/ledger/ledger';
import { startDynamo, type TestDynamo } from '../../../dynamo';
import { recordingLog } from '../../api/call';

/** The row that says whether the ledger has work, on DynamoDB's own rules. */

const START = Date.parse('2026-05-18T15:00:00.000Z');
const MINUTE_MS = 60_000;
let dynamo: TestDynamo;
let env = '';
let now = START;
let sent = 0;
let count = 0;

beforeAll(async () => {
  dynamo = await startDynamo();
});
afterAll(() => dynamo.stop());
beforeEach(async () => {
  env = `activity-${(count += 1)}`;
  now = START;
  sent = 0;
  await dynamo.createTables(env, ['platformState']);
});

/** A process of its own: it remembers what it wrote, and no other's. */
function container(
  change: Partial<LedgerActivityPorts> = {},
): LedgerActivity & { log: ReturnType<typeof recordingLog> } {
  // One of the client's many signatures, which is all that the row uses.
  const send = dynamo.documents.send.bind(dynamo.documents) as (command: never) => Promise<object>;
  const documents = {
    send: async (command: never): Promise<object> => {
      sent += 1;
      return send(command);
    },
  } as never;
  const log = recordingLog();
  return { ...ledgerActivity({ documents, env, clock: () => new Date(now), log, pauses: true, ...change }), log };
}
const key = { scope: 'ledger-activity', entry: 'ledger' };
const row = async () =>
  (await dynamo.documents.send(new GetCommand({ TableName: tableName(env, 'platformState'), Key: key }))).Item;
const after = (minutes: number) => new Date(START + minutes * MINUTE_MS).toISOString();
const pass = (minutes: number) => void (now += minutes * MINUTE_MS);
const looking = async (activity: LedgerActivity, job: (typeof MINUTE_JOBS)[number] = 'outbox-sweeper') => {
  const look = await activity.look(job);
  if (look === 'asleep') throw new Error('asleep');
  return look;
};

describe('announcing work', () => {
  test('sets the row a quarter of an hour ahead, and costs no call before a third of it is over', async () => {
    const one = container();
    await one.announce();
    expect(await row()).toMatchObject({ busy_until: after(15) });
    pass(5);
    await one.announce();
    expect(sent).toBe(1);
    pass(0.1);
    await one.announce();
    expect([sent, (await row())?.busy_until]).toEqual([2, after(20.1)]);
  });

  test('never moves the row back, and takes another’s word for what it is ahead', async () => {
    const [ahead, behind] = [container({ clock: () => new Date(now + 5 * MINUTE_MS) }), container()];
    await ahead.announce();
    await behind.announce();
    expect((await row())?.busy_until).toBe(after(20));
    await behind.announce();
    expect(sent).toBe(2);
  });

  test('is one call for many who announce at the same moment', async () => {
    const one = container();
    await Promise.all(Array.from({ length: 20 }, () => one.announce()));
    expect(sent).toBe(1);
  });

  test('where it cannot be noted, nothing is booked that would be forgotten; a ledger that never pauses forgets nothing', async () => {
    const down = { documents: { send: () => Promise.reject(new Error('no table answers')) } } as never;
    await expect(container(down).announce()).rejects.toMatchObject({ name: 'LedgerUnavailable' });
    const awake = container({ ...(down as object), pauses: false });
    await awake.announce();
    expect(awake.log.lines).toMatchObject([{ level: 'warn' }]);
  });

  test('is done for every method of the ledger that may leave work, before it, and for no other', async () => {
    const order: string[] = [];
    const methods = Object.keys(LEAVES_WORK) as (keyof Ledger)[];
    const ledger = Object.fromEntries(
      methods.map((method) => [method, async () => void order.push(method)]),
    ) as unknown as Ledger;
    const announced = announcedLedger(ledger, { announce: async () => void order.push('announced') });
    for (const method of methods) await (announced[method] as () => Promise<unknown>)();
    expect(order).toEqual(methods.flatMap((method) => (LEAVES_WORK[method] ? ['announced', method] : [method])));
  });
});

describe('looking', () => {
  test('is due until the row’s time, whoever finds nothing', async () => {
    const one = container();
    await one.announce();
    for (let minute = 0; minute < 15; minute += 1) {
      const look = await looking(container());
      expect(look.mayRest).toBe(false);
      await look.rest(null);
      pass(1);
    }
    const last = await looking(one);
    expect(last.mayRest).toBe(true);
    await last.rest(null);
    expect(await one.look('outbox-sweeper')).toBe('asleep');
    // Another job has not looked.
    expect((await looking(one, 'order-expiry')).mayRest).toBe(true);
  });

  test('goes on after it while nobody has looked to the end: a lease that runs out forgets nothing', async () => {
    const one = container();
    await one.announce();
    pass(24 * 60);
    expect((await looking(one)).mayRest).toBe(true);
    expect((await looking(one)).mayRest).toBe(true);
  });

  test('is due again at the time that the job said', async () => {
    const one = container();
    await one.announce();
    pass(15);
    await (await looking(one)).rest(after(60));
    pass(44.9);
    expect(await one.look('outbox-sweeper')).toBe('asleep');
    pass(0.1);
    expect(await one.look('outbox-sweeper')).not.toBe('asleep');
  });

  test('is due again when somebody announces work, even while a job is about to rest', async () => {
    const [one, other] = [container(), container()];
    await one.announce();
    pass(15);
    const look = await looking(one);
    await other.announce();
    await look.rest(null);
    expect(await row()).not.toHaveProperty('idle_outbox-sweeper');
    pass(15);
    expect(await one.look('outbox-sweeper')).not.toBe('asleep');
  });

  test('is due once a day for all, whatever they said', async () => {
    const one = container();
    await one.announce();
    pass(15);
    for (const job of MINUTE_JOBS) await (await looking(one, job)).rest(null);
    pass(9 * 60);
    await container().rouse();
    for (const job of MINUTE_JOBS) await (await looking(one, job)).rest(null);
    for (const job of MINUTE_JOBS) expect(await one.look(job)).toBe('asleep');
  });

  test('is due for something else than before', async () => {
    const one = container();
    await one.announce();
    pass(15);
    const look = (await one.look('trade-reconciliation', 'gaps 1')) as Look;
    await look.rest(null);
    expect(await one.look('trade-reconciliation', 'gaps 1')).toBe('asleep');
    expect(await one.look('trade-reconciliation', 'gaps 2')).not.toBe('asleep');
  });

  test('is due where there is no row, or none that can be read; from then on there is one', async () => {
    const one = container();
    expect((await looking(one)).mayRest).toBe(false);
    expect((await row())?.busy_until).toBe(after(15));
    await dynamo.documents.send(
      new PutCommand({ TableName: tableName(env, 'platformState'), Item: { ...key, busy_until: 7 } }),
    );
    expect((await looking(one)).mayRest).toBe(false);
    const down = container({ documents: { send: () => Promise.reject(new Error('no table answers')) } });
    expect((await looking(down)).mayRest).toBe(false);
    expect(down.log.lines).toMatchObject([{ level: 'warn' }]);
  });

  test('is done on every run, without a call, where the ledger never pauses', async () => {
    const awake = container({ pauses: false });
    pass(60);
    for (const job of MINUTE_JOBS) await (await looking(awake, job)).rest(null);
    for (const job of MINUTE_JOBS) expect((await looking(awake, job)).mayRest).toBe(false);
    expect(sent).toBe(0);
  });
});

test('the ledger is said to be asleep when all jobs of the minute rest', async () => {
  const one = container();
  expect(await one.isAsleep()).toBe(false);
  await one.announce();
  pass(15);
  for (const job of MINUTE_JOBS) {
    expect(await one.isAsleep()).toBe(false);
    await (await looking(one, job)).rest(null);
  }
  expect(await one.isAsleep()).toBe(true);
  await one.announce();
  expect(await one.isAsleep()).toBe(false);
});
