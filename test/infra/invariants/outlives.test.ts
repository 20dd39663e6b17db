import { type Resource, type SynthesisedStack } from '../synthesised';
import { type Check, describeChecks, stacks } from './check';

const RETAINING = ['Retain', 'RetainExceptOnCreate', 'Snapshot'];
const policies = ({ raw }: Resource): string[] =>
  [raw.DeletionPolicy as string | undefined, raw.UpdateReplacePolicy as string | undefined].map(
    (policy) => policy ?? 'Delete',
  );
const isKept = (resource: Resource): boolean => policies(resource).some((policy) => RETAINING.includes(policy));

/** Environments whose data outlives their stacks (`retain`): as its presets are, prod. */
const keeps = (_: Resource, { env }: SynthesisedStack): boolean => env === 'prod';
const throwsAway = (resource: Resource, of: SynthesisedStack): boolean => !keeps(resource, of);

/** What stays of a throw-away environment: each is in docs/deploy.md, and in nobody's way under its name. */
const STAYS: readonly { readonly of: (resource: Resource) => boolean; readonly why: string }[] = [
  {
    of: ({ type }) => type === 'AWS::S3::BucketPolicy',
    why: 'goes with its bucket, and keeps denying what would fill it again (lib/constructs/private-bucket.ts)',
  },
  {
    of: ({ type, logicalId }) =>
      type === 'AWS::ApiGateway::Account' || (type.startsWith('AWS::IAM::') && logicalId.startsWith('RestAccountRole')),
    why: 'the one setting of API Gateway per account and region, with its role: other environments write logs by it',
  },
];

/** Without a policy CloudFormation takes a snapshot of them, which is paid for and which nobody would miss. */
const SNAPSHOT_BY_DEFAULT = ['AWS::RDS::DBCluster', 'AWS::RDS::DBInstance'];

/**
 * Types that prod retains under names that a template fixes. They are in the way of a second deployment after `destroy`:
 * docs/deploy.md says how each is taken over, or why it cannot be.
 */
const KEPT_BY_NAME: Readonly<Record<string, string>> = {
  'AWS::DynamoDB::Table': 'TableName',
  'AWS::RDS::DBCluster': 'DBClusterIdentifier',
  'AWS::RDS::DBInstance': 'DBInstanceIdentifier',
  'AWS::Logs::LogGroup': 'LogGroupName',
  'AWS::Backup::BackupVault': 'BackupVaultName',
  'AWS::SecretsManager::Secret': 'Name',
  // Names of pools may repeat: a second one is another pool.
  'AWS::Cognito::UserPool': 'UserPoolName',
};
/** Properties that are a physical name, in any type. Others end like them and refer to something else. */
const NAMES =
  /^(Name|TableName|BucketName|QueueName|TopicName|RoleName|FunctionName|LogGroupName|BackupVaultName|UserPoolName|DBClusterIdentifier|DBInstanceIdentifier|DBSubnetGroupName|DBClusterParameterGroupName|DBParameterGroupName|AliasName)$/;

const everyType = [...new Set(stacks.flatMap(({ resources }) => resources.map(({ type }) => type)))];
const fixedNames = ({ type, properties }: Resource): string[] =>
  Object.entries(properties)
    .filter(([property, value]) => NAMES.test(property) && typeof value === 'string')
    .map(([property]) => `${type} ${property}`);

describe('what outlives its stack', () => {
  describeChecks([
    {
      says: 'is nothing where data is thrown away, but what is listed with its reason',
      of: everyType,
      where: (resource, of) => throwsAway(resource, of) && !STAYS.some((stays) => stays.of(resource)),
      breaks: isKept,
      spoil: ({ raw }) => (raw.UpdateReplacePolicy = 'Retain'),
    },
    {
      says: 'is no snapshot where data is thrown away',
      of: SNAPSHOT_BY_DEFAULT,
      where: throwsAway,
      breaks: ({ raw }) => raw.DeletionPolicy !== 'Delete',
      spoil: ({ raw }) => delete raw.DeletionPolicy,
    },
    {
      says: 'was not made by a first deployment that failed: what is kept by name goes with a rolled-back creation',
      of: everyType,
      where: (resource, of) => keeps(resource, of) && isKept(resource) && fixedNames(resource).length > 0,
      breaks: ({ raw }) => raw.DeletionPolicy !== 'RetainExceptOnCreate',
      spoil: ({ raw }) => (raw.DeletionPolicy = 'Retain'),
    },
    {
      says: 'under a fixed name is of a type that docs/deploy.md tells how to take over',
      of: everyType,
      where: (resource, of) => keeps(resource, of) && isKept(resource),
      breaks: (resource) =>
        fixedNames(resource).some((name) => name !== `${resource.type} ${KEPT_BY_NAME[resource.type]}`) &&
        // A database names its groups too; these are retained under generated names.
        !SNAPSHOT_BY_DEFAULT.includes(resource.type),
      spoil: (resource) => (resource.properties.RoleName = 'fixed'),
    },
  ] satisfies readonly Check[]);

  test.each(STAYS.map(({ why, of }) => [why, of] as const))('a reason that is listed is needed: it %s', (_, of) => {
    expect(stacks.some(({ resources }) => resources.some((resource) => of(resource) && isKept(resource)))).toBe(true);
  });

  test('a bucket policy stays only where its bucket goes, whose deletion ends it', () => {
    for (const of of stacks)
      for (const policy of of.resources.filter(
        ({ type, raw }) => type === 'AWS::S3::BucketPolicy' && raw.DeletionPolicy,
      )) {
        const bucket = of.resources.find(({ logicalId }) => logicalId === policy.properties.Bucket.Ref);
        expect([of.label, bucket?.raw.DeletionPolicy]).toEqual([of.label, 'Delete']);
      }
  });

  test('a retained role keeps its policies', () => {
    for (const of of stacks)
      for (const role of of.resources.filter((resource) => resource.type === 'AWS::IAM::Role' && isKept(resource))) {
        const own = of.resources.filter(
          ({ type, properties }) =>
            /^AWS::IAM::(Managed)?Policy$/.test(type) &&
            JSON.stringify(properties.Roles).includes(`"${role.logicalId}"`),
        );
        expect(own.length).toBeGreaterThan(0);
        for (const policy of own) expect([of.label, policy.raw.DeletionPolicy]).toEqual([of.label, 'Retain']);
      }
  });
});
