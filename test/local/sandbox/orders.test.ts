import type { AlpacaOrderRequest } from '../../../lambda/adapters/providers/alpaca-trading';
import { SANDBOX_SYMBOLS } from '../../../local/sandbox/sandbox';
import { isOpenAt, sessionEnd, sessionsOf } from '../../../core/trading/trading-day';
import { sandboxWithClients, type SandboxWithClients } from './clients';

const SYMBOL = SANDBOX_SYMBOLS.steady;
const HOUR_MS = 3_600_000;
let world: SandboxWithClients;
afterEach(() => world.sandbox.close());

let counter = 0;
const order = (terms: Partial<AlpacaOrderRequest> = {}): AlpacaOrderRequest => ({
  symbol: SYMBOL,
  side: 'buy',
  type: 'market',
  time_in_force: 'day',
  qty: '10',
  client_order_id: `order-${counter++}`,
  ...terms,
});
const price = async () => (await world.alpaca.snapshots([SYMBOL])).snapshots.get(SYMBOL)!.latestTrade!.p;
async function taken(terms: Partial<AlpacaOrderRequest> = {}) {
  const submission = await world.trading.submitOrder(order(terms));
  if (submission.result === 'refused') throw new Error(submission.message);
  return submission.order;
}

describe('orders', () => {
  it('a market order is filled at the price of the latest trade, and is found by both of its ids', async () => {
    world = await sandboxWithClients();
    const filled = await taken({ client_order_id: 'mine' });
    expect(filled).toMatchObject({
      status: 'filled',
      symbol: SYMBOL,
      qty: '10',
      filled_qty: '10',
      filled_avg_price: await price(),
      filled_at: '2026-05-17T15:00:00.000Z',
    });
    expect(await world.trading.order(filled.id)).toEqual(filled);
    expect(await world.trading.orderByClientOrderId('mine')).toEqual(filled);
    expect(await world.trading.order('7b08df51-c1ac-453c-99f9-323a5f075f0d')).toBeNull();
    expect(await world.trading.orderByClientOrderId('nobody’s')).toBeNull();
  });

  it('a limit order is new until it is marketable, then filled at the limit or better', async () => {
    world = await sandboxWithClients();
    const limit_price = (Number(await price()) * 0.98).toFixed(2);
    const waiting = await taken({ type: 'limit', limit_price, client_order_id: 'limit' });
    expect(waiting).toMatchObject({ status: 'new', filled_qty: '0', filled_avg_price: null, limit_price });
    for (let hours = 0; hours < 8; hours += 1) {
      const { status, filled_avg_price } = (await world.trading.order(waiting.id))!;
      if (status === 'filled') {
        expect(Number(filled_avg_price)).toBeLessThanOrEqual(Number(limit_price));
        return;
      }
      world.pass(HOUR_MS);
    }
    // It was never so cheap today: gone at midnight in New York.
    world.pass(24 * HOUR_MS);
    expect(await world.trading.order(waiting.id)).toMatchObject({ status: 'expired', filled_qty: '0' });
  });

  it('an ioc order that is not marketable is canceled', async () => {
    world = await sandboxWithClients();
    expect(await taken({ type: 'limit', limit_price: '0.01', time_in_force: 'ioc' })).toMatchObject({
      status: 'canceled',
    });
  });

  it('is filled by half when told so, the rest when it is looked at', async () => {
    world = await sandboxWithClients();
    world.sandbox.misbehave({ provider: 'alpaca', kind: 'partial_fill', match: `/v2/orders?symbol=${SYMBOL}` });
    const half = await taken();
    expect(half).toMatchObject({ status: 'partially_filled', qty: '10', filled_qty: '5' });
    expect(await world.trading.order(half.id)).toMatchObject({ status: 'filled', filled_qty: '10' });
  });

  it('an order taken though nobody heard of it is found by the second attempt', async () => {
    world = await sandboxWithClients();
    world.sandbox.misbehave({ provider: 'alpaca', kind: 'taken_unanswered', match: '/v2/orders?' });
    await taken({ client_order_id: 'once' });
    expect(world.sandbox.callLog().map(({ method, path, status }) => `${method} ${path} ${status}`)).toEqual([
      'POST /v2/orders 0',
      'POST /v2/orders 422',
      'GET /v2/orders:by_client_order_id 200',
    ]);
  });

  it('waits for the market to open', async () => {
    // A Sunday; the market opens on Monday.
    world = await sandboxWithClients({ market: 'calendar' });
    const waiting = await taken();
    expect(waiting.status).toBe('accepted');
    expect(await taken({ time_in_force: 'ioc' })).toMatchObject({ status: 'canceled' });
    world.pass(24 * HOUR_MS);
    expect(await world.trading.order(waiting.id)).toMatchObject({ status: 'filled', filled_qty: '10' });
  });

  it.each<[number, number, string, object]>([
    [422, 42210000, 'sub-penny', { type: 'limit', limit_price: '290.123' }],
    [422, 42210000, 'not found', { symbol: 'NOPE' }],
    [422, 42210000, 'not active', { symbol: SANDBOX_SYMBOLS.inactive }],
    [422, 42210000, 'DAY orders', { qty: '1.5', time_in_force: 'ioc' }],
    [422, 40010001, 'require a limit price', { type: 'limit' }],
    [422, 40010001, 'no stop or limit price', { limit_price: '10' }],
    [422, 40010001, 'qty must be > 0', { qty: '0' }],
    [422, 40010001, 'side is missing or invalid', { side: 'borrow' }],
    [400, 40010001, 'only one of qty or notional', { notional: '500' }],
    [403, 40310000, 'insufficient buying power', { qty: '1000000000' }],
  ])('%i %i: %s', async (status, code, words, terms) => {
    world = await sandboxWithClients();
    expect(await world.trading.submitOrder(order(terms))).toEqual({
      result: 'refused',
      status,
      code,
      message: expect.stringContaining(words) as unknown,
    });
  });

  it('refuses a fraction of what is not traded in fractions', async () => {
    world = await sandboxWithClients();
    const { assets } = await world.alpaca.listAssets();
    const whole = assets.find(({ tradable, fractionable }) => tradable && !fractionable)!;
    expect(await world.trading.submitOrder(order({ symbol: whole.symbol, qty: '0.5' }))).toMatchObject({ status: 403 });
  });

  it('takes a POST of orders and nothing else', async () => {
    world = await sandboxWithClients();
    const post = (path: string) => fetch(`${world.sandbox.alpacaUrl}${path}`, { method: 'POST', body: '{' });
    expect((await post('/v2/assets')).status).toBe(405);
    expect((await post('/v2/orders')).status).toBe(401);
  });
});

