import { gunzipSync } from 'node:zlib';
import { functions } from '../../../contract/functions';
import { PSEUDONYM } from '../../../lambda/adapters/ledger/ledger';
import { makeHandler as makeDepartureWorker, pseudonymOf } from '../../../lambda/trading/departure-worker';
import { makeHandler as makeRetention } from '../../../lambda/trading/ledger-retention';
import { makeHandler as makePositionWorker } from '../../../lambda/trading/position-worker';
import { makeHandler as makeExport } from '../../../lambda/trading/trade-export';
import { startLedger, type TestLedger } from '../../ledger';
import { alwaysAwake } from '../../ledger-activity';
import { ACCEPTED, booked, filledAt, keyOf, order, ulid } from '../adapters/ledger/orders';
import { delivery } from '../advisor/advisor';
import { recordingLog } from '../api/call';

/** What keeps the ledger in order by itself, on its real engine. */

let engine: TestLedger;
let now = new Date('2026-05-18T16:00:00.000Z');
const parked: string[] = [];
beforeAll(async () => {
  engine = await startLedger();
});
afterAll(() => engine.stop());

const services = () => ({
  ledger: engine.ledger,
  activity: alwaysAwake,
  clock: () => now,
  log: recordingLog(),
  metrics: { count: () => undefined },
  queue: {
    sendLater: async () => undefined,
    park: async (_body: string, cause: string) => void parked.push(cause),
  },
  maxReceiveCount: 5,
});
const job = (name: string, at: string) => ({ job: name, scheduled_time: at });

describe('trade-export', () => {
  const files = new Map<string, Uint8Array>();
  const run: ReturnType<typeof makeExport> = (event) =>
    makeExport({
      ...services(),
      artifacts: { put: async (key, body) => void files.set(key, body) },
      timeZone: 'America/New_York',
    })(event);
  const written = (key: string) =>
    gunzipSync(files.get(key)!)
      .toString()
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as { trade_id: string; status: string; user_id: string });

  test('writes the trades that ended on the day before in New York, and the same file again', async () => {
    const at = (time: string) => booked(engine.ledger, order({}), filledAt('10'), null, time);
    await at('2026-05-18T03:59:59.999Z');
    const first = await at('2026-05-18T04:00:00.000Z');
    const last = await at('2026-05-19T03:59:59.999Z');
    await at('2026-05-19T04:00:00.000Z');
    await booked(engine.ledger, order({}), ACCEPTED, null, '2026-05-18T12:00:00.000Z');

    const { counts } = await run(job('trade-export', '2026-05-19T04:15:00Z'));
    expect(counts).toEqual({ trades: 2 });
    const key = 'trades/date=2026-05-18/trades.jsonl.gz';
    expect([...files.keys()]).toEqual([key]);
    expect(written(key)).toMatchObject([
      { trade_id: first.trade_id, status: 'SUCCESS', user_id: first.user_id },
      { trade_id: last.trade_id },
    ]);
    const before = Buffer.from(files.get(key)!);
    await run(job('trade-export', '2026-05-19T04:15:00Z'));
    expect(Buffer.from(files.get(key)!).equals(before)).toBe(true);
  });

  test('writes a file of a day without trades, too', async () => {
    expect((await run(job('trade-export', '2026-01-02T05:15:00Z'))).counts).toEqual({ trades: 0 });
    expect(written('trades/date=2026-01-01/trades.jsonl.gz')).toEqual([]);
  });
});

