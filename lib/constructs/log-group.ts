import { RemovalPolicy } from 'aws-cdk-lib';
import { type IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { type Construct } from 'constructs';
import { type Config } from '../config';

/**
 * What becomes of data when its stack goes: prod keeps it, everything else is small and destroyable. What was made by a
 * creation that failed goes in prod too: it is empty, and its name would be in the way of the next attempt.
 */
export const removalOf = (config: Config): RemovalPolicy =>
  config.retain ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY;

export interface EncryptedLogGroupProps {
  readonly config: Config;
  /** Must let CloudWatch Logs use it. */
  readonly key: IKey;
  /** @default a generated name */
  readonly name?: string;
}

/** A log group that we made, so that it has a retention and our key before the first line is written. */
export class EncryptedLogGroup extends LogGroup {
  constructor(scope: Construct, id: string, props: EncryptedLogGroupProps) {
    super(scope, id, {
      logGroupName: props.name,
      encryptionKey: props.key,
      retention: props.config.logs.retentionDays,
      removalPolicy: removalOf(props.config),
    });
  }
}
