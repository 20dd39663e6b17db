import { ArnFormat, Aws, Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type Construct } from 'constructs';
import { acknowledge, wildcardFinding } from '../compliance/acknowledge';
import { OwnPolicyRole } from './own-policy-role';

export interface DatabaseMonitoringRoleProps {
  /** Whose measurements, for the role's description. */
  readonly machines: string;
}

/** What AmazonRDSEnhancedMonitoringRole allows, for the one log group that RDS writes its measurements to. */
export class DatabaseMonitoringRole extends OwnPolicyRole {
  constructor(scope: Construct, id: string, props: DatabaseMonitoringRoleProps) {
    super(scope, id, {
      assumedBy: new ServicePrincipal('monitoring.rds.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
      description: `Writes the measurements of ${props.machines}`,
    });
    const arn = (resourceName: string) =>
      Stack.of(this).formatArn({
        service: 'logs',
        resource: 'log-group',
        resourceName,
        arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      });
    const [group, streams] = [arn('RDSOSMetrics'), arn('RDSOSMetrics:log-stream:*')];
    this.addToPrincipalPolicy(
      new PolicyStatement({ actions: ['logs:CreateLogGroup', 'logs:PutRetentionPolicy'], resources: [group] }),
    );
    this.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents', 'logs:DescribeLogStreams', 'logs:GetLogEvents'],
        resources: [streams],
      }),
    );
    acknowledge(
      this,
      wildcardFinding(this, streams),
      'RDS names a stream for each machine when it starts one; the pattern holds the streams of the one group that enhanced monitoring writes to',
    );
  }
}
