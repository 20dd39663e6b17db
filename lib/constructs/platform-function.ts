import { Duration } from 'aws-cdk-lib';
import { SubnetType } from 'aws-cdk-lib/aws-ec2';
import { type IRole, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type IKey } from 'aws-cdk-lib/aws-kms';
import { Architecture, Code, type IFunction, LoggingFormat, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import { type IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import {
  type BucketAction,
  type BucketId,
  type EnvironmentInput,
  type FunctionDefinition,
  type FunctionId,
  functions,
} from '../../contract/functions';
import type { TableId } from '../../contract/tables';
import { acknowledge, acknowledgeRule, objectsFinding } from '../compliance/acknowledge';
import { reservationOf } from '../config';
import { declareAlarm, type Runbook } from './alarm-definition';
import { bundleOf, HANDLER } from './bundles';
import { isBundled, NOT_BUNDLED } from './bundling';
import { explainFailed, type FailedInvocations, queueOfFailed } from './failed-invocations';
import { type FunctionGround, placementOf } from './function-ground';
import { EncryptedLogGroup } from './log-group';
import { OwnPolicyRole } from './own-policy-role';
import { allowReadingSecret } from './secret-access';

/** The one place that names the runtime: the current LTS, and what the compliance packs take for the latest. */
const RUNTIME = Runtime.NODEJS_24_X;

/** What a construct has to say itself; the rest is the same for all, or Lambda's own to say. */
export type OwnEnvironment<F extends FunctionId> = Omit<
  EnvironmentInput<F>,
  'SIGNAL9_ENV' | 'LOG_LEVEL' | 'AWS_REGION'
>;

/** How many errors in five minutes ring, and the article on them. */
type Errors = Readonly<{ threshold: number; runbook: Runbook }>;

export interface PlatformFunctionProps<F extends FunctionId> {
  /** Key in contract/functions.ts: entry, size, tables and providers come from there. */
  readonly function: F;
  readonly ground: FunctionGround;
  /** Typed by the contract's schema, which is also what the handler parses. */
  readonly environment: OwnEnvironment<F>;
  /** What a user suffers when the function fails or cannot start, in one sentence. */
  readonly suffering: string;
  /** When its errors ring. @default five in five minutes, as `function-errors` */
  readonly errors?: Errors;
  /** Takes asynchronous invocations that failed for good; or who learns of them, where nobody calls without waiting. */
  readonly failed: FailedInvocations;
  /** How often, and for how long, Lambda tries an asynchronous invocation again. @default Lambda's: twice, six hours */
  readonly patience?: Readonly<{ retryAttempts: number; maxEventAge: Duration }>;
}

/**
 * A function of the contract, with all that belongs to it: bundle, role with exactly the contract's permissions,
 * log group, tracing and the alarm for throttling.
 */
export class PlatformFunction<F extends FunctionId = FunctionId> extends Construct {
  /** Key in contract/functions.ts. */
  readonly id: FunctionId;
  readonly function: IFunction;
  readonly role: IRole;
  readonly definition: FunctionDefinition;

  constructor(scope: Construct, id: string, props: PlatformFunctionProps<F>) {
    super(scope, id);
    const { ground, failed } = props;
    const { config, key } = ground;
    const deadLetters = queueOfFailed(failed);
    this.id = props.function;
    this.definition = functions[props.function];
    const placement = placementOf(this.definition, ground);
    this.role = new OwnPolicyRole(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: `The function ${props.function}`,
    });
    const logGroup = new EncryptedLogGroup(this, 'Logs', { config, key });
    this.function = new NodejsFunction(this, 'Function', {
      description: this.definition.description,
      runtime: RUNTIME,
      architecture: Architecture.ARM_64,
      code: isBundled(this) ? Code.fromAsset(bundleOf(props.function, config)) : Code.fromInline(NOT_BUNDLED),
      handler: HANDLER,
      memorySize: this.definition.memoryMb,
      timeout: Duration.seconds(this.definition.timeoutSeconds),
      environment: {
        ...(props.environment as Record<string, string>),
        SIGNAL9_ENV: config.env,
        LOG_LEVEL: 'INFO',
      },
      // The role needs no permission for it: Lambda gives it a grant on the key.
      environmentEncryption: key,
      role: this.role,
      logGroup,
      loggingFormat: LoggingFormat.JSON,
      tracing: Tracing.ACTIVE,
      deadLetterQueue: deadLetters,
      ...props.patience,
      reservedConcurrentExecutions: reservationOf(config, props.function),
      ...(placement && {
        vpc: placement.vpc,
        vpcSubnets: { subnetType: SubnetType.PRIVATE_WITH_EGRESS },
        securityGroups: [...placement.securityGroups],
      }),
    });
    this.allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [logGroup.logGroupArn]);
    this.allowWhatTheContractSays(ground);
    if (deadLetters) this.allow(['kms:Decrypt', 'kms:GenerateDataKey'], [key.keyArn]);
    if (placement) this.allowNetworkInterfaces();
    acknowledge(
      this.role,
      'AwsSolutions-IAM5[Resource::*]',
      placement
        ? 'X-Ray takes trace segments for no resource in particular, and Lambda makes the network interfaces of a function in a VPC before they have a name: AWS documents both on all resources (AWSXRayDaemonWriteAccess, AWSLambdaVPCAccessExecutionRole)'
        : 'X-Ray takes trace segments for no resource in particular: the action cannot be narrowed',
    );
    if (placement)
      acknowledge(
        this.role,
        'Checkov-CKV_AWS_111',
        'Lambda makes and deletes the network interfaces of a function in a VPC by this role, before they have a name: AWS documents these actions on all resources and no others (AWSLambdaVPCAccessExecutionRole). Everything else that the role may write is named',
      );
    else
      acknowledge(
        this.function,
        'Checkov-CKV_AWS_117',
        'The function reaches nothing that lies in the VPC: tables, bus, queues and secrets are services of AWS that it calls over TLS and by its role. In prod the configuration puts every function into the VPC, beside the endpoints of these services',
      );
    explainFailed(this.function, failed);
    if (config.reservedConcurrency === 'none')
      acknowledgeRule(
        this.function,
        'LambdaConcurrency',
        'The configuration reserves nothing: the account may still run so few executions at once that Lambda, which keeps 100 of them unreserved, refuses every reservation. All functions share what there is, an alarm tells when one is throttled, and the reservations return when the quota was raised (docs/deploy.md#quotas-and-zones)',
      );
    this.watch(props.suffering, props.errors ?? { threshold: 5, runbook: 'function-errors' });
  }

  /** Adds one statement to the function's own policy. */
  allow(actions: readonly string[], resources: readonly string[]): void {
    this.role.addToPrincipalPolicy(new PolicyStatement({ actions: [...actions], resources: [...resources] }));
  }

  /** Lets the function send to a queue, under the queue's key. */
  allowSending(queue: IQueue, key: IKey): void {
    this.allow(['sqs:SendMessage'], [queue.queueArn]);
    this.allow(['kms:Decrypt', 'kms:GenerateDataKey'], [key.keyArn]);
  }

  private watch(suffering: string, errors: Errors): void {
    const period = Duration.minutes(5);
    declareAlarm(this, {
      id: `${this.id}-errors`,
      metric: this.function.metricErrors({ period }),
      severity: 'ticket',
      suffering,
      ...errors,
    });
    declareAlarm(this, {
      id: `${this.id}-throttled`,
      metric: this.function.metricThrottles({ period }),
      threshold: 1,
      periods: 3,
      severity: 'ticket',
      suffering,
      runbook: 'function-throttled',
    });
  }

  private allowWhatTheContractSays(ground: FunctionGround): void {
    const { tables, bus, secrets, ledger, portfolio } = ground;
    const { publishes, providers = [], buckets = {} } = this.definition;
    for (const [table, actions] of Object.entries(this.definition.tables) as [
      TableId,
      FunctionDefinition['tables'][TableId],
    ][])
      if (actions) tables[table].allow(this.role, actions);
    if (publishes) this.allow(['events:PutEvents'], [bus.eventBusArn]);
    for (const provider of providers) secrets.allowReading(this.role, provider);
    if (this.definition.ledger) allowReadingSecret(this.role, ledger.access);
    if (this.definition.portfolio) allowReadingSecret(this.role, portfolio.access);
    for (const [bucket, actions] of Object.entries(buckets) as [BucketId, readonly BucketAction[]][])
      this.allowObjects(bucket, actions, ground);
  }

  private allowObjects(id: BucketId, actions: readonly BucketAction[], { key, buckets }: FunctionGround): void {
    const bucket = buckets?.[id];
    if (!bucket) throw new Error(`${this.id} needs the bucket ${id}, which its stack was not given`);
    this.allow(
      actions.map((action) => `s3:${action}`),
      [bucket.arnForObjects('*')],
    );
    // A large object is written in parts, and S3 decrypts the earlier ones under the key.
    this.allow(['kms:Decrypt', 'kms:GenerateDataKey'], [key.keyArn]);
    acknowledge(
      this.role,
      objectsFinding(bucket),
      'The objects of one bucket, whose keys are made of the day that they are about: the function may do with them what the contract says, and nothing with the bucket',
    );
  }

  /** The actions of AWSLambdaVPCAccessExecutionRole, written here since a managed policy of AWS's own may change under us. */
  private allowNetworkInterfaces(): void {
    this.allow(
      [
        'ec2:CreateNetworkInterface',
        'ec2:DescribeNetworkInterfaces',
        'ec2:DescribeSubnets',
        'ec2:DeleteNetworkInterface',
        'ec2:AssignPrivateIpAddresses',
        'ec2:UnassignPrivateIpAddresses',
      ],
      ['*'],
    );
  }
}
