import { budgetedAlphaVantage, callBudget, CallBudgetExhausted } from '../../../lambda/adapters/call-budget';
import { readCallBudgetUsage } from '../../../lambda/adapters/call-budget-usage';
import { ProviderError } from '../../../lambda/adapters/providers/provider-error';
import { SANDBOX_SYMBOLS, startSandbox } from '../../../local/sandbox/sandbox';
import { startDynamo, type TestDynamo } from '../../dynamo';

let dynamo: TestDynamo;
let env = 0;
const silent = { debug: jest.fn(), info: jest.fn(), warn: jest.fn(), error: jest.fn() };
const metrics = { count: jest.fn() };
const ZONE = 'America/New_York';

beforeAll(async () => {
  dynamo = await startDynamo();
});
afterAll(() => dynamo.stop());

/** A fresh budget with a clock of its own. */
async function fresh(plan: { rps: number; rpm: number | null; rpd: number | null }, at = '2026-05-18T16:00:00Z') {
  const slug = `e${env++}`;
  await dynamo.createTables(slug, ['platformState']);
  let instant = Date.parse(at);
  const ports = {
    documents: dynamo.documents,
    env: slug,
    plan: { ...plan, timeZone: ZONE },
    clock: () => new Date(instant),
    sleep: async (ms: number) => void (instant += ms),
    random: () => 0.5,
  };
  return { ports, budget: callBudget(ports), pass: (ms: number) => void (instant += ms), now: () => instant };
}

test('calls are spaced by the plan, with the wait inside', async () => {
  const { budget, now } = await fresh({ rps: 1, rpm: null, rpd: null });
  const begin = now();
  for (let call = 0; call < 5; call++) await budget.take('fundamentals');
  expect(now() - begin).toBe(4 * 1030);
});

test('the day ends with its last call, and begins again at midnight in the provider’s zone', async () => {
  const { budget, ports, pass, now } = await fresh({ rps: 1, rpm: null, rpd: 3 });
  for (let call = 0; call < 3; call++) await budget.take('fundamentals');
  const refused = await budget.take('fundamentals').catch((error: unknown) => error as CallBudgetExhausted);
  expect(refused).toBeInstanceOf(CallBudgetExhausted);
  expect((refused as CallBudgetExhausted).reason).toBe('day');
  expect((refused as CallBudgetExhausted).retry_at.toISOString()).toBe('2026-05-19T04:00:01.000Z');
  expect(await readCallBudgetUsage(ports)).toMatchObject({ used_today: 3, remaining_today: 0, day: '2026-05-18' });
  pass(Date.parse('2026-05-19T04:00:01Z') - now());
  await budget.take('fundamentals');
  expect(await readCallBudgetUsage(ports)).toMatchObject({ used_today: 1, remaining_today: 2, day: '2026-05-19' });
});

test('a minute’s throttle quiets everybody for that minute', async () => {
  const { budget } = await fresh({ rps: 1, rpm: null, rpd: null });
  const until = await budget.throttled(
    new ProviderError({ kind: 'throttled', provider: 'alpha_vantage', operation: 'X', scope: 'minute' }),
  );
  await expect(budget.take('news')).rejects.toMatchObject({ name: 'CallBudgetExhausted', retry_at: until });
});

test('nothing used yet', async () => {
  const { ports } = await fresh({ rps: 1, rpm: null, rpd: 25 });
  expect(await readCallBudgetUsage(ports)).toMatchObject({ used_today: 0, remaining_today: 25 });
});

/**
 * A clock for several workers: when all of them sleep, it is the earliest one's waking time. What they do in between takes
 * no time, however busy the machine is.
 */
