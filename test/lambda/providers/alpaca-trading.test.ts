import { describeWithFixtures, fixture, fixtureJson } from '../../fixtures';
import { SECRET, stubAlpacaTrading } from './stub-provider';

const REQUEST = {
  symbol: 'AAPL',
  side: 'buy',
  type: 'limit',
  time_in_force: 'day',
  qty: '2',
  limit_price: '150',
  client_order_id: 'mine',
} as const;
const row = (fields: object = {}) => ({
  id: '7b08df51-c1ac-453c-99f9-323a5f075f0d',
  client_order_id: 'mine',
  created_at: '2026-05-17T11:31:24.668464435Z',
  submitted_at: '2026-05-17T11:31:24.577215743Z',
  updated_at: '2026-05-17T11:31:24.668464435Z',
  filled_at: null,
  symbol: 'AAPL',
  qty: '2',
  filled_qty: '0',
  filled_avg_price: null,
  limit_price: '150',
  side: 'buy',
  type: 'limit',
  time_in_force: 'day',
  status: 'accepted',
  ...fields,
});
const notUnique = { status: 422, body: { code: 40010001, message: 'client_order_id must be unique' } };

describeWithFixtures('Alpaca’s own example', () => {
  it('an order', async () => {
    const { client, calls } = stubAlpacaTrading({ body: fixture('alpaca/order_equity.json') });
    await expect(client.order('7b08df51-c1ac-453c-99f9-323a5f075f0d')).resolves.toEqual({
      id: '7b08df51-c1ac-453c-99f9-323a5f075f0d',
      client_order_id: '5680c4bc-9ac1-4a12-a44c-df427ba53032',
      symbol: 'AAPL',
      side: 'buy',
      type: 'limit',
      time_in_force: 'gtc',
      status: 'accepted',
      qty: '2',
      limit_price: '150',
      filled_qty: '0',
      filled_avg_price: null,
      submitted_at: '2023-12-12T22:31:24.577Z',
      updated_at: '2023-12-12T22:31:24.668Z',
      filled_at: null,
    });
    expect(calls[0]?.url.href).toBe('https://trading.test/v2/orders/7b08df51-c1ac-453c-99f9-323a5f075f0d');
  });

  it('a refusal', async () => {
    const [, { status, body }] = fixtureJson('alpaca/errors.json');
    const { client } = stubAlpacaTrading({ status, body });
    await expect(client.submitOrder(REQUEST)).resolves.toEqual({ result: 'refused', status: 422, ...body });
  });
});

describe('orders', () => {
  it('are posted as JSON, with the keys in headers', async () => {
    const { client, calls } = stubAlpacaTrading({ body: row() });
    await expect(client.submitOrder(REQUEST)).resolves.toMatchObject({
      result: 'taken',
      order: { status: 'accepted' },
    });
    const [{ url, init }] = calls as [(typeof calls)[0]];
    expect([init.method, url.href]).toEqual(['POST', 'https://trading.test/v2/orders']);
    expect(JSON.parse(init.body as string)).toEqual(REQUEST);
    expect(init.headers).toMatchObject({ 'content-type': 'application/json', 'APCA-API-SECRET-KEY': SECRET });
  });

  it('tolerate statuses and fields that Alpaca may add, numbers, and what is missing', async () => {
    const { filled_qty, updated_at, submitted_at, ...rest } = row({
      status: 'pondering',
      qty: null,
      notional: '500',
      filled_avg_price: 150.25,
      aura: 'blue',
    });
    expect([filled_qty, updated_at, submitted_at]).toHaveLength(3);
    const { client } = stubAlpacaTrading({ body: rest });
    await expect(client.orderByClientOrderId('a b&c')).resolves.toMatchObject({
      status: 'pondering',
      qty: null,
      filled_qty: '0',
      filled_avg_price: '150.25',
      submitted_at: '2026-05-17T11:31:24.668Z',
      updated_at: '2026-05-17T11:31:24.668Z',
    });
  });

  it.each([{ filled_qty: 'some' }, { symbol: '' }, { created_at: 'yesterday' }, { filled_avg_price: '1e3' }])(
    'of another shape are malformed: %j',
    async (fields) => {
      const { client } = stubAlpacaTrading({ body: row(fields) });
      await expect(client.order('an id')).rejects.toMatchObject({ kind: 'malformed' });
    },
  );

  it('by a client_order_id that needs escaping', async () => {
    const { client, calls } = stubAlpacaTrading({ status: 404, body: { code: 40410000, message: 'order not found' } });
    await expect(client.orderByClientOrderId('a b&c/d')).resolves.toBeNull();
    expect(calls[0]!.url.pathname).toBe('/v2/orders:by_client_order_id');
    expect(calls[0]!.url.searchParams.get('client_order_id')).toBe('a b&c/d');
  });
});

