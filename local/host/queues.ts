import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { type QueueId, queues } from '../../contract/events';
import { functions } from '../../contract/functions';
import type { Clock, Log } from '../../lambda/adapters/ports';
import { messageStore } from './bus/message-store';
import { createQueue, type Queue } from './bus/queue';

/** What happened to a message off its usual path. */
export type QueueIncident =
  | { readonly queue: QueueId; readonly body: string; readonly delaySeconds: number }
  | { readonly queue: QueueId; readonly body: string; readonly cause: string };

/** Invocations at a time: an asset's five calls follow one another, two of them keep a fast plan busy. */
const CONCURRENCY: Readonly<Record<QueueId, number>> = { pollination: 2, analysis: 2 };

/** The queues of the contract, each with its dead-letter queue. */
export function createQueues(
  documents: DynamoDBDocumentClient,
  clock: Clock,
  log: Log,
  onIncident: (incident: QueueIncident) => void,
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
      onDelayed: (body, delaySeconds) => onIncident({ queue: id, body, delaySeconds }),
      onParked: (body, cause) => onIncident({ queue: id, body, cause }),
    });
  };
  return { pollination: make('pollination'), analysis: make('analysis') };
}
