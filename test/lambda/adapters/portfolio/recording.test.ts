import { startPortfolios, type TestPortfolios } from '../../../portfolio';
import type { PortfolioStore } from '../../../../lambda/adapters/portfolio/portfolios';
import { added, LATER, newUser, NOW, opened, owedFor, splitOf, tradeIdAt, tradeOf, ulid } from './examples';

let portfolios: TestPortfolios;
let store: PortfolioStore;
beforeAll(async () => {
  portfolios = await startPortfolios();
  store = portfolios.store;
});
afterAll(() => portfolios.stop());

const idsIn = async (userId: string, portfolioId: string) =>
  (await store.state(userId, portfolioId))?.transactions.map(({ transaction_id }) => transaction_id);

describe('a booked trade', () => {
  it('becomes one transaction, however often it is delivered, one after the other or at once', async () => {
    const user_id = newUser();
    const { portfolio_id } = await opened(store, user_id);
    const trade = tradeOf({ user_id, portfolio_id, quantity: '1.500000000', price: '10.10' });
    const results = await Promise.all(Array.from({ length: 20 }, () => store.record(trade, NOW)));
    results.push(await store.record(trade, LATER));
    expect(results.filter(({ result }) => result === 'recorded')).toEqual([{ result: 'recorded', portfolio_id }]);
    expect(results.filter(({ result }) => result === 'repeated')).toHaveLength(20);
    const state = await store.state(user_id, portfolio_id);
    expect(state?.transactions).toEqual([
      {
        transaction_id: trade.execution_id,
        portfolio_id,
        type: 'buy',
        symbol: 'AAPL',
        qty: '1.5',
        price: '10.1',
        amount: null,
        fee: '0',
        ratio: null,
        currency: 'USD',
        executed_at: NOW,
        sequence: 1,
        external_id: trade.execution_id,
        source: 'trade',
        trade_id: trade.trade_id,
        named_portfolio_id: null,
        created_at: NOW,
      },
    ]);
    expect(state?.portfolio.revision).toBe(2);
    expect(await owedFor(store, portfolio_id)).toEqual([]);
  });

  it('that names no portfolio goes to the default one, which the first makes, of many at once too', async () => {
    const user_id = newUser();
    const trades = Array.from({ length: 20 }, (_, index) => tradeOf({ user_id, sequence: index + 1 }));
    const results = await Promise.all(trades.map((trade) => store.record(trade, NOW)));
    const all = await store.list(user_id, { limit: 10 });
    expect(all).toMatchObject([{ is_default: true, name: 'Default', base_currency: 'USD' }]);
    expect(new Set(results.map(({ portfolio_id }) => portfolio_id))).toEqual(new Set([all[0]!.portfolio_id]));
    expect(await idsIn(user_id, all[0]!.portfolio_id)).toHaveLength(20);
    expect(await store.gaps('2099-01-01T00:00:00Z', 1000)).toEqual([]);
  });

  it("that names a portfolio which is not there, or another's, goes to the default one and says which it named", async () => {
    const user_id = newUser();
    const others = await opened(store, newUser());
    const nobodys = ulid();
    const first = await store.record(tradeOf({ user_id, portfolio_id: others.portfolio_id }), NOW);
    const second = await store.record(tradeOf({ user_id, portfolio_id: nobodys }), NOW);
    expect(first.portfolio_id).toBe(second.portfolio_id);
    const state = await store.state(user_id, first.portfolio_id!);
    expect(state?.portfolio.is_default).toBe(true);
    expect(state?.transactions.map((one) => one.named_portfolio_id)).toEqual([others.portfolio_id, nobodys]);
    expect((await store.state(others.user_id, others.portfolio_id))?.transactions).toEqual([]);
  });

  it('is recorded once though its portfolio was removed in between', async () => {
    const user_id = newUser();
    const { portfolio_id } = await opened(store, user_id);
    const trade = tradeOf({ user_id, portfolio_id });
    await store.record(trade, NOW);
    expect(await store.remove(user_id, portfolio_id, LATER)).toBe(true);
    expect(await store.record(trade, LATER)).toEqual({ result: 'repeated', portfolio_id: null });
    expect(await store.list(user_id, { limit: 10 })).toEqual([]);
  });
});

