import fc from 'fast-check';
import { asleepWorld, KINDS, type Part } from './asleep-world';

/** Whatever is killed, fails or interleaves, nothing is left unattended while the ledger is left to sleep (ADR 32). */

jest.mock('../../../lambda/adapters/ledger/from-environment', () => ({ lookingLedgerOf: () => undefined }), {
  virtual: true,
});

type World = ReturnType<typeof asleepWorld>;
type Step = (world: World) => void | Promise<void>;

const named = (name: string, step: Step): Step => Object.assign(step, { toString: () => name });
const step = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...KINDS).map((kind) => named(`trade ${kind}`, (w) => w.trade(kind))) },
  { weight: 14, arbitrary: fc.nat(99).map((n) => named(`step ${n}`, (w) => w.step(n))) },
  { weight: 4, arbitrary: fc.nat(99).map((n) => named(`kill ${n}`, (w) => w.kill(n))) },
  { weight: 5, arbitrary: fc.constant(named('minute', (w) => w.minute())) },
  { weight: 4, arbitrary: fc.constant(named('finish', (w) => w.finish())) },
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 29 }).map((s) => named(`${s} s`, (w) => w.pass(s * 1_000))) },
  {
    weight: 3,
    arbitrary: fc.integer({ min: 1, max: 40 }).map((minutes) =>
      named(`${minutes} quiet minutes`, async (w) => {
        for (let n = 0; n < minutes; n += 1) await w.quietMinute();
      }),
    ),
  },
  // No job runs for hours: the scheduler, or all of Lambda, is away.
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 30 }).map((h) => named(`${h} h`, (w) => w.pass(h * 3_600_000))) },
  { weight: 1, arbitrary: fc.constant(named('daily', (w) => w.daily())) },
  {
    weight: 3,
    arbitrary: fc.tuple(fc.constantFrom<Part>('ledger', 'table', 'bus'), fc.boolean()).map(([part, isDown]) =>
      named(`${part} ${isDown ? 'away' : 'back'}`, (w) => {
        if (isDown) w.down.add(part);
        else w.down.delete(part);
      }),
    ),
  },
);

test('every interleaving of trades, jobs, kills and outages leaves nothing behind, and sleep in the end', async () => {
  const runs = Number(process.env.FAST_CHECK_RUNS ?? 150);
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('2026-05-18T12:00:07.000Z', '2026-05-18T15:00:00.000Z', '2026-05-18T19:50:30.000Z'),
      fc.array(step, { minLength: 5, maxLength: 60, size: 'max' }),
      async (start, steps) => {
        const world = asleepWorld(start);
        for (const one of steps) await one(world);
        // All is well again: two minutes are enough for whatever was left, and the jobs know it without being told.
        world.down.clear();
        for (let n = 0; n < 3; n += 1) await world.quietMinute();
        expect(await world.unattended()).toEqual([]);
        // A quarter of an hour after the last trade, or fill at the opening, everything rests, but for orders that the market
        // may reach.
        let resting = (await world.open()).length;
        for (let n = 0, unchanged = 0; n < 40 || unchanged <= 16; n += 1) {
          await world.quietMinute();
          const now = (await world.open()).length;
          unchanged = now === resting ? unchanged + 1 : 0;
          resting = now;
        }
        expect(await world.unattended()).toEqual([]);
        const before = world.connections();
        // Neither open now nor in the minute that comes.
        const staysClosed = world.untilOpening() < world.untilClose() && world.untilOpening() > 60_000;
        const outcomes = new Set(await world.quietMinute());
        if (resting === 0 || staysClosed) {
          expect([...outcomes]).toEqual(['asleep']);
          expect(world.connections()).toBe(before);
        }
        // What rests through the night is there for the next opening, and for its end.
        world.pass(world.untilOpening() + 1_000);
        for (let n = 0; n < 3; n += 1) await world.quietMinute();
        expect(await world.unattended()).toEqual([]);
        world.pass(world.untilClose() + 1_000);
        for (let n = 0; n < 3; n += 1) await world.quietMinute();
        expect(await world.unattended()).toEqual([]);
        expect(await world.open()).toEqual([]);
      },
    ),
    { numRuns: runs, ...(process.env.FAST_CHECK_SEED !== undefined && { seed: Number(process.env.FAST_CHECK_SEED) }) },
  );
}, 120_000);

