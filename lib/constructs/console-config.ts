import { CustomResource, Duration, Stack } from 'aws-cdk-lib';
import { type IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { type FunctionGround } from './function-ground';
import { PlatformFunction } from './platform-function';

export interface ConsoleConfigProps {
  readonly ground: FunctionGround;
  /** The console's files. */
  readonly bucket: IBucket;
  /** What the console must know: nothing in it is secret, anyone can read the file. */
  readonly content: Readonly<Record<string, string>>;
}

/**
 * The console's `config.json`. Its files are the same for every environment, so where its API and its user pool are
 * stands beside them; only this stack knows. Written by a function of ours, as the migrations are (ADR 16): CDK's own
 * would be outside the VPC, untraced, and with a runtime and a memory that are not ours to say.
 */
export class ConsoleConfig extends Construct {
  /** Writes the file when its content has changed. */
  readonly writer: PlatformFunction;

  constructor(scope: Construct, id: string, props: ConsoleConfigProps) {
    super(scope, id);
    const { ground, bucket, content } = props;
    this.writer = new PlatformFunction<'console-config'>(this, 'Writer', {
      function: 'console-config',
      ground,
      environment: { CONSOLE_BUCKET: bucket.bucketName },
      suffering: 'Nobody yet: a deployment stops, and the console goes on with the addresses that it knew.',
      errors: { threshold: 1, runbook: 'function-errors' },
      failed: 'deployment',
    });
    this.writer.allow(['s3:PutObject'], [bucket.arnForObjects('config.json')]);
    const file = new CustomResource(this, 'Written', {
      resourceType: 'Custom::ConsoleConfig',
      serviceToken: this.writer.function.functionArn,
      serviceTimeout: Duration.seconds(2 * this.writer.definition.timeoutSeconds + 120),
      properties: { Content: Stack.of(this).toJsonString(content) },
    });
    // Its permissions, too: CloudFormation would call as soon as the function exists.
    file.node.addDependency(this.writer);
  }
}
