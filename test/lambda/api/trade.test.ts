import { tradeRoutes as routes } from '../../../contract/routes/trades';
import type { Order } from '../../../core/trading/order';
import { LedgerUnavailable } from '../../../lambda/adapters/ledger/ledger';
import { MarketHoursUnknown } from '../../../lambda/adapters/market-hours';
import type { PublishedEvent } from '../../../lambda/adapters/ports';
import type { Venue } from '../../../lambda/adapters/venues/venue';
import { makeHandler, type TradeServices } from '../../../lambda/api/trade';
import { makeHandler as makeTrades } from '../../../lambda/api/trades';
import { startDynamo, type TestDynamo } from '../../dynamo';
import { startLedger, type TestLedger } from '../../ledger';
import { call, recordingLog, stranger } from './call';
import { DAY_ENDS, openMarket, PRICE } from './market';
import { assetRow, NOW, put } from './seed';

const ENV = 'trade';
const PORTFOLIO = '01KRV5C8M0T7W3ZQ5H2XJ9BNED';
let dynamo: TestDynamo;
let engine: TestLedger;
let now: Date;
let published: PublishedEvent[];
let counter = 0;

beforeAll(async () => {
  [dynamo, engine] = await Promise.all([startDynamo(), startLedger()]);
  await dynamo.createTables(ENV, ['assets']);
  await put(dynamo.documents, ENV, 'assets', [
    assetRow(1, 'IBM', { fractionable: true }),
    assetRow(2, 'WHOLE', { fractionable: false }),
    assetRow(3, 'GONE', { status: 'inactive', tradable: false }),
    assetRow(4, 'HALT', { tradable: false }),
  ]);
});
afterAll(() => Promise.all([dynamo.stop(), engine.stop()]));
beforeEach(() => {
  now = NOW;
  published = [];
});

const key = () => `key-${String((counter += 1))}`;
function services(change: Partial<TradeServices> = {}): TradeServices {
  const ground = {
    documents: dynamo.documents,
    env: ENV,
    clock: () => now,
    log: recordingLog(),
    ledger: engine.ledger,
    bus: { publish: async (events: readonly PublishedEvent[]) => void published.push(...events) },
  };
  return { ...openMarket(ground), ...change };
}
interface Answer {
  readonly trade_id: string;
  readonly status: string;
  readonly reason: string | null;
  readonly error: { readonly code: string; readonly message: string; readonly details?: { path: string }[] };
}
const book = (
  body: object,
  { headers, claims, ...change }: Partial<TradeServices> & { headers?: Record<string, string>; claims?: object } = {},
) =>
  call<Answer & Record<string, unknown>>(makeHandler(services(change)), routes.bookTrade, {
    body: JSON.stringify(body),
    ...(headers && { headers }),
    ...(claims && { claims: claims as Record<string, unknown> }),
  });

test('the minimal order is filled at the quote, and told once', async () => {
  const { statusCode, json } = await book({ symbol: 'ibm', quantity: 100 });
  expect(statusCode).toBe(200);
  expect(json).toMatchObject({
    trade_id: expect.stringMatching(/^TRADE-[0-9A-Z]{26}$/),
    client_order_id: json.trade_id,
    symbol: 'IBM',
    side: 'buy',
    type: 'market',
    time_in_force: 'day',
    quantity: '100',
    filled_qty: '100',
    filled_avg_price: PRICE,
    status: 'SUCCESS',
    region: 'us-east-1',
    environment: ENV,
    submitted_at: NOW.toISOString(),
    filled_at: NOW.toISOString(),
    expires_at: DAY_ENDS,
  });
  expect(published).toHaveLength(1);
  expect(published[0]).toMatchObject({
    event: 'tradeBooked',
    detail: { trade_id: json.trade_id, quantity: '100', price: PRICE, portfolio_id: null },
  });
  expect(await engine.ledger.owedBy(json.trade_id)).toEqual([]);
});

test('a ledger that does not answer yet is one clear 503, nothing is booked, and the same key books once afterwards', async () => {
  const headers = { 'Idempotency-Key': key() };
  const away = () => Promise.reject(new LedgerUnavailable('no connection to the ledger in 20000 ms'));
  for (const ledger of [
    { ...engine.ledger, answered: away },
    { ...engine.ledger, book: away },
  ]) {
    const refused = await book({ symbol: 'IBM', quantity: 1 }, { headers, ledger });
    expect([refused.statusCode, refused.headers['retry-after'], refused.json.error.code]).toEqual([
      503,
      '15',
      'unavailable',
    ]);
    expect(JSON.stringify(refused.json)).not.toContain('20000');
  }
  const first = await book({ symbol: 'IBM', quantity: 1 }, { headers });
  const again = await book({ symbol: 'IBM', quantity: 1 }, { headers });
  expect([first.statusCode, again.json]).toEqual([200, first.json]);
  expect(published).toHaveLength(1);
});

