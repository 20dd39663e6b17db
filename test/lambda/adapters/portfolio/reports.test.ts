import { randomInt } from 'node:crypto';
import { parseTransaction, replay } from '../../../../core/portfolio';
import type { PortfolioStore } from '../../../../lambda/adapters/portfolio/portfolios';
import { quantities } from '../../../../lambda/adapters/portfolio/reports';
import type { Ledger } from '../../../../lambda/adapters/ledger/ledger';
import { startPortfolios, type TestPortfolios } from '../../../portfolio';
import { startSql, type LedgerDb, type TestSql } from '../../../sql';
import { booked, filledAt, ledgerOn, order } from '../ledger/orders';
import { added, addedOf, LATER, newUser, NOW, opened, owedFor, splitOf, tradeOf, ulid } from './examples';

let portfolios: TestPortfolios;
let store: PortfolioStore;
beforeAll(async () => {
  portfolios = await startPortfolios();
  store = portfolios.store;
});
afterAll(() => portfolios.stop());

describe('what the ledger is owed', () => {
  it('is a report of each symbol that a change moved, numbered on, and crossed off when told', async () => {
    const user = newUser();
    const { portfolio_id } = await opened(store, user);
    const { added: rows } = await added(
      store,
      user,
      portfolio_id,
      addedOf({ symbol: 'MSFT', qty: '3' }),
      addedOf({ qty: '10' }),
      addedOf({ type: 'dividend', symbol: 'KO', qty: null, price: null, amount: '5' }),
    );
    // Nothing moves: as much comes as goes.
    await store.change(user, portfolio_id, LATER, () => ({
      remove: [rows[0]!.transaction_id],
      add: [addedOf({ symbol: 'MSFT', qty: '3', price: '1' })],
    }));
    await added(store, user, portfolio_id, splitOf('1:3', { executed_at: '2026-02-01T00:00:00Z' }));
    const reports = [
      { symbol: 'AAPL', qty: '10', sequence: 1, trade_sequence: 0 },
      { symbol: 'MSFT', qty: '3', sequence: 2, trade_sequence: 0 },
      { symbol: 'AAPL', qty: '3.333333333', sequence: 3, trade_sequence: 0 },
    ];
    expect(await owedFor(store, portfolio_id)).toEqual(reports);
    const owed = (await store.owed(100_000)).filter(({ detail }) => detail.portfolio_id === portfolio_id);
    expect(owed[0]!.detail.user_id).toBe(user);
    await store.told([owed[0]!.report_id, owed[2]!.report_id], LATER);
    expect(await owedFor(store, portfolio_id)).toEqual([reports[1]]);
  });

  it('leaves out a trade that came before its time, and counts it when the gap is closed', async () => {
    const user = newUser();
    const { portfolio_id } = await opened(store, user);
    const arrive = (sequence: number, quantity: string) =>
      store.record(tradeOf({ user_id: user, portfolio_id, sequence, quantity }), NOW);
    await arrive(1, '1');
    await arrive(3, '100');
    await added(store, user, portfolio_id, addedOf({ qty: '10' }));
    expect(await owedFor(store, portfolio_id)).toEqual([{ symbol: 'AAPL', qty: '11', sequence: 1, trade_sequence: 1 }]);
    await arrive(2, '5');
    // The ledger has them all by itself.
    expect(await owedFor(store, portfolio_id)).toHaveLength(1);
    await added(store, user, portfolio_id, splitOf('2:1', { executed_at: LATER }));
    expect((await owedFor(store, portfolio_id)).at(-1)).toEqual({
      symbol: 'AAPL',
      qty: '232',
      sequence: 2,
      trade_sequence: 3,
    });
  });

  it('is a report of a trade that a split is already there for', async () => {
    const user = newUser();
    const { portfolio_id } = await opened(store, user);
    await added(store, user, portfolio_id, splitOf('2:1', { executed_at: LATER }));
    const arrive = (sequence: number, change: object = {}) =>
      store.record(tradeOf({ user_id: user, portfolio_id, sequence, quantity: '5', ...change }), NOW);
    await arrive(2);
    expect(await owedFor(store, portfolio_id)).toEqual([]);
    await arrive(1, { symbol: 'MSFT' });
    expect(await owedFor(store, portfolio_id)).toEqual([{ symbol: 'AAPL', qty: '10', sequence: 1, trade_sequence: 2 }]);
    await arrive(3, { executed_at: '2026-05-18T15:00:00.000Z' });
    expect(await owedFor(store, portfolio_id)).toHaveLength(1);
  });

  it('is a report of a trade that came from another stream, under the default portfolio’s own name', async () => {
    const user = newUser();
    const { portfolio_id } = await store.record(tradeOf({ user_id: user, quantity: '4' }), NOW);
    await store.record(tradeOf({ user_id: user, portfolio_id: ulid(), quantity: '2' }), NOW);
    await store.record(tradeOf({ user_id: user, portfolio_id, quantity: '1' }), NOW);
    await store.record(tradeOf({ user_id: user, sequence: 2, side: 'sell', quantity: '6.5' }), NOW);
    expect(await owedFor(store, portfolio_id!)).toEqual([
      { symbol: 'AAPL', qty: '4', sequence: 1, trade_sequence: 0 },
      { symbol: 'AAPL', qty: '6', sequence: 2, trade_sequence: 0 },
      { symbol: 'AAPL', qty: '0.5', sequence: 3, trade_sequence: 1 },
    ]);
  });

  it('is that a portfolio which was removed holds nothing, with each trade that still names it', async () => {
    const user = newUser();
    const { portfolio_id } = await opened(store, user);
    const arrive = (sequence: number, symbol = 'AAPL') =>
      store.record(tradeOf({ user_id: user, portfolio_id, sequence, symbol }), NOW);
    await arrive(1);
    await store.remove(user, portfolio_id, LATER);
    await store.record(tradeOf({ user_id: newUser(), portfolio_id, sequence: 9 }), NOW);
    await arrive(3, 'MSFT');
    await arrive(2);
    expect(await owedFor(store, portfolio_id)).toEqual([
      { symbol: 'AAPL', qty: '0', sequence: 1, trade_sequence: 1 },
      { symbol: 'MSFT', qty: '0', sequence: 2, trade_sequence: 3 },
      { symbol: 'AAPL', qty: '0', sequence: 3, trade_sequence: 3 },
    ]);
  });
});

