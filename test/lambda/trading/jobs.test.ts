import { ProviderError } from '../../../lambda/adapters/providers/provider-error';
import { makeHandler as makeExpiry } from '../../../lambda/trading/order-expiry';
import { makeHandler as makeMatcher } from '../../../lambda/trading/order-matcher';
import { makeHandler as makeSweeper } from '../../../lambda/trading/outbox-sweeper';
import { tellOf } from '../../../lambda/trading/publish-owed';
import { makeHandler as makeFollower, MOST_A_RUN, turnOf } from '../../../lambda/trading/venue-follower';
import { type TestTrading, startTrading } from './trading';

// The handlers' last line wires the real ledger, which needs a database's driver and none of it here.
jest.mock('../../../lambda/adapters/ledger/from-environment', () => ({ ledgerOf: () => undefined }), { virtual: true });

const MINUTE_MS = 60_000;
const DAY_MS = 1440 * MINUTE_MS;
let world: TestTrading;
afterEach(() => world.stop());

const match = () => makeMatcher(world)(world.job('order-matcher'));
const follow = () => makeFollower(world)(world.job('venue-follower'));
const expire = () => makeExpiry(world)(world.job('order-expiry'));
const sweep = () => makeSweeper(world)(world.job('outbox-sweeper'));
const limitAt = (price: string, share: number) =>
  ({ type: 'limit', limit_price: (Number(price) * share).toFixed(2) }) as const;

