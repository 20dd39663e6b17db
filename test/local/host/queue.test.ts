import path from 'node:path';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { type EventDetail, queues as queueDefinitions } from '../../../contract/events';
import { createBus } from '../../../local/host/bus/bus';
import { messageStore, QUEUE_TABLE, queueTable } from '../../../local/host/bus/message-store';
import { createQueue, type QueueProps, type Worker } from '../../../local/host/bus/queue';
import { type Engine, startEngine } from '../../../local/host/engine/dynalite';
import { ensureTables } from '../../../local/host/engine/tables';
import { eventually, silentLog, temporaryFolder } from './temporary';

const folder = temporaryFolder();
let engine: Engine;
let now = new Date('2026-05-18T12:00:00Z').getTime();
let serial = 0;

async function open(): Promise<void> {
  engine = await startEngine(path.join(folder, 'db'), path.join(folder, 'engine.sock'));
  await ensureTables(engine.client, { [QUEUE_TABLE]: queueTable }, folder);
}

beforeAll(open);
afterAll(() => engine.stop());

function queueOf(name: string, props: Partial<QueueProps> = {}) {
  return createQueue({
    name,
    messages: messageStore(engine.documents, name),
    dead: messageStore(engine.documents, `${name}-dlq`),
    batchSize: 1,
    maxReceiveCount: 3,
    visibilityTimeoutSeconds: 0.05,
    timeoutSeconds: 5,
    concurrency: 1,
    clock: () => new Date(),
    log: silentLog,
    ...props,
  });
}

/** A queue of its own a test, so that none sees another's messages. */
const freshName = () => `queue-${(serial += 1)}`;
const allDone: SQSBatchResponse = { batchItemFailures: [] };
const allFailed = (event: SQSEvent): SQSBatchResponse => ({
  batchItemFailures: event.Records.map(({ messageId }) => ({ itemIdentifier: messageId })),
});

describe('a queue', () => {
  it('hands a message to the worker as Lambda would, and forgets it when it is done', async () => {
    const queue = queueOf(freshName());
    const seen: SQSEvent[] = [];
    await queue.start((event) => {
      seen.push(event);
      return Promise.resolve(allDone);
    });
    await queue.sendAll(['{"a":1}']);
    await eventually(() => queue.size() === 0);
    expect(seen).toHaveLength(1);
    expect(seen[0]!.Records[0]).toMatchObject({
      body: '{"a":1}',
      attributes: { ApproximateReceiveCount: '1' },
      eventSource: 'aws:sqs',
    });
    await queue.stop();
  });

  it('redelivers what failed after its visibility time-out, counting the receipts', async () => {
    const queue = queueOf(freshName());
    const receipts: string[] = [];
    await queue.start((event) => {
      receipts.push(event.Records[0]!.attributes.ApproximateReceiveCount);
      return receipts.length < 2 ? Promise.reject(new Error('not yet')) : Promise.resolve(allDone);
    });
    await queue.sendAll(['x']);
    await eventually(() => queue.size() === 0);
    expect(receipts).toEqual(['1', '2']);
    await queue.stop();
  });

  it('redelivers of a batch only what the worker reports as failed', async () => {
    const queue = queueOf(freshName(), { batchSize: 10 });
    const batches: string[][] = [];
    await queue.sendAll(['good', 'bad', 'good too']);
    await queue.start((event) => {
      batches.push(event.Records.map(({ body }) => body));
      const bad = event.Records.filter(({ body }) => body === 'bad' && batches.length === 1);
      return Promise.resolve({ batchItemFailures: bad.map(({ messageId }) => ({ itemIdentifier: messageId })) });
    });
    await eventually(() => queue.size() === 0);
    expect(batches).toEqual([['good', 'bad', 'good too'], ['bad']]);
    await queue.stop();
  });

  it('takes an identifier that it never gave out for a failure of the whole batch', async () => {
    const queue = queueOf(freshName());
    let invocations = 0;
    await queue.start(() => {
      invocations += 1;
      return Promise.resolve(invocations === 1 ? { batchItemFailures: [{ itemIdentifier: '' }] } : allDone);
    });
    await queue.sendAll(['x']);
    await eventually(() => queue.size() === 0);
    expect(invocations).toBe(2);
    await queue.stop();
  });

  it('moves a message that was received too often to the dead-letter queue, with its cause', async () => {
    const parked: string[] = [];
    const queue = queueOf(freshName(), { onParked: (_body, cause) => parked.push(cause) });
    let invocations = 0;
    await queue.start(() => {
      invocations += 1;
      return Promise.reject(new TypeError('poison'));
    });
    await queue.sendAll(['x']);
    await eventually(() => queue.size() === 0);
    expect(invocations).toBe(3);
    expect(await queue.deadMessages()).toMatchObject([
      { body: 'x', cause: 'received 3 times; last: TypeError: poison' },
    ]);
    expect(parked).toHaveLength(1);
    await queue.stop();
  });

  it('parks what a worker gives up, with the cause it names', async () => {
    const queue = queueOf(freshName());
    await queue.park('x', 'unknown symbol');
    expect(await queue.deadMessages()).toMatchObject([{ body: 'x', cause: 'unknown symbol', receive_count: 0 }]);
  });

  it('delays a message, which comes as a new one that was never received', async () => {
    const queue = queueOf(freshName());
    const receipts: string[] = [];
    const sent = Date.now();
    await queue.start((event) => {
      receipts.push(event.Records[0]!.attributes.ApproximateReceiveCount);
      return Promise.resolve(allDone);
    });
    await queue.sendLater('x', 0.2);
    await eventually(() => queue.size() === 0);
    expect(Date.now() - sent).toBeGreaterThanOrEqual(190);
    expect(receipts).toEqual(['1']);
    await queue.stop();
  });

  it('has fifteen minutes as its longest delay, as SQS', async () => {
    const queue = queueOf(freshName(), { clock: () => new Date(now) });
    let received = 0;
    await queue.start(() => {
      received += 1;
      return Promise.resolve(allDone);
    });
    await queue.sendLater('x', 7200);
    now += 900_000;
    await queue.sendAll([]);
    await eventually(() => received === 1);
    await queue.stop();
  });

  it('works on so many invocations at a time and no more', async () => {
    const queue = queueOf(freshName(), { concurrency: 2, visibilityTimeoutSeconds: 30 });
    let atATime = 0;
    let most = 0;
    const worker: Worker = async () => {
      most = Math.max(most, (atATime += 1));
      await new Promise((resolve) => setTimeout(resolve, 20));
      atATime -= 1;
      return allDone;
    };
    await queue.sendAll(['1', '2', '3', '4', '5']);
    await queue.start(worker);
    await eventually(() => queue.size() === 0);
    expect(most).toBe(2);
    await queue.stop();
  });

  it('counts an invocation that takes too long as failed', async () => {
    const queue = queueOf(freshName(), { timeoutSeconds: 0.05, maxReceiveCount: 1 });
    await queue.start(() => new Promise(() => undefined));
    await queue.sendAll(['x']);
    await eventually(() => queue.size() === 0);
    expect((await queue.deadMessages())[0]!.cause).toContain('timed out after 0.05 seconds');
    await queue.stop();
  });

  it('keeps its messages when the engine is closed and opened again, those under way too', async () => {
    const name = freshName();
    const before = queueOf(name, { visibilityTimeoutSeconds: 3600, timeoutSeconds: 0.5 });
    await before.sendAll(['under way', 'waiting']);
    let taken = false;
    // A worker that is killed: it never answers.
    await before.start(() => {
      taken = true;
      return new Promise(() => undefined);
    });
    await eventually(() => taken);
    void before.stop();
    await engine.stop();
    await open();

    const after = queueOf(name, { visibilityTimeoutSeconds: 3600 });
    const seen: [string, string][] = [];
    await after.start((event) => {
      for (const { body, attributes } of event.Records) seen.push([body, attributes.ApproximateReceiveCount]);
      return Promise.resolve(allDone);
    });
    await eventually(() => after.size() === 0);
    expect(seen).toEqual([
      ['under way', '2'],
      ['waiting', '1'],
    ]);
    await after.stop();
  });

  it('hands nothing out any more once it is stopped', async () => {
    const queue = queueOf(freshName());
    let invocations = 0;
    await queue.start((event) => {
      invocations += 1;
      return Promise.resolve(allFailed(event));
    });
    await queue.stop();
    await queue.sendAll(['x']);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(invocations).toBe(0);
  });
});

