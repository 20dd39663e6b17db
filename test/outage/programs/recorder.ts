import type { EventDetail } from '../../../contract/events';
import { queues } from '../../../contract/events';
import { makeHandler } from '../../../lambda/portfolio/trade-recorder';
import { serviceLog } from '../../../service/logs';
import { PACE, pacedClock } from '../pace';
import { ready, settingsOf, storeOf } from './settings';

/** The trade recorder behind a queue that delivers again what failed, as SQS does. */
export interface Delivered {
  readonly kind: 'deliver';
  readonly events: readonly EventDetail<'tradeBooked'>[];
}
export interface Standing {
  readonly kind: 'standing';
  /** Messages not done. */
  readonly open: number;
  /** Batches with a failure in them, and messages put back for later. */
  readonly failures: number;
  /** Given up, which no outage is a reason for. */
  readonly parked: readonly string[];
}

interface Message {
  readonly id: string;
  readonly body: string;
  receipts: number;
  visibleAt: number;
}

/** A failed message is seen again after this; three minutes in AWS. */
const VISIBILITY_MS = 1_000;
const LOOK_MS = 20;

const settings = settingsOf();
const log = serviceLog('ERROR');
const { batchSize, maxReceiveCount } = queues.bookings;
const messages = new Map<string, Message>();
const parked: string[] = [];
let failures = 0;
let lastId = 0;

function put(body: string, delayMs: number): void {
  const id = `message-${++lastId}`;
  messages.set(id, { id, body, receipts: 0, visibleAt: Date.now() + delayMs });
}

const handle = makeHandler({
  queue: {
    sendLater: async (body, seconds) => {
      failures += 1;
      put(body, (seconds * 1000) / PACE);
    },
    park: async (body, cause) => void parked.push(`${cause}: ${body}`),
  },
  maxReceiveCount,
  clock: pacedClock(settings.began),
  log,
  metrics: { count: () => undefined },
  store: storeOf(settings, log),
});

type Batch = Parameters<typeof handle>[0];

async function deliver(batch: readonly Message[]): Promise<void> {
  for (const message of batch) {
    message.receipts += 1;
    message.visibleAt = Date.now() + VISIBILITY_MS * 60;
  }
  const Records = batch.map(({ id, body, receipts }) => ({
    ...{ messageId: id, body, receiptHandle: id, eventSource: 'aws:sqs', eventSourceARN: '', awsRegion: 'local' },
    ...{ attributes: { ApproximateReceiveCount: String(receipts) }, messageAttributes: {}, md5OfBody: '' },
  }));
  const { batchItemFailures } = await handle({ Records } as unknown as Batch);
  const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
  failures += failed.size;
  for (const message of batch) {
    if (failed.has(message.id)) message.visibleAt = Date.now() + VISIBILITY_MS;
    else messages.delete(message.id);
  }
}

async function work(): Promise<void> {
  for (;;) {
    const now = Date.now();
    const batch = [...messages.values()].filter(({ visibleAt }) => visibleAt <= now).slice(0, batchSize);
    if (batch.length > 0) await deliver(batch);
    else await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

process.on('message', (message: Delivered | { readonly kind: 'ask' }) => {
  if (message.kind === 'ask') {
    const standing: Standing = { kind: 'standing', open: messages.size, failures, parked };
    process.send?.(standing);
    return;
  }
  for (const detail of message.events)
    put(
      JSON.stringify({
        ...{ id: detail.execution_id, source: 'signal9.trading', 'detail-type': 'tradeBooked' },
        ...{ time: detail.booked_at, detail },
      }),
      0,
    );
});

ready();
void work();