describe('numbers', () => {
  it('may come in any order: what is missing is told, with its time, until it is there', async () => {
    const user_id = newUser();
    const { portfolio_id } = await opened(store, user_id);
    const arrive = (sequence: number, now = NOW) =>
      store.record(tradeOf({ user_id, portfolio_id, sequence, symbol: `S${sequence}` }), now);
    const missing = async () => (await store.state(user_id, portfolio_id))?.missing;
    const gaps = async (since: string) =>
      (await store.gaps(since, 1000)).filter((gap) => gap.portfolio_id === portfolio_id);

    await arrive(2);
    await arrive(7, LATER);
    await arrive(5, LATER);
    expect(await missing()).toEqual([
      { from: 1, to: 1 },
      { from: 3, to: 4 },
      { from: 6, to: 6 },
    ]);
    expect(await gaps(NOW)).toEqual([]);
    expect(await gaps('2026-05-18T14:30:00.124Z')).toEqual([
      { user_id, portfolio_id, from: 1, to: 1 },
      { user_id, portfolio_id, from: 3, to: 4 },
      { user_id, portfolio_id, from: 6, to: 6 },
    ]);
    await arrive(1);
    expect(await missing()).toEqual([
      { from: 3, to: 4 },
      { from: 6, to: 6 },
    ]);
    // The gap that was there first is closed: what is left was seen later.
    expect(await gaps(LATER)).toEqual([]);
    await arrive(4);
    await arrive(3);
    await arrive(6);
    expect(await missing()).toEqual([]);
    expect(await gaps('2099-01-01T00:00:00Z')).toEqual([]);
    const state = await store.state(user_id, portfolio_id);
    expect(state?.transactions.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    const [listed] = await store.states({ limit: 1, among: [portfolio_id] });
    expect(listed).toEqual(state);
  });

  it('that are missing of a user’s own stream, or of a portfolio that is not there, miss in the default portfolio', async () => {
    const user_id = newUser();
    const mine = await opened(store, user_id);
    await store.record(tradeOf({ user_id, sequence: 2 }), NOW);
    const { portfolio_id } = await store.record(tradeOf({ user_id, portfolio_id: ulid(), sequence: 4 }), NOW);
    const missing = async (id: string) => (await store.state(user_id, id))?.missing;
    expect(await missing(portfolio_id!)).toEqual(
      expect.arrayContaining([
        { from: 1, to: 1 },
        { from: 1, to: 3 },
      ]),
    );
    expect(await missing(mine.portfolio_id)).toEqual([]);
  });
});

describe('somebody who left', () => {
  const REMOVED = '2026-05-18T15:00:00.000Z';
  const BACK = '2026-05-18T16:00:00.000Z';

  it('is gone with everything, and a trade that was ordered before brings nothing back', async () => {
    const user_id = newUser();
    const { portfolio_id } = await opened(store, user_id);
    await added(store, user_id, portfolio_id, splitOf('2:1'));
    const told = tradeOf({ user_id, portfolio_id });
    await store.record(told, NOW);
    await store.record(tradeOf({ user_id, sequence: 3 }), NOW);
    await store.remove(user_id, (await opened(store, user_id)).portfolio_id, NOW);
    expect(await store.removeUser(user_id, REMOVED, REMOVED)).toBe(2);
    expect(await store.removeUser(user_id, REMOVED, REMOVED)).toBe(0);
    // Told again, told late, filled late, and told under the pseudonym that the ledger gave.
    const late = [
      told,
      tradeOf({ user_id, sequence: 2 }),
      tradeOf({ user_id, sequence: 4, booked_at: BACK, executed_at: BACK }),
      tradeOf({ user_id: 'gone-0123456789', sequence: 5, trade_id: tradeIdAt(BACK) }),
    ];
    for (const trade of late) expect(await store.record(trade, BACK)).toEqual({ result: 'left', portfolio_id: null });
    expect(await store.list(user_id, { limit: 10 })).toEqual([]);
    for (const table of ['portfolios', 'removed_portfolios', 'streams', 'receipts', 'reports'] as const) {
      const rows = await portfolios.db.selectFrom(table).select('user_id').where('user_id', '=', user_id).execute();
      expect([table, rows]).toEqual([table, []]);
    }
  });

  it('and comes back begins anew, with the ledger’s numbers, though the word of the leaving comes last or twice', async () => {
    const user_id = newUser();
    for (const sequence of [1, 2, 3]) await store.record(tradeOf({ user_id, sequence }), NOW);
    const back = (sequence: number) =>
      store.record(tradeOf({ user_id, sequence, trade_id: tradeIdAt(BACK), booked_at: BACK }), BACK);
    // Before the leaving is known here: it goes to what is there, and with it.
    const lost = tradeOf({ user_id, trade_id: tradeIdAt(BACK), booked_at: BACK });
    const { portfolio_id: old } = await store.record(lost, BACK);
    expect(await store.removeUser(user_id, REMOVED, BACK)).toBe(1);
    expect(await store.find(user_id, old!)).toBeNull();
    const { portfolio_id } = await back(2);
    await back(4);
    const missing = [
      { from: 1, to: 1 },
      { from: 3, to: 3 },
    ];
    expect((await store.state(user_id, portfolio_id!))?.missing).toEqual(missing);
    expect(await store.removeUser(user_id, REMOVED, BACK)).toBe(0);
    expect((await store.state(user_id, portfolio_id!))?.missing).toEqual(missing);
    // As the reconciliation does.
    expect(await store.record(lost, BACK)).toEqual({ result: 'recorded', portfolio_id });
    expect(await idsIn(user_id, portfolio_id!)).toHaveLength(3);
    expect((await store.state(user_id, portfolio_id!))?.missing).toEqual([{ from: 3, to: 3 }]);
  });

  it('after an order that was recorded before the word of it takes the default portfolio that it made along', async () => {
    const user_id = newUser();
    const { portfolio_id } = await store.record(tradeOf({ user_id }), BACK);
    expect((await store.find(user_id, portfolio_id!))?.created_at).toBe(NOW);
    expect(await store.removeUser(user_id, REMOVED, BACK)).toBe(1);
    expect(await store.find(user_id, portfolio_id!)).toBeNull();
  });

  it('as the ledger knows before us leaves no gap', async () => {
    const user_id = newUser();
    const { portfolio_id } = await opened(store, user_id);
    await store.record(tradeOf({ user_id, portfolio_id, sequence: 2 }), NOW);
    const gone = tradeOf({ user_id: 'gone-abc', portfolio_id, sequence: 1 });
    expect(await store.record(gone, LATER)).toEqual({ result: 'left', portfolio_id: null });
    expect((await store.state(user_id, portfolio_id))?.missing).toEqual([]);
  });
});
