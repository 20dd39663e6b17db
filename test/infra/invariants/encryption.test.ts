import { type Properties, type SynthesisedStack } from '../synthesised';
import { type Check, describeChecks, find } from './check';

/** Where a type says with which key it encrypts: ours, not the service's. */
const KEYS: readonly (readonly [type: string, ...path: string[]])[] = [
  ['AWS::DynamoDB::Table', 'SSESpecification', 'KMSMasterKeyId'],
  ['AWS::SQS::Queue', 'KmsMasterKeyId'],
  ['AWS::SNS::Topic', 'KmsMasterKeyId'],
  ['AWS::SecretsManager::Secret', 'KmsKeyId'],
  ['AWS::Logs::LogGroup', 'KmsKeyId'],
  ['AWS::Events::EventBus', 'KmsKeyIdentifier'],
  ['AWS::Events::Archive', 'KmsKeyIdentifier'],
  ['AWS::Backup::BackupVault', 'EncryptionKeyArn'],
  ['AWS::RDS::DBCluster', 'KmsKeyId'],
  ['AWS::ElastiCache::ServerlessCache', 'KmsKeyId'],
];

const at = (properties: Properties, path: readonly string[]): unknown =>
  path.reduce<unknown>((value, key) => (value as Properties | undefined)?.[key], properties);

/** A key that a template of the same region makes, not one that the service keeps for everybody. */
const isOurs = (key: unknown, of: SynthesisedStack, among: readonly SynthesisedStack[]): boolean =>
  find(key, of, among)?.type === 'AWS::KMS::Key';

describe('encryption', () => {
  describeChecks([
    ...KEYS.map(([type, ...path]): Check => ({
      says: `every ${type} has a key of ours`,
      of: [type],
      breaks: ({ properties }, of, among) => !isOurs(at(properties, path), of, among),
      spoil: ({ properties }) => {
        const holder = at(properties, path.slice(0, -1)) as Properties;
        holder[path.at(-1)!] = 'alias/aws/service';
      },
    })),
    {
      // CDK's own, for its custom resources, have no variables.
      says: "every function's variables have a key of ours",
      of: ['AWS::Lambda::Function'],
      where: ({ properties }) => properties.Environment !== undefined,
      breaks: ({ properties }, of, among) => !isOurs(properties.KmsKeyArn, of, among),
      spoil: ({ properties }) => delete properties.KmsKeyArn,
    },
    {
      says: 'every bucket is encrypted',
      of: ['AWS::S3::Bucket'],
      breaks: ({ properties }) => properties.BucketEncryption === undefined,
      spoil: ({ properties }) => delete properties.BucketEncryption,
    },
    {
      says: 'every cluster encrypts its storage',
      of: ['AWS::RDS::DBCluster'],
      breaks: ({ properties }) => properties.StorageEncrypted !== true,
      spoil: ({ properties }) => delete properties.StorageEncrypted,
    },
    {
      // Aurora's instances have the storage of their cluster.
      says: 'every database of its own encrypts its storage with a key of ours',
      of: ['AWS::RDS::DBInstance'],
      where: ({ properties }) => properties.DBClusterIdentifier === undefined,
      breaks: ({ properties }, of, among) =>
        properties.StorageEncrypted !== true || !isOurs(properties.KmsKeyId, of, among),
      spoil: ({ properties }) => (properties.StorageEncrypted = false),
    },
    {
      says: 'every disk of an instance is encrypted',
      of: ['AWS::EC2::LaunchTemplate'],
      breaks: ({ properties }) => {
        const disks = (properties.LaunchTemplateData.BlockDeviceMappings ?? []) as Properties[];
        return disks.length === 0 || disks.some(({ Ebs }) => Ebs.Encrypted !== true);
      },
      spoil: ({ properties }) => (properties.LaunchTemplateData.BlockDeviceMappings[0].Ebs.Encrypted = false),
    },
    {
      says: 'every key rotates',
      of: ['AWS::KMS::Key'],
      breaks: ({ properties }) => properties.EnableKeyRotation !== true,
      spoil: ({ properties }) => delete properties.EnableKeyRotation,
    },
    {
      says: 'every alias has region and environment',
      of: ['AWS::KMS::Alias'],
      breaks: ({ properties }, { region, env }) =>
        !new RegExp(`^alias/signal9-${region}-${env}-[a-z]+$`).test(String(properties.AliasName)),
      spoil: ({ properties }) => (properties.AliasName = 'alias/platform'),
    },
  ]);
});