test('trades are read as soon as the ledger answers; until then the caller is told when to ask again', async () => {
  const away = () => Promise.reject(new LedgerUnavailable('the ledger cannot be reached: connect ETIMEDOUT'));
  const trades = makeTrades({ ...services(), ledger: { ...engine.ledger, list: away, get: away } });
  for (const answer of [
    await call<Answer>(trades, routes.listTrades, {}),
    await call<Answer>(trades, routes.getTrade, { parameters: { tradeId: `TRADE-${'0'.repeat(26)}` } }),
  ])
    expect([answer.statusCode, answer.headers['retry-after'], answer.json.error.code]).toEqual([
      503,
      '15',
      'unavailable',
    ]);
});

describe('a key', () => {
  test('answers the first answer again, whatever became of the market, the quote and the asset', async () => {
    const body = { symbol: 'IBM', quantity: '1.50', client_order_id: key() };
    const first = await book(body);
    const nothing: Partial<TradeServices> = {
      quotes: { latest: async () => null },
      marketHours: { now: async () => Promise.reject(new MarketHoursUnknown()) },
    };
    const again = await book({ quantity: 1.5, client_order_id: body.client_order_id, symbol: 'ibm' }, nothing);
    expect([again.statusCode, again.json]).toEqual([200, first.json]);
    expect(published).toHaveLength(1);
  });

  test('is the header’s, with or without the body’s; both must not differ', async () => {
    const header = key();
    const headers = { 'Idempotency-Key': header };
    const first = await book({ symbol: 'IBM', quantity: 1 }, { headers });
    expect(first.json).toMatchObject({ client_order_id: header });
    expect((await book({ symbol: 'IBM', quantity: 1, client_order_id: header })).json).toEqual(first.json);
    const both = await book({ symbol: 'IBM', quantity: 1, client_order_id: 'other' }, { headers });
    expect([both.statusCode, both.json.error.details?.[0]?.path]).toEqual([400, 'Idempotency-Key']);
    expect((await book({ symbol: 'IBM', quantity: 1 }, { headers: { 'Idempotency-Key': ' ' } })).statusCode).toBe(400);
    expect(
      (await book({ symbol: 'IBM', quantity: 1 }, { headers: { 'Idempotency-Key': 'k'.repeat(129) } })).statusCode,
    ).toBe(400);
  });

  test.each([{ quantity: 2 }, { symbol: 'WHOLE' }, { side: 'sell' }, { portfolio_id: PORTFOLIO }])(
    'with another order (%j) is a conflict, and books nothing',
    async (change) => {
      const body = { symbol: 'IBM', quantity: 1, client_order_id: key() };
      await book(body);
      const { statusCode, json } = await book({ ...body, ...change });
      expect([statusCode, json.error.code]).toEqual([409, 'conflict']);
      expect(published).toHaveLength(1);
    },
  );

  test('is the caller’s own: somebody else’s equal key is another', async () => {
    const body = { symbol: 'IBM', quantity: 1, client_order_id: key() };
    const [mine, theirs] = [await book(body), await book(body, { claims: stranger })];
    expect(theirs.statusCode).toBe(200);
    expect(theirs.json.trade_id).not.toBe(mine.json.trade_id);
  });

  test('is known for seven days', async () => {
    const body = { symbol: 'IBM', quantity: 1, client_order_id: key() };
    const first = await book(body);
    now = new Date(NOW.getTime() + 7 * 86_400_000 - 1_000);
    expect((await book(body)).json.trade_id).toBe(first.json.trade_id);
    now = new Date(NOW.getTime() + 7 * 86_400_000 + 1_000);
    expect((await book(body)).json.trade_id).not.toBe(first.json.trade_id);
  });

  test('of a refused order is free', async () => {
    const body = { symbol: 'GONE', quantity: 1, client_order_id: key() };
    expect((await book(body)).statusCode).toBe(422);
    expect((await book({ ...body, symbol: 'IBM' })).statusCode).toBe(200);
  });
});

