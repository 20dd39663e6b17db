import { randomUUID } from 'node:crypto';
import * as z from 'zod/mini';
import { type EventId, events, isPassing, type QueueId, queues } from '../../../contract/events';
import type { Clock, EventPublisher, Log, PublishedEvent } from '../../../lambda/adapters/ports';
import { errorFields } from '../../../lambda/adapters/log-fields';
import type { Archive } from './archive';
import type { Queue } from './queue';

export type Listener = (event: PublishedEvent) => void;

export interface Bus extends EventPublisher {
  /** Tells someone in this process, who gets nothing that happened before. @returns how to stop being told */
  listen(listener: Listener): () => void;
  /** As `publish`, for what somebody at the console waits for. */
  publishUrgently(events: readonly PublishedEvent[]): Promise<void>;
}

/**
 * The bus and its rules (contract/events.ts): an event that a queue is for goes there as EventBridge would write it.
 *
 * Publishing resolves when the events are in the archive and their messages on disk. A detail that does not fit its schema is refused, as whole.
 */
export function createBus(props: {
  readonly queues: Readonly<Record<QueueId, Pick<Queue, 'sendAll'>>>;
  readonly archive: Pick<Archive, 'append'>;
  readonly clock: Clock;
  readonly log: Log;
}): Bus {
  const listeners = new Set<Listener>();

  async function send(published: readonly PublishedEvent[], urgent: boolean): Promise<void> {
    const bodies = new Map<EventId, string[]>();
    for (const event of published) {
      z.parse(events[event.event].detail, event.detail);
      const sameEvent = bodies.get(event.event) ?? [];
      sameEvent.push(envelopeOf(event, props.clock()));
      bodies.set(event.event, sameEvent);
    }
    await props.archive.append([...bodies].flatMap(([event, texts]) => (isPassing(event) ? [] : texts)));
    for (const [id, rule] of Object.entries(queues) as [QueueId, { readonly events: readonly EventId[] }][]) {
      const forQueue = rule.events.flatMap((event) => bodies.get(event) ?? []);
      if (forQueue.length > 0) await props.queues[id].sendAll(forQueue, urgent);
    }
    for (const event of published) for (const listener of listeners) tell(listener, event, props.log);
  }

  return {
    publish: (published) => send(published, false),
    publishUrgently: (published) => send(published, true),
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function tell(listener: Listener, event: PublishedEvent, log: Log): void {
  try {
    listener(event);
  } catch (error) {
    log.error('a listener failed', { operation: event.event, ...errorFields(error) });
  }
}

/** The event as a rule delivers it to SQS. */
function envelopeOf({ event, detail }: PublishedEvent, now: Date): string {
  const { source, detailType } = events[event];
  return JSON.stringify({
    version: '0',
    id: randomUUID(),
    'detail-type': detailType,
    source,
    account: '000000000000',
    // EventBridge's times have whole seconds.
    time: `${now.toISOString().slice(0, 19)}Z`,
    region: 'local',
    resources: [],
    detail,
  });
}
