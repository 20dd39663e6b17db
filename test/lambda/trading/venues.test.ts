import { alpacaVenue } from '../../../lambda/adapters/venues/alpaca';
import { internalVenue } from '../../../lambda/adapters/venues/internal';
import { startTrading, type TestTrading } from './trading';

const MINUTE_MS = 60_000;
let world: TestTrading;
beforeEach(async () => {
  world = await startTrading();
});
afterEach(() => world.stop());

const misbehave = (kind: 'taken_unanswered' | 'drop' | 'partial_fill' | 'html_500', match = '/v2/orders?', times = 1) =>
  world.sandbox.misbehave({ provider: 'alpaca', kind, match, times });
const posts = () => world.sandbox.callLog().filter(({ method, status }) => method === 'POST' && status === 200).length;

describe('the platform as a venue', () => {
  const venue = internalVenue();
  const now = '2026-05-18T15:00:00.000Z';
  const outcome = (decision: Parameters<typeof venue.outcome>[0], price: string | null = '10.5') =>
    venue.outcome(decision, { quantity: '3.5' }, price === null ? null : { price }, now);

  test('fills whole, at the quote, without a fee', () => {
    expect(outcome('fill')).toEqual({
      status: 'filled',
      fill: {
        execution_id: expect.stringMatching(/^01[0-9A-Z]{24}$/),
        qty: '3.5',
        price: '10.5',
        fee: '0',
        executed_at: now,
      },
    });
  });

  test('lets orders wait, and cancels', () => {
    expect(outcome('wait', null)).toEqual({ status: 'accepted' });
    expect(outcome({ cancel: 'market_closed' }, null)).toEqual({ status: 'canceled', reason: 'market_closed' });
    expect(() => outcome('fill', null)).toThrow('without a quote');
  });

  test('has nothing to place and nothing to follow', async () => {
    const order = world.ledger.write({});
    expect([await venue.place(order), await venue.follow(order)]).toEqual([order, order]);
  });
});

describe('placing at Alpaca', () => {
  test('every order is booked before Alpaca hears of it', () => {
    expect(world.venue.outcome('fill', { quantity: '1' }, { price: '1' }, '')).toEqual({ status: 'pending_new' });
  });

  test('an order that is filled at once is booked at once', async () => {
    const order = await world.venue.place(world.ledger.write({ client_order_id: 'mine' }, 'pending_new'));
    expect(order).toMatchObject({ status: 'filled', filled_qty: '10', filled_avg_price: await world.price() });
    expect(order.venue_order_id).toBe((await world.trading.orderByClientOrderId('mine'))!.id);
    expect(world.ledger.fills).toHaveLength(1);
  });

  test('a limit order waits', async () => {
    const terms = { type: 'limit', limit_price: '0.0100' } as const;
    expect(await world.venue.place(world.ledger.write(terms, 'pending_new'))).toMatchObject({ status: 'accepted' });
  });

  test.each([
    ['insufficient buying power or shares at the venue', '40310000', { quantity: '100000000' }],
    ["refused by the venue's rules", '42210000', { symbol: 'NOPE' }],
  ] as const)('what Alpaca refuses is rejected: %s; its own words are the log’s', async (reason, code, terms) => {
    const order = await world.venue.place(world.ledger.write(terms, 'pending_new'));
    expect(order).toMatchObject({ status: 'rejected', reason });
    expect(world.logged.at(-1)?.fields?.reason).toContain(`(Alpaca ${code})`);
  });

  test.each(['taken_unanswered', 'drop', 'html_500'] as const)(
    'after %s the order is pending, and the follower makes one order of it',
    async (kind) => {
      misbehave(kind);
      const pending = await world.venue.place(world.ledger.write({}, 'pending_new'));
      expect(pending).toMatchObject({ status: 'pending_new', filled_qty: '0' });
      expect(await world.venue.follow(pending)).toEqual(pending);
      world.pass(MINUTE_MS);
      expect(await world.venue.follow(pending)).toMatchObject({ status: 'filled', filled_qty: '10' });
      expect(world.ledger.fills).toHaveLength(1);
      expect(posts()).toBe(kind === 'taken_unanswered' ? 0 : 1);
    },
  );

  test('an order placed twice is one order', async () => {
    const order = world.ledger.write({}, 'pending_new');
    await world.venue.place(order);
    expect(await world.venue.place(order)).toMatchObject({ status: 'filled' });
    expect([posts(), world.ledger.fills.length]).toEqual([1, 1]);
  });

  test('an error that is not the venue’s is not swallowed', async () => {
    const order = world.ledger.write({}, 'pending_new');
    world.ledger.acknowledge = () => Promise.reject(new Error('deadlock'));
    await expect(world.venue.place(order)).rejects.toThrow('deadlock');
  });
});

