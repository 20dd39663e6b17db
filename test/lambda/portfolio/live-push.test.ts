import type { SQSEvent } from 'aws-lambda';
import type { Topic } from '../../../lambda/adapters/live/connections';
import { makeHandler } from '../../../lambda/portfolio/live-push';
import {
  bodyOf,
  connectionOf,
  type LiveGround,
  liveGround,
  OTHERS,
  PORTFOLIO,
  quoteOf,
  tradeOf,
  valuationOf,
} from './live';

let ground: LiveGround;
beforeEach(() => (ground = liveGround()));

const batchOf = (bodies: readonly string[]): SQSEvent => ({
  Records: bodies.map((body, n) => ({
    messageId: `m${n}`,
    receiptHandle: '',
    body,
    attributes: {
      ApproximateReceiveCount: '1',
      SentTimestamp: '0',
      SenderId: '',
      ApproximateFirstReceiveTimestamp: '0',
    },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: '',
    awsRegion: '',
  })),
});
const push = (...bodies: string[]) => makeHandler({ ...ground.services, patienceMs: 20 })(batchOf(bodies));
const portfolio = (portfolio_id: string): Topic => ({ kind: 'portfolio', portfolio_id });
const symbol = (name: string): Topic => ({ kind: 'symbol', symbol: name });
async function watching(id: string, user: string, topics: readonly Topic[], tokenSeconds?: number): Promise<void> {
  const connection = connectionOf(id, user, tokenSeconds);
  await ground.services.connections.open(connection);
  await ground.services.connections.watch(connection, topics);
}
const valued = (fields?: Parameters<typeof valuationOf>[0]) => bodyOf('valuationUpdated', valuationOf(fields));
const quoted = (...quotes: ReturnType<typeof quoteOf>[]) => bodyOf('quotesUpdated', { quotes });
const done = { batchItemFailures: [] };

it('tells a valuation to those who watch the portfolio, without its owner’s id', async () => {
  await watching('a', 'ada', [portfolio(PORTFOLIO)]);
  await watching('a2', 'ada', [symbol('IBM')]);
  expect(await push(valued())).toEqual(done);
  const { user_id: _, ...shown } = valuationOf();
  expect(ground.said).toEqual([{ to: 'a', message: { type: 'valuation', ...shown } }]);
});

it("never tells another's portfolio, even to a connection that has come to watch it", async () => {
  await watching('a', 'ada', [portfolio(OTHERS)]);
  await watching('b', 'bob', [portfolio(OTHERS)]);
  await push(
    valued({ portfolio_id: OTHERS, user_id: 'bob' }),
    bodyOf('tradeBooked', tradeOf({ portfolio_id: OTHERS, user_id: 'bob' })),
  );
  expect(ground.toldTo('a')).toEqual([]);
  expect(ground.toldTo('b').map(({ type }) => type)).toEqual(['trade', 'valuation']);
});

it('tells a connection the quotes that it watches in one message', async () => {
  await watching('a', 'ada', [symbol('IBM'), symbol('AAPL'), portfolio(PORTFOLIO)]);
  await watching('b', 'bob', [symbol('AAPL')]);
  await push(quoted(quoteOf('IBM'), quoteOf('MSFT')), quoted(quoteOf('AAPL')));
  expect(ground.toldTo('a')).toEqual([
    { type: 'quote', quotes: expect.arrayContaining([quoteOf('IBM'), quoteOf('AAPL')]) },
  ]);
  expect(ground.toldTo('a')).toHaveProperty('0.quotes.length', 2);
  expect(ground.toldTo('b')).toEqual([{ type: 'quote', quotes: [quoteOf('AAPL')] }]);
});

it('tells of several values in a batch only the newest, in whatever order they come', async () => {
  await watching('a', 'ada', [portfolio(PORTFOLIO), symbol('IBM')]);
  const [older, newer] = ['2026-05-18T14:59:00Z', '2026-05-18T15:00:00+00:00'];
  await push(
    valued({ as_of: newer, holdings_left_out: 2 }),
    valued({ as_of: older, holdings_left_out: 1 }),
    quoted(quoteOf('IBM', '101', newer)),
    quoted(quoteOf('IBM', '100', older)),
  );
  expect(ground.toldTo('a')).toMatchObject([
    { type: 'valuation', holdings_left_out: 2 },
    { type: 'quote', quotes: [{ price: '101' }] },
  ]);
});

it('tells what is delivered twice in a batch once', async () => {
  await watching('a', 'ada', [portfolio(PORTFOLIO), symbol('IBM')]);
  const trade = bodyOf('tradeBooked', tradeOf());
  await push(trade, valued(), trade, valued());
  expect(ground.toldTo('a').map(({ type }) => type)).toEqual(['trade', 'valuation']);
});

it('tells a redelivered message again, which harms nobody: it says the same', async () => {
  await watching('a', 'ada', [portfolio(PORTFOLIO)]);
  await push(valued());
  await push(valued());
  const [first, second] = ground.toldTo('a');
  expect(second).toEqual(first);
});

it('shows of a trade what its owner may see, and nothing of one that names no portfolio', async () => {
  await watching('a', 'ada', [portfolio(PORTFOLIO)]);
  const nameless = tradeOf({ execution_id: '01HZX3Q6W8T5V9K2M4N7P0R1T3', portfolio_id: null });
  await push(bodyOf('tradeBooked', tradeOf()), bodyOf('tradeBooked', nameless));
  const { user_id: _, execution_id: __, booked_at: ___, ...shown } = tradeOf();
  expect(ground.said).toEqual([{ to: 'a', message: { type: 'trade', ...shown } }]);
});