describe('what is refused', () => {
  test.each([
    [422, 'symbol', { symbol: 'NOSUCH', quantity: 1 }],
    [422, 'symbol', { symbol: 'GONE', quantity: 1 }],
    [422, 'symbol', { symbol: 'HALT', quantity: 1 }],
    [422, 'quantity', { symbol: 'WHOLE', quantity: '0.5' }],
    [422, 'time_in_force', { symbol: 'IBM', quantity: '0.5', time_in_force: 'ioc' }],
    [422, 'limit_price', { symbol: 'IBM', quantity: 1, type: 'limit', limit_price: '250.255' }],
    [422, 'quantity', { symbol: 'IBM', quantity: '999999999999999' }],
    [422, 'quantity', { symbol: 'IBM', quantity: 1, side: 'sell', portfolio_id: '01KRV5C8M0T7W3ZQ5H2XJ9BNEA' }],
    [400, 'limit_price', { symbol: 'IBM', quantity: 1, type: 'limit' }],
    [400, 'limit_price', { symbol: 'IBM', quantity: 1, limit_price: '1' }],
    [400, 'quantity', { symbol: 'IBM' }],
    [400, 'quantity', { symbol: 'IBM', quantity: '0.0000000001' }],
    [400, 'quantity', { symbol: 'IBM', quantity: 0.1 + 0.2 }],
    [400, 'quantity', { symbol: 'IBM', quantity: -1 }],
    [400, 'side', { symbol: 'IBM', quantity: 1, side: 'short' }],
    [400, 'qty', { symbol: 'IBM', quantity: 1, qty: 1 }],
  ])('%i names %s: %j', async (status, path, body) => {
    const { statusCode, json } = await book(body);
    expect([statusCode, json.error.details?.map((detail) => detail.path)]).toEqual([
      status,
      expect.arrayContaining([path]),
    ]);
    expect(published).toEqual([]);
  });

  test('a missing field is named in the message', async () => {
    expect((await book({ symbol: 'IBM' })).json.error.message).toBe('Missing required fields: quantity');
    expect((await book({})).json.error.message).toBe('Missing required fields: symbol, quantity');
  });

  test('a price that is unknown or too old, to the second', async () => {
    const unknown = await book({ symbol: 'IBM', quantity: 1 }, { quotes: { latest: async () => null } });
    expect([unknown.statusCode, unknown.json.error.details?.[0]?.path]).toEqual([422, 'symbol']);
    const aged = (seconds: number) => ({
      quotes: {
        latest: async () => ({
          price: PRICE,
          currency: 'USD' as const,
          as_of: new Date(now.getTime() - seconds * 1000).toISOString(),
          previous_close: null,
        }),
      },
    });
    const old = await book({ symbol: 'IBM', quantity: 1 }, aged(901));
    expect([old.statusCode, old.json.error.message]).toEqual([422, expect.stringContaining('901 seconds old')]);
    expect((await book({ symbol: 'IBM', quantity: 1 }, aged(900))).statusCode).toBe(200);
  });

  test('a price that was made before the market opened', async () => {
    const opened = (seconds: number): Partial<TradeServices> => ({
      marketHours: {
        now: async () => ({
          is_open: true,
          day_ends: DAY_ENDS,
          opened_at: new Date(now.getTime() + seconds * 1000).toISOString(),
          opens_at: null,
        }),
      },
    });
    const { statusCode, json } = await book({ symbol: 'IBM', quantity: 1 }, opened(1));
    expect([statusCode, json.error.message]).toEqual([422, expect.stringContaining('before the market opened')]);
    expect((await book({ symbol: 'IBM', quantity: 1 }, opened(0))).statusCode).toBe(200);
  });

  test('an order while nobody knows whether the market is open: 503, nothing booked', async () => {
    const marketHours = { now: async () => Promise.reject(new MarketHoursUnknown()) };
    const { statusCode, json } = await book({ symbol: 'IBM', quantity: 1 }, { marketHours });
    expect([statusCode, json.error.code, published]).toEqual([503, 'unavailable', []]);
  });

  test('another’s portfolio, as one that is not there', async () => {
    await book({ symbol: 'IBM', quantity: 1, portfolio_id: PORTFOLIO });
    const { statusCode, json } = await book(
      { symbol: 'IBM', quantity: 1, portfolio_id: PORTFOLIO },
      { claims: stranger },
    );
    expect([statusCode, json.error.code]).toEqual([404, 'not_found']);
  });

  test('a sell above what the portfolio holds; orders that wait count', async () => {
    const portfolio_id = '01KRV5C8M0T7W3ZQ5H2XJ9BNEB';
    const sell = { symbol: 'IBM', side: 'sell', portfolio_id };
    await book({ symbol: 'IBM', quantity: 10, portfolio_id });
    const waiting = await book({ ...sell, quantity: 4, type: 'limit', limit_price: '999' });
    expect(waiting.json.status).toBe('accepted');
    const { statusCode, json } = await book({ ...sell, quantity: 7 });
    expect([statusCode, json.error.message]).toEqual([422, expect.stringContaining('holds 6 of IBM')]);
    expect((await book({ ...sell, quantity: 6 })).json.status).toBe('SUCCESS');
  });
});