describe('the bus', () => {
  const detail: EventDetail<'analysisNeeded'> = { asset_id: 'b0b6dd9d-8b9b-48a9-ba46-b9d54906e415', symbol: 'AAPL' };
  const sent: Record<string, string[]> = {
    pollination: [],
    analysis: [],
    positions: [],
    departures: [],
    bookings: [],
    leavings: [],
    live: [],
  };
  const archived: string[] = [];
  const sendTo = (name: string) => ({
    sendAll: (bodies: readonly string[]) => {
      sent[name]!.push(...bodies);
      return Promise.resolve();
    },
  });
  const bus = createBus({
    queues: {
      pollination: sendTo('pollination'),
      analysis: sendTo('analysis'),
      positions: sendTo('positions'),
      departures: sendTo('departures'),
      bookings: sendTo('bookings'),
      leavings: sendTo('leavings'),
      live: sendTo('live'),
    },
    archive: { append: async (envelopes) => void archived.push(...envelopes) },
    clock: () => new Date('2026-05-18T12:00:00.500Z'),
    log: silentLog,
  });

  it('delivers an event to the queue that the contract names, as EventBridge writes it', async () => {
    const heard: string[] = [];
    const forget = bus.listen(({ event }) => heard.push(event));
    await bus.publish([{ event: 'analysisNeeded', detail }]);
    forget();
    expect(sent.pollination).toEqual([]);
    expect(archived).toEqual(sent.analysis);
    expect(sent.analysis!.map((body): unknown => JSON.parse(body))).toEqual([
      {
        version: '0',
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        'detail-type': 'analysisNeeded',
        source: 'signal9.advisor',
        account: '000000000000',
        time: '2026-05-18T12:00:00Z',
        region: 'local',
        resources: [],
        detail,
      },
    ]);
    expect(heard).toEqual(['analysisNeeded']);
  });

  it('refuses a detail that the contract does not know, and delivers none of its company', async () => {
    sent.analysis = [];
    const wrong = { ...detail, asset_id: 'AAPL' };
    await expect(
      bus.publish([
        { event: 'analysisNeeded', detail },
        { event: 'analysisNeeded', detail: wrong },
      ]),
    ).rejects.toThrow();
    expect(sent.analysis).toEqual([]);
  });

  it('has a queue for each of the contract', () => {
    expect(Object.keys(queueDefinitions).sort()).toEqual(Object.keys(sent).sort());
  });
});
