/** A role that a service of AWS uses in an account, and that an account lacks until somebody or the service makes it. */
export interface ServiceLinkedRole {
  /** As `aws iam get-role --role-name` takes it. */
  readonly name: string;
  /** As `aws iam create-service-linked-role --aws-service-name` takes it. */
  readonly service: string;
  /** The types of resources that the service makes by it. */
  readonly types: readonly string[];
  /** The stacks that have one of them in some environment. */
  readonly neededBy: readonly ('Data' | 'Compute' | 'Api')[];
}

/**
 * The service-linked roles that the platform's services use. Each service makes its own at the first call that needs it,
 * if the caller may (`iam:CreateServiceLinkedRole`, which an administrator's execution role has), and then uses it at
 * once, though a new role takes seconds until all of IAM knows it: a first creation may fail for that, and does for
 * services whose threads are public (aws-cloudformation/cloudformation-coverage-roadmap#818, aws/aws-cdk#16598). Made
 * before, there is nothing to wait for; docs/deploy.md#bootstrap does.
 *
 * Which services have one: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-services-that-work-with-iam.html;
 * names and principals are on each service's page on service-linked roles. For what the platform asks of them, Scheduler,
 * Lambda, EventBridge, SQS, Secrets Manager, Cognito without SES, DynamoDB on demand and KMS with keys of one region have
 * none.
 */
export const SERVICE_LINKED_ROLES: readonly ServiceLinkedRole[] = [
  {
    name: 'AWSServiceRoleForElasticLoadBalancing',
    service: 'elasticloadbalancing.amazonaws.com',
    types: ['AWS::ElasticLoadBalancingV2::LoadBalancer'],
    neededBy: ['Compute'],
  },
  {
    name: 'AWSServiceRoleForAutoScaling',
    service: 'autoscaling.amazonaws.com',
    types: ['AWS::AutoScaling::AutoScalingGroup'],
    neededBy: ['Compute'],
  },
  {
    name: 'AWSServiceRoleForRDS',
    service: 'rds.amazonaws.com',
    types: ['AWS::RDS::DBCluster', 'AWS::RDS::DBInstance', 'AWS::RDS::DBProxy'],
    neededBy: ['Data'],
  },
  {
    name: 'AWSServiceRoleForElastiCache',
    service: 'elasticache.amazonaws.com',
    types: ['AWS::ElastiCache::ServerlessCache'],
    neededBy: ['Data'],
  },
  {
    name: 'AWSServiceRoleForAPIGateway',
    service: 'ops.apigateway.amazonaws.com',
    types: ['AWS::ApiGatewayV2::VpcLink', 'AWS::ApiGateway::DomainName', 'AWS::ApiGatewayV2::DomainName'],
    neededBy: ['Api'],
  },
  {
    name: 'AWSServiceRoleForBackup',
    service: 'backup.amazonaws.com',
    types: ['AWS::Backup::BackupPlan', 'AWS::Backup::BackupSelection'],
    neededBy: ['Data'],
  },
  {
    name: 'AWSServiceRoleForWAFV2Logging',
    service: 'wafv2.amazonaws.com',
    types: ['AWS::WAFv2::LoggingConfiguration'],
    neededBy: ['Compute', 'Api'],
  },
];

/** A quota that the templates are counted against; AWS's default, unless somebody has asked for more. */
export interface AccountQuota {
  /** What is counted. */
  readonly type: string;
  readonly most: number;
  /** Whether it is one for all regions of the account. */
  readonly global: boolean;
  /** Codes of Service Quotas. */
  readonly serviceCode: string;
  readonly quotaCode: string;
}

/** https://docs.aws.amazon.com/general/latest/gr/iam-service.html */
export const ACCOUNT_QUOTAS: readonly AccountQuota[] = [
  { type: 'AWS::IAM::Role', most: 1_000, global: true, serviceCode: 'iam', quotaCode: 'L-FE177D64' },
  { type: 'AWS::IAM::ManagedPolicy', most: 1_500, global: true, serviceCode: 'iam', quotaCode: 'L-E95E4862' },
  { type: 'AWS::IAM::InstanceProfile', most: 1_000, global: true, serviceCode: 'iam', quotaCode: 'L-6E65F664' },
];
