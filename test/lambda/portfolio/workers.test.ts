import type { SQSEvent } from 'aws-lambda';
import { StoreUnavailable } from '../../../lambda/adapters/portfolio/portfolios';
import { makeHandler as makeDeparture } from '../../../lambda/portfolio/portfolio-departure';
import { makeHandler as makeRecorder } from '../../../lambda/portfolio/trade-recorder';
import { makeHandler as makeReconciliation } from '../../../lambda/portfolio/trade-reconciliation';
import { pseudonymOf } from '../../../lambda/trading/departure-worker';
import { startLedger, type TestLedger } from '../../ledger';
import { alwaysAwake } from '../../ledger-activity';
import { startPortfolios, type TestPortfolios } from '../../portfolio';
import type { LedgerActivity } from '../../../lambda/adapters/ledger/activity';
import { booked, filledAt, order, ulid } from '../adapters/ledger/orders';
import { newUser, opened, tradeOf } from '../adapters/portfolio/examples';
import { delivery } from '../advisor/advisor';
import { recordingLog } from '../api/call';

/** What brings booked trades into portfolios, on its real engines. */

const BOOKED = '2026-05-18T14:30:00.000Z';
let portfolios: TestPortfolios;
let ledger: TestLedger;
let now = new Date(BOOKED);
let log = recordingLog();
const parked: string[] = [];
const delayed: number[] = [];
beforeAll(async () => {
  [portfolios, ledger] = await Promise.all([startPortfolios(), startLedger()]);
});
beforeEach(() => {
  log = recordingLog();
  now = new Date(BOOKED);
  parked.length = 0;
  delayed.length = 0;
});
afterAll(() => Promise.all([portfolios.stop(), ledger.stop()]));

const services = () => ({
  store: portfolios.store,
  ledger: ledger.ledger,
  activity: alwaysAwake,
  clock: () => now,
  log,
  metrics: { count: () => undefined },
  queue: {
    sendLater: async (_: string, seconds: number) => void delayed.push(seconds),
    park: async (_: string, cause: string) => void parked.push(cause),
  },
  maxReceiveCount: 5,
});
const record = (event: SQSEvent) => makeRecorder(services())(event);
const reconcile = () =>
  makeReconciliation(services())({ job: 'trade-reconciliation', scheduled_time: now.toISOString() });
const allOf = async (userId: string, portfolioId: string) => (await portfolios.store.state(userId, portfolioId))!;

/** Books so many trades in the ledger. @returns what it tells of them */
async function trades(user_id: string, portfolio_id: string | null, count: number) {
  for (let n = 0; n < count; n++)
    await booked(ledger.ledger, order({ user_id, portfolio_id, quantity: '1' }), filledAt('10', '1'), null, BOOKED);
  const owed = await ledger.ledger.owed('2100-01-01T00:00:00Z', 10_000);
  return owed.map(({ detail }) => detail).filter((one) => one.user_id === user_id && one.portfolio_id === portfolio_id);
}

describe('trade-recorder', () => {
  it('records what the ledger tells, once, and whatever is no trade goes aside', async () => {
    const user = newUser();
    const { portfolio_id } = await opened(portfolios.store, user);
    const [trade] = await trades(user, portfolio_id, 1);
    for (let n = 0; n < 3; n++) expect(await record(delivery('tradeBooked', trade))).toEqual({ batchItemFailures: [] });
    expect((await allOf(user, portfolio_id)).transactions).toMatchObject([
      { transaction_id: trade!.execution_id, qty: '1', price: '10', source: 'trade' },
    ]);
    await record(delivery('tradeBooked', { ...trade, quantity: 'one' }));
    expect(parked).toEqual([expect.stringContaining('quantity')]);
  });

  it('puts a trade back while the database is away, as often as it takes', async () => {
    const away = {
      ...services(),
      store: { ...portfolios.store, record: () => Promise.reject(new StoreUnavailable('away')) },
    };
    const event = delivery('tradeBooked', tradeOf({ user_id: newUser() }), { receiveCount: 5 });
    expect(await makeRecorder(away)(event)).toEqual({ batchItemFailures: [] });
    expect(delayed).toEqual([30]);
    expect(parked).toEqual([]);
  });
});

