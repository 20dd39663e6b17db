import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import * as z from 'zod/mini';
import { type EventDetail, type EventId, envelope, events } from '../contract/events';
import { CallBudgetExhausted } from './adapters/call-budget';
import { errorFields } from './adapters/log-fields';
import { ProviderError } from './adapters/providers/provider-error';
import { Unavailable } from './adapters/unavailable';
import type { AdvisorServices, WorkerServices } from './advisor/services';

/** SQS's longest delay. */
const MAX_DELAY_SECONDS = 900;
/** A database that is away is asked again after this: it comes back by itself, and no message is given up for it. */
const OUTAGE_SECONDS = 30;

export interface Delivery<D> {
  readonly detail: D;
  /** The event's own id and time: the same for every delivery of it. */
  readonly event_id: string;
  readonly event_time: string;
}

/** A message that will never succeed: parked at once, not tried again. */
export class PoisonMessage extends Error {
  override readonly name = 'PoisonMessage';
}

const typed = z.object({ 'detail-type': z.string() });
/** Made once an event: a schema costs more to make than a message to parse. */
const envelopes = new Map<EventId, ReturnType<typeof envelope>>();
function envelopeOf(event: EventId): ReturnType<typeof envelope> {
  const made = envelopes.get(event) ?? envelope(events[event].detail);
  envelopes.set(event, made);
  return made;
}

/** A delivery of one of several events; `event` says which. */
export type DeliveryAmong<E extends EventId> = { [One in E]: { readonly event: One } & Delivery<EventDetail<One>> }[E];

/** For a queue of several events: which of them a message is. @throws PoisonMessage where it is none of them */
export function deliveryAmong<E extends EventId>(among: readonly E[], body: string): DeliveryAmong<E> {
  const json = jsonOf(body);
  const parsed = z.safeParse(typed, json);
  const event = among.find((one) => parsed.success && events[one].detailType === parsed.data['detail-type']);
  if (event === undefined) throw new PoisonMessage(`none of the events ${among.join(', ')}`);
  // The compiler does not see that the delivery is of this very event.
  return { event, ...deliveryOf(event, json) };
}

function deliveryOf<E extends EventId>(event: E, json: unknown): Delivery<EventDetail<E>> {
  const parsed = z.safeParse(envelopeOf(event), json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new PoisonMessage(`not a ${event} event: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`);
  }
  const { detail, id, time } = parsed.data;
  return { detail: detail as EventDetail<E>, event_id: id, event_time: time };
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new PoisonMessage('the body is no JSON');
  }
}

/**
 * A queue's worker. What it cannot do now, for lack of calls or of a database, goes back with a delay and does
 * not count as a failure; what fails is retried by the queue; what cannot succeed, or failed too often, ends in the dead-letter queue with its cause.
 */
export function queueWorker<E extends EventId>(
  event: E,
  { queue, maxReceiveCount, clock, log, metrics }: Pick<AdvisorServices, 'clock' | 'log' | 'metrics'> & WorkerServices,
  work: (delivery: Delivery<EventDetail<E>>) => Promise<void>,
) {
  async function handle({ body, messageId, attributes }: SQSRecord): Promise<void> {
    try {
      await work(deliveryOf(event, jsonOf(body)));
    } catch (error) {
      const retryAt = notNow(error, clock());
      if (retryAt !== null) return putBack(body, messageId, retryAt, error);
      const attempt = Number(attributes.ApproximateReceiveCount);
      const isPoison = error instanceof PoisonMessage || attempt >= maxReceiveCount;
      log[isPoison ? 'error' : 'warn']('message failed', { message_id: messageId, attempt, ...errorFields(error) });
      if (!isPoison) throw error;
      await queue.park(body, error instanceof Error ? `${error.name}: ${error.message}` : String(error));
      metrics.count('MessagesParked', 1);
    }
  }

  async function putBack(body: string, message_id: string, retryAt: Date, cause: unknown): Promise<void> {
    const wait = Math.ceil((retryAt.getTime() - clock().getTime()) / 1000);
    const delay_seconds = Math.min(MAX_DELAY_SECONDS, Math.max(1, wait));
    const reason = cause instanceof Error ? cause.message : '';
    log.info('not now, the message goes back', { message_id, delay_seconds, reason });
    await queue.sendLater(body, delay_seconds);
  }

  /** What could not even be parked or put back stays in the queue; the batch processor would keep the reason to itself. */
  async function handleAloud(record: SQSRecord): Promise<void> {
    try {
      await handle(record);
    } catch (error) {
      log.warn('message stays in the queue', { message_id: record.messageId, ...errorFields(error) });
      throw error;
    }
  }

  return async (batch: SQSEvent): Promise<SQSBatchResponse> =>
    processPartialResponse(batch, handleAloud, new BatchProcessor(EventType.SQS), { throwOnFullBatchFailure: false });
}

/** When to come back, for what is a matter of time only; null for every other error. */
function notNow(error: unknown, now: Date): Date | null {
  if (error instanceof Unavailable) return new Date(now.getTime() + OUTAGE_SECONDS * 1000);
  if (error instanceof CallBudgetExhausted) return error.retry_at;
  // The budget's owner has recorded the throttle already: any later call says how long it holds.
  if (error instanceof ProviderError && error.kind === 'throttled') return error.retry_at ?? new Date(0);
  return null;
}
