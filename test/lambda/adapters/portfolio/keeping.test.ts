import { MAX_PORTFOLIOS } from '../../../../contract/schemas/portfolios';
import { migratePortfolios } from '../../../../lambda/adapters/portfolio/migrations/migrate';
import type { Change, PortfolioStore } from '../../../../lambda/adapters/portfolio/portfolios';
import { startPortfolios, type TestPortfolios } from '../../../portfolio';
import { added, addedOf, FIELDS, LATER, newUser, NOW, opened, owedFor, splitOf, tradeOf, ulid } from './examples';

let portfolios: TestPortfolios;
let store: PortfolioStore;
beforeAll(async () => {
  portfolios = await startPortfolios();
  store = portfolios.store;
});
afterAll(() => portfolios.stop());

it('migrates once, however many ask', async () => {
  const connect = await portfolios.emptyDatabase();
  const ran = await Promise.all([connect(), connect(), connect()].map((db) => migratePortfolios(db)));
  expect(ran.flat()).toEqual(['0001-portfolios']);
  expect(await migratePortfolios(connect())).toEqual([]);
});

describe('a portfolio', () => {
  it('is made, found by its owner only, and listed in pages', async () => {
    const user = newUser();
    const one = await opened(store, user);
    expect(one).toEqual({
      ...FIELDS,
      portfolio_id: one.portfolio_id,
      user_id: user,
      is_default: false,
      revision: 1,
      created_at: NOW,
      updated_at: NOW,
    });
    const two = await opened(store, user, { ...FIELDS, benchmark: null, name: 'Zwei €' });
    const both = [one, two].sort((a, b) => (a.portfolio_id < b.portfolio_id ? -1 : 1));
    expect(await store.list(user, { limit: 1 })).toEqual(both.slice(0, 1));
    expect(await store.list(user, { limit: 5, after: both[0]!.portfolio_id })).toEqual(both.slice(1));
    expect(await store.find(user, two.portfolio_id)).toEqual(two);
    const stranger = newUser();
    expect(await store.find(stranger, one.portfolio_id)).toBeNull();
    expect(await store.state(stranger, one.portfolio_id)).toBeNull();
    expect(await store.transactions(stranger, one.portfolio_id, {}, { limit: 1 })).toBeNull();
    expect(await store.replace(stranger, one.portfolio_id, FIELDS, LATER)).toBeNull();
    expect(await store.remove(stranger, one.portfolio_id, LATER)).toBe(false);
    expect(await store.change(stranger, one.portfolio_id, LATER, () => ({}))).toEqual({ result: 'no_portfolio' });
    expect(await store.find(user, one.portfolio_id)).toEqual(one);
  });

  it('is one of a hundred at most, counted one by one', async () => {
    const user = newUser();
    const made = await Promise.all(Array.from({ length: MAX_PORTFOLIOS + 5 }, () => store.create(user, FIELDS, NOW)));
    expect(made.filter((one) => one === 'too_many')).toHaveLength(5);
    // A trade is taken all the same.
    expect(await store.record(tradeOf({ user_id: user }), NOW)).toMatchObject({ result: 'recorded' });
  });

  it('is replaced where it still is as the caller has seen it', async () => {
    const user = newUser();
    const { portfolio_id, ...was } = await opened(store, user);
    const fields = { ...FIELDS, name: 'Other', cost_basis: 'lifo' as const };
    const replaced = { ...was, ...fields, portfolio_id, revision: 2, updated_at: LATER };
    expect(await store.replace(user, portfolio_id, fields, LATER, 1)).toEqual(replaced);
    expect(await store.replace(user, portfolio_id, FIELDS, LATER, 1)).toBe('changed');
    const racing = await Promise.all([1, 2, 3].map(() => store.replace(user, portfolio_id, fields, LATER, 2)));
    expect(racing.filter((one) => one === 'changed')).toHaveLength(2);
    expect(await store.replace(user, portfolio_id, FIELDS, LATER)).toMatchObject({ ...FIELDS, revision: 4 });
  });

  it('is removed with all it has, and the ledger told that nothing is held', async () => {
    const user = newUser();
    const { portfolio_id } = await opened(store, user);
    await added(store, user, portfolio_id, addedOf(), addedOf({ symbol: 'MSFT' }));
    const sold = addedOf({ type: 'sell', symbol: 'MSFT', executed_at: '2026-02-01T00:00:00Z' });
    await added(store, user, portfolio_id, sold);
    await store.record(tradeOf({ user_id: user, portfolio_id, sequence: 4 }), NOW);
    await store.snapshot([{ ...day, portfolio_id }]);
    const before = await owedFor(store, portfolio_id);
    expect(await store.remove(user, portfolio_id, LATER)).toBe(true);
    expect(await store.remove(user, portfolio_id, LATER)).toBe(false);
    expect(await store.find(user, portfolio_id)).toBeNull();
    expect(await store.snapshots(portfolio_id, '2000-01-01', '2100-01-01')).toEqual([]);
    // The early trade number 4 went with it; what is missing before it goes to the default portfolio.
    expect((await owedFor(store, portfolio_id)).slice(before.length)).toEqual([
      { symbol: 'AAPL', qty: '0', sequence: 4, trade_sequence: 4 },
      { symbol: 'MSFT', qty: '0', sequence: 5, trade_sequence: 4 },
    ]);
  });
});

