import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { errorFields } from '../../../lambda/adapters/log-fields';
import type { Log } from '../../../lambda/adapters/ports';
import type { Message } from './message-store';
import { sqsEvent } from './sqs-event';

export type Worker = (event: SQSEvent) => Promise<SQSBatchResponse>;

export interface InvocationProps {
  /** The queue. */
  readonly name: string;
  /** An invocation that takes longer has failed, as in Lambda. */
  readonly timeoutSeconds: number;
  readonly log: Log;
}

/** Hands a batch to a worker. @returns the message_ids that failed, and why */
export async function invoke(
  { name, timeoutSeconds, log }: InvocationProps,
  worker: Worker,
  batch: readonly Message[],
): Promise<{ readonly failed: ReadonlySet<string>; readonly cause: string }> {
  const all = new Set(batch.map(({ message_id }) => message_id));
  try {
    const answer = await withinSeconds(worker(sqsEvent(name, batch)), timeoutSeconds);
    const failed = new Set(answer.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
    // Lambda takes an unknown or empty identifier for a failure of the whole batch.
    const known = [...failed].every((id) => all.has(id));
    return { failed: known ? failed : all, cause: 'the worker reported a failure' };
  } catch (error) {
    log.error('worker failed', { operation: name, ...errorFields(error) });
    return { failed: all, cause: error instanceof Error ? `${error.name}: ${error.message}` : 'the worker failed' };
  }
}

async function withinSeconds<T>(work: Promise<T>, seconds: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Task timed out after ${seconds} seconds`)), seconds * 1000);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
