import { monotonicFactory } from 'ulid';
import { errorFields } from '../../../lambda/adapters/log-fields';
import type { Clock } from '../../../lambda/adapters/ports';
import { type InvocationProps, invoke, type Worker } from './invocation';
import type { Message } from './message-store';
import type { Queue, QueueProps } from './queue';

export interface MemoryQueueProps
  extends InvocationProps, Pick<QueueProps, 'batchSize' | 'onDone' | 'onDelayed' | 'onParked'> {
  readonly clock: Clock;
  /** Messages that may wait; beyond them the oldest go. */
  readonly capacity: number;
}

/**
 * A queue for what is worthless a little later: nothing of it is on disk, nothing that failed is tried again, and a batch
 * begins as soon as the one before has ended, so that what is told stays in order.
 */
export function createMemoryQueue(props: MemoryQueueProps): Queue {
  const { name, log, batchSize, capacity, clock } = props;
  const ulid = monotonicFactory();
  const delayed = new Set<NodeJS.Timeout>();
  let waiting: string[] = [];
  let worker: Worker | undefined;
  let working: Promise<void> | undefined;
  let underWay = 0;

  function send(bodies: readonly string[]): void {
    // Not push(...bodies): a burst may be more than a call takes arguments.
    waiting = waiting.concat(bodies);
    if (waiting.length > capacity) {
      const dropped = waiting.length - capacity;
      waiting = waiting.slice(dropped);
      log.warn('the oldest messages were dropped', { operation: name, counts: { dropped } });
    }
    pump();
  }

  function pump(): void {
    if (working || !worker || waiting.length === 0) return;
    working = handOut(worker)
      .catch((error: unknown) => log.error('queue failed', { operation: name, ...errorFields(error) }))
      .finally(() => {
        working = undefined;
        underWay = 0;
        pump();
      });
  }

  async function handOut(handler: Worker): Promise<void> {
    const sent_at = clock().getTime();
    const batch = waiting.slice(0, batchSize).map((body): Message => ({
      message_id: ulid(sent_at),
      body,
      sent_at,
      visible_at: sent_at,
      receive_count: 1,
    }));
    waiting = waiting.slice(batchSize);
    underWay = batch.length;
    const { failed, cause } = await invoke(props, handler, batch);
    for (const { message_id, body } of batch) {
      if (failed.has(message_id)) drop(body, cause);
      else props.onDone?.(body);
    }
  }

  function drop(body: string, cause: string): void {
    log.error('message dropped', { operation: name, reason: cause });
    props.onParked?.(body, cause);
  }

  return {
    sendAll: async (bodies) => send(bodies),
    async sendLater(body, delaySeconds) {
      const timer = setTimeout(() => {
        delayed.delete(timer);
        send([body]);
      }, delaySeconds * 1000);
      delayed.add(timer);
      props.onDelayed?.(body, delaySeconds);
    },
    park: async (body, cause) => drop(body, cause),
    async start(handler) {
      worker = handler;
      pump();
    },
    async stop() {
      worker = undefined;
      for (const timer of delayed) clearTimeout(timer);
      await working;
    },
    size: () => waiting.length + underWay,
    deadMessages: () => Promise.resolve([]),
  };
}