describe('a change', () => {
  it('adds and removes what is decided, of what is there under the lock', async () => {
    const user = newUser();
    const { portfolio_id } = await opened(store, user);
    const rows = [
      addedOf({ price: '100.10', fee: '0.500', external_id: 'a', source: 'import' }),
      splitOf('3:2', { executed_at: '2026-01-06T00:00:00Z' }),
      addedOf({ type: 'deposit', symbol: null, qty: null, price: null, amount: '1000.00' }),
      addedOf({ type: 'dividend', qty: null, price: null, amount: '1.234567891', fee: '0' }),
    ];
    const changed = await added(store, user, portfolio_id, ...rows);
    expect(changed.revision).toBe(2);
    expect(changed.added[0]).toMatchObject({ price: '100.1', fee: '0.5', currency: 'USD', created_at: LATER });
    const state = await store.state(user, portfolio_id);
    // Of one moment: the deposit, then the buy, then the dividend, as they are replayed.
    const [buy, split, deposit, dividend] = changed.added;
    expect(state?.transactions).toEqual([deposit, buy, dividend, split]);
    expect(state?.portfolio).toMatchObject({ revision: 2, updated_at: LATER });

    const seen: unknown[] = [];
    const swapped = await store.change<never>(user, portfolio_id, LATER, (now) => {
      seen.push(now);
      return { remove: [split!.transaction_id], add: [addedOf({ external_id: 'b' })] };
    });
    expect(seen).toEqual([state]);
    expect(swapped).toMatchObject({ result: 'changed', revision: 3 });
    expect((await store.state(user, portfolio_id))?.transactions).toHaveLength(4);
  });

  it('is not made where it is refused, and is none where there is nothing to do', async () => {
    const user = newUser();
    const { portfolio_id } = await opened(store, user);
    const refused = await store.change(user, portfolio_id, LATER, () => ({ refusal: 'oversell' as const }));
    expect(refused).toEqual({ result: 'refused', refusal: 'oversell' });
    expect(await store.change(user, portfolio_id, LATER, () => ({}))).toEqual({
      result: 'changed',
      added: [],
      revision: 1,
    });
    await expect(added(store, user, portfolio_id, addedOf({ qty: '0.0000000001' }))).rejects.toThrow(/nine|9/);
    await expect(
      added(store, user, portfolio_id, addedOf({ external_id: 'x' }), addedOf({ external_id: 'x' })),
    ).rejects.toThrow(/duplicate/);
    expect(await store.state(user, portfolio_id)).toMatchObject({ transactions: [], portfolio: { revision: 1 } });
  });

  it('never removes a booked trade', async () => {
    const user = newUser();
    const { portfolio_id } = await opened(store, user);
    const trade = tradeOf({ user_id: user, portfolio_id });
    await store.record(trade, NOW);
    await expect(store.change(user, portfolio_id, LATER, () => ({ remove: [trade.execution_id] }))).rejects.toThrow(
      'booked trade',
    );
    expect((await store.state(user, portfolio_id))?.transactions).toHaveLength(1);
  });

  it('ends where a portfolio is full, which a trade does not', async () => {
    const small = portfolios.storeWith({ maxTransactions: 3 });
    const user = newUser();
    const { portfolio_id } = await opened(small, user);
    const first = addedOf();
    await added(small, user, portfolio_id, first, addedOf());
    const some = (n: number) => Array.from({ length: n }, () => addedOf());
    const change = (what: Change) => small.change<never>(user, portfolio_id, LATER, () => what);
    expect(await change({ add: some(2) })).toEqual({ result: 'too_many' });
    expect(await change({ add: some(1) })).toMatchObject({ result: 'changed' });
    expect(await change({ add: some(1) })).toEqual({ result: 'too_many' });
    expect(await small.record(tradeOf({ user_id: user, portfolio_id }), NOW)).toMatchObject({ result: 'recorded' });
    // What is taken back makes room, and may be taken back of a portfolio that is more than full.
    expect(await change({ add: some(1), remove: [first.transaction_id] })).toEqual({ result: 'too_many' });
    expect(await change({ remove: [first.transaction_id] })).toMatchObject({ result: 'changed' });
    expect((await small.state(user, portfolio_id))?.transactions).toHaveLength(3);
  });
});

