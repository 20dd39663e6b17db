import { Duration } from 'aws-cdk-lib';
import { type IEventSourceDlq, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { acknowledge, wildcardFinding } from '../compliance/acknowledge';
import { declareAlarm } from './alarm-definition';
import { type ContractTable } from './contract-table';
import { DeadLetterQueue } from './dead-letter-queue';
import { type FunctionGround } from './function-ground';
import { PlatformFunction } from './platform-function';

export interface AuditTrailProps {
  readonly ground: FunctionGround;
}

const SUFFERING = 'Nobody notices at once, but changes of data are missing from the audit log.';

/** Follows the stream of every table that has one, and logs who changed what. */
export class AuditTrail extends Construct {
  readonly consumer: PlatformFunction;

  constructor(scope: Construct, id: string, props: AuditTrailProps) {
    super(scope, id);
    const { ground } = props;
    const { key, tables } = ground;
    this.consumer = new PlatformFunction(this, 'Consumer', {
      function: 'audit-log',
      ground,
      environment: {},
      suffering: SUFFERING,
      failed: 'stream',
    });
    const deadLetters = new DeadLetterQueue(this, 'DeadLetters', {
      key,
      alarm: {
        id: 'audit-log-dead-letters',
        severity: 'ticket',
        suffering: SUFFERING,
        runbook: 'audit-log-dead-letters',
      },
    }).queue;
    acknowledge(
      deadLetters,
      'AwsSolutions-SQS3',
      'This is a dead-letter queue itself, of event source mappings, which the rule does not look at',
    );
    this.consumer.allowSending(deadLetters, key);
    // Not SqsDlq, which would grant `kms:GenerateDataKey*` and `kms:ReEncrypt*`: the sending is allowed above, to the letter.
    const onFailure: IEventSourceDlq = { bind: () => ({ destination: deadLetters.queueArn }) };
    for (const table of Object.values(tables).filter(({ definition }) => definition.stream))
      this.follow(table, onFailure);
    declareAlarm(this, {
      id: 'audit-log-behind',
      metric: this.consumer.function.metric('IteratorAge', { statistic: 'Maximum', period: Duration.minutes(5) }),
      threshold: Duration.hours(1).toMilliseconds(),
      severity: 'ticket',
      suffering: SUFFERING,
      runbook: 'audit-log-behind',
    });
  }

  private follow(table: ContractTable, onFailure: IEventSourceDlq): void {
    const streamArn = table.allowStreamReading(this.consumer.role);
    this.consumer.function.addEventSourceMapping(table.node.id, {
      eventSourceArn: streamArn,
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize: 100,
      maxBatchingWindow: Duration.seconds(5),
      // A record that cannot be logged is found by halving, and does not hold the rest up for a day.
      bisectBatchOnError: true,
      reportBatchItemFailures: true,
      retryAttempts: 5,
      maxRecordAge: Duration.hours(12),
      onFailure,
    });
    acknowledge(
      this.consumer.role,
      wildcardFinding(this, table.streamsArn),
      'Lambda lists the streams of a table before it knows their labels, which are timestamps; the pattern holds one table',
    );
  }
}
