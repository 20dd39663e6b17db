import { createMarketHours, MarketHoursUnknown } from '../../../lambda/adapters/market-hours';
import { startTrading, type TestTrading } from './trading';

let world: TestTrading;
afterEach(() => world.stop());

const asked = (path: string) => world.sandbox.callLog().filter((call) => call.path === path).length;
const down = (path: string, times = 1) =>
  world.sandbox.misbehave({ provider: 'alpaca', kind: 'html_500', match: path, times });

test('asks the clock at most once a minute, and once for many who ask at a time', async () => {
  world = await startTrading();
  const answers = await Promise.all([world.marketHours.now(), world.marketHours.now()]);
  expect(answers).toEqual(
    Array(2).fill({
      is_open: true,
      day_ends: '2026-05-19T04:00:00.000Z',
      opened_at: '2026-05-17T04:00:00.000Z',
      opens_at: null,
    }),
  );
  world.pass(59_000);
  await world.marketHours.now();
  expect([asked('/v2/clock'), asked('/v2/calendar')]).toEqual([1, 1]);
  world.pass(1_000);
  await world.marketHours.now();
  expect([asked('/v2/clock'), asked('/v2/calendar')]).toEqual([2, 1]);
});

test('asks again when the market opens or closes, however short a time that is', async () => {
  world = await startTrading({ market: 'calendar', at: '2026-05-18T13:29:50.000Z' });
  expect(await world.marketHours.now()).toEqual({
    is_open: false,
    day_ends: '2026-05-18T20:00:00.000Z',
    opened_at: null,
    opens_at: '2026-05-18T13:30:00.000Z',
  });
  world.pass(10_000);
  expect(await world.marketHours.now()).toEqual({
    is_open: true,
    day_ends: '2026-05-18T20:00:00.000Z',
    opened_at: '2026-05-18T13:30:00.000Z',
    opens_at: null,
  });
  world.pass(6.5 * 3_600_000);
  expect(await world.marketHours.now()).toEqual({
    is_open: false,
    day_ends: '2026-05-19T20:00:00.000Z',
    opened_at: null,
    opens_at: '2026-05-19T13:30:00.000Z',
  });
});

test('goes by the calendar while the clock is down', async () => {
  world = await startTrading({ market: 'calendar', at: '2026-11-27T17:00:00.000Z' });
  await world.marketHours.now();
  down('/v2/clock', 9);
  world.pass(59 * 60_000);
  // The Friday after Thanksgiving, which ends at one.
  expect(await world.marketHours.now()).toEqual({
    is_open: true,
    day_ends: '2026-11-27T18:00:00.000Z',
    opened_at: '2026-11-27T14:30:00.000Z',
    opens_at: null,
  });
  world.pass(60_000);
  expect(await world.marketHours.now()).toEqual({
    is_open: false,
    day_ends: '2026-11-30T21:00:00.000Z',
    opened_at: null,
    opens_at: '2026-11-30T14:30:00.000Z',
  });
  expect(world.logged[0]).toMatchObject({ level: 'warn', fields: { provider: 'alpaca', reason: 'unavailable' } });
});

test('leaves a clock that failed alone for some seconds', async () => {
  world = await startTrading();
  down('/v2/clock', 2);
  await world.marketHours.now();
  await world.marketHours.now();
  expect(asked('/v2/clock')).toBe(1);
  world.pass(5_000);
  await world.marketHours.now();
  expect(asked('/v2/clock')).toBe(2);
});

test('does not guess', async () => {
  world = await startTrading();
  down('/v2/clock');
  down('/v2/calendar');
  await expect(world.marketHours.now()).rejects.toThrow(MarketHoursUnknown);
  world.pass(5_000);
  await expect(world.marketHours.now()).resolves.toMatchObject({ is_open: true });
});

test('a calendar that has run out is no word', async () => {
  world = await startTrading({ market: 'calendar' });
  const { clock, log, trading } = world;
  const hours = createMarketHours({ alpaca: trading, clock, log });
  await hours.now();
  down('/v2/c', 9);
  world.pass(20 * 86_400_000);
  await expect(hours.now()).rejects.toThrow(MarketHoursUnknown);
});

test('a day without a session is closed, and orders last to the end of the next', async () => {
  world = await startTrading({ market: 'closed' });
  expect(await world.marketHours.now()).toEqual({
    is_open: false,
    day_ends: '2026-05-19T20:00:00.000Z',
    opened_at: null,
    opens_at: '2026-05-19T13:30:00.000Z',
  });
});

test('knows no opening where the calendar is not known', async () => {
  world = await startTrading();
  down('/v2/calendar');
  expect(await world.marketHours.now()).toMatchObject({ is_open: true, opened_at: null });
});

test('a market around the clock does not open at midnight', async () => {
  world = await startTrading({ at: '2026-05-19T04:00:10.000Z' });
  expect(await world.marketHours.now()).toMatchObject({ is_open: true, opened_at: '2026-05-18T04:00:00.000Z' });
});