it('tells both executions of a trade that was filled in parts', async () => {
  await watching('a', 'ada', [portfolio(PORTFOLIO)]);
  const rest = tradeOf({ execution_id: '01HZX3Q6W8T5V9K2M4N7P0R1T3', sequence: 2 });
  await push(bodyOf('tradeBooked', tradeOf()), bodyOf('tradeBooked', rest));
  expect(ground.toldTo('a')).toMatchObject([{ sequence: 1 }, { sequence: 2 }]);
});

it('tells an analysis to those who watch its symbol', async () => {
  await watching('a', 'ada', [symbol('IBM')]);
  const detail = { asset_id: '8f3b2a10-0000-4000-8000-000000000001', symbol: 'IBM', analysis_id: 'x', score: 71.5 };
  await push(bodyOf('analysisCompleted', detail));
  expect(ground.toldTo('a')).toEqual([{ type: 'analysis', ...detail }]);
});

it('is not held up by connections that fail or never answer, and says nothing of it to the queue', async () => {
  for (const id of ['stuck', 'broken', 'well']) await watching(id, 'ada', [portfolio(PORTFOLIO)]);
  ground.instead.set('stuck', () => new Promise(() => undefined));
  ground.instead.set('broken', () => Promise.reject(new Error('limit exceeded')));
  expect(await push(valued())).toEqual(done);
  expect(ground.toldTo('well')).toHaveLength(1);
  expect(ground.logged.filter(({ level }) => level === 'warn')).toHaveLength(2);
});

it('tells everybody though more than may be spoken to at a time never answer', async () => {
  for (let n = 0; n < 70; n += 1) {
    await watching(`stuck${n}`, 'ada', [portfolio(PORTFOLIO)]);
    ground.instead.set(`stuck${n}`, () => new Promise(() => undefined));
  }
  await watching('well', 'ada', [portfolio(PORTFOLIO)]);
  await push(valued());
  expect(ground.toldTo('well')).toHaveLength(1);
});

it('ends in time however many never answer, and has nothing of it brought again', async () => {
  let attempts = 0;
  for (let n = 0; n < 64; n += 1) {
    await watching(`stuck${n}`, 'ada', [portfolio(PORTFOLIO)]);
    ground.instead.set(`stuck${n}`, () => {
      attempts += 1;
      ground.pass(1);
      return new Promise(() => undefined);
    });
  }
  expect(await push(valued(), bodyOf('tradeBooked', tradeOf()))).toEqual(done);
  expect(attempts).toBe(20);
  expect(ground.logged).toContainEqual(
    expect.objectContaining({ level: 'warn', fields: { counts: { connections: 44 } } }),
  );
});

it('forgets a connection that is gone', async () => {
  await watching('a', 'ada', [portfolio(PORTFOLIO), symbol('IBM')]);
  ground.gone.add('a');
  await push(valued());
  expect(await ground.services.connections.watched(ground.services.clock())).toEqual({ portfolios: [], symbols: [] });
});

it('tells a connection whose token has expired nothing but that, ends and forgets it', async () => {
  await watching('a', 'ada', [portfolio(PORTFOLIO)], 10);
  ground.pass(10);
  await push(valued());
  expect(ground.toldTo('a')).toMatchObject([{ type: 'error', code: 'token_expired' }]);
  expect(ground.ended).toEqual(['a']);
  expect(await ground.services.connections.find('a', ground.services.clock())).toBeNull();
});

it('tells whoever connected with an expired token so, and ends the connection even where it cannot be told', async () => {
  await watching('a', '', [], -1);
  await watching('b', '', [], -1);
  ground.instead.set('b', () => Promise.reject(new Error('no')));
  const expired = (connection_id: string) => bodyOf('tokenExpired', { connection_id });
  expect(await push(expired('a'), expired('b'))).toEqual(done);
  expect(ground.toldTo('a')).toMatchObject([{ type: 'error', code: 'token_expired' }]);
  expect([...ground.ended].sort()).toEqual(['a', 'b']);
});

it('does not tell values of the moment a minute late, but facts', async () => {
  await watching('a', 'ada', [portfolio(PORTFOLIO), symbol('IBM')]);
  ground.pass(61);
  expect(await push(valued(), quoted(quoteOf('IBM')), bodyOf('tradeBooked', tradeOf()))).toEqual(done);
  expect(ground.toldTo('a').map(({ type }) => type)).toEqual(['trade']);
});

it('tells facts for as long as the queue keeps them, and none that comes later, from dead letters or a slow bus', async () => {
  await watching('a', 'ada', [portfolio(PORTFOLIO)]);
  ground.pass(899);
  await push(bodyOf('tradeBooked', tradeOf()));
  ground.pass(2);
  expect(await push(bodyOf('tradeBooked', tradeOf({ execution_id: '01HZX3Q6W8T5V9K2M4N7P0R1T3' })))).toEqual(done);
  expect(ground.toldTo('a')).toHaveLength(1);
});

it('parks what is no event of the queue, and tells the rest', async () => {
  await watching('a', 'ada', [portfolio(PORTFOLIO)]);
  const foreign = bodyOf('userRemoved', { user_id: 'ada', removed_at: '2026-05-18T15:00:00Z' });
  const malformed = valued().replace('"USD"', '"dollars"');
  expect(await push('{', foreign, malformed, valued())).toEqual(done);
  expect(ground.parked).toEqual(['{', foreign, malformed]);
  expect(ground.toldTo('a')).toHaveLength(1);
});

it('has facts brought again where it cannot be known who watches, and lets values of the moment go', async () => {
  const handler = makeHandler({
    ...ground.services,
    connections: { ...ground.services.connections, watchers: () => Promise.reject(new Error('no table')) },
  });
  const answer = await handler(batchOf([valued(), bodyOf('tradeBooked', tradeOf())]));
  expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'm1' }] });
});