describe('asleep', () => {
  const minutes = async (world: World, count: number) => {
    let outcomes: readonly (string | undefined)[] = [];
    for (let n = 0; n < count; n += 1) outcomes = await world.quietMinute();
    return outcomes;
  };

  test('a trade keeps the ledger awake for a quarter of an hour; then nobody connects for a day', async () => {
    const world = asleepWorld('2026-05-18T15:00:00.000Z');
    world.trade('filled');
    await world.finish();
    expect(await minutes(world, 14)).toEqual(['done', 'done', 'done', 'done']);
    expect(await minutes(world, 2)).toEqual(['asleep', 'asleep', 'asleep', 'asleep']);
    const before = world.connections();
    await minutes(world, 500);
    expect(world.connections()).toBe(before);
  });

  test('a trade that was booked and not told is told, though its process was killed and the bus was away for hours', async () => {
    const world = asleepWorld('2026-05-18T15:00:00.000Z');
    world.trade('filled');
    // Announced and booked: before the row, after it, before the ledger, after it.
    for (let n = 0; n < 3; n += 1) await world.step(0);
    await world.kill(0);
    world.down.add('bus');
    await minutes(world, 120);
    expect(world.published).toEqual([]);
    world.down.clear();
    await minutes(world, 1);
    expect(world.published).toHaveLength(1);
  });

  test('a trade that is under way when the announced time runs out is not missed by those who look then', async () => {
    const world = asleepWorld('2026-05-18T15:00:00.000Z');
    world.trade('filled');
    await world.finish();
    await minutes(world, 14);
    world.pass(58_000);
    // By the same container, which remembers what it announced.
    world.trade('filled');
    world.minute();
    while (world.alive() > 1) await world.step(1);
    for (let n = 0; n < 3; n += 1) await world.step(0);
    await world.kill(0);
    await minutes(world, 2);
    expect(await world.unattended()).toEqual([]);
    expect(world.published).toHaveLength(2);
  });

  test('a ledger that cannot be reached for hours is asked every minute until it could be looked at', async () => {
    const world = asleepWorld('2026-05-18T15:00:00.000Z');
    world.trade('reachable');
    await world.finish();
    world.down.add('ledger');
    expect(await minutes(world, 120)).toEqual([undefined, undefined, undefined, undefined]);
    world.down.clear();
    await minutes(world, 2);
    expect(await world.open()).toEqual([]);
    expect(await world.unattended()).toEqual([]);
  });

  test('orders that rest overnight keep nobody awake, and are filled at the opening or end with their day', async () => {
    const world = asleepWorld('2026-05-18T21:00:00.000Z');
    world.trade('reachable');
    world.trade('resting');
    await world.finish();
    await minutes(world, 16);
    const before = world.connections();
    expect(await minutes(world, 60)).toEqual(['asleep', 'asleep', 'asleep', 'asleep']);
    expect(world.connections()).toBe(before);
    world.pass(world.untilOpening() - 90_000);
    expect(await minutes(world, 1)).toEqual(['asleep', 'asleep', 'asleep', 'asleep']);
    await minutes(world, 1);
    expect(await world.open()).toHaveLength(1);
    world.pass(world.untilClose() - 30_000);
    await minutes(world, 2);
    expect(await world.open()).toEqual([]);
  });

  test('the once-a-day job has everything looked at, though no job ever heard of it', async () => {
    const world = asleepWorld('2026-05-18T15:00:00.000Z');
    await minutes(world, 20);
    expect(await minutes(world, 1)).toEqual(['asleep', 'asleep', 'asleep', 'asleep']);
    // By hand, or restored: nobody announced it.
    const order = world.memory.write({ expires_at: '2026-05-18T16:00:00.000Z' });
    expect(await minutes(world, 60)).toEqual(['asleep', 'asleep', 'asleep', 'asleep']);
    world.daily();
    await world.finish();
    await minutes(world, 1);
    expect(world.memory.at(order.trade_id).closed_at).not.toBeNull();
  });
});
