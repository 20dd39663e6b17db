import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { type QueueDefinition, type QueueId, queues } from '../../contract/events';
import { functions } from '../../contract/functions';
import type { Clock, Log } from '../../lambda/adapters/ports';
import { createMemoryQueue } from './bus/memory-queue';
import { messageStore } from './bus/message-store';
import { createQueue, type Queue } from './bus/queue';

/** What became of a message. A delayed or parked one is done besides: its worker took it and put it elsewhere. */
export type QueueNews = { readonly queue: QueueId; readonly body: string } & (
  | { readonly became: 'done' }
  | { readonly became: 'delayed'; readonly delaySeconds: number }
  | { readonly became: 'parked'; readonly cause: string }
);

/** Invocations at a time: an asset's five calls follow one another, two of them keep a fast plan busy. */
const CONCURRENCY: Readonly<Partial<Record<QueueId, number>>> = { pollination: 2, analysis: 2, positions: 2 };
/** Messages that wait in memory: some minutes of all portfolios of one machine. */
const CAPACITY = 5000;

/** The queues of the contract, each with its dead-letter queue. */
export function createQueues(
  documents: DynamoDBDocumentClient,
  clock: Clock,
  log: Log,
  onNews: (news: QueueNews) => void,
): Readonly<Record<QueueId, Queue>> {
  const make = (id: QueueId): Queue => {
    const definition: QueueDefinition = queues[id];
    const common = {
      name: id,
      batchSize: definition.batchSize,
      timeoutSeconds: functions[queues[id].worker].timeoutSeconds,
      clock,
      log,
      onDone: (body: string) => onNews({ queue: id, body, became: 'done' }),
      onDelayed: (body: string, delaySeconds: number) => onNews({ queue: id, body, became: 'delayed', delaySeconds }),
      onParked: (body: string, cause: string) => onNews({ queue: id, body, became: 'parked', cause }),
    };
    // Worth keeping for minutes only: not worth a disk.
    if (definition.retentionSeconds !== undefined) return createMemoryQueue({ ...common, capacity: CAPACITY });
    return createQueue({
      ...common,
      messages: messageStore(documents, id),
      dead: messageStore(documents, `${id}-dlq`),
      maxReceiveCount: definition.maxReceiveCount,
      visibilityTimeoutSeconds: definition.visibilityTimeoutSeconds,
      concurrency: CONCURRENCY[id] ?? 1,
    });
  };
  return {
    pollination: make('pollination'),
    analysis: make('analysis'),
    positions: make('positions'),
    departures: make('departures'),
    bookings: make('bookings'),
    leavings: make('leavings'),
    live: make('live'),
  };
}
