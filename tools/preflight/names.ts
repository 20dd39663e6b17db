import * as z from 'zod';
import { names } from '../../lib/names';
import type { Properties, TemplateStack } from '../templates';
import { type Aws, AwsRefusal } from './aws';
import { answered, deployedParts } from './account';
import { type Check, type Finding, note, ok, problem, type Subject, unknown } from './check';

/** What is there already by a physical name that a stack would use. */
interface Taken {
  readonly message: string;
  readonly fix: string;
}

interface Named {
  /** Property with the name, by its path. */
  readonly property: readonly string[];
  /** @returns undefined where the name is free */
  readonly look: (aws: Aws, name: string, region: string) => Promise<Taken | undefined>;
}

/** A type of which one is described by its name, and refused where there is none. */
interface Described {
  readonly property: readonly string[];
  /** What one is called in a sentence. */
  readonly what: string;
  readonly service: string;
  readonly describe: readonly [operation: string, parameter: string];
  /** Codes by which AWS says that there is none. */
  readonly absent: readonly string[];
  /** @returns the command that removes one, without its region */
  readonly remove: readonly [operation: string, options: (name: string) => string];
}

const described = ({ property, what, service, describe, absent, remove }: Described): Named => ({
  property,
  look: async (aws, name, region) => {
    const [operation, parameter] = describe;
    const answer = aws({ service, operation, input: { [parameter]: name }, region });
    const isThere = (await answered(answer, z.object({}), absent)) !== undefined;
    const [removal, options] = remove;
    return isThere ? taken(what, name, `aws ${service} ${removal} --region ${region} ${options(name)}`) : undefined;
  },
});

const taken = (what: string, name: string, fix: string): Taken => ({
  message: `the ${what} ${name} is there already`,
  fix,
});

/** Types whose names are ours to choose, and which another thing of that name keeps from being made. */
export const NAMED: Readonly<Record<string, Named>> = {
  'AWS::Logs::LogGroup': {
    property: ['LogGroupName'],
    look: async (aws, name, region) => {
      const { logGroups } = z
        .object({ logGroups: z.array(z.object({ logGroupName: z.string() })) })
        .parse(
          await aws({ service: 'logs', operation: 'describe-log-groups', input: { logGroupNamePrefix: name }, region }),
        );
      if (!logGroups.some(({ logGroupName }) => logGroupName === name)) return undefined;
      return taken('log group', name, `aws logs delete-log-group --region ${region} --log-group-name ${name}`);
    },
  },
  'AWS::SecretsManager::Secret': {
    property: ['Name'],
    look: async (aws, name, region) => {
      const found = await answered(
        aws({ service: 'secretsmanager', operation: 'describe-secret', input: { SecretId: name }, region }),
        z.object({ DeletedDate: z.unknown().optional() }),
        ['ResourceNotFoundException'],
      );
      if (!found) return undefined;
      const fix = `aws secretsmanager delete-secret --region ${region} --secret-id ${name} --force-delete-without-recovery`;
      if (!found.DeletedDate) return taken('secret', name, fix);
      return {
        message: `the secret ${name} was deleted and waits out its recovery window, in which its name is taken`,
        fix,
      };
    },
  },
  'AWS::DynamoDB::Table': described({
    property: ['TableName'],
    what: 'table',
    service: 'dynamodb',
    describe: ['describe-table', 'TableName'],
    absent: ['ResourceNotFoundException'],
    remove: ['delete-table', (name) => `--table-name ${name}`],
  }),
  'AWS::Backup::BackupVault': {
    property: ['BackupVaultName'],
    look: async (aws, name, region) => {
      // Asked for one vault that is not there, AWS Backup says that access is denied.
      const { BackupVaultList: vaults } = z
        .object({ BackupVaultList: z.array(z.object({ BackupVaultName: z.string() })) })
        .parse(await aws({ service: 'backup', operation: 'list-backup-vaults', region }));
      if (!vaults.some(({ BackupVaultName }) => BackupVaultName === name)) return undefined;
      return taken(
        'backup vault',
        name,
        `aws backup delete-backup-vault --region ${region} --backup-vault-name ${name}`,
      );
    },
  },
  'AWS::Events::EventBus': described({
    property: ['Name'],
    what: 'event bus',
    service: 'events',
    describe: ['describe-event-bus', 'Name'],
    absent: ['ResourceNotFoundException'],
    remove: ['delete-event-bus', (name) => `--name ${name}`],
  }),
  'AWS::RDS::DBCluster': described({
    property: ['DBClusterIdentifier'],
    what: 'cluster',
    service: 'rds',
    describe: ['describe-db-clusters', 'DBClusterIdentifier'],
    absent: ['DBClusterNotFoundFault'],
    remove: [
      'delete-db-cluster',
      (name) => `--db-cluster-identifier ${name} --final-db-snapshot-identifier ${name}-last`,
    ],
  }),
  'AWS::RDS::DBInstance': described({
    property: ['DBInstanceIdentifier'],
    what: 'database',
    service: 'rds',
    describe: ['describe-db-instances', 'DBInstanceIdentifier'],
    absent: ['DBInstanceNotFound', 'DBInstanceNotFoundFault'],
    remove: [
      'delete-db-instance',
      (name) => `--db-instance-identifier ${name} --final-db-snapshot-identifier ${name}-last`,
    ],
  }),
  'AWS::ElastiCache::ServerlessCache': described({
    property: ['ServerlessCacheName'],
    what: 'cache',
    service: 'elasticache',
    describe: ['describe-serverless-caches', 'ServerlessCacheName'],
    absent: ['ServerlessCacheNotFoundFault'],
    remove: ['delete-serverless-cache', (name) => `--serverless-cache-name ${name}`],
  }),
  'AWS::Cognito::UserPoolDomain': {
    property: ['Domain'],
    look: async (aws, name, region) => {
      const { DomainDescription: found } = z
        .object({ DomainDescription: z.object({ UserPoolId: z.string().optional() }).default({}) })
        .parse(
          await aws({
            service: 'cognito-idp',
            operation: 'describe-user-pool-domain',
            input: { Domain: name },
            region,
          }),
        );
      if (found.UserPoolId === undefined) return undefined;
      return {
        message: `the sign-in domain ${name} belongs to the user pool ${found.UserPoolId}`,
        fix: `aws cognito-idp delete-user-pool-domain --region ${region} --user-pool-id ${found.UserPoolId} --domain ${name}`,
      };
    },
  },
  'AWS::SSM::Parameter': described({
    property: ['Name'],
    what: 'parameter',
    service: 'ssm',
    describe: ['get-parameter', 'Name'],
    absent: ['ParameterNotFound'],
    remove: ['delete-parameter', (name) => `--name ${name}`],
  }),
  'AWS::Scheduler::ScheduleGroup': described({
    property: ['Name'],
    what: 'schedule group',
    service: 'scheduler',
    describe: ['get-schedule-group', 'Name'],
    absent: ['ResourceNotFoundException'],
    remove: ['delete-schedule-group', (name) => `--name ${name}`],
  }),
  'AWS::Glue::Database': described({
    property: ['DatabaseInput', 'Name'],
    what: 'Glue database',
    service: 'glue',
    describe: ['get-database', 'Name'],
    absent: ['EntityNotFoundException'],
    remove: ['delete-database', (name) => `--name ${name}`],
  }),
};

