import { Duration } from 'aws-cdk-lib';
import { type IKey } from 'aws-cdk-lib/aws-kms';
import { type IQueue, Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { acknowledgeRule } from '../compliance/acknowledge';
import { type AlarmDefinition, declareAlarm } from './alarm-definition';

export interface DeadLetterQueueProps {
  /** Encrypts the messages. */
  readonly key: IKey;
  /** What a message here means to a user. */
  readonly alarm: Pick<AlarmDefinition, 'id' | 'severity' | 'suffering' | 'runbook'>;
}

/** Where messages end that nobody could handle: kept for 14 days, and the first one rings. Redrive: docs/runbook.md#queue-dead-letters. */
export class DeadLetterQueue extends Construct {
  readonly queue: IQueue;

  constructor(scope: Construct, id: string, props: DeadLetterQueueProps) {
    super(scope, id);
    const { key, alarm } = props;
    this.queue = new Queue(this, 'Queue', {
      encryption: QueueEncryption.KMS,
      encryptionMasterKey: key,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    acknowledgeRule(
      this.queue,
      'SQSRedrivePolicy',
      'This is a dead-letter queue itself: what lies here could not be handled, the first message rings, and a person decides within 14 days; a further queue behind it would only hide that nobody did',
    );
    declareAlarm(this, {
      ...alarm,
      metric: this.queue.metricApproximateNumberOfMessagesVisible({
        statistic: 'Maximum',
        period: Duration.minutes(5),
      }),
      threshold: 1,
    });
  }
}
