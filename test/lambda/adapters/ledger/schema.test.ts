import { sql as statement } from 'kysely';
import { migrate } from '../../../../lambda/adapters/ledger/migrations/migrate';
import { rowOf } from '../../../../lambda/adapters/ledger/rows';
import type { OrdersTable } from '../../../../lambda/adapters/ledger/schema';
import { type LedgerDb, startSql, type TestSql } from '../../../sql';
import { ACCEPTED, booked, filledAt, keyOf, ledgerOn, NOW, order, ulid, USER } from './orders';

let sql: TestSql;
let db: LedgerDb;
let accepted: OrdersTable;
let filled: OrdersTable;
const portfolio_id = ulid();
beforeAll(async () => {
  sql = await startSql();
  db = await sql.database();
  const ledger = ledgerOn(sql, db);
  accepted = rowOf(await booked(ledger, order({ type: 'limit', limit_price: '10' }), ACCEPTED, keyOf('a'), NOW));
  filled = rowOf(await booked(ledger, order({ portfolio_id }), filledAt('10'), null, NOW));
});
afterAll(() => sql.stop());

describe('migrate', () => {
  it('runs once, however often and by however many it is asked', async () => {
    const connect = await sql.emptyDatabase();
    const [one, two, three] = await Promise.all(
      [connect(), connect(), connect()].map((own) => migrate(own, sql.dialect)),
    );
    expect([...one!, ...two!, ...three!]).toEqual(['0001-orders-and-positions']);
    expect(await migrate(connect(), sql.dialect)).toEqual([]);
    await booked(ledgerOn(sql, connect()), order(), filledAt('1'), null, NOW);
  });

  it('goes on where it was interrupted between two tables', async () => {
    const own = (await sql.emptyDatabase())();
    await migrate(own, sql.dialect);
    for (const table of ['outbox', 'idempotency_keys', 'kysely_migration']) {
      await statement`drop table ${statement.table(table)}`.execute(own);
    }
    expect(await migrate(own, sql.dialect)).toHaveLength(1);
    await booked(ledgerOn(sql, own), order(), filledAt('1'), keyOf('k'), NOW);
  });
});

