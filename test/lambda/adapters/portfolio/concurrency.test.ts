import type { PortfolioStore } from '../../../../lambda/adapters/portfolio/portfolios';
import { startPortfolios, type TestPortfolios } from '../../../portfolio';
import { addedOf, LATER, newUser, NOW, opened, owedFor, tradeOf } from './examples';

let portfolios: TestPortfolios;
let store: PortfolioStore;
beforeAll(async () => {
  portfolios = await startPortfolios();
  store = portfolios.store;
});
afterAll(() => portfolios.stop());

/** Of each kind: twice as many as there are connections. */
const MANY = 40;

const times = <T>(n: number, one: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: n }, (_, index) => one(index)));

it('loses nothing of what twenty connections change and record at once in one portfolio', async () => {
  const user = newUser();
  const { portfolio_id } = await opened(store, user);
  const trades = Array.from({ length: MANY }, (_, index) =>
    tradeOf({ user_id: user, portfolio_id, sequence: index + 1, quantity: '1', symbol: 'MSFT' }),
  );
  // Each trade twice, in no order, between entries of which every third takes another one back.
  const deliveries = [...trades, ...[...trades].reverse()];
  let removed = 0;
  await Promise.all([
    times(deliveries.length, (index) => store.record(deliveries[index]!, NOW)),
    times(MANY, (index) =>
      store.change<never>(user, portfolio_id, LATER, ({ transactions }) => {
        const oldest = transactions.find(({ source }) => source === 'manual');
        if (index % 3 !== 0 || !oldest) return { add: [addedOf({ qty: '1' })] };
        removed++;
        return { remove: [oldest.transaction_id] };
      }),
    ),
  ]);
  const state = (await store.state(user, portfolio_id))!;
  const count = (symbol: string) => state.transactions.filter((one) => one.symbol === symbol).length;
  expect(count('MSFT')).toBe(MANY);
  expect(count('AAPL')).toBe(MANY - 2 * removed);
  expect(state.missing).toEqual([]);
  expect(state.portfolio.revision).toBe(1 + MANY + MANY);
  const reports = await owedFor(store, portfolio_id);
  expect(reports.map(({ sequence }) => sequence)).toEqual(Array.from({ length: MANY }, (_, index) => index + 1));
  expect(reports.at(-1)).toMatchObject({ symbol: 'AAPL', qty: String(MANY - 2 * removed) });
});

it('lets portfolios come, change and go beside each other, and their owners too', async () => {
  const removedAt = '2026-05-18T15:00:00.000Z';
  await times(10, async () => {
    const user = newUser();
    const mine = await times(3, () => opened(store, user));
    const ids = [...mine.map(({ portfolio_id }) => portfolio_id), null];
    await Promise.all([
      ...ids.map((portfolio_id, n) => store.record(tradeOf({ user_id: user, portfolio_id, sequence: n + 1 }), NOW)),
      store.remove(user, mine[0]!.portfolio_id, LATER),
      store.change(user, mine[1]!.portfolio_id, LATER, () => ({ add: [addedOf()] })),
      store.create(user, mine[0]!, NOW),
      store.removeUser(user, removedAt, removedAt),
    ]);
    // Whatever came after the leaving was ordered before it.
    const left = await store.list(user, { limit: 100 });
    expect(left.every(({ is_default }) => !is_default)).toBe(true);
    for (const { portfolio_id } of left)
      expect((await store.state(user, portfolio_id))?.transactions.some(({ source }) => source === 'trade')).toBe(
        false,
      );
  });
});
