import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { createMemoryQueue, type MemoryQueueProps } from '../../../local/host/bus/memory-queue';
import { silentLog } from './temporary';

/** The queue that keeps its messages in memory. */
const parked: [string, string][] = [];
const done: string[] = [];
const queueOf = (props: Partial<MemoryQueueProps> = {}) =>
  createMemoryQueue({
    name: 'live',
    batchSize: 2,
    timeoutSeconds: 5,
    capacity: 5,
    clock: () => new Date('2026-05-18T15:00:00Z'),
    log: silentLog,
    onDone: (body) => done.push(body),
    onParked: (body, cause) => parked.push([body, cause]),
    ...props,
  });
beforeEach(() => {
  parked.length = 0;
  done.length = 0;
});

const bodiesOf = ({ Records }: SQSEvent) => Records.map(({ body }) => body);
const well: SQSBatchResponse = { batchItemFailures: [] };

/** A worker whose batches are in the test's hand. */
function heldWorker() {
  const batches: { readonly bodies: readonly string[]; readonly answer: (response: SQSBatchResponse) => void }[] = [];
  return {
    batches,
    work: (event: SQSEvent) =>
      new Promise<SQSBatchResponse>((answer) => {
        batches.push({ bodies: bodiesOf(event), answer });
      }),
  };
}
const turns = () => new Promise((resolve) => setImmediate(resolve));

it('hands out at once, one batch after the other, in the order of sending', async () => {
  const queue = queueOf();
  const { batches, work } = heldWorker();
  await queue.start(work);
  await queue.sendAll(['1', '2', '3']);
  expect(batches.map(({ bodies }) => bodies)).toEqual([['1', '2']]);
  expect(queue.size()).toBe(3);
  await queue.sendAll(['4']);
  batches[0]!.answer(well);
  await turns();
  expect(batches.map(({ bodies }) => bodies)).toEqual([
    ['1', '2'],
    ['3', '4'],
  ]);
  batches[1]!.answer(well);
  await turns();
  expect(queue.size()).toBe(0);
  expect(done).toEqual(['1', '2', '3', '4']);
});

it('keeps what is sent before it starts', async () => {
  const queue = queueOf();
  const { batches, work } = heldWorker();
  await queue.sendAll(['1']);
  await queue.start(work);
  expect(batches).toHaveLength(1);
  batches[0]!.answer(well);
});

it('lets the oldest go where more come than may wait', async () => {
  const queue = queueOf();
  await queue.sendAll(['1', '2', '3']);
  await queue.sendAll(['4', '5', '6', '7']);
  const { batches, work } = heldWorker();
  await queue.start(work);
  expect(queue.size()).toBe(5);
  expect(batches[0]!.bodies).toEqual(['3', '4']);
  const stopped = queue.stop();
  batches[0]!.answer(well);
  await stopped;
});

it('does not try again what failed, and goes on', async () => {
  const queue = queueOf();
  const seen: string[][] = [];
  await queue.sendAll(['1', '2', '3', '4', '5']);
  await queue.start((event) => {
    seen.push(bodiesOf(event));
    if (seen.length === 1) return Promise.reject(new Error('broken'));
    const [first] = event.Records;
    return Promise.resolve(seen.length === 2 ? { batchItemFailures: [{ itemIdentifier: first!.messageId }] } : well);
  });
  while (queue.size() > 0) await turns();
  expect(seen).toEqual([['1', '2'], ['3', '4'], ['5']]);
  expect(parked).toEqual([
    ['1', 'Error: broken'],
    ['2', 'Error: broken'],
    ['3', 'the worker reported a failure'],
  ]);
  expect(done).toEqual(['4', '5']);
});

it('stops once the batch under way has ended, and hands out nothing more', async () => {
  const queue = queueOf();
  const { batches, work } = heldWorker();
  await queue.start(work);
  await queue.sendAll(['1', '2', '3']);
  let hasStopped = false;
  const stopping = queue.stop().then(() => (hasStopped = true));
  await turns();
  expect(hasStopped).toBe(false);
  batches[0]!.answer(well);
  await stopping;
  expect(batches).toHaveLength(1);
});
