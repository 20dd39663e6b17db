import type { Ledger } from '../../../../lambda/adapters/ledger/ledger';
import { type LedgerDb, startSql, type TestSql } from '../../../sql';
import { ACCEPTED, booked, CLOSE, fillOf, LATER, ledgerOn, NOW, order, position, ulid } from './orders';

let sql: TestSql;
let db: LedgerDb;
let ledger: Ledger;
beforeAll(async () => {
  sql = await startSql();
  db = await sql.database();
  ledger = ledgerOn(sql, db);
});
afterAll(() => sql.stop());

const resting = async (change = {}) => (await booked(ledger, order(change), ACCEPTED, null, NOW)).trade_id;
const total = (filled_qty: string, filled_avg_price: string) => ({
  filled_qty,
  filled_avg_price,
  executed_at: LATER,
});

describe('fill', () => {
  it('adds up, and prices the whole by its parts', async () => {
    const portfolio_id = ulid();
    const trade_id = await resting({ portfolio_id, quantity: '3' });
    const half = await ledger.fill(trade_id, fillOf('1', '10', { fee: '0.1' }), NOW);
    expect(half).toMatchObject({ status: 'partially_filled', filled_qty: '1', filled_avg_price: '10', fee: '0.1' });
    const whole = await ledger.fill(trade_id, fillOf('2', '10.000000001', { fee: '0.2', executed_at: LATER }), LATER);
    expect(whole).toMatchObject({
      status: 'filled',
      filled_qty: '3',
      // 30.000000002 / 3
      filled_avg_price: '10.000000001',
      fee: '0.3',
      filled_at: LATER,
      closed_at: LATER,
    });
    expect(await ledger.find(trade_id)).toEqual(whole);
    expect(await position(db, portfolio_id)).toEqual({ qty: 3, reserved: 0 });
    expect((await ledger.owedBy(trade_id)).map(({ detail }) => [detail.sequence, detail.quantity])).toEqual([
      [1, '1'],
      [2, '2'],
    ]);
  });

  it('rounds a mean half to even, once', async () => {
    const trade_id = await resting({ quantity: '2' });
    await ledger.fill(trade_id, fillOf('1', '0.000000001'), NOW);
    // 0.000000003 / 2 = 0.0000000015
    expect(await ledger.fill(trade_id, fillOf('1', '0.000000002'), NOW)).toMatchObject({
      filled_avg_price: '0.000000002',
    });
    const other = await resting({ quantity: '2' });
    await ledger.fill(other, fillOf('1', '0.000000002'), NOW);
    // 0.000000005 / 2 = 0.0000000025
    expect(await ledger.fill(other, fillOf('1', '0.000000003'), NOW)).toMatchObject({
      filled_avg_price: '0.000000002',
    });
  });

  it('books an execution once, also when the order is filled by it', async () => {
    const trade_id = await resting();
    const fill = fillOf('100', '10');
    const first = await ledger.fill(trade_id, fill, NOW);
    expect(await ledger.fill(trade_id, fill, LATER)).toEqual(first);
    expect(await ledger.owedBy(trade_id)).toHaveLength(1);
  });

  it('refuses more than is left, a closed order and an unknown one', async () => {
    const trade_id = await resting();
    await ledger.fill(trade_id, fillOf('60', '10'), NOW);
    expect(await ledger.fill(trade_id, fillOf('40.000000001', '10'), NOW)).toBeNull();
    await ledger.close(trade_id, 'canceled', 'canceled', NOW);
    expect(await ledger.fill(trade_id, fillOf('1', '10'), NOW)).toBeNull();
    expect(await ledger.fill(`TRADE-${ulid()}`, fillOf('1', '10'), NOW)).toBeNull();
    expect(await ledger.owedBy(trade_id)).toHaveLength(1);
  });
});

describe('the end of the day', () => {
  it('ends what the platform may fill, by the time of the fill', async () => {
    const trade_id = await resting();
    expect(await ledger.fill(trade_id, fillOf('1', '10', { executed_at: CLOSE }), LATER)).toBeNull();
    const last = fillOf('1', '10', { executed_at: '2026-05-18T19:59:59.999Z' });
    const filled = await ledger.fill(trade_id, last, CLOSE);
    expect(filled).toMatchObject({ filled_qty: '1' });
    expect(await ledger.fill(trade_id, last, CLOSE)).toEqual(filled);
    const endless = await resting({ expires_at: null });
    expect(await ledger.fill(endless, fillOf('1', '10', { executed_at: CLOSE }), CLOSE)).not.toBeNull();
  });

  it("is no word against the venue's", async () => {
    const trade_id = await resting({ venue: 'alpaca' });
    const after = await ledger.fillUpTo(trade_id, { ...total('1', '10'), executed_at: CLOSE }, ulid(), CLOSE);
    expect(after).toMatchObject({ filled_qty: '1' });
  });
});

