import { type Properties } from '../synthesised';
import { type Check, describeChecks, isCdkProvider, isProd, stacks } from './check';

const STATEFUL = [
  'AWS::DynamoDB::Table',
  'AWS::S3::Bucket',
  'AWS::KMS::Key',
  'AWS::SecretsManager::Secret',
  'AWS::Cognito::UserPool',
  'AWS::Logs::LogGroup',
  'AWS::Backup::BackupVault',
  'AWS::RDS::DBCluster',
  'AWS::RDS::DBInstance',
  // A database cannot be without them.
  'AWS::RDS::DBClusterParameterGroup',
  'AWS::RDS::DBParameterGroup',
  'AWS::RDS::DBSubnetGroup',
];

describe('retained in prod', () => {
  describeChecks([
    ...STATEFUL.map((type): Check => ({
      says: `every ${type}, but not what a failed creation made`,
      of: [type],
      where: isProd,
      // Named as it is, that would be in the way of the next.
      breaks: ({ raw }) => raw.DeletionPolicy !== 'RetainExceptOnCreate' || raw.UpdateReplacePolicy !== 'Retain',
      spoil: ({ raw }) => delete raw.UpdateReplacePolicy,
    })),
    {
      says: 'every table and database is protected from deletion',
      of: ['AWS::DynamoDB::Table', 'AWS::RDS::DBCluster', 'AWS::RDS::DBInstance'],
      where: (resource, of) => isProd(resource, of) && resource.properties.DBClusterIdentifier === undefined,
      breaks: ({ properties }) =>
        properties.DeletionProtection !== true && properties.DeletionProtectionEnabled !== true,
      spoil: ({ properties }) => {
        delete properties.DeletionProtection;
        delete properties.DeletionProtectionEnabled;
      },
    },
    {
      says: 'the database of its own has a second zone',
      of: ['AWS::RDS::DBInstance'],
      where: (resource, of) => isProd(resource, of) && resource.properties.DBClusterIdentifier === undefined,
      breaks: ({ properties }) => properties.MultiAZ !== true,
      spoil: ({ properties }) => (properties.MultiAZ = false),
    },
    {
      says: 'every table can go back to any moment of the last days',
      of: ['AWS::DynamoDB::Table'],
      breaks: ({ properties }) => properties.PointInTimeRecoverySpecification?.PointInTimeRecoveryEnabled !== true,
      spoil: ({ properties }) => delete properties.PointInTimeRecoverySpecification,
    },
    {
      says: 'every bucket keeps versions',
      of: ['AWS::S3::Bucket'],
      breaks: ({ properties }) => properties.VersioningConfiguration?.Status !== 'Enabled',
      spoil: ({ properties }) => delete properties.VersioningConfiguration,
    },
  ]);
});

/** Where types keep their tags: a list of keys and values, or an object. */
const TAGS = ['Tags', 'BackupVaultTags', 'BackupPlanTags', 'UserPoolTags'];
const tagsOf = (properties: Properties): Properties => {
  const tags = TAGS.map((name) => properties[name] as unknown).find((value) => value !== undefined) ?? {};
  if (!Array.isArray(tags)) return tags;
  return Object.fromEntries((tags as Properties[]).map(({ Key, Value }) => [Key as string, Value as unknown]));
};
const isTagged = ({ properties }: { readonly properties: Properties }): boolean =>
  TAGS.some((name) => properties[name] !== undefined);

describe('tagged', () => {
  /** A type that carries tags anywhere can carry them everywhere. */
  const taggable = [...new Set(stacks.flatMap(({ resources }) => resources.filter(isTagged).map(({ type }) => type)))];

  test('are the types that cost something or hold something', () => {
    const expected = ['DynamoDB::Table', 'Lambda::Function', 'S3::Bucket', 'SQS::Queue', 'KMS::Key', 'EC2::VPC'];
    expected.push('IAM::Role', 'Logs::LogGroup', 'SNS::Topic', 'SecretsManager::Secret', 'Events::EventBus');
    expected.push('CloudFront::Distribution', 'RDS::DBCluster', 'RDS::DBInstance', 'RDS::DBProxy', 'EC2::NatGateway');
    expected.push('ElastiCache::ServerlessCache', 'ElastiCache::User', 'AutoScaling::AutoScalingGroup');
    expected.push('ElasticLoadBalancingV2::LoadBalancer', 'ElasticLoadBalancingV2::TargetGroup', 'EC2::VPCEndpoint');
    expected.push('Cognito::UserPool', 'ApiGateway::RestApi', 'ApiGatewayV2::Api', 'Backup::BackupVault');
    expect(taggable).toEqual(expect.arrayContaining(expected.map((type) => `AWS::${type}`)));
  });

  describeChecks([
    {
      says: 'with environment and stack, everything that a template can tag',
      of: taggable,
      // CDK makes its own providers without.
      where: (resource) => !isCdkProvider(resource),
      breaks: ({ properties }, { env, part }) => {
        const tags = tagsOf(properties);
        return tags['signal9:env'] !== env || tags['signal9:stack'] !== part;
      },
      spoil: ({ properties }) => {
        for (const name of TAGS) properties[name] = undefined;
      },
    },
  ]);
});
