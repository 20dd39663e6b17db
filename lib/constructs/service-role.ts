import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type ILogGroup } from 'aws-cdk-lib/aws-logs';
import { type Asset } from 'aws-cdk-lib/aws-s3-assets';
import { type Construct } from 'constructs';
import { Stack } from 'aws-cdk-lib';
import type { TableAction } from '../../contract/functions';
import { SERVICE_TABLES } from '../../contract/service';
import type { TableId } from '../../contract/tables';
import { acknowledge } from '../compliance/acknowledge';
import { names } from '../names';
import { type CacheAccess } from './cache-access';
import { type FunctionGround } from './function-ground';
import { OwnPolicyRole } from './own-policy-role';
import { allowReadingSecret } from './secret-access';
import { AGENT_NAMESPACE } from './service-user-data';

export interface ServiceRoleProps {
  readonly ground: FunctionGround;
  readonly cache: CacheAccess;
  /** The program, which the instance loads when it starts. */
  readonly asset: Asset;
  readonly logGroup: ILogGroup;
}

/** What an instance of the portfolio service may do: start itself, be looked after, and what the contract says. */
export class ServiceRole extends OwnPolicyRole {
  constructor(scope: Construct, id: string, props: ServiceRoleProps) {
    super(scope, id, {
      assumedBy: new ServicePrincipal('ec2.amazonaws.com'),
      description: 'Instances of the portfolio service',
    });
    const { ground, cache, asset, logGroup } = props;
    const { config, tables, bus, secrets, portfolio } = ground;

    this.allow(['s3:GetObject'], asset.bucket.arnForObjects(asset.s3ObjectKey));
    this.allow(['logs:CreateLogStream', 'logs:PutLogEvents', 'logs:DescribeLogStreams'], logGroup.logGroupArn);
    this.beLookedAfter();

    allowReadingSecret(this, portfolio.access);
    allowReadingSecret(this, cache);
    secrets.allowReading(this, 'alpaca');
    for (const [table, actions] of Object.entries(SERVICE_TABLES) as [TableId, readonly TableAction[]][])
      tables[table].allow(this, actions);
    this.allow(['events:PutEvents'], bus.eventBusArn);
    const userPoolParameter = Stack.of(this).formatArn({
      service: 'ssm',
      resource: 'parameter',
      resourceName: names.userPoolParameter(config.env).slice(1),
    });
    this.allow(['ssm:GetParameter'], userPoolParameter);
  }

  private allow(actions: string[], resource: string, conditions?: Record<string, unknown>): void {
    this.addToPrincipalPolicy(new PolicyStatement({ actions, resources: [resource], conditions }));
  }

  /**
   * Sessions by Systems Manager, where others open a port for SSH: of AmazonSSMManagedInstanceCore only what a session
   * needs, for that policy reads every parameter of the account.
   */
  private beLookedAfter(): void {
    this.allow(
      [
        'ssm:UpdateInstanceInformation',
        'ssmmessages:CreateControlChannel',
        'ssmmessages:CreateDataChannel',
        'ssmmessages:OpenControlChannel',
        'ssmmessages:OpenDataChannel',
      ],
      '*',
    );
    this.allow(['cloudwatch:PutMetricData'], '*', {
      StringEquals: { 'cloudwatch:namespace': AGENT_NAMESPACE },
    });
    acknowledge(
      this,
      'AwsSolutions-IAM5[Resource::*]',
      'Systems Manager opens the channels of a session for no resource in particular, and CloudWatch takes metrics likewise: the first cannot be narrowed, the second is narrowed to one namespace by a condition',
    );
    acknowledge(
      this,
      'Checkov-CKV_AWS_111',
      'By ssm:UpdateInstanceInformation the agent of Systems Manager reports what its own machine is, whose id nobody knows before it starts; AWS documents the action on all resources (AmazonSSMManagedInstanceCore). Everything else that the role may write is named, or narrowed by a condition',
    );
  }
}
