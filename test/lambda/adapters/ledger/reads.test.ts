import { type Ledger, PSEUDONYM, type TradeFilter } from '../../../../lambda/adapters/ledger/ledger';
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
  sequences,
  ulid,
  upTo,
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

const page = { limit: 3, recentSince: NOW };
const idsOf = (orders: readonly { readonly trade_id: string }[]) => orders.map(({ trade_id }) => trade_id);

describe('list', () => {
  it("pages through the user's own, newest first", async () => {
    const user_id = ulid();
    const made: string[] = [];
    for (let index = 0; index < 7; index++) {
      made.unshift((await booked(ledger, order({ user_id }), ACCEPTED, null, NOW)).trade_id);
      await booked(ledger, order({ user_id: OTHER }), ACCEPTED, null, NOW);
    }
    const seen: string[] = [];
    const more: boolean[] = [];
    for (let before: string | undefined; more.at(-1) !== false; before = seen.at(-1)) {
      const next = await ledger.list(user_id, {}, { ...page, ...(before !== undefined && { before }) });
      seen.push(...idsOf(next.orders));
      more.push(next.more);
    }
    expect(seen).toEqual(made);
    expect(more).toEqual([true, true, false]);
  });

  it('filters by symbol, side and time, both ends included', async () => {
    const user_id = ulid();
    const one = await booked(ledger, order({ user_id }), ACCEPTED, null, NOW);
    const two = await booked(ledger, order({ user_id, symbol: 'MSFT', submitted_at: LATER }), ACCEPTED, null, NOW);
    const three = await booked(ledger, order({ user_id, side: 'sell', submitted_at: CLOSE }), ACCEPTED, null, NOW);
    const list = async (filter: TradeFilter) => idsOf((await ledger.list(user_id, filter, page)).orders);
    expect(await list({ symbol: 'AAPL' })).toEqual(idsOf([three, one]));
    expect(await list({ symbol: 'aapl' })).toEqual([]);
    expect(await list({ side: 'sell' })).toEqual(idsOf([three]));
    expect(await list({ from: LATER })).toEqual(idsOf([three, two]));
    expect(await list({ to: LATER })).toEqual(idsOf([two, one]));
    expect(await list({ from: '2026-05-18T14:30:00.124Z', to: '2026-05-18T19:59:59.999Z' })).toEqual(idsOf([two]));
    expect(await list({ from: '2026-05-18T10:31:00.456-04:00', symbol: 'MSFT' })).toEqual(idsOf([two]));
  });

  it('shows what was just booked though the reader has not heard of it, and the newer of two states', async () => {
    const user_id = ulid();
    const lagging = await sql.database();
    const both = ledgerOn(sql, db, { reader: lagging });
    const old = [order({ user_id }), order({ user_id }), order({ user_id })];
    for (const one of old) {
      await booked(ledger, one, ACCEPTED, null, NOW);
      await booked(ledgerOn(sql, lagging), one, ACCEPTED, null, NOW);
    }
    const ids = idsOf(old).reverse();
    await ledger.close(ids[0]!, 'canceled', 'canceled', LATER);
    const fresh = await booked(ledger, order({ user_id, submitted_at: LATER }), ACCEPTED, null, LATER);

    const first = await both.list(user_id, {}, page);
    expect(idsOf(first.orders)).toEqual([fresh.trade_id, ids[0], ids[1]]);
    expect(first.orders[1]).toMatchObject({ status: 'canceled' });
    expect(first.more).toBe(true);
    const second = await both.list(user_id, {}, { ...page, before: ids[1]! });
    expect([idsOf(second.orders), second.more]).toEqual([[ids[2]], false]);
    // Long ago, as this page sees it: the reader alone is asked.
    const stale = await both.list(user_id, {}, { limit: 3, recentSince: CLOSE });
    expect(stale.orders[0]).toMatchObject({ trade_id: ids[0], status: 'accepted' });

    expect((await both.get(user_id, fresh.trade_id))?.trade_id).toBe(fresh.trade_id);
    // Open, as the reader remembers it: the writer knows what has become of it.
    expect(await both.get(user_id, ids[0]!)).toMatchObject({ status: 'canceled' });
    expect(await both.get(OTHER, fresh.trade_id)).toBeNull();
  });
});

