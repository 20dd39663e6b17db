import { sql } from 'kysely';
import { Client } from 'pg';
import { MAX_SYMBOLS } from '../../../../contract/schemas/live';
import { clientConfigOf } from '../../../../lambda/adapters/ledger/connect-postgres';
import type { LeadershipPorts } from '../../../../lambda/adapters/portfolio/leadership';
import type { Leadership, PortfolioStore } from '../../../../lambda/adapters/portfolio/portfolios';
import { startPortfolios, type TestPortfolios } from '../../../portfolio';
import { added, addedOf, FIELDS, LATER, newUser, NOW, opened, tradeOf, ulid } from './examples';

let portfolios: TestPortfolios;
let store: PortfolioStore;
const running: Leadership[] = [];
beforeAll(async () => {
  portfolios = await startPortfolios();
  store = portfolios.store;
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.stop()));
});
afterAll(() => portfolios.stop());

type News = boolean | string;

/** A process that wants to lead, and what it was told; `until` resolves when that is so. */
function candidate(ports: Partial<LeadershipPorts> = {}) {
  const clients: Client[] = [];
  const told: News[] = [];
  const waiting = new Set<() => void>();
  const tell = (news: News) => {
    told.push(news);
    for (const look of waiting) look();
  };
  const leadership = portfolios
    .storeWith({
      leadership: {
        client: async () => {
          const client = new Client(await clientConfigOf(portfolios.connection));
          clients.push(client);
          return client;
        },
        retryMs: 20,
        checkMs: 20,
        ...ports,
      },
    })
    .lead({
      onChange: tell,
      onPortfolioChanged: tell,
      onPortfolioWatched: (id) => tell(`watched ${id}`),
      onSymbolsWatched: (symbols) => tell(symbols.join(' ')),
    });
  running.push(leadership);
  const until = (is: () => boolean) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (!is()) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      look();
    });
  return { leadership, told, clients, until };
}

const backendOf = async (client: Client): Promise<number> =>
  (await client.query<{ pid: number }>('select pg_backend_pid() as pid')).rows[0]!.pid;

it('lets one of two lead; when its session is ended it knows at once, and the other one leads', async () => {
  // Once it has lost, it does not ask again for as long as this test takes.
  const first = candidate({ retryMs: 3_600_000 });
  await first.until(() => first.leadership.isLeader());
  const second = candidate();
  const pid = await backendOf(first.clients[0]!);
  const user = newUser();
  const { portfolio_id } = await opened(store, user);
  await added(store, user, portfolio_id, addedOf());
  await first.until(() => first.told.includes(portfolio_id));
  expect(second.told).toEqual([]);
  expect(second.leadership.isLeader()).toBe(false);

  const system = new Client(await clientConfigOf(portfolios.connection));
  await system.connect();
  await system.query('select pg_terminate_backend($1)', [pid]);
  await first.until(() => first.told.includes(false));
  expect(first.leadership.isLeader()).toBe(false);
  await second.until(() => second.leadership.isLeader());
  await added(store, user, portfolio_id, addedOf());
  await second.until(() => second.told.length === 2);
  expect(second.told).toEqual([true, portfolio_id]);
  expect(first.told).toEqual([true, portfolio_id, false]);
  await system.end();
});

it('tells the leader of every kind of change, when it is committed, and of none that was not', async () => {
  const leader = candidate();
  await leader.until(() => leader.leadership.isLeader());
  const user = newUser();
  const { portfolio_id } = await opened(store, user);
  const count = () => leader.told.filter((news) => news === portfolio_id).length;
  await store.replace(user, portfolio_id, FIELDS, LATER);
  await leader.until(() => count() === 1);
  await store.change(user, portfolio_id, LATER, () => ({ refusal: 'no' }));
  await expect(added(store, user, portfolio_id, addedOf({ qty: '0' }))).rejects.toThrow();
  const trade = tradeOf({ user_id: user, portfolio_id });
  await store.record(trade, NOW);
  await store.record(trade, NOW);
  await added(store, user, portfolio_id, addedOf());
  // Notifications come in the order of the commits: were there more, they would be here before this one.
  await store.replace(user, portfolio_id, FIELDS, LATER);
  const last = await opened(store, user);
  await store.replace(user, last.portfolio_id, FIELDS, LATER);
  await leader.until(() => leader.told.includes(last.portfolio_id));
  expect(count()).toBe(4);
});

it('tells the leader what somebody begins to watch, however many symbols, and nothing of what it cannot read', async () => {
  const errors: unknown[] = [];
  const leader = candidate({ onError: (error) => errors.push(error) });
  await leader.until(() => leader.leadership.isLeader());
  const notify = (channel: string, payload: string) =>
    sql`select pg_notify(${channel}, ${payload})`.execute(portfolios.db);
  const [id, last] = [ulid(), ulid()];
  const symbols = Array.from({ length: MAX_SYMBOLS }, (_, n) => `ABCDEFGHI${n}.ABCDEFGH`);
  await store.touch({ portfolios: [id], symbols });
  for (const [channel, payload] of [
    ['portfolio_changed', 'x'],
    ['portfolio_watched', ''],
    ['symbols_watched', '["AAPL"'],
    ['symbols_watched', '["AAPL",7]'],
    ['symbols_watched', '["no symbol"]'],
  ] as const)
    await notify(channel, payload);
  await store.touch({ portfolios: [last], symbols: [] });
  await leader.until(() => leader.told.includes(`watched ${last}`));
  const [leads, first, ...rest] = leader.told;
  expect([leads, first, rest.pop()]).toEqual([true, `watched ${id}`, `watched ${last}`]);
  expect(rest.join(' ').split(' ')).toEqual(symbols);
  expect(errors.map(String)).toEqual([
    'Error: a notification on portfolio_changed is not understood',
    'Error: a notification on portfolio_watched is not understood',
    ...Array.from({ length: 3 }, () => 'Error: a notification on symbols_watched is not understood'),
  ]);
  expect(leader.leadership.isLeader()).toBe(true);
});

it('leads again after the server answered nothing, or was not there', async () => {
  const errors: unknown[] = [];
  let failures = 2;
  const deaf = candidate({
    onError: (error) => errors.push(error),
    client: async () => {
      if (failures-- > 0)
        return new Client({ ...(await clientConfigOf(portfolios.connection)), host: '127.0.0.1', port: 1 });
      const client = new Client({ ...(await clientConfigOf(portfolios.connection)), query_timeout: 200 });
      deaf.clients.push(client);
      return client;
    },
  });
  await deaf.until(() => deaf.leadership.isLeader());
  expect(errors).toHaveLength(2);
  // Its session is stopped without being closed, as by a network that swallows: no word comes, and none is refused.
  const pid = await backendOf(deaf.clients[0]!);
  process.kill(pid, 'SIGSTOP');
  try {
    await deaf.until(() => deaf.told.includes(false));
    expect(deaf.leadership.isLeader()).toBe(false);
    expect(String(errors.at(-1))).toMatch(/timeout/);
  } finally {
    process.kill(pid, 'SIGCONT');
  }
  await deaf.until(() => deaf.leadership.isLeader());
});