export const physicalNames: Check = {
  id: 'physical-names',
  title: 'names that are to be used',
  scope: 'region',
  async run(aws, subject) {
    const deployed = await deployedParts(aws, subject);
    const found: Finding[] = [];
    let free = 0;
    for (const { part, resources } of subject.stacks) {
      // What a stack has made bears its names rightly.
      if (deployed.has(part)) continue;
      for (const { type, properties, raw } of resources) {
        const named = NAMED[type];
        const name = named && textOf(named.property.reduce<unknown>(inside, properties), subject);
        if (!named || name === undefined) continue;
        let there: Taken | undefined;
        try {
          there = await named.look(aws, name, subject.region);
        } catch (error) {
          // One that cannot be looked up hides no other.
          if (!(error instanceof AwsRefusal)) throw error;
          found.push(unknown(`whether ${name} is taken: ${error.code}: ${error.message}`));
          continue;
        }
        if (!there) free += 1;
        // Data that was retained is to be taken over, not deleted.
        else found.push(problem(there.message, isRetained(raw) ? takeOver(type, part, subject) : there.fix));
      }
    }
    if (found.length > 0) return found;
    return [ok(free > 0 ? `${free} are free` : 'all are in use by this environment')];
  },
};

const isRetained = ({ DeletionPolicy }: Properties): boolean =>
  DeletionPolicy === 'Retain' || DeletionPolicy === 'RetainExceptOnCreate';

/**
 * CloudFormation takes over by itself what it identifies by a name in the template, and what is to be retained. A secret it
 * identifies by its ARN, which `cdk import` asks for.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources-automatically.html
 */
function takeOver(type: string, part: TemplateStack['part'], { config, region }: Subject): string {
  const of = `-c env=${config.env} ${names.stack(config.env, region, part)}`;
  if (type === 'AWS::SecretsManager::Secret') return `npx cdk import ${of}`;
  return `npx cdk deploy --import-existing-resources ${of}`;
}

const inside = (value: unknown, key: string): unknown => (value as Properties | undefined)?.[key];

/** The text of a property, with what the account and region of the subject make of its references. */
function textOf(value: unknown, subject: Subject): string | undefined {
  if (typeof value === 'string') return value;
  const { Ref, 'Fn::Join': join } = (value ?? {}) as { Ref?: string; 'Fn::Join'?: [string, unknown[]] };
  if (Ref === 'AWS::AccountId') return subject.account;
  if (Ref === 'AWS::Region') return subject.region;
  if (!join) return undefined;
  const parts = join[1].map((part) => textOf(part, subject));
  return parts.includes(undefined) ? undefined : parts.join(join[0]);
}

/** Whether the providers' keys were put in. Only after a deployment; the values are not read. */
export const providerKeys: Check = {
  id: 'provider-keys',
  title: "the data providers' keys",
  scope: 'region',
  async run(aws, subject) {
    const { config, region } = subject;
    if (!(await deployedParts(aws, subject)).has('Secrets')) return [ok('to be put in after the first deployment')];
    const values = { alpaca: '{"key_id":"…","secret_key":"…"}', 'alpha-vantage': '{"api_key":"…"}' };
    return Promise.all(
      Object.entries(values).map(async ([provider, value]) => {
        const name = names.secret(config.env, provider);
        const { Versions } = z.object({ Versions: z.array(z.unknown()) }).parse(
          await aws({
            service: 'secretsmanager',
            operation: 'list-secret-version-ids',
            input: { SecretId: name, IncludeDeprecated: true },
            region,
          }),
        );
        // The first version is the empty one that the deployment made.
        if (Versions.length > 1) return ok(`${name} was filled in`);
        return note(
          `${name} is still empty: the jobs fail until the key is there`,
          `aws secretsmanager put-secret-value --region ${region} --secret-id ${name} --secret-string '${value}'`,
        );
      }),
    );
  },
};
