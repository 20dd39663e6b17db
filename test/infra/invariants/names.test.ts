import { ENVIRONMENTS, ofType, strings } from '../synthesised';
import { type Check, describeChecks, stacks } from './check';

/** What people or code address by name. Everything else is named by CloudFormation, so that it can be replaced. */
const NAMED = [
  ['AWS::DynamoDB::Table', 'TableName'],
  ['AWS::SecretsManager::Secret', 'Name'],
  ['AWS::Events::EventBus', 'Name'],
  ['AWS::Cognito::UserPool', 'UserPoolName'],
  ['AWS::CloudWatch::Dashboard', 'DashboardName'],
  ['AWS::CloudWatch::Alarm', 'AlarmName'],
  ['AWS::KMS::Alias', 'AliasName'],
  ['AWS::ApiGateway::RestApi', 'Name'],
  ['AWS::RDS::DBCluster', 'DBClusterIdentifier'],
  ['AWS::RDS::DBProxy', 'DBProxyName'],
  ['AWS::ElastiCache::ServerlessCache', 'ServerlessCacheName'],
  ['AWS::SSM::Parameter', 'Name'],
  ['AWS::ApiGatewayV2::Api', 'Name'],
  ['AWS::ElastiCache::User', 'UserId'],
  ['AWS::ElastiCache::UserGroup', 'UserGroupId'],
] as const;
const GENERATED = [
  ['AWS::Lambda::Function', 'FunctionName'],
  ['AWS::IAM::Role', 'RoleName'],
  ['AWS::IAM::ManagedPolicy', 'ManagedPolicyName'],
  ['AWS::S3::Bucket', 'BucketName'],
  ['AWS::SQS::Queue', 'QueueName'],
  ['AWS::SNS::Topic', 'TopicName'],
  ['AWS::EC2::SecurityGroup', 'GroupName'],
  ['AWS::Events::Rule', 'Name'],
  ['AWS::Scheduler::Schedule', 'Name'],
  ['AWS::AutoScaling::AutoScalingGroup', 'AutoScalingGroupName'],
  ['AWS::EC2::LaunchTemplate', 'LaunchTemplateName'],
  ['AWS::ElasticLoadBalancingV2::LoadBalancer', 'Name'],
  ['AWS::ElasticLoadBalancingV2::TargetGroup', 'Name'],
] as const;
/** Where AWS demands how a log group is called. */
const DEMANDED = /^(aws-waf-logs-|API-Gateway-Execution-Logs_|\/aws\/rds\/)/;

describe('names', () => {
  describeChecks([
    ...GENERATED.map(([type, property]): Check => ({
      says: `${type} has a generated ${property}`,
      of: [type],
      breaks: ({ properties }) => properties[property] !== undefined,
      spoil: ({ properties }) => (properties[property] = 'signal9'),
    })),
    ...NAMED.map(([type, property]): Check => ({
      says: `${type} bears the environment in its ${property}`,
      of: [type],
      breaks: ({ properties }, { env }) => !String(properties[property]).includes(env),
      spoil: ({ properties }) => (properties[property] = 'signal9'),
    })),
    {
      says: 'log groups are named only where AWS demands the name',
      of: ['AWS::Logs::LogGroup'],
      breaks: ({ properties }) =>
        properties.LogGroupName !== undefined && !strings(properties.LogGroupName).some((text) => DEMANDED.test(text)),
      spoil: ({ properties }) => (properties.LogGroupName = 'ours'),
    },
    {
      says: 'dashboards, which are global to an account, carry the region',
      of: ['AWS::CloudWatch::Dashboard'],
      breaks: ({ properties }, { region }) => !String(properties.DashboardName).includes(region),
      spoil: ({ properties }) => (properties.DashboardName = 'signal9-dev'),
    },
  ]);

  test('there is one budget, whatever the number of regions', () => {
    for (const name of ENVIRONMENTS) {
      const budgets = stacks
        .filter(({ environment }) => environment === name)
        .flatMap((of) => ofType(of, 'AWS::Budgets::Budget'));
      expect(budgets).toHaveLength(1);
    }
  });
});