describe('an order that is refused because it is there', () => {
  const insufficient = {
    result: 'refused',
    status: 403,
    code: 40310000,
    message: 'insufficient qty available for order (requested: 10, available: 0)',
  } as const;
  /** Refuses what another run has placed a moment before. */
  const contended = () =>
    alpacaVenue({
      ...world,
      trading: {
        ...world.trading,
        submitOrder: async (request) => {
          await world.trading.submitOrder(request);
          return insufficient;
        },
      },
    });

  test('is adopted', async () => {
    const order = await contended().place(world.ledger.write({}, 'pending_new'));
    expect(order).toMatchObject({ status: 'filled', filled_qty: '10' });
    expect([posts(), world.ledger.fills.length]).toEqual([1, 1]);
  });

  test('is left to the follower where Alpaca cannot be asked', async () => {
    const order = world.ledger.write({}, 'pending_new');
    misbehave('html_500', 'by_client_order_id');
    expect(await contended().place(order)).toEqual(order);
    world.pass(MINUTE_MS);
    expect(await world.venue.follow(order)).toMatchObject({ status: 'filled' });
  });

  test('is told of where the ledger has closed it', async () => {
    const order = world.ledger.write({}, 'pending_new');
    await world.ledger.close(order.trade_id, 'rejected', 'rejected by the venue', world.clock().toISOString());
    expect(await world.venue.place(order)).toMatchObject({ status: 'rejected' });
    expect(world.logged.at(-1)).toMatchObject({
      level: 'error',
      fields: { trade_id: order.trade_id, reason: 'filled there, rejected here' },
    });
  });

  test('is no error where another run has adopted it', async () => {
    const order = world.ledger.write({}, 'pending_new');
    await world.venue.place(order);
    expect(await world.venue.place(order)).toMatchObject({ status: 'filled' });
    expect(world.logged).toEqual([]);
  });
});

describe('another’s order under our client_order_id', () => {
  const theirs = { symbol: 'ACMEJ', side: 'buy', type: 'market', time_in_force: 'day', qty: '10' } as const;
  const takeName = (name = 'same') => world.trading.submitOrder({ ...theirs, client_order_id: name });

  test.each([
    ['symbol', { symbol: 'BANKJ' }, 'its symbol is ACMEJ, not BANKJ'],
    ['side', { side: 'sell' }, 'its side is buy, not sell'],
    ['qty', { quantity: '11' }, 'its qty is 10, not 11'],
    ['type', { type: 'limit', limit_price: '1000' }, 'its type is market, not limit'],
  ] as const)('is told by its %s; ours goes under its trade_id', async (_, terms, reason) => {
    await takeName();
    const { trade_id } = world.ledger.write({ client_order_id: 'same', ...terms }, 'pending_new');
    const order = await world.venue.place(world.ledger.at(trade_id));
    expect(order).toMatchObject({ status: 'filled', reason: null, venue_client_order_id: trade_id });
    expect(order.venue_order_id).toBe((await world.trading.orderByClientOrderId(trade_id))!.id);
    expect(world.logged[0]).toMatchObject({ level: 'warn', fields: { trade_id, reason } });
  });

  test('may look the same and be older', async () => {
    await takeName();
    world.pass(2 * MINUTE_MS);
    const order = await world.venue.place(world.ledger.write({ client_order_id: 'same' }, 'pending_new'));
    expect(order).toMatchObject({ status: 'filled', venue_client_order_id: order.trade_id });
    expect(world.logged[0]?.fields?.reason).toContain('it was submitted 2026-05-18T15:00:00.000Z, before ours');
  });

  test.each([
    ['day', {}, { status: 'filled' }],
    ['ioc', { time_in_force: 'ioc' }, { status: 'canceled', reason: 'did not reach the venue in time' }],
  ] as const)('is found by the follower too, with an %s order', async (_, terms, after) => {
    await takeName();
    const order = world.ledger.write({ client_order_id: 'same', quantity: '11', ...terms }, 'pending_new');
    world.pass(MINUTE_MS);
    expect(await world.venue.follow(order)).toMatchObject(after);
    // A run that has read it before finds it so.
    expect(await world.venue.follow(order)).toMatchObject(after);
    expect(world.ledger.fills).toHaveLength(after.status === 'filled' ? 1 : 0);
  });

  test('under our trade_id too: rejected, and nothing is told of theirs', async () => {
    const order = world.ledger.write({ quantity: '11' }, 'pending_new');
    await takeName(order.trade_id);
    expect(await world.venue.place(order)).toMatchObject({
      status: 'rejected',
      reason: 'rejected by the venue',
      venue_order_id: null,
    });
    expect(world.logged.at(-1)).toMatchObject({ level: 'error', fields: { reason: 'its qty is 10, not 11' } });
  });
});

