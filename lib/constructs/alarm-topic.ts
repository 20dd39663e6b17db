import { Aws } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type IKey } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import { acknowledge } from '../compliance/acknowledge';
import { type Config, offers, type Region } from '../config';
import { DeadLetterQueue } from './dead-letter-queue';

export interface AlarmTopicProps {
  readonly config: Config;
  readonly region: Region;
  /** Must let CloudWatch, Budgets and SNS use it (lib/constructs/encryption-key.ts). */
  readonly key: IKey;
}

/** Where alarms and the budget speak, and who hears them. */
export class AlarmTopic extends Construct {
  readonly topic: Topic;

  constructor(scope: Construct, id: string, props: AlarmTopicProps) {
    super(scope, id);
    const { config, region, key } = props;
    this.topic = new Topic(this, 'Topic', {
      displayName: `Signal9 ${config.env} alarms`,
      masterKey: key,
      enforceSSL: true,
    });
    // A topic with a policy of its own has lost the default one, by which CloudWatch could publish.
    const publishers = { Alarms: 'cloudwatch', ...(offers(region, 'budgets') && { Budget: 'budgets' }) };
    for (const [sid, service] of Object.entries(publishers))
      this.topic.addToResourcePolicy(
        new PolicyStatement({
          sid,
          principals: [new ServicePrincipal(`${service}.amazonaws.com`)],
          actions: ['sns:Publish'],
          resources: [this.topic.topicArn],
          conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
        }),
      );
    if (config.alarms.email !== undefined) this.subscribe(config.alarms.email, key);
  }

  private subscribe(email: string, key: IKey): void {
    const { queue } = new DeadLetterQueue(this, 'Undelivered', {
      key,
      alarm: {
        id: 'alarms-undelivered',
        severity: 'page',
        suffering: 'Whoever is on call was not told of an alarm.',
        runbook: 'alarms-undelivered',
      },
    });
    acknowledge(
      queue,
      'AwsSolutions-SQS3',
      'This is a dead-letter queue itself, of a subscription, which the rule does not look at',
    );
    this.topic.addSubscription(new EmailSubscription(email, { deadLetterQueue: queue }));
  }
}