describe('position-worker', () => {
  const work = () => makePositionWorker(services());
  const report = (change: object = {}) => ({
    portfolio_id: PORTFOLIO,
    user_id: 'ada',
    symbol: 'IBM',
    qty: '7.5',
    sequence: 1,
    trade_sequence: 0,
    ...change,
  });
  const PORTFOLIO = ulid();
  const available = async () => {
    const sell = order({ user_id: 'ada', portfolio_id: PORTFOLIO, symbol: 'IBM', side: 'sell', quantity: '1000' });
    return engine.ledger.book(sell, ACCEPTED, null, now.toISOString());
  };

  test('takes what a portfolio says that it holds, once, and the latest only', async () => {
    await work()(delivery('positionsChanged', report({ sequence: 2 })));
    expect(await available()).toEqual({ result: 'oversell', available: '7.5' });
    await work()(delivery('positionsChanged', report({ sequence: 2, qty: '1' })));
    await work()(delivery('positionsChanged', report({ sequence: 1, qty: '2' })));
    expect(await available()).toEqual({ result: 'oversell', available: '7.5' });
    await work()(delivery('positionsChanged', report({ sequence: 3, qty: '9' })));
    expect(await available()).toEqual({ result: 'oversell', available: '9' });
  });

  test('parks what is no report', async () => {
    const answer = await work()(delivery('positionsChanged', report({ qty: 'many' })));
    expect(answer.batchItemFailures).toEqual([]);
    expect(parked.at(-1)).toContain('qty');
  });
});

describe('departure-worker', () => {
  test('keeps the trades under a pseudonym that says nothing, at every delivery the same', async () => {
    const user_id = 'f4b8c2d6-3c1a-4f57-9a55-0d8f0c6b2f11';
    const trade = await booked(engine.ledger, order({ user_id }), filledAt('1'), keyOf('mine'), now.toISOString());
    const event = delivery('userRemoved', { user_id, removed_at: now.toISOString() });
    const waiting = await booked(engine.ledger, order({ user_id }), ACCEPTED, null, now.toISOString());
    await makeDepartureWorker(services())(event);
    expect(await engine.ledger.find(waiting.trade_id)).toMatchObject({ status: 'canceled', reason: 'account_removed' });
    // Somebody who came back, and trades again, before the event is delivered once more.
    const back = await booked(
      engine.ledger,
      order({ user_id, submitted_at: '2026-05-18T17:00:00.000Z' }),
      ACCEPTED,
      null,
      '2026-05-18T17:00:00.000Z',
    );
    await makeDepartureWorker(services())(event);
    expect(await engine.ledger.find(back.trade_id)).toMatchObject({ user_id, status: 'accepted' });
    const kept = await engine.ledger.find(trade.trade_id);
    expect(kept?.user_id).toBe(pseudonymOf(user_id));
    expect(pseudonymOf(user_id)).toMatch(new RegExp(`^${PSEUDONYM}[0-9a-f]{40}$`));
    expect(JSON.stringify(kept)).not.toContain(user_id);
    expect(await engine.ledger.answered(user_id, 'mine', now.toISOString())).toBeNull();
  });
});

describe('ledger-retention', () => {
  test('forgets keys after their week, and trades of somebody who left after their years', async () => {
    const user_id = ulid();
    const begun = now;
    const trade = await booked(engine.ledger, order({ user_id }), filledAt('1'), keyOf('old'), now.toISOString());
    await makeDepartureWorker(services())(delivery('userRemoved', { user_id, removed_at: now.toISOString() }));
    const run = () => makeRetention({ ...services(), retentionYears: 7 })(job('ledger-retention', now.toISOString()));
    now = new Date('2033-05-18T15:59:00.000Z');
    expect((await run()).counts).toMatchObject({ orders: 0 });
    expect(await engine.ledger.find(trade.trade_id)).not.toBeNull();
    now = new Date('2033-05-18T16:01:00.000Z');
    expect((await run()).counts.orders).toBeGreaterThanOrEqual(1);
    expect(await engine.ledger.find(trade.trade_id)).toBeNull();
    now = begun;
  });

  test('is told in its environment how long that is', () => {
    const { environment } = functions['ledger-retention'];
    expect(environment.safeParse({ SIGNAL9_ENV: 'test' }).error?.issues.map(({ path }) => path[0])).toContain(
      'TRADE_RETENTION_YEARS',
    );
  });
});