it('counts shares as the holdings do, whatever the method, and keeps the order of replay', async () => {
  const user = newUser();
  const { portfolio_id } = await opened(store, user);
  const pick = <T>(...of: readonly T[]): T => of[randomInt(of.length)]!;
  const rows = Array.from({ length: 300 }, () => {
    const when = { symbol: pick('A', 'B'), executed_at: `2026-01-0${randomInt(1, 5)}T00:00:00Z` };
    const sequence = pick(null, null, 1, 2);
    const qty = `${randomInt(1, 50)}.${randomInt(1, 999_999_999)}`;
    return pick(
      addedOf({ ...when, qty, sequence }),
      addedOf({ ...when, type: 'sell', qty, sequence }),
      splitOf(pick('2:1', '1:3', '7:10'), { ...when, sequence }),
      addedOf({ ...when, type: 'dividend', qty: null, price: null, amount: '1', sequence }),
      addedOf({ ...when, type: 'fee', qty: null, price: null, amount: '1' }),
      addedOf({ ...when, type: pick('deposit', 'withdrawal'), symbol: null, qty: null, price: null, amount: '1' }),
    );
  });
  await added(store, user, portfolio_id, ...rows);
  const { transactions } = (await store.state(user, portfolio_id))!;
  const parsed = transactions.map((row) => {
    const one = parseTransaction(row);
    if (!one.ok) throw new Error(one.errors[0]!.message);
    return one.transaction;
  });
  const { byOrder } = await import('../../../../core/portfolio');
  expect(parsed).toEqual([...parsed].sort(byOrder));
  const held = quantities(transactions);
  for (const { symbol, lots, short } of replay(parsed, 'fifo').holdings.values()) {
    const qty = lots.reduce((sum, lot) => sum + Number(lot.qty), 0) - Number(short);
    expect(Number(held.get(symbol))).toBeCloseTo(qty, 6);
  }
});

