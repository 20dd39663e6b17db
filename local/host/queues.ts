import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { type QueueId, queues } from '../../contract/events';
import { functions } from '../../contract/functions';
import type { Clock, Log } from '../../lambda/adapters/ports';
import { messageStore } from './bus/message-store';
import { createQueue, type Queue } from './bus/queue';

/** What became of a message. A delayed or parked one is done besides: its worker took it and put it elsewhere. */
export type QueueNews = { readonly queue: QueueId; readonly body: string } & (
  | { readonly became: 'done' }
  | { readonly became: 'delayed'; readonly delaySeconds: number }
  | { readonly became: 'parked'; readonly cause: string }
);

/** Invocations at a time: an asset's five calls follow one another, two of them keep a fast plan busy. */
const CONCURRENCY: Readonly<Record<QueueId, number>> = { pollination: 2, analysis: 2, positions: 2, departures: 1 };

/** The queues of the contract, each with its dead-letter queue. */
export function createQueues(
  documents: DynamoDBDocumentClient,
  clock: Clock,
  log: Log,
  onNews: (news: QueueNews) => void,
): Readonly<Record<QueueId, Queue>> {
  const make = (id: QueueId): Queue => {
    const { batchSize, maxReceiveCount, visibilityTimeoutSeconds, worker } = queues[id];
    return createQueue({
      name: id,
      messages: messageStore(documents, id),
      dead: messageStore(documents, `${id}-dlq`),
      batchSize,
      maxReceiveCount,
      visibilityTimeoutSeconds,
      timeoutSeconds: functions[worker].timeoutSeconds,
      concurrency: CONCURRENCY[id],
      clock,
      log,
      onDone: (body) => onNews({ queue: id, body, became: 'done' }),
      onDelayed: (body, delaySeconds) => onNews({ queue: id, body, became: 'delayed', delaySeconds }),
      onParked: (body, cause) => onNews({ queue: id, body, became: 'parked', cause }),
    });
  };
  return {
    pollination: make('pollination'),
    analysis: make('analysis'),
    positions: make('positions'),
    departures: make('departures'),
  };
}
