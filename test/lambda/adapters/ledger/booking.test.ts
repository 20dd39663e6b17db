import { events } from '../../../../contract/events';
import type { Ledger } from '../../../../lambda/adapters/ledger/ledger';
import { type LedgerDb, startSql, type TestSql } from '../../../sql';
import {
  ACCEPTED,
  booked,
  CLOSE,
  filledAt,
  fillOf,
  keyOf,
  LATER,
  ledgerOn,
  NOW,
  order,
  OTHER,
  position,
  ulid,
  USER,
} from './orders';

let sql: TestSql;
let db: LedgerDb;
let ledger: Ledger;
beforeAll(async () => {
  sql = await startSql();
  db = await sql.database();
  ledger = ledgerOn(sql, db);
});
afterAll(() => sql.stop());

describe('a filled order', () => {
  it('reads back as it was answered', async () => {
    const asked = order({ quantity: '0.500000000', type: 'limit', limit_price: '190.10' });
    const fill = fillOf('0.5', '187.123456789', { fee: '0.01', executed_at: '2026-05-18T14:30:00.1239Z' });
    const answer = await booked(ledger, asked, { status: 'filled', fill }, null, LATER);
    expect(answer).toEqual({
      ...asked,
      quantity: '0.5',
      limit_price: '190.1',
      status: 'filled',
      reason: null,
      filled_qty: '0.5',
      filled_avg_price: '187.123456789',
      fee: '0.01',
      venue_order_id: null,
      venue_client_order_id: asked.trade_id,
      filled_at: NOW,
      closed_at: LATER,
      updated_at: LATER,
    });
    expect(await ledger.find(asked.trade_id)).toEqual(answer);
  });

  it('owes one event, in the words of the contract', async () => {
    const fill = fillOf('100', '187.25', { fee: '1.5' });
    const { trade_id } = await booked(ledger, order({ user_id: ulid() }), { status: 'filled', fill }, null, LATER);
    const [event, ...more] = await ledger.owedBy(trade_id);
    expect(more).toEqual([]);
    expect(events.tradeBooked.detail.parse(event?.detail)).toEqual(event?.detail);
    expect(event?.detail).toMatchObject({
      trade_id,
      execution_id: fill.execution_id,
      sequence: 1,
      portfolio_id: null,
      quantity: '100',
      price: '187.25',
      fee: '1.5',
      currency: 'USD',
      executed_at: NOW,
      booked_at: LATER,
    });
  });

  it('keeps every digit that the columns have', async () => {
    const asked = order({ quantity: '9999999999999999999', type: 'limit', limit_price: '0.000000001' });
    const outcome = { status: 'filled', fill: fillOf('9999999999999999999', '0.000000001') } as const;
    await booked(ledger, asked, outcome, null, NOW);
    const small = order({ quantity: '0.000000001' });
    await booked(ledger, small, filledAt('9999999999999999999.999999999', '0.000000001'), null, NOW);
    expect(await ledger.find(asked.trade_id)).toMatchObject({
      filled_qty: '9999999999999999999',
      filled_avg_price: '0.000000001',
    });
    expect(await ledger.find(small.trade_id)).toMatchObject({
      quantity: '0.000000001',
      filled_avg_price: '9999999999999999999.999999999',
    });
  });

  it('is refused, and leaves nothing, where a number does not fit', async () => {
    const tooFine = order({ quantity: '0.0000000001' });
    await expect(ledger.book(tooFine, ACCEPTED, keyOf('too-fine'), NOW)).rejects.toThrow(RangeError);
    const tooLarge = order({ quantity: '10000000000000000000' });
    await expect(ledger.book(tooLarge, ACCEPTED, keyOf('too-large'), NOW)).rejects.toThrow();
    expect(await ledger.find(tooLarge.trade_id)).toBeNull();
    expect(await ledger.answered(USER, 'too-large', NOW)).toBeNull();
  });
});

describe('an order that is not filled', () => {
  it('waits or ends without an event', async () => {
    const resting = await booked(ledger, order(), ACCEPTED, null, NOW);
    expect(resting).toMatchObject({ status: 'accepted', filled_qty: '0', filled_avg_price: null, closed_at: null });
    const reason = 'market_closed';
    const asked = order({ time_in_force: 'ioc', expires_at: null });
    const canceled = await booked(ledger, asked, { status: 'canceled', reason }, null, NOW);
    expect(canceled).toMatchObject({ status: 'canceled', reason, closed_at: NOW });
    expect(await ledger.find(asked.trade_id)).toEqual(canceled);
    expect(await ledger.owedBy(resting.trade_id)).toEqual([]);
    expect(await ledger.owedBy(canceled.trade_id)).toEqual([]);
  });
});