describe('the clock and the calendar agree', () => {
  it.each([
    ['open', '2026-05-17T15:00:00Z'],
    ['open', '2026-11-21T15:00:00Z'],
    ['open', '2026-11-01T05:30:00Z'],
    ['closed', '2026-05-18T15:00:00Z'],
    ['closed', '2026-12-18T23:00:00Z'],
    ['calendar', '2026-05-15T19:59:00Z'],
    ['calendar', '2026-05-15T20:00:00Z'],
    ['calendar', '2026-11-26T17:00:00Z'],
    ['calendar', '2026-11-27T17:59:00Z'],
    ['calendar', '2026-11-27T18:01:00Z'],
    ['calendar', '2026-12-14T14:29:00Z'],
    ['calendar', '2026-12-14T14:30:00Z'],
  ] as const)('%s at %s', async (market, at) => {
    world = await sandboxWithClients({ market, at });
    const now = new Date(at);
    const clock = await world.trading.clock();
    const start = new Date(now.getTime() - 48 * HOUR_MS).toISOString().slice(0, 10);
    const end = new Date(now.getTime() + 120 * HOUR_MS).toISOString().slice(0, 10);
    const sessions = sessionsOf(await world.trading.calendar({ start, end }));
    expect(clock.timestamp).toBe(now.toISOString());
    expect(clock.is_open).toBe(isOpenAt(sessions, now));
    expect(clock.next_close).toBe(sessionEnd(sessions, now));
    expect(sessions.map(({ opens_at }) => opens_at)).toContain(clock.next_open);
    expect(clock.is_open).toBe(
      market === 'open' ||
        ['2026-05-15T19:59', '2026-11-27T17:59', '2026-12-14T14:30'].some((open) => at.startsWith(open)),
    );
  });
});