describe('the work list', () => {
  it('holds open orders of a venue, oldest first, and those whose time has come', async () => {
    const open = [];
    for (const expires_at of [LATER, CLOSE, LATER]) {
      open.push(await booked(ledger, order({ venue: 'alpaca', expires_at }), ACCEPTED, null, NOW));
    }
    const done = await booked(ledger, order({ venue: 'alpaca' }), ACCEPTED, null, NOW);
    await ledger.fill(done.trade_id, fillOf('100', '1'), NOW);
    await ledger.fill(open[1]!.trade_id, fillOf('1', '1'), NOW);
    const [one, two, three] = idsOf(open);
    expect(idsOf(await ledger.open('alpaca', 10))).toEqual([one, two, three]);
    expect(idsOf(await ledger.open('alpaca', 1, one))).toEqual([two]);
    expect(idsOf(await ledger.expired('alpaca', NOW, 10))).toEqual([]);
    expect(idsOf(await ledger.expired('alpaca', LATER, 10))).toEqual([one, three]);
    expect(idsOf(await ledger.expired('alpaca', LATER, 1))).toEqual([one]);
  });

  it('exports a day in the order in which its orders ended; what is open is of no day yet', async () => {
    const endedAt = async (closed_at: string) => {
      const one = await booked(ledger, order({}), ACCEPTED, null, NOW);
      await ledger.close(one.trade_id, 'canceled', 'x', closed_at);
      return one;
    };
    await booked(ledger, order({ submitted_at: '2026-06-01T12:00:00.000Z' }), ACCEPTED, null, NOW);
    const last = await endedAt('2026-06-02T00:00:00.000Z');
    const third = await endedAt('2026-06-01T23:59:59.999Z');
    const first = await endedAt('2026-06-01T00:00:00.000Z');
    const second = await endedAt('2026-06-01T00:00:00.000Z');
    const day = ['2026-06-01T00:00:00Z', '2026-06-02T00:00:00Z'] as const;
    expect(idsOf(await ledger.closedBetween(...day, 10))).toEqual(idsOf([first, second, third]));
    expect(idsOf(await ledger.closedBetween(...day, 1, first.trade_id))).toEqual(idsOf([second]));
    expect(idsOf(await ledger.closedBetween(...day, 10, second.trade_id))).toEqual(idsOf([third]));
    expect(idsOf(await ledger.closedBetween(day[1], '2026-06-03T00:00:00Z', 10))).toEqual(idsOf([last]));
  });
});

describe('the outbox', () => {
  it('owes what was written by then, until it is published', async () => {
    const empty = await sql.database();
    const own = ledgerOn(sql, empty);
    const early = await booked(own, order(), filledAt('1'), null, NOW);
    const late = await booked(own, order(), filledAt('1'), null, LATER);
    expect((await own.owed(NOW, 10)).map(({ detail }) => detail.trade_id)).toEqual([early.trade_id]);
    const [first, second] = await own.owed(LATER, 10);
    expect([first?.detail.trade_id, second?.detail.trade_id]).toEqual([early.trade_id, late.trade_id]);
    expect(await own.owed(LATER, 1)).toEqual([first]);
    await own.published([first!.event_id], LATER);
    await own.published([first!.event_id], CLOSE);
    await own.published([], CLOSE);
    expect(await own.owed(LATER, 10)).toEqual([second]);
    // Published at LATER, whatever was said again afterwards: before CLOSE, and not before LATER.
    expect(await own.tidy(NOW, LATER)).toEqual({ keys: 0, events: 0 });
    expect(await own.tidy(NOW, CLOSE)).toEqual({ keys: 0, events: 1 });
    expect(await own.owed(CLOSE, 10)).toEqual([second]);
  });

  it('keeps the order of numbers though a clock goes back', async () => {
    const user_id = ulid();
    await booked(ledger, order({ user_id }), filledAt('1'), null, LATER);
    await booked(ledger, order({ user_id }), filledAt('1'), null, NOW);
    const mine = (await ledger.owed(CLOSE, 1_000)).filter(({ detail }) => detail.user_id === user_id);
    expect(mine.map(({ detail }) => detail.sequence)).toEqual([1, 2]);
  });
});

describe('bookedBetween', () => {
  it('tells again what was booked under some numbers of a stream, told or not', async () => {
    const [user_id, portfolio_id] = [ulid(), ulid()];
    for (let index = 0; index < 5; index++)
      await booked(ledger, order({ user_id, portfolio_id, quantity: '2' }), filledAt('10', '2'), null, NOW);
    await booked(ledger, order({ user_id }), filledAt('10'), null, NOW);
    const owed = (await ledger.owed(NOW, 10_000)).filter(({ detail }) => detail.portfolio_id === portfolio_id);
    await ledger.published(
      owed.slice(0, 3).map(({ event_id }) => event_id),
      LATER,
    );
    const told = owed.map(({ detail }) => detail);
    const stream = { user_id, portfolio_id };
    expect(await ledger.bookedBetween(stream, 2, 4, 10)).toEqual(told.slice(1, 4));
    expect(await ledger.bookedBetween(stream, 4, 99, 10)).toEqual(told.slice(3));
    expect(await ledger.bookedBetween(stream, 1, 5, 2)).toEqual(told.slice(0, 2));
    expect(await ledger.bookedBetween({ user_id, portfolio_id: null }, 1, 9, 10)).toMatchObject([{ sequence: 1 }]);
  });
});