describe('following at Alpaca', () => {
  test('a fill in parts is booked in parts', async () => {
    misbehave('partial_fill');
    const half = await world.venue.place(world.ledger.write({}, 'pending_new'));
    expect(half).toMatchObject({ status: 'partially_filled', filled_qty: '5' });
    world.pass(MINUTE_MS);
    const whole = await world.venue.follow(half);
    expect(whole).toMatchObject({ status: 'filled', filled_qty: '10' });
    expect(world.ledger.fills.map(({ qty }) => qty)).toEqual(['5', '5']);
    const theirs = (await world.trading.order(half.venue_order_id!))!;
    expect(Number(whole.filled_avg_price)).toBeCloseTo(Number(theirs.filled_avg_price), 6);
    expect(await world.venue.follow(whole)).toBe(whole);
  });

  test('expires with Alpaca', async () => {
    const terms = { type: 'limit', limit_price: '0.01' } as const;
    const order = await world.venue.place(world.ledger.write(terms, 'pending_new'));
    world.pass(24 * 60 * MINUTE_MS);
    expect(await world.venue.follow(order)).toMatchObject({ status: 'expired', reason: 'expired', filled_qty: '0' });
  });

  test.each([
    ['ioc', { time_in_force: 'ioc' }, 1, 'canceled', 'did not reach the venue in time'],
    ['day', {}, 24 * 60, 'expired', 'expired'],
  ] as const)('an %s order that comes too late is not placed', async (_, terms, minutes, status, reason) => {
    misbehave('drop');
    const order = await world.venue.place(world.ledger.write(terms, 'pending_new'));
    world.pass(minutes * MINUTE_MS);
    expect(await world.venue.follow(order)).toMatchObject({ status, reason });
    expect(posts()).toBe(0);
  });

  test('an ioc order that Alpaca did take is adopted, however late', async () => {
    misbehave('taken_unanswered');
    const order = await world.venue.place(world.ledger.write({ time_in_force: 'ioc' }, 'pending_new'));
    world.pass(60 * MINUTE_MS);
    expect(await world.venue.follow(order)).toMatchObject({ status: 'filled' });
  });

  test('an order that Alpaca forgot is left, and told of', async () => {
    const order = world.ledger.write({}, 'pending_new');
    const known = (await world.ledger.acknowledge(order.trade_id, 'no such order', ''))!;
    expect(await world.venue.follow(known)).toBe(known);
    expect(world.logged.at(-1)).toMatchObject({ level: 'error', fields: { trade_id: order.trade_id } });
  });

  test('a provider that is down is an error', async () => {
    const order = world.ledger.write({}, 'pending_new');
    world.pass(MINUTE_MS);
    misbehave('html_500', 'by_client_order_id');
    await expect(world.venue.follow(order)).rejects.toMatchObject({ name: 'ProviderError', kind: 'unavailable' });
  });
});
