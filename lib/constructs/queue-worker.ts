import { Duration } from 'aws-cdk-lib';
import { Rule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { EventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { events, type QueueDefinition, type QueueId, queues } from '../../contract/events';
import { acknowledgeRule } from '../compliance/acknowledge';
import { declareAlarm } from './alarm-definition';
import { DeadLetterQueue } from './dead-letter-queue';
import { type FunctionGround } from './function-ground';
import { type OwnEnvironment, PlatformFunction } from './platform-function';

type Worker<Q extends QueueId> = (typeof queues)[Q]['worker'];
/** The queue's own variables are filled in here. */
type WorkerEnvironment<Q extends QueueId> = Omit<
  OwnEnvironment<Worker<Q>>,
  'QUEUE_URL' | 'DLQ_URL' | 'MAX_RECEIVE_COUNT'
>;

export interface QueueWorkerProps<Q extends QueueId> {
  /** Key in contract/events.ts: event, worker and batch come from there. */
  readonly queue: Q;
  readonly ground: FunctionGround;
  readonly environment: WorkerEnvironment<Q>;
  /** How many invocations may run at once; 2 is the least that SQS takes. */
  readonly concurrency: number;
  /** How old the oldest message may get before somebody should look. */
  readonly behindAfter: Duration;
  /** What a user suffers while messages wait or are lost. */
  readonly suffering: string;
}

/** An event of the bus, queued for the function that acts on it: rule → queue (with dead letters) → worker. */
export class QueueWorker<Q extends QueueId> extends Construct {
  readonly worker: PlatformFunction;

  constructor(scope: Construct, id: string, props: QueueWorkerProps<Q>) {
    super(scope, id);
    const { ground, suffering } = props;
    const { key, bus } = ground;
    const definition: QueueDefinition = queues[props.queue];
    const { batchSize, maxReceiveCount, visibilityTimeoutSeconds, retentionSeconds } = definition;
    const { worker } = queues[props.queue];
    const deadLetters = new DeadLetterQueue(this, 'DeadLetters', {
      key,
      alarm: { id: `${props.queue}-dead-letters`, severity: 'ticket', suffering, runbook: 'queue-dead-letters' },
    }).queue;
    const queue = new Queue(this, 'Queue', {
      encryption: QueueEncryption.KMS,
      encryptionMasterKey: key,
      enforceSSL: true,
      visibilityTimeout: Duration.seconds(visibilityTimeoutSeconds),
      // A message that waits for the provider's next day is sent anew: four days are for weekends of ours.
      retentionPeriod: retentionSeconds === undefined ? Duration.days(4) : Duration.seconds(retentionSeconds),
      deadLetterQueue: { queue: deadLetters, maxReceiveCount },
    });
    const told = definition.events.map((event) => events[event]);
    new Rule(this, 'Rule', {
      description: `${told.map(({ detailType }) => detailType).join(', ')} to the ${worker}`,
      eventBus: bus,
      eventPattern: {
        source: [...new Set(told.map(({ source }) => source))],
        detailType: told.map(({ detailType }) => detailType),
      },
      targets: [new SqsQueue(queue, { deadLetterQueue: deadLetters })],
    });

    const environment = {
      ...props.environment,
      QUEUE_URL: queue.queueUrl,
      DLQ_URL: deadLetters.queueUrl,
      MAX_RECEIVE_COUNT: String(maxReceiveCount),
    } as unknown as OwnEnvironment<Worker<Q>>;
    this.worker = new PlatformFunction<Worker<Q>>(this, 'Worker', {
      function: worker,
      ground,
      environment,
      suffering,
      failed: 'queue',
    });
    this.worker.function.addEventSource(
      new SqsEventSource(queue, { batchSize, reportBatchItemFailures: true, maxConcurrency: props.concurrency }),
    );
    for (const mapping of this.worker.function.node.children.filter((child) => child instanceof EventSourceMapping))
      acknowledgeRule(
        mapping,
        'LambdaEventSourceMappingDestination',
        'Lambda takes destinations for streams, not for queues: what failed for good goes to the dead-letter queue of this queue, whose first message rings',
      );
    // A worker puts a message back for later, or aside with its cause.
    this.worker.allowSending(queue, key);
    this.worker.allowSending(deadLetters, key);
    declareAlarm(this, {
      id: `${props.queue}-behind`,
      metric: queue.metricApproximateAgeOfOldestMessage({ statistic: 'Maximum', period: Duration.minutes(5) }),
      threshold: props.behindAfter.toSeconds(),
      severity: 'ticket',
      suffering,
      runbook: 'queue-behind',
    });
  }
}