describe('the tables refuse', () => {
  const at = '2026-05-18 14:30:00.000';
  const inserted = (change: Partial<OrdersTable>, base = accepted) => {
    const trade_id = `TRADE-${ulid()}`;
    return db
      .insertInto('orders')
      .values({ ...base, trade_id, venue_client_order_id: trade_id, ...change })
      .execute();
  };

  it('nothing that is right', async () => {
    await inserted({});
    await inserted({}, filled);
  });

  // No word of the schema's types says these; a constraint must.
  const wrong: [string, object][] = [
    ['a side that is none', { side: 'hold' }],
    ['a side in capitals', { side: 'BUY' }],
    ['a type that is none', { type: 'stop' }],
    ['a time in force that is none', { time_in_force: 'gtc' }],
    ['a status that is none', { status: 'new' }],
    ['a venue that is none', { venue: 'nyse' }],
    ['another currency', { currency: 'EUR' }],
    ['a quantity of nothing', { quantity: '0' }],
    ['a quantity below nothing', { quantity: '-1' }],
    ['no quantity', { quantity: null }],
    ['a quantity that does not fit', { quantity: '10000000000000000000' }],
    ['a limit order without limit', { limit_price: null }],
    ['a market order with one', { type: 'market' }],
    ['a limit of nothing', { limit_price: '0' }],
    ['an ioc order that expires', { time_in_force: 'ioc', expires_at: at }],
    ['filled by its status only', { status: 'filled', closed_at: at }],
    ['closed by its status only', { status: 'canceled' }],
    ['open by its status only', { closed_at: at }],
    ['partly filled without a fill', { status: 'partially_filled' }],
    ['a price without a fill', { filled_avg_price: '10' }],
    ['a time of filling without a fill', { filled_at: at }],
    ['a fill of an order that waits', { filled_qty: '1', filled_avg_price: '10', filled_at: at }],
    ['a fee below nothing', { fee: '-0.01' }],
    ['a portfolio that is not there', { portfolio_id: '01ARZ3NDEKTSV4RRFFQ69G5FAV' }],
    ['text that does not fit', { symbol: 'A'.repeat(33) }],
    ['a time that is none', { submitted_at: '2026-02-30 00:00:00.000' }],
  ];
  it.each(wrong)('an order with %s', async (_, change) => {
    await expect(inserted(change)).rejects.toThrow();
  });

  const wrongFilled: [string, object][] = [
    ['more filled than ordered', { filled_qty: '101' }],
    ['less filled than its status says', { filled_qty: '99' }],
    ['filled and still open', { closed_at: null }],
    ['filled without a price', { filled_avg_price: null }],
    ['filled for nothing', { filled_avg_price: '0' }],
    ['filled at no time', { filled_at: null }],
    ['filled, and a reason why not', { reason: 'expired' }],
    ['everything filled and open', { status: 'partially_filled', closed_at: null }],
  ];
  it.each(wrongFilled)('an order that is %s', async (_, change) => {
    await expect(inserted(change, filled)).rejects.toThrow();
  });

  it('a trade, or a name at the venue, a second time', async () => {
    await expect(inserted({ trade_id: accepted.trade_id })).rejects.toThrow();
    await expect(inserted({ venue_client_order_id: accepted.venue_client_order_id })).rejects.toThrow();
    await inserted({ venue: 'alpaca', venue_order_id: 'one' });
    await inserted({ venue: 'alpaca', venue_order_id: 'ONE' });
    await expect(inserted({ venue: 'alpaca', venue_order_id: 'one' })).rejects.toThrow();
  });

  it('an execution out of number, of no order, or of nothing', async () => {
    const stream_id = `portfolio#${portfolio_id}`;
    const executed = (change: object) =>
      db
        .insertInto('executions')
        .values({
          execution_id: ulid(),
          trade_id: filled.trade_id,
          stream_id,
          sequence: 2,
          qty: '1',
          price: '1',
          fee: '0',
          executed_at: at,
          booked_at: at,
          ...change,
        })
        .execute();
    await expect(executed({ sequence: 1 })).rejects.toThrow();
    await expect(executed({ sequence: 0 })).rejects.toThrow();
    await expect(executed({ stream_id: 'portfolio#nobody' })).rejects.toThrow();
    await expect(executed({ trade_id: `TRADE-${ulid()}` })).rejects.toThrow();
    await expect(executed({ qty: '0' })).rejects.toThrow();
    await expect(executed({ price: '0' })).rejects.toThrow();
    await expect(executed({ fee: '-1' })).rejects.toThrow();
    await executed({});
  });

  it('a second event of one execution, or one of none', async () => {
    const { execution_id } = await db.selectFrom('executions').select('execution_id').executeTakeFirstOrThrow();
    const owed = (execution: string) =>
      db
        .insertInto('outbox')
        .values({ event_id: ulid(), execution_id: execution, written_at: at, published_at: null })
        .execute();
    await expect(owed(ulid())).rejects.toThrow();
    await db.deleteFrom('outbox').execute();
    await owed(execution_id);
    await expect(owed(execution_id)).rejects.toThrow();
  });

  it('promising less than nothing, and a position of no portfolio', async () => {
    const held = (change: object) =>
      db
        .insertInto('positions')
        .values({
          portfolio_id,
          symbol: `S${ulid().slice(-8)}`,
          qty: '-1',
          reserved: '0',
          report_sequence: 0,
          updated_at: at,
          ...change,
        })
        .execute();
    await held({});
    await expect(held({ reserved: '-0.000000001' })).rejects.toThrow();
    await expect(held({ report_sequence: -1 })).rejects.toThrow();
    await expect(held({ portfolio_id: ulid() })).rejects.toThrow();
  });

  it('a key with space at its end, which MySQL would not tell from one without', async () => {
    const key = (request_key: string) =>
      db
        .insertInto('idempotency_keys')
        .values({
          user_id: USER,
          request_key,
          digest: 'f'.repeat(64),
          trade_id: accepted.trade_id,
          answer: '{}',
          expires_at: at,
        })
        .execute();
    await key('b');
    await expect(key('b ')).rejects.toThrow();
    await expect(key('c ')).rejects.toThrow();
    await expect(key('')).rejects.toThrow();
  });

  it('a stream that is not named after whom it numbers', async () => {
    const stream = (change: object) =>
      db
        .insertInto('streams')
        .values({
          stream_id: 'user#somebody',
          portfolio_id: null,
          user_id: 'somebody',
          last_sequence: 0,
          last_event_id: null,
          created_at: at,
          ...change,
        })
        .execute();
    await expect(stream({ user_id: 'somebody-else' })).rejects.toThrow();
    await expect(stream({ portfolio_id: ulid() })).rejects.toThrow();
    await expect(stream({ last_sequence: 1 })).rejects.toThrow();
    await stream({});
  });
});