describe('portfolio-departure', () => {
  it('removes what somebody had, and what is told of them afterwards comes to nothing', async () => {
    const user = newUser();
    const { portfolio_id } = await opened(portfolios.store, user);
    const [first, second] = await trades(user, portfolio_id, 2);
    await record(delivery('tradeBooked', first));
    const removed = delivery('userRemoved', { user_id: user, removed_at: '2026-05-18T16:00:00.000Z' });
    for (let n = 0; n < 2; n++) expect(await makeDeparture(services())(removed)).toEqual({ batchItemFailures: [] });
    await record(delivery('tradeBooked', second));
    expect(await portfolios.store.list(user, { limit: 1 })).toEqual([]);
    expect(log.lines.map(({ fields }) => fields.counts?.portfolios)).toEqual([1, 0, undefined]);
  });
});

describe('trade-reconciliation', () => {
  const later = () => (now = new Date('2026-05-18T14:35:00.001Z'));

  it('asks the ledger for what has been missing for five minutes, of every stream, in bites', async () => {
    const user = newUser();
    const { portfolio_id } = await opened(portfolios.store, user);
    const own = await trades(user, portfolio_id, 205);
    const users = await trades(user, null, 3);
    for (const trade of [own[0]!, own.at(-1)!, users[1]!]) await record(delivery('tradeBooked', trade));
    now = new Date('2026-05-18T14:35:00.000Z');
    expect((await reconcile()).counts).toEqual({ gaps: 0, recorded: 0, missing: 0 });
    later();
    expect((await reconcile()).counts).toEqual({ gaps: 2, recorded: 204, missing: 0 });
    const state = await allOf(user, portfolio_id);
    expect(state.transactions).toHaveLength(205);
    expect(state.missing).toEqual([]);
    expect((await reconcile()).counts).toEqual({ gaps: 0, recorded: 0, missing: 0 });
    // What had been on its way all the time changes nothing.
    for (const trade of own.slice(0, 5)) await record(delivery('tradeBooked', trade));
    expect((await allOf(user, portfolio_id)).transactions).toHaveLength(205);
  });

  it('says what the ledger does not have either, and leaves it flagged', async () => {
    const user = newUser();
    const { portfolio_id } = await opened(portfolios.store, user);
    const [, second] = await trades(user, portfolio_id, 2);
    await record(delivery('tradeBooked', { ...second, sequence: 7 }));
    later();
    expect((await reconcile()).counts).toEqual({ gaps: 1, recorded: 1, repeated: 1, missing: 4 });
    expect(log.lines.filter(({ level }) => level === 'error')).toMatchObject([
      { fields: { counts: { missing: 4 }, reason: `of portfolio ${portfolio_id}` } },
    ]);
    expect((await allOf(user, portfolio_id)).missing).toEqual([{ from: 2, to: 6 }]);
    await portfolios.store.removeUser(user, '2026-05-18T16:00:00.000Z', BOOKED);
  });

  it('wakes the ledger once for what it does not have, and again when something else is missing', async () => {
    const user = newUser();
    const { portfolio_id } = await opened(portfolios.store, user);
    const [, second] = await trades(user, portfolio_id, 2);
    await record(delivery('tradeBooked', { ...second, sequence: 7 }));
    later();
    const said = new Map<string, string>();
    const activity: LedgerActivity = {
      ...alwaysAwake,
      look: async (job, about = '') =>
        said.get(job) === about ? 'asleep' : { mayRest: true, rest: async () => void said.set(job, about) },
    };
    const asleep = () =>
      makeReconciliation({ ...services(), activity })({
        job: 'trade-reconciliation',
        scheduled_time: now.toISOString(),
      });
    const outcomes = [await asleep(), await asleep(), await asleep()].map(({ outcome }) => outcome);
    // The first finds one of what is missing, the second that the rest is not there.
    expect(outcomes).toEqual(['done', 'done', 'asleep']);
    await record(delivery('tradeBooked', { ...second, execution_id: ulid(), sequence: 9 }));
    now = new Date(now.getTime() + 6 * 60_000);
    expect((await asleep()).outcome).toBe('done');
    await portfolios.store.removeUser(user, '2026-05-18T16:00:00.000Z', BOOKED);
  });

  it('counts as found what the ledger keeps under a pseudonym', async () => {
    const user = newUser();
    const { portfolio_id } = await opened(portfolios.store, user);
    const [, second] = await trades(user, portfolio_id, 2);
    await record(delivery('tradeBooked', second));
    await ledger.ledger.pseudonymise(user, pseudonymOf(user), '2026-05-18T14:31:00.000Z', BOOKED);
    later();
    expect((await reconcile()).counts).toEqual({ gaps: 1, recorded: 0, left: 1, missing: 0 });
    const state = await allOf(user, portfolio_id);
    expect([state.transactions.length, state.missing]).toEqual([1, []]);
  });
});