function sharedClock(begin: string) {
  let instant = Date.parse(begin);
  let working = 0;
  const sleepers: { readonly at: number; readonly wake: () => void }[] = [];
  const wakeWhenAllSleep = () => {
    if (sleepers.length < working) return;
    sleepers.sort((a, b) => a.at - b.at);
    const next = sleepers.shift();
    if (!next) return;
    instant = Math.max(instant, next.at);
    next.wake();
  };
  return {
    clock: () => new Date(instant),
    sleep: (ms: number) =>
      new Promise<void>((wake) => {
        sleepers.push({ at: instant + ms, wake });
        wakeWhenAllSleep();
      }),
    async work(workers: readonly (() => Promise<void>)[]) {
      working = workers.length;
      const leave = () => {
        working -= 1;
        wakeWhenAllSleep();
      };
      await Promise.all(workers.map((worker) => worker().finally(leave)));
    },
  };
}

test('a fleet of workers uses the plan and is never throttled by a provider that judges by its own log', async () => {
  const slug = `e${env++}`;
  await dynamo.createTables(slug, ['platformState']);
  const plan = { rps: 20, rpm: null, rpd: null, timeZone: ZONE };
  const fleet = sharedClock('2026-05-18T16:00:00Z');
  const { clock, sleep } = fleet;
  const sandbox = await startSandbox({
    universe: 30,
    now: clock,
    plan: { alphaVantage: { rps: 20, rpm: 600, rpd: null } },
  });
  let calls = 0;
  const worker = () => {
    const ports = { documents: dynamo.documents, env: slug, plan, clock, sleep, random: Math.random };
    return budgetedAlphaVantage({
      ...ports,
      baseUrl: sandbox.alphaVantageUrl,
      apiKey: async () => 'k',
      // One call is longer on its way than the next.
      fetch: async (...request) => {
        await sleep((calls++ * 7) % 25);
        return globalThis.fetch(...request);
      },
      metrics,
      log: silent,
      budget: callBudget(ports),
    });
  };
  const begin = clock().getTime();
  await fleet
    .work(
      Array.from({ length: 4 }, () => async () => {
        const client = worker();
        for (let call = 0; call < 12; call++) await client.overview(SANDBOX_SYMBOLS.steady);
      }),
    )
    .finally(() => sandbox.close());
  const passed = clock().getTime() - begin;
  const log = sandbox.callLog();
  expect(log.filter(({ outcome }) => outcome !== 'ok')).toEqual([]);
  expect(log).toHaveLength(48);
  // 47 intervals of 51.5 ms, and the last call's way: no faster, and at least 95 % of what the plan allows.
  expect(passed).toBeGreaterThanOrEqual(47 * 51.5);
  expect(passed).toBeLessThan((47 * 50) / 0.95);
});

test('every function goes through the budget, and a throttle inside it is told', async () => {
  const { ports, budget } = await fresh({ rps: 10, rpm: 600, rpd: null });
  const sandbox = await startSandbox({ universe: 30, now: ports.clock });
  const client = budgetedAlphaVantage({
    ...ports,
    budget,
    baseUrl: sandbox.alphaVantageUrl,
    apiKey: async () => 'k',
    fetch: globalThis.fetch,
    metrics,
    log: silent,
  });
  const symbol = SANDBOX_SYMBOLS.steady;
  await client.incomeStatement(symbol);
  await client.balanceSheet(symbol);
  await client.cashFlow(symbol);
  await client.earnings(symbol);
  await client.earningsCalendar();
  await client.newsSentiment();
  await client.globalQuote(symbol);
  await client.timeSeriesDaily(symbol);
  expect(await readCallBudgetUsage(ports)).toMatchObject({
    used_today: 8,
    remaining_today: null,
    by_purpose: { fundamentals: 6, news: 1, earnings_calendar: 1 },
  });
  sandbox.misbehave({ provider: 'alpha_vantage', kind: 'throttle_minute' });
  await expect(client.overview(symbol)).rejects.toMatchObject({ kind: 'throttled' });
  expect(silent.warn).toHaveBeenCalled();
  await expect(client.overview(symbol)).rejects.toBeInstanceOf(CallBudgetExhausted);
  await sandbox.close();
});