describe('fillUpTo', () => {
  it("books the difference, at the price that makes the venue's mean come out", async () => {
    const trade_id = await resting({ quantity: '10' });
    expect(await ledger.fillUpTo(trade_id, total('4', '100'), ulid(), NOW)).toMatchObject({
      status: 'partially_filled',
      filled_avg_price: '100',
    });
    const after = await ledger.fillUpTo(trade_id, total('10', '100.333333333'), ulid(), NOW);
    expect(after).toMatchObject({ status: 'filled', filled_qty: '10', filled_avg_price: '100.333333333' });
    const [, second] = await ledger.owedBy(trade_id);
    // (10 × 100.333333333 − 4 × 100) / 6
    expect(second?.detail).toMatchObject({ quantity: '6', price: '100.555555555', fee: '0' });
  });

  it('books nothing that it has, and tells of the order', async () => {
    const trade_id = await resting({ quantity: '10' });
    const first = await ledger.fillUpTo(trade_id, total('4', '100'), ulid(), NOW);
    expect(await ledger.fillUpTo(trade_id, total('4', '100'), ulid(), LATER)).toEqual(first);
    expect(await ledger.fillUpTo(trade_id, total('3', '99'), ulid(), LATER)).toEqual(first);
    expect(await ledger.fillUpTo(trade_id, total('0', '99'), ulid(), LATER)).toEqual(first);
    const done = await ledger.fillUpTo(trade_id, total('10', '100'), ulid(), LATER);
    expect(await ledger.fillUpTo(trade_id, total('10', '100'), ulid(), CLOSE)).toEqual(done);
    expect(await ledger.owedBy(trade_id)).toHaveLength(2);
  });

  it('takes the mean for the price where rounding at the venue makes the difference cost less than nothing', async () => {
    const trade_id = await resting({ quantity: '1000.000001' });
    await ledger.fillUpTo(trade_id, total('1000', '10.01'), ulid(), NOW);
    const after = await ledger.fillUpTo(trade_id, total('1000.000001', '10'), ulid(), NOW);
    expect(after?.status).toBe('filled');
    expect((await ledger.owedBy(trade_id))[1]?.detail).toMatchObject({ quantity: '0.000001', price: '10' });
  });

  it('refuses more than was ordered, and anything new after the end', async () => {
    const trade_id = await resting({ quantity: '10' });
    expect(await ledger.fillUpTo(trade_id, total('11', '100'), ulid(), NOW)).toBeNull();
    await ledger.close(trade_id, 'rejected', 'no such asset', NOW);
    expect(await ledger.fillUpTo(trade_id, total('1', '100'), ulid(), NOW)).toBeNull();
  });

  it('books once when told the same by many at once', async () => {
    const trade_id = await resting({ quantity: '10' });
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => ledger.fillUpTo(trade_id, total('7', '3.5'), ulid(), NOW)),
    );
    expect(new Set(answers.map((answer) => answer?.filled_qty))).toEqual(new Set(['7']));
    expect(await ledger.owedBy(trade_id)).toHaveLength(1);
  });
});

describe('acknowledge and close', () => {
  it("makes an order the venue's", async () => {
    const asked = order({ venue: 'alpaca' });
    await booked(ledger, asked, { status: 'pending_new' }, null, NOW);
    const taken = await ledger.acknowledge(asked.trade_id, 'alpaca-1', LATER);
    expect(taken).toMatchObject({ status: 'accepted', venue_order_id: 'alpaca-1', updated_at: LATER });
    expect(await ledger.acknowledge(asked.trade_id, 'alpaca-1', CLOSE)).toEqual(taken);
    expect(await ledger.find(asked.trade_id)).toEqual(taken);
    await ledger.close(asked.trade_id, 'canceled', 'x'.repeat(2_000), LATER);
    expect((await ledger.find(asked.trade_id))?.reason).toBe('x'.repeat(500));
    expect(await ledger.acknowledge(asked.trade_id, 'alpaca-1', LATER)).toBeNull();
    expect(await ledger.acknowledge(`TRADE-${ulid()}`, 'alpaca-2', LATER)).toBeNull();
  });

  it('renames what the venue has not taken yet', async () => {
    const asked = order({ venue: 'alpaca', client_order_id: ulid() });
    await booked(ledger, asked, { status: 'pending_new' }, null, NOW);
    const renamed = await ledger.renameAtVenue(asked.trade_id, asked.trade_id, LATER);
    expect(renamed).toMatchObject({
      client_order_id: asked.client_order_id,
      venue_client_order_id: asked.trade_id,
      status: 'pending_new',
      updated_at: LATER,
    });
    expect(await ledger.find(asked.trade_id)).toEqual(renamed);
    expect(await ledger.renameAtVenue(asked.trade_id, asked.trade_id, CLOSE)).toEqual(renamed);
    const taken = await ledger.acknowledge(asked.trade_id, 'alpaca-renamed', LATER);
    expect(await ledger.renameAtVenue(asked.trade_id, 'another name', CLOSE)).toEqual(taken);
    await ledger.close(asked.trade_id, 'canceled', 'canceled', LATER);
    expect(await ledger.renameAtVenue(asked.trade_id, 'another name', CLOSE)).toBeNull();
    expect(await ledger.renameAtVenue(`TRADE-${ulid()}`, 'another name', CLOSE)).toBeNull();
  });
});
