import { ArnFormat, Aws, Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type Construct } from 'constructs';
import { acknowledge, wildcardFinding } from '../compliance/acknowledge';
import { OwnPolicyRole } from './own-policy-role';

/** What AmazonRDSEnhancedMonitoringRole allows, for the one log group that RDS writes its measurements to. */
export function ledgerMonitoringRole(scope: Construct): OwnPolicyRole {
  const role = new OwnPolicyRole(scope, 'MonitoringRole', {
    assumedBy: new ServicePrincipal('monitoring.rds.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
    }),
    description: "Writes the measurements of the ledger's machines",
  });
  const arn = (resourceName: string) =>
    Stack.of(scope).formatArn({
      service: 'logs',
      resource: 'log-group',
      resourceName,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
  const [group, streams] = [arn('RDSOSMetrics'), arn('RDSOSMetrics:log-stream:*')];
  role.addToPrincipalPolicy(
    new PolicyStatement({ actions: ['logs:CreateLogGroup', 'logs:PutRetentionPolicy'], resources: [group] }),
  );
  role.addToPrincipalPolicy(
    new PolicyStatement({
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents', 'logs:DescribeLogStreams', 'logs:GetLogEvents'],
      resources: [streams],
    }),
  );
  acknowledge(
    role,
    wildcardFinding(role, streams),
    'RDS names a stream for each machine when it starts one; the pattern holds the streams of the one group that enhanced monitoring writes to',
  );
  return role;
}
