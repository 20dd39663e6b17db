import { CfnAccount } from 'aws-cdk-lib/aws-apigateway';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { RemovalPolicy } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { acknowledge } from '../compliance/acknowledge';
import { OwnPolicyRole } from './own-policy-role';

/**
 * Lets API Gateway write logs, which it may only do once its one setting per account and region names a role.
 * All environments of an account share that setting, so it stays when one of them goes: whichever was deployed last is
 * named there, and each is as good as the other.
 */
export class ApiAccount extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    const role = new OwnPolicyRole(this, 'Role', {
      assumedBy: new ServicePrincipal('apigateway.amazonaws.com'),
      description: 'API Gateway writes access and execution logs',
    });
    role.addToPrincipalPolicy(
      new PolicyStatement({
        actions: [
          'logs:CreateLogGroup',
          'logs:CreateLogStream',
          'logs:DescribeLogGroups',
          'logs:DescribeLogStreams',
          'logs:PutLogEvents',
          'logs:GetLogEvents',
          'logs:FilterLogEvents',
        ],
        resources: ['*'],
      }),
    );
    role.applyRemovalPolicy(RemovalPolicy.RETAIN);
    acknowledge(
      role,
      'AwsSolutions-IAM5[Resource::*]',
      'This is the one role by which API Gateway writes the logs of every API in the account, whose groups it names itself; AWS documents these actions on all groups (AmazonAPIGatewayPushToCloudWatchLogs)',
    );
    acknowledge(
      role,
      'Checkov-CKV_AWS_111',
      'API Gateway makes log groups for APIs of the whole account by this one role and names them by ids that no API has before it is made; AWS documents these actions on all groups (AmazonAPIGatewayPushToCloudWatchLogs)',
    );
    const account = new CfnAccount(this, 'Account', { cloudWatchRoleArn: role.roleArn });
    account.applyRemovalPolicy(RemovalPolicy.RETAIN);
    account.node.addDependency(role);
  }
}