describe('what is not filled at once', () => {
  const closed: Partial<TradeServices> = {
    marketHours: { now: async () => ({ is_open: false, day_ends: DAY_ENDS, opened_at: null, opens_at: null }) },
    // A closed market needs no price.
    quotes: { latest: async () => Promise.reject(new Error('nobody asks')) },
  };

  test('in a closed market a `day` order waits until the end of the next session, an `ioc` order is canceled', async () => {
    const day = await book({ symbol: 'IBM', quantity: 1 }, closed);
    expect(day.json).toMatchObject({
      status: 'accepted',
      filled_qty: '0',
      filled_avg_price: null,
      expires_at: DAY_ENDS,
    });
    const ioc = await book({ symbol: 'IBM', quantity: 1, time_in_force: 'ioc' }, closed);
    expect(ioc.json).toMatchObject({ status: 'canceled', reason: 'market_closed', expires_at: null });
    expect(published).toEqual([]);
  });

  test.each([
    ['day', { status: 'accepted', reason: null, filled_qty: '0' }],
    ['ioc', { status: 'canceled', reason: 'market_closed' }],
  ])('when the market closes while the price is waited for, nothing is filled: %s', async (time_in_force, after) => {
    now = new Date(Date.parse(DAY_ENDS) - 1_000);
    const { json } = await book(
      { symbol: 'IBM', quantity: 1, time_in_force },
      {
        marketHours: {
          now: async () =>
            now.toISOString() < DAY_ENDS
              ? { is_open: true, day_ends: DAY_ENDS, opened_at: null, opens_at: null }
              : { is_open: false, day_ends: '2026-05-19T20:00:00.000Z', opened_at: null, opens_at: null },
        },
        quotes: {
          latest: async () => {
            now = new Date(DAY_ENDS);
            return { price: PRICE, currency: 'USD', as_of: NOW.toISOString(), previous_close: null };
          },
        },
      },
    );
    expect(json).toMatchObject({ ...after, expires_at: time_in_force === 'day' ? '2026-05-19T20:00:00.000Z' : null });
    expect(published).toEqual([]);
  });

  test('a clock that says open behind the end of its own day is not believed', async () => {
    now = new Date(DAY_ENDS);
    expect((await book({ symbol: 'IBM', quantity: 1 })).json).toMatchObject({ status: 'accepted', filled_qty: '0' });
  });

  test.each([
    ['buy', '250.24', 'accepted'],
    ['buy', '250.25', 'SUCCESS'],
    ['buy', '300', 'SUCCESS'],
    ['sell', '250.26', 'accepted'],
    ['sell', '250.25', 'SUCCESS'],
  ])('a limit to %s at %s is %s, and filled at the quote', async (side, limit_price, status) => {
    const { json } = await book({ symbol: 'IBM', quantity: 1, side, type: 'limit', limit_price });
    expect(json).toMatchObject({ status, filled_avg_price: status === 'SUCCESS' ? PRICE : null });
  });

  test('a limit that is not marketable and must be filled at once is canceled', async () => {
    const body = { symbol: 'IBM', quantity: 1, type: 'limit', limit_price: '1', time_in_force: 'ioc' };
    expect((await book(body)).json).toMatchObject({ status: 'canceled', reason: 'not_marketable' });
  });
});

