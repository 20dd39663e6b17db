/**
 * What remembers something that a deployment cannot make again, by type, and in words what is lost. Beside these, every
 * resource counts whose template keeps it or takes a snapshot of it: somebody decided so.
 * docs/adr/0027-what-a-change-destroys.md says what is not in the list, and why.
 */
const REMEMBERED = {
  'AWS::DynamoDB::Table': 'its items',
  'AWS::S3::Bucket': 'its objects and their versions',
  'AWS::KMS::Key': 'whatever it encrypted',
  'AWS::SecretsManager::Secret': 'its value and versions',
  'AWS::Cognito::UserPool': 'the users, their passwords and second factors',
  'AWS::Logs::LogGroup': 'its log events',
  'AWS::Backup::BackupVault': 'the recovery points',
  'AWS::RDS::DBCluster': 'the databases',
  'AWS::RDS::DBInstance': 'the databases, or an instance that serves them',
  // A database cannot be without them.
  'AWS::RDS::DBClusterParameterGroup': 'what a database runs by',
  'AWS::RDS::DBParameterGroup': 'what a database runs by',
  'AWS::RDS::DBSubnetGroup': 'where a database stands',
} as const;

/** Lost by a replacement too, but short-lived, so that no environment keeps them when their stack goes. */
const PASSING = {
  'AWS::SQS::Queue': 'the messages in it',
  'AWS::ElastiCache::ServerlessCache': 'what is cached, all at once',
  'AWS::Events::Archive': 'the archived events',
} as const;

/** What an environment with `retain` has to keep when it goes. */
export const RETAINED_TYPES: readonly string[] = Object.keys(REMEMBERED);

const STATEFUL: Readonly<Record<string, string>> = { ...REMEMBERED, ...PASSING };

/** A resource of a template, as far as its state is concerned. */
export interface Policies {
  readonly Type: string;
  readonly DeletionPolicy?: unknown;
  readonly UpdateReplacePolicy?: unknown;
  /** Name of the condition without which it does not exist. */
  readonly Condition?: unknown;
}

/** From losing to keeping. */
const KEEPING = ['Delete', 'Snapshot', 'RetainExceptOnCreate', 'Retain'] as const;
export type Policy = (typeof KEEPING)[number];

/** CloudFormation's own default is Delete, but for a cluster, and an instance that stands for itself. */
export function policyOf(
  resource: Policies & { Properties?: object },
  name: 'DeletionPolicy' | 'UpdateReplacePolicy',
): Policy {
  const stated = KEEPING.find((policy) => policy === resource[name]);
  if (stated !== undefined) return stated;
  const ofCluster = Object.hasOwn(resource.Properties ?? {}, 'DBClusterIdentifier');
  const snapshot = resource.Type === 'AWS::RDS::DBCluster' || (resource.Type === 'AWS::RDS::DBInstance' && !ofCluster);
  return snapshot && name === 'DeletionPolicy' ? 'Snapshot' : 'Delete';
}

/** Whether `now` keeps less than `before`: Retain and RetainExceptOnCreate keep alike what exists. */
export const keepsLess = (before: Policy, now: Policy): boolean =>
  Math.min(KEEPING.indexOf(now), 2) < Math.min(KEEPING.indexOf(before), 2);

/** @returns in words what is lost with the resource, undefined for what can be made again */
export function stateOf(resource: Policies): string | undefined {
  if (Object.hasOwn(STATEFUL, resource.Type)) return STATEFUL[resource.Type];
  const kept = [resource.DeletionPolicy, resource.UpdateReplacePolicy].some((policy) =>
    KEEPING.slice(1).includes(policy as never),
  );
  return kept ? 'what its policy was to keep' : undefined;
}
