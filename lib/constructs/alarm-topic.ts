import { Aws } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type IKey } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import { type Config } from '../config';

export interface AlarmTopicProps {
  readonly config: Config;
  /** Must let CloudWatch and Budgets use it (lib/constructs/encryption-key.ts). */
  readonly key: IKey;
}

/** Where alarms and the budget speak, and who hears them. */
export class AlarmTopic extends Construct {
  readonly topic: Topic;

  constructor(scope: Construct, id: string, props: AlarmTopicProps) {
    super(scope, id);
    const { config, key } = props;
    this.topic = new Topic(this, 'Topic', {
      displayName: `Signal9 ${config.env} alarms`,
      masterKey: key,
      enforceSSL: true,
    });
    // A topic with a policy of its own has lost the default one, by which CloudWatch could publish.
    for (const [sid, service] of Object.entries({ Alarms: 'cloudwatch', Budget: 'budgets' }))
      this.topic.addToResourcePolicy(
        new PolicyStatement({
          sid,
          principals: [new ServicePrincipal(`${service}.amazonaws.com`)],
          actions: ['sns:Publish'],
          resources: [this.topic.topicArn],
          conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
        }),
      );
    if (config.alarms.email !== undefined) this.topic.addSubscription(new EmailSubscription(config.alarms.email));
  }
}