describe('the matcher', () => {
  test('fills what the market has reached, at the quote, and tells of it', async () => {
    world = await startTrading();
    const price = await world.price();
    const market = world.ledger.write({});
    const reached = world.ledger.write(limitAt(price, 1.1));
    const waiting = world.ledger.write(limitAt(price, 0.5));
    const selling = world.ledger.write({ side: 'sell', ...limitAt(price, 0.9) });
    const { counts, outcome, run_id } = await match();
    expect([outcome, run_id]).toEqual(['done', 'order-matcher#2026-05-18T15:00:00.000Z']);
    expect(counts).toEqual({ open: 4, filled: 3, waiting: 1, unquoted: 0 });
    for (const { trade_id } of [market, reached, selling]) {
      expect(world.ledger.at(trade_id)).toMatchObject({ status: 'filled', filled_qty: '10', filled_avg_price: price });
    }
    expect(world.ledger.at(waiting.trade_id).status).toBe('accepted');
    expect(world.published.map(({ event }) => event)).toEqual(['tradeBooked', 'tradeBooked', 'tradeBooked']);
    expect(world.counted).toEqual({ JobSucceeded: 1 });
  });

  test('does nothing twice', async () => {
    world = await startTrading();
    world.ledger.write({});
    await match();
    expect((await match()).counts).toMatchObject({ open: 0, filled: 0 });
    expect([world.ledger.fills.length, world.published.length]).toEqual([1, 1]);
  });

  test('asks for each symbol once, and for nobody else’s orders', async () => {
    world = await startTrading();
    for (const symbol of ['ACMEJ', 'BANKJ', 'ACMEJ']) world.ledger.write({ symbol });
    const theirs = world.ledger.write({}, 'pending_new');
    await match();
    const asked = world.sandbox.callLog().filter(({ path }) => path === '/v2/stocks/snapshots');
    expect(asked.map(({ query }) => query.symbols)).toEqual(['ACMEJ,BANKJ']);
    expect(world.ledger.at(theirs.trade_id).status).toBe('pending_new');
  });

  test('fills nothing while the market is closed, without a price, or at an old one', async () => {
    world = await startTrading({ market: 'closed' });
    world.ledger.write({});
    expect((await match()).counts).toMatchObject({ open: 0, filled: 0 });
    await world.stop();

    world = await startTrading();
    world.ledger.write({ symbol: 'NOPE' });
    // It has not traded today: its last price is yesterday's.
    world.ledger.write({ symbol: 'THINJ' });
    expect((await match()).counts).toEqual({ open: 2, filled: 0, waiting: 0, unquoted: 2 });
  });

  test('leaves an order whose day is over to the expiry', async () => {
    world = await startTrading();
    const order = world.ledger.write({ expires_at: world.clock().toISOString() });
    expect((await match()).counts).toMatchObject({ open: 1, filled: 0 });
    expect((await expire()).counts).toEqual({ expired: 1 });
    expect(world.ledger.at(order.trade_id)).toMatchObject({ status: 'expired', reason: 'expired' });
  });

  test('one order that fails keeps no other waiting, and the run says that it failed', async () => {
    world = await startTrading();
    const bad = world.ledger.write({});
    const good = world.ledger.write({});
    const fill = world.ledger.fill.bind(world.ledger);
    world.ledger.fill = (id, ...rest) =>
      id === bad.trade_id ? Promise.reject(new Error('numeric overflow')) : fill(id, ...rest);
    await expect(match()).rejects.toThrow('numeric overflow');
    expect(world.ledger.at(good.trade_id).status).toBe('filled');
    expect(world.counted).toEqual({ JobFailed: 1 });
  });

  test('a fill stands whether the bus takes its event or not', async () => {
    world = await startTrading();
    const order = world.ledger.write({});
    world.bus.refuses = () => true;
    expect((await match()).counts).toMatchObject({ filled: 1 });
    expect(world.ledger.at(order.trade_id).status).toBe('filled');
    expect(await world.ledger.owedBy(order.trade_id)).toHaveLength(1);
  });

  /** Market data that is not the sandbox's for once. */
  const matchWith = (snapshots: TestTrading['alpaca']['snapshots'], more: Partial<TestTrading> = {}) =>
    makeMatcher({ ...world, alpaca: { snapshots }, ...more })(world.job('order-matcher'));

  const passing =
    (milliseconds: number): TestTrading['alpaca']['snapshots'] =>
    async (symbols) => {
      const answer = await world.alpaca.snapshots(symbols);
      world.pass(milliseconds);
      return answer;
    };

  test('a price of before the market opened fills nothing; the next one does', async () => {
    world = await startTrading({ market: 'calendar', at: '2026-05-18T13:30:05.000Z' });
    const order = world.ledger.write({});
    const early = async (symbols: readonly string[]) => {
      const { snapshots, rejected } = await world.alpaca.snapshots(symbols);
      const trade = { ...snapshots.get('ACMEJ')!.latestTrade!, t: '2026-05-18T13:29:59.000Z' };
      return { snapshots: new Map([['ACMEJ', { ...snapshots.get('ACMEJ')!, latestTrade: trade }]]), rejected };
    };
    expect((await matchWith(early)).counts).toEqual({ open: 1, filled: 0, waiting: 0, unquoted: 1 });
    expect((await match()).counts).toMatchObject({ filled: 1 });
    expect(world.ledger.at(order.trade_id).status).toBe('filled');
  });

  test('fills nothing after the close, nor after an order’s own end, though the run began before', async () => {
    world = await startTrading({ market: 'calendar', at: '2026-05-18T19:59:55.000Z' });
    const never = world.ledger.write({ expires_at: '2026-05-20T20:00:00.000Z' });
    const over = world.ledger.write({ expires_at: '2026-05-18T19:59:58.000Z' });
    expect((await matchWith(passing(4_000))).counts).toMatchObject({ open: 2, filled: 1 });
    expect(world.ledger.at(over.trade_id).status).toBe('accepted');
    const late = world.ledger.write({ expires_at: '2026-05-20T20:00:00.000Z' });
    expect((await matchWith(passing(2_000))).counts).toMatchObject({ filled: 0, waiting: 1 });
    expect(world.ledger.at(late.trade_id).status).toBe('accepted');
    expect(world.ledger.at(never.trade_id).filled_at).toBe('2026-05-18T19:59:59.000Z');
  });

  test('a price that has grown too old while others were filled fills nothing', async () => {
    world = await startTrading();
    for (let n = 0; n < 2; n += 1) world.ledger.write({});
    const fill = world.ledger.fill.bind(world.ledger);
    world.ledger.fill = async (...one) => {
      const filled = await fill(...one);
      world.pass(5_000);
      return filled;
    };
    expect((await matchWith(passing(0), { quoteMaxAgeSeconds: 4 })).counts).toMatchObject({
      filled: 1,
      unquoted: 1,
    });
  });

  const refusing = (...refused: readonly string[]): TestTrading['alpaca']['snapshots'] => {
    return (symbols) =>
      symbols.some((symbol) => refused.includes(symbol))
        ? Promise.reject(new ProviderError({ kind: 'invalid_request', provider: 'alpaca', operation: '', status: 400 }))
        : world.alpaca.snapshots(symbols);
  };

  test('a symbol that market data refuses is left out, and the others are filled', async () => {
    world = await startTrading();
    for (const symbol of ['ACMEJ', 'BAD.1', 'BANKJ', 'BAD.2', 'ACMEJ']) world.ledger.write({ symbol });
    expect((await matchWith(refusing('BAD.1', 'BAD.2'))).counts).toMatchObject({ open: 5, filled: 3, unquoted: 2 });
  });

  test('where everything is refused, the search for the symbol ends', async () => {
    world = await startTrading();
    for (let n = 0; n < 200; n += 1) world.ledger.write({ symbol: `S${n}` });
    const snapshots = jest.fn(() => refusing('S0')(['S0']));
    await expect(matchWith(snapshots)).rejects.toMatchObject({ kind: 'invalid_request' });
    expect(snapshots).toHaveBeenCalledTimes(64);
  });

  test('a bite whose prices cannot be told keeps no other waiting, and the run fails', async () => {
    world = await startTrading();
    for (let n = 0; n < 450; n += 1) world.ledger.write({});
    let calls = 0;
    const once: TestTrading['alpaca']['snapshots'] = (symbols) => {
      calls += 1;
      if (calls > 1) return world.alpaca.snapshots(symbols);
      return Promise.reject(new ProviderError({ kind: 'malformed', provider: 'alpaca', operation: '' }));
    };
    await expect(matchWith(once)).rejects.toMatchObject({ kind: 'malformed' });
    expect([calls, world.ledger.fills.length, world.counted.JobFailed]).toEqual([3, 250, 1]);
  });

  test('fills for different owners at a time, for one in order, and tells a bite in one call', async () => {
    world = await startTrading();
    const users = Array.from({ length: 6 }, (_, n) => `user-${n}`);
    for (let n = 0; n < 3; n += 1) for (const user_id of users) world.ledger.write({ user_id });
    const fill = world.ledger.fill.bind(world.ledger);
    let [running, most] = [0, 0];
    world.ledger.fill = async (...one) => {
      most = Math.max(most, (running += 1));
      await new Promise((resolve) => setTimeout(resolve, 2));
      running -= 1;
      return fill(...one);
    };
    const publish = jest.spyOn(world.bus, 'publish');
    expect((await match()).counts).toMatchObject({ filled: 18 });
    expect(most).toBe(4);
    for (const user of users) {
      const trades = world.ledger.fills.map(({ trade_id }) => world.ledger.at(trade_id));
      const ids = trades.filter(({ user_id }) => user_id === user).map(({ trade_id }) => trade_id);
      expect(ids).toEqual([...ids].sort());
    }
    expect([publish.mock.calls.length, world.published.length]).toEqual([1, 18]);
  });

  test('begins with another owner every minute', async () => {
    world = await startTrading();
    const first = new Set<string>();
    for (let minute = 0; minute < 3; minute += 1) {
      const before = world.ledger.fills.length;
      for (let n = 0; n < 3; n += 1) world.ledger.write({ user_id: `user-${n}` });
      await match();
      first.add(world.ledger.at(world.ledger.fills[before]!.trade_id).user_id);
      world.pass(MINUTE_MS);
    }
    expect(first.size).toBe(3);
  });

  test('fails where the hours of the market are not known', async () => {
    world = await startTrading();
    world.ledger.write({});
    world.sandbox.misbehave({ provider: 'alpaca', kind: 'html_500', match: '/v2/c', times: 2 });
    await expect(match()).rejects.toThrow('not known');
    expect(world.ledger.fills).toEqual([]);
  });
});

