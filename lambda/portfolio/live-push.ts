import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { type EventId, isPassing, queues } from '../../contract/events';
import { onFirstCall } from '../adapters/aws';
import { queueOf } from '../adapters/aws-clients';
import { eachOf } from '../adapters/dynamo/batch';
import type { Connections, Posts } from '../adapters/live/connections';
import { liveOf } from '../adapters/live/from-environment';
import { errorFields } from '../adapters/log-fields';
import type { Clock, Log, Metrics } from '../adapters/ports';
import type { WorkerServices } from '../advisor/services';
import { type Telling, tellingsOf } from './live/messages';
import { newsOf, type Told, toldBy, topicsOf } from './live/news';
import { createSpeaker } from './live/speaker';

export interface LivePushServices extends Pick<WorkerServices, 'queue'> {
  readonly connections: Pick<Connections, 'watchers' | 'close'>;
  readonly posts: Posts;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** How long one connection may take. @default 1000 */
  readonly patienceMs?: number;
}

/** What speaks of the moment only is not said later than this. */
const PASSING_MS = 60_000;
/** Nor anything else, later than this: the bus tries for a day to deliver, and a dead letter may be sent again. */
const FACT_MS = queues.live.retentionSeconds * 1000;
const isLate = (event: EventId, ageMs: number): boolean => ageMs > (isPassing(event) ? PASSING_MS : FACT_MS);
const PATIENCE_MS = 1000;
/** Nobody is spoken to later than this after the call began: the function has 30 seconds, and what it began it ends. */
const SPEAKING_MS = 20_000;
/** Connections spoken to at a time. */
const CONCURRENCY = 64;

interface Received {
  readonly messageId: string;
  readonly told: Told;
}

/**
 * Tells connections what became of what they watch. A connection that fails or does not answer is logged and left, and so
 * are those for whom no time is left: what they missed is told again in a minute. Where it cannot be known who watches, facts come back and values of the moment do not.
 */
export function makeHandler(services: LivePushServices) {
  const { connections, clock, log, patienceMs = PATIENCE_MS } = services;
  const speaker = createSpeaker(services);

  async function receive({ body, messageId }: SQSRecord): Promise<Received[]> {
    try {
      const told = toldBy(body);
      const age = clock().getTime() - Date.parse(told.event_time);
      return isLate(told.event, age) ? [] : [{ messageId, told }];
    } catch (error) {
      log.error('message failed', { message_id: messageId, ...errorFields(error) });
      await services.queue.park(body, error instanceof Error ? `${error.name}: ${error.message}` : String(error));
      services.metrics.count('MessagesParked', 1);
      return [];
    }
  }

  async function tell(told: readonly Told[], until: number): Promise<void> {
    const news = newsOf(told);
    const watchers = await connections.watchers(topicsOf(news), clock());
    let left = 0;
    const inTime = async (work: () => Promise<void>) => {
      if (clock().getTime() < until) await patiently(work);
      else left += 1;
    };
    await Promise.all([
      eachOf([...news.expired], CONCURRENCY, (id) => inTime(() => speaker.dismiss(id))),
      eachOf(tellingsOf(news, watchers), CONCURRENCY, (telling) => inTime(() => speakTo(telling))),
    ]);
    if (left > 0) log.warn('no time was left for some connections', { counts: { connections: left } });
  }

  async function speakTo({ connection, messages }: Telling): Promise<void> {
    const { connection_id, token_expires_at } = connection;
    if (token_expires_at * 1000 <= clock().getTime()) return speaker.dismiss(connection_id);
    for (const message of messages) await speaker.say(connection_id, message);
  }

  /** Never throws, and never takes longer. */
  async function patiently(work: () => Promise<void>): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer within ${patienceMs} ms`)), patienceMs);
    });
    try {
      await Promise.race([work(), late]);
    } catch (error) {
      log.warn('a connection was not told', { operation: 'live-push', ...errorFields(error) });
    } finally {
      clearTimeout(timer);
    }
  }

  return async ({ Records }: SQSEvent): Promise<SQSBatchResponse> => {
    const until = clock().getTime() + SPEAKING_MS;
    const received = (await Promise.all(Records.map(receive))).flat();
    try {
      await tell(
        received.map(({ told }) => told),
        until,
      );
      return { batchItemFailures: [] };
    } catch (error) {
      log.error('nobody could be told', { operation: 'live-push', ...errorFields(error) });
      const facts = received.filter(({ told }) => !isPassing(told.event));
      return { batchItemFailures: facts.map(({ messageId }) => ({ itemIdentifier: messageId })) };
    }
  };
}

export const handler = onFirstCall('live-push', (environment, aws) =>
  makeHandler({ ...aws, ...queueOf(environment), ...liveOf(environment, aws) }),
);
