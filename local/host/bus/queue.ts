import { monotonicFactory } from 'ulid';
import type { Clock, Log, WorkerQueue } from '../../../lambda/adapters/ports';
import { errorFields } from '../../../lambda/adapters/log-fields';
import { invoke as invokeWorker, type Worker } from './invocation';
import type { Message, MessageStore } from './message-store';

export interface QueueProps {
  readonly name: string;
  readonly messages: MessageStore;
  /** The dead-letter queue. */
  readonly dead: MessageStore;
  readonly batchSize: number;
  readonly maxReceiveCount: number;
  readonly visibilityTimeoutSeconds: number;
  /** An invocation that takes longer has failed, as in Lambda. */
  readonly timeoutSeconds: number;
  /** Most invocations at a time. */
  readonly concurrency: number;
  readonly clock: Clock;
  readonly log: Log;
  /** Told what becomes of messages, for those who wait for one. */
  readonly onDone?: (body: string) => void;
  readonly onDelayed?: (body: string, delaySeconds: number) => void;
  readonly onParked?: (body: string, cause: string) => void;
}

export type { Worker };

export interface Queue extends WorkerQueue {
  /** @param urgent somebody waits: ahead of what nobody waits for */
  sendAll(bodies: readonly string[], urgent?: boolean): Promise<void>;
  /** Begins to hand messages to the worker. What a killed host was working on is handed out again at once. */
  start(worker: Worker): Promise<void>;
  /** Hands out nothing more and resolves when the invocations under way have ended. */
  stop(): Promise<void>;
  /** Messages that wait or are being worked on. */
  size(): number;
  deadMessages(): Promise<Message[]>;
}

/** SQS's longest delay. */
const MAX_DELAY_SECONDS = 900;
/** setTimeout's own limit is 2^31 ms; waking up now and then for nothing is cheap. */
const LONGEST_NAP_MS = 60_000;

/**
 * SQS on one machine, with Lambda's poller: at least once, a visibility time-out, delays, receive counts, a dead-letter
 * queue, partial batch responses, several invocations at a time. The store is the truth, memory its index.
 */
export function createQueue(props: QueueProps): Queue {
  const { name, messages, dead, clock, log } = props;
  const ulid = monotonicFactory();
  const waiting = new Map<string, Message>();
  const causes = new Map<string, string>();
  const underWay = new Set<Promise<void>>();
  let worker: Worker | undefined;
  let timer: NodeJS.Timeout | undefined;
  let handingOut: Promise<void> | undefined;

  const now = () => clock().getTime();
  const isWorking = () => worker !== undefined;

  function newMessage(body: string, delaySeconds: number): Message {
    const sent_at = now();
    const delay = Math.max(0, Math.min(MAX_DELAY_SECONDS, delaySeconds)) * 1000;
    return { message_id: ulid(sent_at), body, sent_at, visible_at: sent_at + delay, receive_count: 0 };
  }

  async function send(fresh: readonly Message[]): Promise<void> {
    await messages.putAll(fresh);
    for (const message of fresh) waiting.set(message.message_id, message);
    pump();
  }

  async function bury(message: Message, cause: string): Promise<void> {
    await dead.put({ ...message, visible_at: now(), cause });
    await forget(message.message_id);
    log.error('message moved to the dead-letter queue', {
      message_id: message.message_id,
      operation: name,
      reason: cause,
    });
    props.onParked?.(message.body, cause);
  }

  async function forget(messageId: string): Promise<void> {
    await messages.remove(messageId);
    waiting.delete(messageId);
    causes.delete(messageId);
  }

  /** Takes what is visible, counts the receipt on disk before anyone works on it. */
  async function receive(): Promise<Message[]> {
    const at = now();
    const batch: Message[] = [];
    const urgentFirst = [...waiting.values()].sort((a, b) => Number(b.urgent ?? false) - Number(a.urgent ?? false));
    for (const message of urgentFirst) {
      if (batch.length >= props.batchSize) break;
      if (message.visible_at > at) continue;
      if (message.receive_count >= props.maxReceiveCount) {
        // Out of reach until it is buried, so that no other invocation takes it meanwhile.
        message.visible_at = Number.POSITIVE_INFINITY;
        const last = causes.get(message.message_id);
        await bury(message, `received ${message.receive_count} times${last === undefined ? '' : `; last: ${last}`}`);
        continue;
      }
      message.receive_count += 1;
      message.first_received_at ??= at;
      message.visible_at = at + props.visibilityTimeoutSeconds * 1000;
      batch.push(message);
    }
    await messages.putAll(batch);
    return batch;
  }

  async function invoke(handler: Worker, batch: readonly Message[]): Promise<void> {
    const { failed, cause } = await invokeWorker(props, handler, batch);
    for (const message of batch) {
      // A failed one stays hidden until its visibility time-out, as Lambda's poller leaves it.
      if (failed.has(message.message_id)) causes.set(message.message_id, cause);
      else {
        await forget(message.message_id);
        props.onDone?.(message.body);
      }
    }
    if (failed.size > 0) {
      log.warn('messages failed', { operation: name, reason: cause, counts: { failed: failed.size } });
    }
  }

  /** Hands out what it may and sleeps until the next message becomes visible. */
  function pump(): void {
    if (handingOut || worker === undefined) return;
    handingOut = handOut()
      .catch((error: unknown) => log.error('queue failed', { operation: name, ...errorFields(error) }))
      .finally(() => {
        handingOut = undefined;
        napUntilVisible();
      });
  }

  async function handOut(): Promise<void> {
    while (worker !== undefined && underWay.size < props.concurrency) {
      const batch = await receive();
      // Stopped meanwhile: the next start hands the batch out again.
      if (batch.length === 0 || !isWorking()) return;
      const invocation: Promise<void> = invoke(worker, batch)
        .catch((error: unknown) => log.error('queue failed', { operation: name, ...errorFields(error) }))
        .finally(() => {
          underWay.delete(invocation);
          pump();
        });
      underWay.add(invocation);
    }
  }

  function napUntilVisible(): void {
    clearTimeout(timer);
    if (worker === undefined || waiting.size === 0 || underWay.size >= props.concurrency) return;
    let next = Number.POSITIVE_INFINITY;
    for (const { visible_at } of waiting.values()) next = Math.min(next, visible_at);
    timer = setTimeout(pump, Math.max(0, Math.min(LONGEST_NAP_MS, next - now())));
  }

  return {
    sendAll: (bodies, urgent = false) =>
      send(bodies.map((body) => ({ ...newMessage(body, 0), ...(urgent && { urgent }) }))),
    async sendLater(body, delaySeconds) {
      await send([newMessage(body, delaySeconds)]);
      props.onDelayed?.(body, delaySeconds);
    },
    async park(body, cause) {
      const message = newMessage(body, 0);
      await dead.put({ ...message, cause });
      log.error('message parked', { message_id: message.message_id, operation: name, reason: cause });
      props.onParked?.(body, cause);
    },
    async start(handler) {
      const at = now();
      for (const message of await messages.load()) {
        // Nobody else reads this queue: whoever held a received message is gone.
        if (message.receive_count > 0) message.visible_at = at;
        waiting.set(message.message_id, message);
      }
      worker = handler;
      pump();
    },
    async stop() {
      worker = undefined;
      clearTimeout(timer);
      await handingOut;
      while (underWay.size > 0) await Promise.all(underWay);
    },
    size: () => waiting.size,
    deadMessages: () => dead.load(),
  };
}