describe('a key', () => {
  it('repeats its first answer, whatever became of the order', async () => {
    const key = keyOf('again');
    const first = await booked(ledger, order(), ACCEPTED, key, NOW);
    await ledger.close(first.trade_id, 'expired', 'expired', LATER);
    const answer = { digest: key.digest, trade_id: first.trade_id, order: first };
    const second = order();
    expect(await ledger.book(second, ACCEPTED, key, LATER)).toEqual({ result: 'repeated', first: answer });
    expect(await ledger.answered(USER, 'again', LATER)).toEqual(answer);
    expect(await ledger.find(second.trade_id)).toBeNull();
  });

  it('belongs to its user, and is compared letter by letter', async () => {
    await booked(ledger, order(), ACCEPTED, keyOf('mine'), NOW);
    await booked(ledger, order({ user_id: OTHER }), ACCEPTED, keyOf('mine'), NOW);
    await booked(ledger, order(), ACCEPTED, keyOf('Mine'), NOW);
    await booked(ledger, order(), ACCEPTED, keyOf('miné'), NOW);
    expect(await ledger.answered(USER, 'MINE', NOW)).toBeNull();
  });

  it('may be used anew once it has expired', async () => {
    await booked(ledger, order(), ACCEPTED, keyOf('weekly', { expires_at: LATER }), NOW);
    expect(await ledger.answered(USER, 'weekly', LATER)).toBeNull();
    const second = await booked(ledger, order(), ACCEPTED, keyOf('weekly'), LATER);
    expect((await ledger.answered(USER, 'weekly', LATER))?.trade_id).toBe(second.trade_id);
  });

  it('is free again after an order that was refused', async () => {
    const asked = order({ side: 'sell', portfolio_id: ulid() });
    expect(await ledger.book(asked, filledAt('1'), keyOf('refused'), NOW)).toMatchObject({ result: 'oversell' });
    expect(await ledger.answered(USER, 'refused', NOW)).toBeNull();
  });
});

describe('the name at the venue', () => {
  it("is the caller's own, and the trade's id for who comes second", async () => {
    const first = await booked(ledger, order({ client_order_id: 'rebalance-7' }), ACCEPTED, null, NOW);
    const second = await booked(ledger, order({ client_order_id: 'rebalance-7', user_id: OTHER }), ACCEPTED, null, NOW);
    expect(first.venue_client_order_id).toBe('rebalance-7');
    expect(second).toMatchObject({ client_order_id: 'rebalance-7', venue_client_order_id: second.trade_id });
    expect((await ledger.find(second.trade_id))?.venue_client_order_id).toBe(second.trade_id);
  });
});

describe('a portfolio', () => {
  it("belongs to the first to book for it, and is nobody else's", async () => {
    const portfolio_id = ulid();
    await booked(ledger, order({ portfolio_id }), filledAt('10'), null, NOW);
    const another = order({ portfolio_id, user_id: OTHER });
    expect(await ledger.book(another, filledAt('10'), keyOf('theirs'), NOW)).toEqual({ result: 'no_portfolio' });
    expect(await ledger.find(another.trade_id)).toBeNull();
    expect(await position(db, portfolio_id)).toEqual({ qty: 100, reserved: 0 });
  });

  it('sells what it holds and not a billionth more', async () => {
    const portfolio_id = ulid();
    await booked(ledger, order({ portfolio_id, quantity: '1' }), filledAt('10', '1'), null, NOW);
    const sell = (quantity: string) =>
      ledger.book(order({ portfolio_id, side: 'sell', quantity }), filledAt('11', quantity), null, NOW);
    expect(await sell('1.000000001')).toEqual({ result: 'oversell', available: '1' });
    expect(await sell('0.999999999')).toMatchObject({ result: 'booked' });
    expect(await sell('0.000000002')).toEqual({ result: 'oversell', available: '0.000000001' });
    expect(await sell('0.000000001')).toMatchObject({ result: 'booked' });
    expect(await position(db, portfolio_id)).toEqual({ qty: 0, reserved: 0 });
  });

  it('leaves no trace of itself behind a refused order', async () => {
    const portfolio_id = ulid();
    const asked = order({ portfolio_id, side: 'sell' });
    expect(await ledger.book(asked, filledAt('1'), null, NOW)).toEqual({ result: 'oversell', available: '0' });
    expect(await booked(ledger, order({ portfolio_id, user_id: OTHER }), filledAt('1'), null, NOW)).toMatchObject({
      user_id: OTHER,
    });
  });

  it('may sell anything that is not counted in a portfolio', async () => {
    expect(await ledger.book(order({ side: 'sell' }), filledAt('1'), null, NOW)).toMatchObject({ result: 'booked' });
  });
});

describe('a resting sell', () => {
  it('holds its shares back, gives a fill out of them, and the rest back when it ends', async () => {
    const portfolio_id = ulid();
    await booked(ledger, order({ portfolio_id }), filledAt('10'), null, NOW);
    const sell = order({ portfolio_id, side: 'sell', quantity: '60', type: 'limit', limit_price: '12' });
    const { trade_id } = await booked(ledger, sell, ACCEPTED, null, NOW);
    expect(await position(db, portfolio_id)).toEqual({ qty: 100, reserved: 60 });
    const more = order({ portfolio_id, side: 'sell', quantity: '41' });
    expect(await ledger.book(more, filledAt('10', '41'), null, NOW)).toEqual({ result: 'oversell', available: '40' });
    await ledger.fill(trade_id, fillOf('25', '12'), LATER);
    expect(await position(db, portfolio_id)).toEqual({ qty: 75, reserved: 35 });
    expect(await ledger.close(trade_id, 'expired', 'expired', CLOSE)).toMatchObject({
      status: 'expired',
      filled_qty: '25',
    });
    expect(await position(db, portfolio_id)).toEqual({ qty: 75, reserved: 0 });
    expect(await ledger.close(trade_id, 'canceled', 'again', CLOSE)).toBeNull();
    expect(await position(db, portfolio_id)).toEqual({ qty: 75, reserved: 0 });
  });
});