describe('tidy', () => {
  it('removes keys that have expired, more than one bite of them', async () => {
    const own = ledgerOn(sql, await sql.database());
    const user_id = ulid();
    await Promise.all(
      Array.from({ length: 620 }, (_, index) =>
        booked(own, order({ user_id }), ACCEPTED, keyOf(`k${index}`, { expires_at: LATER }), NOW),
      ),
    );
    await booked(own, order({ user_id }), ACCEPTED, keyOf('lasting'), NOW);
    expect(await own.tidy(NOW, NOW)).toEqual({ keys: 0, events: 0 });
    expect(await own.tidy(LATER, NOW)).toEqual({ keys: 620, events: 0 });
    expect(await own.answered(user_id, 'lasting', LATER)).not.toBeNull();
  });
});

describe('forget', () => {
  it('removes orders of people who left, with their executions and events, once they ended long enough ago', async () => {
    const there = ledgerOn(sql, await sql.database());
    const [leaver, stayer] = [ulid(), ulid()];
    const ended = (user_id: string, now: string) => booked(there, order({ user_id }), filledAt('1'), null, now);
    const old = await ended(leaver, NOW);
    const recent = await ended(leaver, LATER);
    const open = await booked(there, order({ user_id: leaver }), ACCEPTED, null, NOW);
    const kept = await ended(stayer, NOW);
    await there.pseudonymise(leaver, `${PSEUDONYM}1`, LATER, LATER);
    expect(await there.forget(LATER)).toBe(1);
    expect(await there.forget(LATER)).toBe(0);
    expect(await there.find(old.trade_id)).toBeNull();
    expect(await there.owedBy(old.trade_id)).toEqual([]);
    for (const { trade_id } of [recent, open, kept]) expect(await there.find(trade_id)).not.toBeNull();
    expect(await there.owedBy(kept.trade_id)).toHaveLength(1);
  });
});

describe('pseudonymise', () => {
  it('leaves no trace of the user, and every trade', async () => {
    const own = await sql.database();
    const there = ledgerOn(sql, own);
    const [user_id, portfolio_id, pseudonym] = [ulid(), ulid(), 'gone-1'];
    const plain = await booked(there, order({ user_id }), filledAt('1'), keyOf('mine'), NOW);
    const held = await booked(there, order({ user_id, portfolio_id }), filledAt('1'), null, NOW);
    const theirs = await booked(there, order({ user_id: OTHER }), filledAt('1'), null, NOW);
    expect(await there.pseudonymise(user_id, pseudonym, LATER, LATER)).toBe(2);
    expect(await there.pseudonymise(user_id, pseudonym, LATER, LATER)).toBe(0);
    // A report that was on its way then.
    const late = { portfolio_id, user_id, symbol: 'AAPL', qty: '1', sequence: 9, trade_sequence: 0 };
    expect(await there.report(late, LATER)).toBe(false);

    // The names that the user gave are the user's own words.
    expect(await there.find(plain.trade_id)).toEqual({
      ...plain,
      user_id: pseudonym,
      client_order_id: plain.trade_id,
      venue_client_order_id: plain.trade_id,
      updated_at: LATER,
    });
    expect((await there.find(held.trade_id))?.user_id).toBe(pseudonym);
    expect((await there.find(theirs.trade_id))?.user_id).toBe(OTHER);
    expect((await there.list(user_id, {}, page)).orders).toEqual([]);
    expect(await there.answered(user_id, 'mine', NOW)).toBeNull();
    expect((await there.owedBy(plain.trade_id))[0]?.detail).toMatchObject({ user_id: pseudonym, sequence: 1 });
    const tables = ['streams', 'orders', 'executions', 'outbox', 'positions', 'idempotency_keys'] as const;
    for (const table of tables) {
      expect(JSON.stringify(await own.selectFrom(table).selectAll().execute())).not.toContain(user_id);
    }
    // The portfolio goes on being nobody else's.
    expect(await there.book(order({ portfolio_id, user_id: OTHER }), ACCEPTED, null, NOW)).toEqual({
      result: 'no_portfolio',
    });

    // A trade that was on its way when the account was removed.
    await booked(there, order({ user_id }), filledAt('1'), null, LATER);
    expect(await there.pseudonymise(user_id, pseudonym, CLOSE, CLOSE)).toBe(1);
    expect((await sequences(own)).get(`user#${pseudonym}`)).toEqual(upTo(2));
    await booked(there, order({ user_id: pseudonym }), filledAt('1'), null, CLOSE);
    expect((await sequences(own)).get(`user#${pseudonym}`)).toEqual(upTo(3));
  });
});