describe('the expiry', () => {
  test('ends the platform’s orders only, in many bites', async () => {
    world = await startTrading();
    for (let n = 0; n < 450; n += 1) world.ledger.write({});
    const theirs = world.ledger.write({}, 'pending_new');
    expect((await expire()).counts).toEqual({ expired: 0 });
    world.pass(DAY_MS);
    expect((await expire()).counts).toEqual({ expired: 450 });
    expect(world.ledger.at(theirs.trade_id).status).toBe('pending_new');
  });
});

describe('the follower', () => {
  test('books what the brokerage filled since, and tells of each part', async () => {
    world = await startTrading();
    world.sandbox.misbehave({ provider: 'alpaca', kind: 'partial_fill', match: '/v2/orders?' });
    const half = await world.venue.place(world.ledger.write({}, 'pending_new'));
    await tellOf([half.trade_id], world);
    expect((await follow()).counts).toEqual({ open: 1, filled: 1, closed: 1 });
    expect(world.published.map(({ detail }) => detail)).toMatchObject([{ quantity: '5' }, { quantity: '5' }]);
    expect((await follow()).counts).toEqual({ open: 0, filled: 0, closed: 0 });
  });

  test('places what never arrived', async () => {
    world = await startTrading();
    const order = world.ledger.write({}, 'pending_new');
    world.pass(MINUTE_MS);
    expect((await follow()).counts).toMatchObject({ open: 1, filled: 1, closed: 1 });
    expect(world.ledger.at(order.trade_id)).toMatchObject({ status: 'filled' });
  });

  const misbehave = (kind: 'html_500' | '429' | 'unauthorized', match: string, times = 99) =>
    world.sandbox.misbehave({ provider: 'alpaca', kind, match, times });

  test('asks no further while the brokerage is down: three orders tell', async () => {
    world = await startTrading();
    for (let n = 0; n < 5; n += 1) world.ledger.write({}, 'pending_new');
    world.pass(MINUTE_MS);
    misbehave('html_500', '/v2/orders');
    await expect(follow()).rejects.toMatchObject({ kind: 'unavailable' });
    expect(world.sandbox.callLog()).toHaveLength(3);
    world.sandbox.behave();
    world.pass(MINUTE_MS);
    expect((await follow()).counts).toMatchObject({ filled: 5 });
  });

  test.each(['429', 'unauthorized'] as const)(
    'asks no further after one %s, which is about the account',
    async (kind) => {
      world = await startTrading();
      for (let n = 0; n < 5; n += 1) world.ledger.write({}, 'pending_new');
      world.pass(MINUTE_MS);
      misbehave(kind, '/v2/orders');
      await expect(follow()).rejects.toMatchObject({ name: 'ProviderError' });
      expect(world.sandbox.callLog()).toHaveLength(1);
    },
  );

  test('orders that can never be placed keep no other from being followed', async () => {
    world = await startTrading();
    for (let n = 0; n < 4; n += 1) world.ledger.write({ client_order_id: `never-${n}` }, 'pending_new');
    const others = [1, 2, 3, 4].map((n) => world.ledger.write({ client_order_id: `good-${n}` }, 'pending_new'));
    for (const order of others) {
      world.sandbox.misbehave({ provider: 'alpaca', kind: 'partial_fill', match: '/v2/orders?' });
      expect(await world.venue.place(order)).toMatchObject({ status: 'partially_filled' });
    }
    world.pass(MINUTE_MS);
    misbehave('html_500', 'never');
    await expect(follow()).rejects.toMatchObject({ kind: 'unavailable' });
    for (const { trade_id } of others) expect(world.ledger.at(trade_id).status).toBe('filled');
  });

  test('gives everybody a turn, those too whom the venue may not know, and they have the first', async () => {
    world = await startTrading();
    const placed = Array.from({ length: 300 }, (_, n) => ({ ...world.ledger.write({}), venue_order_id: `v${n}` }));
    const unplaced = [world.ledger.write({}, 'pending_new'), world.ledger.write({}, 'pending_new')];
    const seen = new Set<string>();
    for (let minute = 1000; minute < 1003; minute += 1) {
      const turn = turnOf([...placed, ...unplaced], minute);
      expect(turn).toHaveLength(MOST_A_RUN);
      expect(turn).toEqual(expect.arrayContaining(unplaced));
      expect(turn[0]).toEqual(unplaced[minute % 2]);
      expect(turn[1]).toMatchObject({ venue_order_id: expect.stringMatching(/^v/) as unknown });
      expect(new Set(turn).size).toBe(MOST_A_RUN);
      for (const { trade_id } of turn) seen.add(trade_id);
    }
    expect(seen.size).toBe(302);
    expect(turnOf(placed.slice(0, 3), 7)).toHaveLength(3);
    expect(turnOf([], 7)).toEqual([]);
    const many = placed.map((order) => ({ ...order, venue_order_id: null }));
    const tried = [0, 1, 2].flatMap((minute) => turnOf(many, minute).map(({ trade_id }) => trade_id));
    expect(new Set(tried).size).toBe(300);
  });
});