describe('after the commit', () => {
  const venue = (place: Venue['place']): Partial<TradeServices> => ({
    venue: { name: 'alpaca', outcome: () => ({ status: 'pending_new' }), place, follow: async (order: Order) => order },
  });

  test('a bus that refuses does not undo the trade: it is owed', async () => {
    const { statusCode, json } = await book(
      { symbol: 'IBM', quantity: 1 },
      { bus: { publish: async () => Promise.reject(new Error('no bus')) } },
    );
    expect([statusCode, json.status]).toEqual([200, 'SUCCESS']);
    expect(await engine.ledger.owedBy(json.trade_id)).toMatchObject([{ detail: { trade_id: json.trade_id } }]);
  });

  test('a venue that fails does not either: the order is `pending_new`, and its repeat tells what became of it', async () => {
    const body = { symbol: 'IBM', quantity: 1, client_order_id: key() };
    const failing = venue(async () => Promise.reject(new Error('the database went away')));
    const { json } = await book(body, failing);
    expect(json.status).toBe('pending_new');
    await engine.ledger.acknowledge(json.trade_id, 'theirs', now.toISOString());
    expect((await book(body, failing)).json).toMatchObject({ trade_id: json.trade_id, status: 'accepted' });
  });

  test('what the venue fills at once is told', async () => {
    const { json } = await book(
      { symbol: 'IBM', quantity: 2 },
      venue(async ({ trade_id }) => {
        const total = { filled_qty: '2', filled_avg_price: '250.1', executed_at: now.toISOString() };
        return (await engine.ledger.fillUpTo(trade_id, total, '01KRV5C8M0T7W3ZQ5H2XJ9BNEC', now.toISOString()))!;
      }),
    );
    expect(json).toMatchObject({ status: 'SUCCESS', filled_avg_price: '250.1' });
    expect(published).toMatchObject([{ detail: { trade_id: json.trade_id, price: '250.1' } }]);
  });
});

describe('reads of trades', () => {
  const claims = { ...stranger, sub: 'f4b8c2d6-3c1a-4f57-9a55-0d8f0c6b2fff' };
  const read = (route: typeof routes.listTrades | typeof routes.getTrade, asked: object) =>
    call<{ items: { trade_id: string }[]; next_cursor: string | null } & Answer>(makeTrades(services()), route, {
      claims,
      ...asked,
    });
  let ids: string[];
  beforeAll(async () => {
    ids = [];
    for (let n = 0; n < 5; n += 1) {
      now = new Date(NOW.getTime() + n * 3_600_000);
      const side = n % 2 === 0 ? 'buy' : 'sell';
      ids.unshift((await book({ symbol: 'IBM', quantity: n + 1, side }, { claims })).json.trade_id);
    }
  });

  test('newest first, page by page, each once', async () => {
    const first = await read(routes.listTrades, { query: { limit: '2' } });
    const second = await read(routes.listTrades, { query: { limit: '2', cursor: first.json.next_cursor } });
    const third = await read(routes.listTrades, { query: { limit: '2', cursor: second.json.next_cursor } });
    const listed = [first, second, third].flatMap(({ json }) => json.items.map(({ trade_id }) => trade_id));
    expect(listed).toEqual(ids);
    expect(third.json.next_cursor).toBeNull();
  });

  test('by side, symbol and time, both ends included', async () => {
    const listed = async (query: object) => (await read(routes.listTrades, { query })).json.items.length;
    expect(await listed({ side: 'sell' })).toBe(2);
    expect(await listed({ symbol: 'ibm' })).toBe(5);
    expect(await listed({ symbol: 'WHOLE' })).toBe(0);
    const at = (hours: number) => new Date(NOW.getTime() + hours * 3_600_000).toISOString();
    expect(await listed({ from: at(1), to: at(3) })).toBe(3);
    expect((await read(routes.listTrades, { query: { from: at(3), to: at(1) } })).statusCode).toBe(400);
    // Dates that no column holds.
    expect(await listed({ from: '0000-01-01' })).toBe(5);
    expect(await listed({ from: '0000-01-01T00:00:00+05:00', to: '9999-12-31T23:59:59-05:00' })).toBe(5);
  });

  test('a cursor of another query is refused', async () => {
    const { json } = await read(routes.listTrades, { query: { limit: '2' } });
    const other = await read(routes.listTrades, { query: { side: 'buy', cursor: json.next_cursor } });
    expect([other.statusCode, other.json.error.code]).toEqual([400, 'invalid_cursor']);
  });

  test('one by its id, nobody else’s', async () => {
    const mine = await read(routes.getTrade, { parameters: { tradeId: ids[0] } });
    expect([mine.statusCode, mine.json.trade_id]).toEqual([200, ids[0]]);
    const theirs = await call(makeTrades(services()), routes.getTrade, { parameters: { tradeId: ids[0]! } });
    expect(theirs.statusCode).toBe(404);
  });
});
