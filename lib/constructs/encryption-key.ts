import { Aws, Duration } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { busName } from '../../contract/events';
import { type Config, type Region } from '../config';
import { names } from '../names';
import { removalOf } from './log-group';

/** Services of AWS that use a key on their own account, without a principal of ours. */
export type KeyUser = 'logs' | 'events' | 'alarms' | 'budgets' | 'topics';

export interface EncryptionKeyProps {
  readonly config: Config;
  readonly region: Region;
  /** Last part of the alias: `alias/signal9-<region>-<env>-<purpose>`. */
  readonly purpose: string;
  readonly description: string;
  /** Services that must be able to use the key. @default none: only principals of this account that hold a grant */
  readonly users?: readonly KeyUser[];
}

/**
 * A customer managed key with its alias and yearly rotation.
 *
 * Its policy is complete here. `key` is the key imported by its own ARN: whoever uses it in a stack to the right can
 * grant to a role, but cannot write into this stack's key policy, which is how such keys make stacks depend on each
 * other in a circle.
 */
export class EncryptionKey extends Construct {
  readonly key: IKey;

  constructor(scope: Construct, id: string, props: EncryptionKeyProps) {
    super(scope, id);
    const { config, region } = props;
    const key = new Key(this, 'Resource', {
      description: props.description,
      alias: names.keyAlias(config.env, region, props.purpose),
      enableKeyRotation: true,
      removalPolicy: removalOf(config),
      pendingWindow: config.retain ? Duration.days(30) : Duration.days(7),
    });
    for (const user of props.users ?? [])
      for (const statement of statementsFor(user, config, region)) key.addToResourcePolicy(statement);
    this.key = Key.fromKeyArn(this, 'Reference', key.keyArn);
  }
}

const DATA_KEYS = ['kms:Decrypt', 'kms:GenerateDataKey', 'kms:GenerateDataKeyWithoutPlaintext', 'kms:DescribeKey'];

const RE_ENCRYPT = ['kms:ReEncryptFrom', 'kms:ReEncryptTo'];

/**
 * A service must not be talked into using the key for another account: each statement says so, where the service can tell.
 * What each service needs, and which condition keys it sends, has its sources in test/infra/keys/services.ts.
 */
function statementsFor(user: KeyUser, config: Config, region: Region): PolicyStatement[] {
  const ownAccount = { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } };
  const arn = (service: string, resource: string) =>
    `arn:${Aws.PARTITION}:${service}:${region}:${Aws.ACCOUNT_ID}:${resource}`;
  switch (user) {
    case 'logs':
      return [
        service('LogGroups', `logs.${region}.amazonaws.com`, [...DATA_KEYS, 'kms:Encrypt', ...RE_ENCRYPT], {
          ArnLike: { 'kms:EncryptionContext:aws:logs:arn': arn('logs', 'log-group:*') },
        }),
      ];
    case 'events':
      return [
        // Without a condition: EventBridge sends no aws:SourceAccount to KMS when it delivers to an encrypted queue, and would
        // drop every event. Who may send is the word of the queue's own policy.
        service('EventBusAndRules', 'events.amazonaws.com', DATA_KEYS),
        // The archive encrypts anew what the bus had encrypted; without it the archive is refused, or stays empty.
        service('EventArchive', 'events.amazonaws.com', RE_ENCRYPT, {
          StringEquals: {
            'kms:EncryptionContext:aws:events:event-bus:arn': arn('events', `event-bus/${busName(config.env)}`),
          },
        }),
      ];
    case 'alarms':
      // Without it an alarm changes its state and tells nobody: an encrypted topic swallows what it cannot encrypt.
      return [service('Alarms', 'cloudwatch.amazonaws.com', DATA_KEYS, ownAccount)];
    case 'budgets':
      return [service('Budget', 'budgets.amazonaws.com', DATA_KEYS, ownAccount)];
    case 'topics':
      // For the dead letters of a subscription: SNS writes them under the key of their queue.
      return [
        service('Topics', 'sns.amazonaws.com', DATA_KEYS, {
          ArnLike: { 'aws:SourceArn': arn('sns', '*') },
        }),
      ];
  }
}

const service = (
  sid: string,
  principal: string,
  actions: string[],
  conditions?: Record<string, unknown>,
): PolicyStatement =>
  new PolicyStatement({ sid, principals: [new ServicePrincipal(principal)], actions, resources: ['*'], conditions });