describe('sent twice', () => {
  it.each([{ status: 500 }, { status: 504 }, new Error('socket hang up'), { status: 429 }])(
    'after %j the order that Alpaca has is returned',
    async (failure) => {
      const { client, calls } = stubAlpacaTrading(failure, notUnique, { body: row({ status: 'filled' }) });
      const submission = await client.submitOrder(REQUEST);
      expect(submission).toMatchObject({ result: 'taken', order: { status: 'filled' } });
      expect(calls.map(({ init }) => init.method ?? 'GET')).toEqual(['POST', 'POST', 'GET']);
    },
  );

  it('an order that is known and not found yet is no refusal', async () => {
    const { client } = stubAlpacaTrading(notUnique, { status: 404, body: {} });
    await expect(client.submitOrder(REQUEST)).rejects.toMatchObject({ kind: 'unavailable' });
  });

  it('gives up after a few attempts, and says so', async () => {
    const { client, calls } = stubAlpacaTrading({ status: 503 });
    await expect(client.submitOrder(REQUEST)).rejects.toMatchObject({ kind: 'unavailable', status: 503 });
    expect(calls).toHaveLength(3);
  });
});

describe('refusals', () => {
  it('carry Alpaca’s code and words, on one line', async () => {
    const body = { code: 40310000, message: `insufficient\nbuying   power ${'!'.repeat(500)}` };
    const submission = await stubAlpacaTrading({ status: 403, body }).client.submitOrder(REQUEST);
    expect(submission).toMatchObject({ result: 'refused', status: 403, code: 40310000 });
    expect(submission).toHaveProperty('message', expect.stringMatching(/^insufficient buying power !{174}$/));
  });

  it.each([
    [401, { code: 40110000, message: 'request is not authorized' }, 'auth'],
    [403, { message: 'forbidden.' }, 'auth'],
    [403, { code: 40110000, message: 'access key verification failed' }, 'auth'],
    [404, { code: 40410000, message: 'endpoint not found' }, 'invalid_request'],
    [422, '<html>', 'invalid_request'],
    [302, '', 'unavailable'],
  ])('a %i %j says nothing about the order: %s', async (status, body, kind) => {
    await expect(stubAlpacaTrading({ status, body }).client.submitOrder(REQUEST)).rejects.toMatchObject({ kind });
  });

  it('of a read are errors', async () => {
    const failing = () => stubAlpacaTrading({ status: 422, body: { code: 40010001, message: 'order_id is missing' } });
    await expect(failing().client.order('x')).rejects.toMatchObject({ kind: 'invalid_request', status: 422 });
    await expect(failing().client.clock()).rejects.toMatchObject({ kind: 'invalid_request' });
  });
});

describe('the market', () => {
  it('the clock, in UTC', async () => {
    const body = {
      timestamp: '2026-05-17T11:00:00.123456789-04:00',
      is_open: false,
      next_open: '2026-05-18T09:30:00-04:00',
      next_close: '2026-05-18T16:00:00-04:00',
      phase: 'asleep',
    };
    await expect(stubAlpacaTrading({ body }).client.clock()).resolves.toEqual({
      timestamp: '2026-05-17T15:00:00.123Z',
      is_open: false,
      next_open: '2026-05-18T13:30:00.000Z',
      next_close: '2026-05-18T20:00:00.000Z',
    });
    await expect(stubAlpacaTrading({ body: { is_open: true } }).client.clock()).rejects.toMatchObject({
      kind: 'malformed',
    });
  });

  it('the calendar', async () => {
    const day = { date: '2026-11-27', open: '09:30', close: '13:00' };
    const { client, calls } = stubAlpacaTrading({ body: [{ ...day, session_open: '0400', settlement_date: 'x' }] });
    await expect(client.calendar({ start: '2026-11-26', end: '2026-11-27' })).resolves.toEqual([day]);
    expect(calls[0]!.url.href).toBe('https://trading.test/v2/calendar?start=2026-11-26&end=2026-11-27');
    const wrong = stubAlpacaTrading({ body: [{ ...day, open: '9:30' }] });
    await expect(wrong.client.calendar({ start: '', end: '' })).rejects.toMatchObject({ kind: 'malformed' });
  });
});
