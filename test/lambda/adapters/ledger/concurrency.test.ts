import type { Booking, Ledger } from '../../../../lambda/adapters/ledger/ledger';
import { type LedgerDb, startSql, type TestSql } from '../../../sql';
import {
  ACCEPTED,
  booked,
  filledAt,
  fillOf,
  keyOf,
  ledgerOn,
  NOW,
  order,
  position,
  sequences,
  sleeping,
  ulid,
  upTo,
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

const times = <T>(n: number, one: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: n }, (_, index) => one(index)));
const countOf = (bookings: readonly Booking[], result: Booking['result']) =>
  bookings.filter((booking) => booking.result === result).length;

it('makes one order of fifty under one key', async () => {
  const bookings = await times(50, () => ledger.book(order(), filledAt('10'), keyOf('stampede'), NOW));
  expect([countOf(bookings, 'booked'), countOf(bookings, 'repeated')]).toEqual([1, 49]);
  const ids = bookings.map((booking) =>
    booking.result === 'booked'
      ? booking.order.trade_id
      : booking.result === 'repeated'
        ? booking.first.order.trade_id
        : '',
  );
  expect(new Set(ids).size).toBe(1);
  const { n } = await db
    .selectFrom('orders')
    .select(({ fn }) => fn.countAll().as('n'))
    .where('user_id', '=', USER)
    .executeTakeFirstOrThrow();
  expect(Number(n)).toBe(1);
});

it('answers all of twenty under one key of an order that is refused', async () => {
  const portfolio_id = ulid();
  const sell = () => order({ portfolio_id, side: 'sell' });
  const bookings = await times(20, () => ledger.book(sell(), filledAt('10'), keyOf('refused'), NOW));
  expect(countOf(bookings, 'oversell')).toBe(20);
});

it('never sells twice what is there once', async () => {
  const portfolios = await times(200, async () => {
    const portfolio_id = ulid();
    await booked(ledger, order({ portfolio_id }), filledAt('10'), null, NOW);
    return portfolio_id;
  });
  const sold = await Promise.all(
    portfolios.map((portfolio_id) =>
      times(2, (index) =>
        ledger.book(order({ portfolio_id, side: 'sell' }), index === 0 ? filledAt('11') : ACCEPTED, null, NOW),
      ),
    ),
  );
  for (const pair of sold) expect([countOf(pair, 'booked'), countOf(pair, 'oversell')]).toEqual([1, 1]);
  for (const portfolio_id of portfolios) {
    const { qty, reserved } = (await position(db, portfolio_id)) ?? { qty: NaN, reserved: NaN };
    expect(qty - reserved).toBe(0);
  }
});

it('numbers without gaps, and events in the order of their numbers', async () => {
  const portfolio_id = ulid();
  await booked(ledger, order({ portfolio_id, quantity: '10' }), filledAt('1', '10'), null, NOW);
  // Half of these are refused after they have locked the stream; a rolled back one must not take a number.
  const bookings = await times(60, (index) =>
    index % 2 === 0
      ? ledger.book(order({ portfolio_id, quantity: '1' }), filledAt('1', '1'), null, NOW)
      : ledger.book(order({ portfolio_id, side: 'sell', quantity: '1000' }), filledAt('1', '1000'), null, NOW),
  );
  expect(countOf(bookings, 'booked')).toBe(30);
  expect((await sequences(db)).get(`portfolio#${portfolio_id}`)).toEqual(upTo(31));
  const owed = (await ledger.owed(NOW, 10_000)).filter(({ detail }) => detail.portfolio_id === portfolio_id);
  expect(owed.map(({ detail }) => detail.sequence)).toEqual(upTo(31));
});

it('lets fills, closes and bookings of one portfolio pass each other', async () => {
  const portfolio_id = ulid();
  await booked(ledger, order({ portfolio_id, quantity: '1000' }), filledAt('1', '1000'), null, NOW);
  const resting = await times(20, () =>
    booked(ledger, order({ portfolio_id, side: 'sell', quantity: '10' }), ACCEPTED, null, NOW),
  );
  await Promise.all([
    ...resting.map(({ trade_id }) => ledger.fill(trade_id, fillOf('4', '2'), NOW)),
    ...resting.map(({ trade_id }) => ledger.close(trade_id, 'canceled', 'canceled', NOW)),
    times(20, () => ledger.book(order({ portfolio_id, quantity: '1' }), filledAt('1', '1'), null, NOW)),
    times(5, (index) =>
      ledger.report(
        { portfolio_id, user_id: USER, symbol: 'MSFT', qty: String(index), sequence: index + 1, trade_sequence: 0 },
        NOW,
      ),
    ),
  ]);
  const closed = await Promise.all(resting.map(({ trade_id }) => ledger.find(trade_id)));
  const sold = closed.reduce((sum, one) => sum + Number(one?.filled_qty), 0);
  expect(closed.every((one) => one?.status === 'canceled')).toBe(true);
  expect(await position(db, portfolio_id)).toEqual({ qty: 1020 - sold, reserved: 0 });
});

it('tries again after a deadlock', async () => {
  const portfolio_id = ulid();
  await booked(ledger, order({ portfolio_id }), filledAt('1'), null, NOW);
  const pauses: number[] = [];
  const patient = ledgerOn(sql, db, {
    sleep: (milliseconds) => {
      pauses.push(milliseconds);
      return sleeping(milliseconds);
    },
  });
  const asked = order({ portfolio_id });
  const key = keyOf('contended');
  let booking: Promise<Booking> | undefined;
  const rival = async () =>
    db.transaction().execute(async (tx) => {
      const stolen = (request_key: string) =>
        tx
          .insertInto('idempotency_keys')
          .values({
            user_id: USER,
            request_key,
            digest: key.digest,
            trade_id: asked.trade_id,
            answer: '{}',
            expires_at: '2026-05-25 14:30:00.000',
          })
          .execute();
      // The engine gives up on whoever has less to lose, or waited longer: that is to be the ledger.
      for (let index = 0; index < 20; index++) await stolen(`rival-${index}`);
      await tx.selectFrom('streams').select('stream_id').where('portfolio_id', '=', portfolio_id).forUpdate().execute();
      booking = patient.book(asked, filledAt('2'), key, NOW);
      await sql.waiting(db, 1);
      await stolen('contended');
      throw new Error('rolled back');
    });
  await expect(rival()).rejects.toThrow('rolled back');
  expect(await booking).toMatchObject({ result: 'booked', order: { trade_id: asked.trade_id } });
  expect(pauses.length).toBeGreaterThan(0);
  expect(await ledger.owedBy(asked.trade_id)).toHaveLength(1);
});
