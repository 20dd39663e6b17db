import { sql } from 'kysely';
import { connectPostgres } from '../../../../lambda/adapters/ledger/connect-postgres';
import { type PortfolioStore, StoreUnavailable } from '../../../../lambda/adapters/portfolio/portfolios';
import type { PortfolioTables } from '../../../../lambda/adapters/portfolio/schema';
import { type PortfolioDb, startPortfolios, type TestPortfolios } from '../../../portfolio';
import { added, addedOf, FIELDS, LATER, newUser, NOW, opened, tradeOf } from './examples';

let portfolios: TestPortfolios;
let store: PortfolioStore;
const open: PortfolioDb[] = [];
beforeAll(async () => {
  portfolios = await startPortfolios();
  store = portfolios.store;
});
afterAll(async () => {
  await Promise.all(open.map((db) => db.destroy()));
  await portfolios.stop();
});

const connecting = (change: Partial<Parameters<typeof connectPostgres>[0]>): PortfolioStore => {
  const db = connectPostgres<PortfolioTables>({ ...portfolios.connection, ...change });
  open.push(db);
  return portfolios.storeWith({ db });
};

describe('the store is unavailable', () => {
  it.each<[string, Partial<Parameters<typeof connectPostgres>[0]>]>([
    ['where nobody listens', { host: '127.0.0.1', port: 1 }],
    ['where no such host is', { host: 'nowhere.invalid' }],
    ['with a password that is refused', { user: 'nobody', password: async () => 'wrong' }],
    ['where the password cannot be had', { password: () => Promise.reject(new StoreUnavailable('no secret')) }],
  ])('%s', async (_, change) => {
    const far = connecting(change);
    await expect(far.ping()).rejects.toThrow(StoreUnavailable);
    await expect(far.record(tradeOf({ user_id: newUser() }), NOW)).rejects.toThrow(StoreUnavailable);
  });

  it('where it does not answer in time, and answers again afterwards', async () => {
    const user = newUser();
    const { portfolio_id } = await opened(store, user);
    const impatient = connecting({ statementTimeoutMs: 200, connections: 1 });
    await portfolios.db.transaction().execute(async (tx) => {
      await sql`select 1 from portfolios where portfolio_id = ${portfolio_id} for update`.execute(tx);
      await expect(added(impatient, user, portfolio_id, addedOf())).rejects.toThrow(StoreUnavailable);
    });
    expect(await added(impatient, user, portfolio_id, addedOf())).toMatchObject({ revision: 2 });
  });

  it('but not where the question is wrong', async () => {
    const user = newUser();
    const { portfolio_id } = await opened(store, user);
    const asked = added(store, user, portfolio_id, addedOf({ symbol: 'X'.repeat(33) }));
    await expect(asked).rejects.toThrow(/too long/);
    await expect(asked).rejects.not.toThrow(StoreUnavailable);
  });
});

it('asks for a new password once where the old one is refused', async () => {
  const { password } = portfolios.connection;
  const asked: boolean[] = [];
  const rotated = connecting({
    connections: 1,
    password: async ({ fresh }) => {
      asked.push(fresh);
      return fresh && typeof password === 'string' ? password : 'old';
    },
  });
  await rotated.ping();
  await rotated.ping();
  expect(asked).toEqual([false, true]);
});

it('outlives connections that the server ends while they rest, and while they work', async () => {
  const name = 'to be ended';
  const db = connectPostgres<PortfolioTables>({ ...portfolios.connection, connections: 3 });
  open.push(db);
  const user = newUser();
  const mine = portfolios.storeWith({ db });
  const { portfolio_id } = await opened(mine, user);
  await sql`select set_config('application_name', ${name}, false)`.execute(db);
  await sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name = ${name}`.execute(
    portfolios.db,
  );
  await mine.ping();

  let asked = 0;
  const result = await mine.change<never>(user, portfolio_id, LATER, () => ({
    add: [addedOf({ qty: String(++asked) })],
  }));
  expect(result).toMatchObject({ result: 'changed' });
  let waiting: Promise<unknown> | undefined;
  await portfolios.db.transaction().execute(async (tx) => {
    await sql`select 1 from portfolios where portfolio_id = ${portfolio_id} for update`.execute(tx);
    waiting = added(mine, user, portfolio_id, addedOf());
    await ended();
    await ended();
  });
  expect(await waiting).toMatchObject({ result: 'changed', revision: 3 });
});

/** Ends the one connection that waits for a lock, as soon as there is one, and waits until it is gone. */
async function ended(): Promise<void> {
  for (;;) {
    const { rows } = await sql`
      select pg_terminate_backend(pid, 10000) from pg_stat_activity
      where wait_event_type = 'Lock' and datname = current_database()`.execute(portfolios.db);
    if (rows.length > 0) return;
  }
}

describe('an answer to a commit that is lost', () => {
  /** The first commit takes effect, and its answer does not come. */
  const forgetful = (): PortfolioStore => {
    let commits = 0;
    const db = new Proxy(portfolios.db, {
      get(target, property) {
        if (property !== 'transaction') return Reflect.get(target, property, target) as unknown;
        return () => ({
          execute: async (work: Parameters<ReturnType<PortfolioDb['transaction']>['execute']>[0]) => {
            const done = await target.transaction().execute(work);
            if (commits++ === 0) throw Object.assign(new Error('gone'), { code: 'ECONNRESET' });
            return done;
          },
        });
      },
    });
    return portfolios.storeWith({ db });
  };

  it('makes nothing twice, and is told as what it was', async () => {
    const user = newUser();
    const { portfolio_id } = await opened(forgetful(), user);
    expect(await store.list(user, { limit: 5 })).toHaveLength(1);
    const fields = { ...FIELDS, name: 'Anew' };
    expect(await forgetful().replace(user, portfolio_id, fields, LATER, 1)).toMatchObject({ ...fields, revision: 2 });

    // New ids at every question, as a route's.
    const changed = await forgetful().change<never>(user, portfolio_id, LATER, () => ({ add: [addedOf()] }));
    const { transactions } = (await store.state(user, portfolio_id))!;
    expect(changed).toEqual({ result: 'changed', added: transactions, revision: 3 });
    expect(transactions).toHaveLength(1);
    const { transaction_id } = transactions[0]!;
    const taken = await forgetful().change(user, portfolio_id, LATER, (state) =>
      state.transactions.some((one) => one.transaction_id === transaction_id)
        ? { remove: [transaction_id] }
        : { refusal: 'not there' },
    );
    expect(taken).toEqual({ result: 'changed', added: [], revision: 4 });

    const trade = tradeOf({ user_id: user, portfolio_id });
    expect(await forgetful().record(trade, NOW)).toEqual({ result: 'repeated', portfolio_id });
    expect(await forgetful().remove(user, portfolio_id, LATER)).toBe(true);
  });
});
