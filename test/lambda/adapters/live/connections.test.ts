import { MAX_SYMBOLS, MAX_WATCHED_PORTFOLIOS } from '../../../../contract/schemas/live';
import type { Connection, Connections, Topic, WatchedTopics } from '../../../../lambda/adapters/live/connections';
import { dynamoConnections, dynamoTopics } from '../../../../lambda/adapters/live/dynamo-connections';
import { memoryConnections } from '../../../../lambda/adapters/live/memory-connections';
import { startDynamo, type TestDynamo } from '../../../dynamo';

const NOW = new Date('2026-05-18T15:00:00Z');
const seconds = NOW.getTime() / 1000;
const at = (offset: number) => new Date(NOW.getTime() + offset * 1000);

let serial = 0;
const connectionOf = (user_id: string, fields: Partial<Connection> = {}): Connection => ({
  connection_id: `c-${(serial += 1)}=`,
  user_id,
  token_expires_at: seconds + 3600,
  expires_at: seconds + 7800,
  ...fields,
});
const portfolio = (n: number): Topic => ({ kind: 'portfolio', portfolio_id: `01J${String(n).padStart(23, '0')}` });
const symbol = (name: string): Topic => ({ kind: 'symbol', symbol: name });
const symbols = (count: number, from = 0) => Array.from({ length: count }, (_, n) => symbol(`S${from + n}`));

let dynamo: TestDynamo;
beforeAll(async () => {
  dynamo = await startDynamo();
});
afterAll(() => dynamo.stop());

const makers = {
  'in DynamoDB': async (): Promise<{ connections: Connections; topics: WatchedTopics }> => {
    const env = `live-${(serial += 1)}`;
    await dynamo.createTables(env, ['connections']);
    return { connections: dynamoConnections(dynamo.documents, env), topics: dynamoTopics(dynamo.documents, env) };
  },
  'in memory': async () => {
    const memory = memoryConnections();
    return { connections: memory, topics: memory };
  },
};

describe.each(Object.entries(makers))('connections %s', (_, make) => {
  let connections: Connections;
  let topics: WatchedTopics;
  beforeEach(async () => ({ connections, topics } = await make()));

  it('finds a connection that is open, and no other', async () => {
    const ada = connectionOf('ada');
    await connections.open(ada);
    expect(await connections.find(ada.connection_id, NOW)).toEqual(ada);
    expect(await connections.find('nobody', NOW)).toBeNull();
  });

  it('believes nothing of a connection past its time, though the rows are still there', async () => {
    const ada = connectionOf('ada', { expires_at: seconds + 60 });
    await connections.open(ada);
    await connections.watch(ada, [portfolio(1), symbol('IBM')]);
    expect(await connections.watchers([symbol('IBM')], at(59))).toHaveLength(1);
    expect(await connections.find(ada.connection_id, at(60))).toBeNull();
    expect(await connections.watchers([portfolio(1), symbol('IBM')], at(60))).toEqual([]);
    expect(await topics.watched(at(60))).toEqual({ portfolios: [], symbols: [] });
  });

  it('tells who watches a topic, with all that is needed to speak to them', async () => {
    const [ada, bob] = [connectionOf('ada'), connectionOf('bob', { token_expires_at: seconds + 5 })];
    await Promise.all([ada, bob].map((one) => connections.open(one)));
    await connections.watch(ada, [portfolio(1), symbol('IBM')]);
    await connections.watch(bob, [symbol('IBM')]);
    expect(await connections.watchers([portfolio(1)], NOW)).toEqual([{ ...ada, topic: portfolio(1) }]);
    const both = await connections.watchers([symbol('IBM'), symbol('IBM'), symbol('AAPL')], NOW);
    expect(both).toHaveLength(2);
    expect(both).toEqual(
      expect.arrayContaining([
        { ...ada, topic: symbol('IBM') },
        { ...bob, topic: symbol('IBM') },
      ]),
    );
  });

  it('watches what is watched twice once, and unwatches it once', async () => {
    const ada = connectionOf('ada');
    await connections.open(ada);
    await connections.watch(ada, [symbol('IBM'), symbol('IBM')]);
    await connections.watch(ada, [symbol('IBM'), symbol('AAPL')]);
    expect(await connections.watchers([symbol('IBM')], NOW)).toHaveLength(1);
    await connections.unwatch(ada.connection_id, [symbol('IBM'), symbol('IBM'), symbol('MSFT')]);
    await connections.unwatch(ada.connection_id, [symbol('IBM')]);
    expect(await connections.watchers([symbol('IBM'), symbol('AAPL')], NOW)).toEqual([
      { ...ada, topic: symbol('AAPL') },
    ]);
  });

  it('forgets with a connection all that it watched, and nothing of another; twice is once', async () => {
    const [ada, bob] = [connectionOf('ada'), connectionOf('bob')];
    await Promise.all([ada, bob].map((one) => connections.open(one)));
    await connections.watch(ada, [portfolio(1), ...symbols(60)]);
    await connections.watch(bob, symbols(1));
    await connections.close(ada.connection_id);
    await connections.close(ada.connection_id);
    expect(await connections.find(ada.connection_id, NOW)).toBeNull();
    expect(await connections.watchers([portfolio(1), ...symbols(60)], NOW)).toEqual([{ ...bob, topic: symbol('S0') }]);
    expect(await topics.watched(NOW)).toEqual({ portfolios: [], symbols: ['S0'] });
  });

  it('lists once what several watch', async () => {
    const [ada, bob] = [connectionOf('ada'), connectionOf('bob')];
    await connections.watch(ada, [portfolio(1), symbol('IBM')]);
    await connections.watch(bob, [portfolio(2), symbol('IBM'), symbol('BRK.B')]);
    const { portfolios, symbols: watched } = await topics.watched(NOW);
    expect([...portfolios].sort()).toEqual(
      [portfolio(1), portfolio(2)].map((one) => 'portfolio_id' in one && one.portfolio_id),
    );
    expect([...watched].sort()).toEqual(['BRK.B', 'IBM']);
  });

  it('lets a connection watch up to the limits, and changes nothing beyond them', async () => {
    const ada = connectionOf('ada');
    const full = [...symbols(MAX_SYMBOLS), ...Array.from({ length: MAX_WATCHED_PORTFOLIOS }, (_, n) => portfolio(n))];
    expect(await connections.watch(ada, full)).toBe('watching');
    expect(await connections.watch(ada, symbols(10))).toBe('watching');
    expect(await connections.watch(ada, [symbol('S0'), symbol('ONE.MORE')])).toBe('too_many');
    expect(await connections.watch(ada, [portfolio(99)])).toBe('too_many');
    expect(await connections.watchers([symbol('ONE.MORE'), portfolio(99)], NOW)).toEqual([]);
    await connections.unwatch(ada.connection_id, [symbol('S0'), portfolio(0)]);
    expect(await connections.watch(ada, [symbol('ONE.MORE'), portfolio(99)])).toBe('watching');
  });
});