describe('together with the ledger', () => {
  let engine: TestSql;
  let ledgerDb: LedgerDb;
  let ledger: Ledger;
  beforeAll(async () => {
    engine = await startSql();
    ledgerDb = await engine.database();
    ledger = ledgerOn(engine, ledgerDb);
  });
  afterAll(() => engine.stop());

  const held = async (portfolio_id: string) => {
    const rows = await ledgerDb
      .selectFrom('positions')
      .select(['symbol', 'qty'])
      .where('portfolio_id', '=', portfolio_id)
      .execute();
    return Object.fromEntries(rows.map(({ symbol, qty }) => [symbol, Number(qty)]));
  };
  const shuffled = <T>(items: readonly T[], random: () => number): T[] =>
    items
      .map((item) => [random(), item] as const)
      .sort(([a], [b]) => a - b)
      .map(([, item]) => item);
  /** mulberry32: the same every time. */
  const seeded = (seed: number) => () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };

  it.each([1, 2, 3, 4])(
    'both come to the same, whatever order trades, entries and reports come in (%i)',
    async (seed) => {
      const random = seeded(seed);
      const user = newUser();
      const mine = await opened(store, user);
      const first = await store.record(tradeOf({ user_id: user, quantity: '3', sequence: 100_000 }), NOW);
      const targets = [mine.portfolio_id, first.portfolio_id!];
      const removed = await opened(store, user);
      const named = [...targets, removed.portfolio_id];
      const at = (minute: number) => `2026-05-18T14:${String(minute).padStart(2, '0')}:00.000Z`;

      for (let n = 0; n < 60; n++) {
        const portfolio_id = random() < 0.2 ? null : named[Math.floor(random() * 3)]!;
        const quantity = String(1 + Math.floor(random() * 20));
        const placed = order({ user_id: user, portfolio_id, quantity, symbol: random() < 0.5 ? 'AAPL' : 'MSFT' });
        await booked(ledger, placed, filledAt('10', quantity), null, at(Math.floor(random() * 60)));
      }
      const events = (await ledger.owed('2100-01-01T00:00:00Z', 10_000)).filter(
        ({ detail }) => detail.user_id === user,
      );
      const entries = Array.from({ length: 12 }, () => {
        const when = { symbol: random() < 0.5 ? 'AAPL' : 'MSFT', executed_at: at(Math.floor(random() * 60)) };
        return random() < 0.5 ? splitOf('2:1', when) : addedOf({ ...when, qty: '7' });
      });
      const steps = shuffled(
        [
          ...events.map(
            ({ detail }) =>
              () =>
                store.record({ ...detail, executed_at: at(Math.floor(random() * 60)) }, LATER),
          ),
          () => store.remove(user, removed.portfolio_id, LATER),
          ...entries.map((entry) => () => added(store, user, targets[Math.floor(random() * 2)]!, entry)),
        ],
        random,
      );
      const late: Parameters<Ledger['report']>[0][] = [];
      for (const step of steps) {
        await step();
        const owed = (await store.owed(100_000)).filter(({ detail }) => detail.user_id === user);
        await store.told(
          owed.map(({ report_id }) => report_id),
          LATER,
        );
        late.push(...owed.map(({ detail }) => detail));
        if (random() < 0.5) for (const report of shuffled(late.splice(0), random)) await ledger.report(report, LATER);
      }
      for (const report of shuffled(late, random)) await ledger.report(report, LATER);

      expect(Object.values(await held(removed.portfolio_id)).filter((qty) => qty !== 0)).toEqual([]);
      for (const portfolio_id of targets) {
        const { transactions, missing } = (await store.state(user, portfolio_id))!;
        if (portfolio_id === mine.portfolio_id) expect(missing).toEqual([]);
        const expected = [...quantities(transactions)].map(([symbol, qty]) => [symbol, Number(qty)] as const);
        expect(await held(portfolio_id)).toEqual(Object.fromEntries(expected));
      }
    },
  );
});