describe('transactions', () => {
  it('are paged from the newest, by what is asked', async () => {
    const user = newUser();
    const { portfolio_id } = await opened(store, user);
    const at = (n: number) => `2026-03-0${1 + Math.floor(n / 2)}T00:00:00.000Z`;
    const rows = Array.from({ length: 8 }, (_, n) =>
      addedOf({ executed_at: at(n), symbol: n % 3 === 0 ? 'MSFT' : 'AAPL', type: n === 5 ? 'sell' : 'buy' }),
    );
    await added(store, user, portfolio_id, ...rows);
    const newest = [...rows].reverse().map(({ transaction_id }) => transaction_id);
    const read: string[] = [];
    for (let before: { executed_at: string; transaction_id: string } | undefined; ;) {
      const page = await store.transactions(user, portfolio_id, {}, { limit: 3, ...(before && { before }) });
      read.push(...page!.map(({ transaction_id }) => transaction_id));
      before = page!.at(-1);
      if (page!.length < 3) break;
    }
    expect(read).toEqual(newest);
    const some = async (filter: Parameters<PortfolioStore['transactions']>[2]) =>
      (await store.transactions(user, portfolio_id, filter, { limit: 50 }))!.map(({ transaction_id }) =>
        rows.findIndex((row) => row.transaction_id === transaction_id),
      );
    expect(await some({ symbol: 'MSFT' })).toEqual([6, 3, 0]);
    expect(await some({ type: 'sell' })).toEqual([5]);
    expect(await some({ from: '2026-03-02T00:00:00Z', to: at(6) })).toEqual([5, 4, 3, 2]);
  });

  it('of many portfolios come in one go, by portfolio, in pages', async () => {
    const user = newUser();
    const ids: string[] = [];
    for (let n = 0; n < 5; n++) ids.push((await opened(store, user)).portfolio_id);
    ids.sort();
    for (const id of ids.slice(0, 4)) await added(store, user, id, addedOf(), splitOf('2:1'));
    const size = (portfolio_id: string, transactions: number) => ({ portfolio_id, transactions });
    const [one, two, three, four, none] = ids as [string, string, string, string, string];
    await added(store, user, four, addedOf());
    expect(await store.sizes({ limit: 3, among: ids, countTo: 10 })).toEqual([
      size(one, 2),
      size(two, 2),
      size(three, 2),
    ]);
    expect(await store.sizes({ limit: 3, among: ids, countTo: 2, after: three })).toEqual([
      size(four, 2),
      size(none, 0),
    ]);
    const all = await store.states({ limit: 3, among: ids });
    const rest = await store.states({ limit: 3, among: ids, after: all.at(-1)!.portfolio.portfolio_id });
    expect([...all, ...rest].map(({ portfolio }) => portfolio.portfolio_id)).toEqual(ids);
    for (const state of [...all, ...rest]) expect(state).toEqual(await store.state(user, state.portfolio.portfolio_id));
  });
});

const day = {
  portfolio_id: '',
  date: '2026-05-18',
  total_value: '1000.5',
  market_value: '900.5',
  cash: null,
  cost_basis: '800',
  realized_pl: '-1',
  unrealized_pl: '100.500000001',
  stale: false,
  final: false,
  taken_at: NOW,
};

describe('days', () => {
  it('are kept one a day: the last of the minutes, and the close above all', async () => {
    const { portfolio_id } = await opened(store, newUser());
    const one = { ...day, portfolio_id };
    const kept = () => store.snapshots(portfolio_id, '2026-05-18', '2026-05-18');
    await store.snapshot([one, { ...one, date: '2026-05-19' }, { ...one, portfolio_id: ulid() }]);
    expect(await kept()).toEqual([one]);
    const newer = { ...one, total_value: '1001', taken_at: LATER };
    await store.snapshot([one, newer]);
    await store.snapshot([one]);
    expect(await kept()).toEqual([newer]);
    const final = { ...one, total_value: '999.99', final: true };
    await store.snapshot([final]);
    await store.snapshot([newer]);
    expect(await kept()).toEqual([final]);
    expect(await store.snapshots(portfolio_id, '2026-01-01', '2026-12-31')).toHaveLength(2);
  });

  it('have closes, which are known as far as was asked', async () => {
    const close = (symbol: string, date: string, price: string) => ({ symbol, date, close: price });
    const known = (from: string, to: string, asked_at = NOW) => ({ symbol: 'XYZ', from, to, asked_at });
    const all = (adjustment: 'raw' | 'all') => store.closes(['XYZ', 'QQQ'], adjustment, '2026-01-01', '2026-01-31');
    await store.keepCloses(
      'raw',
      [close('XYZ', '2026-01-05', '10.50'), close('QQQ', '2026-01-05', '1'), close('XYZ', '2026-02-01', '3')],
      [known('2026-01-01', '2026-01-10')],
    );
    await store.keepCloses('raw', [close('XYZ', '2026-01-05', '10.6')], []);
    expect(await all('raw')).toEqual([close('QQQ', '2026-01-05', '1'), close('XYZ', '2026-01-05', '10.6')]);
    expect(await all('all')).toEqual([]);
    const asked = async (...one: Parameters<typeof known>) => {
      await store.keepCloses('raw', [], [known(...one)]);
      return store.closesKnown(['XYZ', 'QQQ'], 'raw');
    };
    expect(await asked('2026-01-11', '2026-01-20', LATER)).toEqual([known('2026-01-01', '2026-01-20', LATER)]);
    expect(await asked('2025-12-01', '2026-01-05', NOW)).toEqual([known('2025-12-01', '2026-01-20', LATER)]);
    expect(await asked('2026-03-01', '2026-03-02', NOW)).toEqual([known('2026-03-01', '2026-03-02', NOW)]);
  });
});