describe('the sweeper', () => {
  const fillMany = async (count: number) => {
    for (let n = 0; n < count; n += 1) world.ledger.write({});
    const owedBy = world.ledger.owedBy.bind(world.ledger);
    world.ledger.owedBy = async () => [];
    await match();
    world.ledger.owedBy = owedBy;
  };

  test('publishes what was forgotten, in the order of writing, and leaves the young to who wrote them', async () => {
    world = await startTrading();
    await fillMany(120);
    expect((await sweep()).counts).toEqual({ published: 0 });
    world.pass(10_000);
    expect((await sweep()).counts).toEqual({ published: 120 });
    expect(world.published.map(({ detail }) => 'sequence' in detail && detail.sequence)).toEqual(
      Array.from({ length: 120 }, (_, n) => n + 1),
    );
    expect((await sweep()).counts).toEqual({ published: 0 });
  });

  test('an event that the bus never takes holds up nobody, and is told of', async () => {
    world = await startTrading();
    await fillMany(60);
    world.pass(10_000);
    world.bus.refuses = ({ detail }) => 'sequence' in detail && detail.sequence === 7;
    await expect(sweep()).rejects.toThrow('the bus refused an event');
    expect(world.published).toHaveLength(59);
    expect(world.counted.JobFailed).toBe(1);
    world.bus.refuses = () => false;
    expect((await sweep()).counts).toEqual({ published: 1 });
  });

  test('a bus that takes nothing ends the run', async () => {
    world = await startTrading();
    await fillMany(60);
    world.pass(10_000);
    world.bus.refuses = () => true;
    await expect(sweep()).rejects.toThrow('the bus refused an event');
    expect(world.published).toEqual([]);
  });

  test('stops when its time is up', async () => {
    world = await startTrading();
    await fillMany(120);
    world.pass(10_000);
    const { publish } = world.bus;
    world.bus.publish = async (batch) => {
      world.pass(25_000);
      return publish(batch);
    };
    expect((await sweep()).counts).toEqual({ published: 50 });
  });
});
