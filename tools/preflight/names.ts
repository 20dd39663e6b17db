import * as z from 'zod';
import { names } from '../../lib/names';
import type { Properties, TemplateStack } from '../templates';
import { type Aws, AwsRefusal } from './aws';
import { isUnmade, stackStatuses } from './account';
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

/** Looks a thing up of which AWS says by one of `absent` that it is not there. */
async function exists(answer: Promise<unknown>, ...absent: readonly string[]): Promise<boolean> {
  try {
    await answer;
    return true;
  } catch (error) {
    if (error instanceof AwsRefusal && absent.includes(error.code)) return false;
    throw error;
  }
}

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
      return {
        message: `the log group ${name} is there already`,
        fix: `aws logs delete-log-group --region ${region} --log-group-name ${name}`,
      };
    },
  },
  'AWS::SecretsManager::Secret': {
    property: ['Name'],
    look: async (aws, name, region) => {
      const answer = aws({
        service: 'secretsmanager',
        operation: 'describe-secret',
        input: { SecretId: name },
        region,
      });
      if (!(await exists(answer, 'ResourceNotFoundException'))) return undefined;
      const { DeletedDate } = z.object({ DeletedDate: z.unknown().optional() }).parse(await answer);
      return {
        message: DeletedDate
          ? `the secret ${name} was deleted and waits out its recovery window, in which its name is taken`
          : `the secret ${name} is there already`,
        fix: `aws secretsmanager delete-secret --region ${region} --secret-id ${name} --force-delete-without-recovery`,
      };
    },
  },
  'AWS::DynamoDB::Table': {
    property: ['TableName'],
    look: async (aws, name, region) =>
      (await exists(
        aws({ service: 'dynamodb', operation: 'describe-table', input: { TableName: name }, region }),
        'ResourceNotFoundException',
      ))
        ? {
            message: `the table ${name} is there already`,
            fix: `aws dynamodb delete-table --region ${region} --table-name ${name}`,
          }
        : undefined,
  },
  'AWS::Backup::BackupVault': {
    property: ['BackupVaultName'],
    look: async (aws, name, region) => {
      // Asked for one vault that is not there, AWS Backup says that access is denied.
      const { BackupVaultList: vaults } = z
        .object({ BackupVaultList: z.array(z.object({ BackupVaultName: z.string() })) })
        .parse(await aws({ service: 'backup', operation: 'list-backup-vaults', region }));
      if (!vaults.some(({ BackupVaultName }) => BackupVaultName === name)) return undefined;
      return {
        message: `the backup vault ${name} is there already`,
        fix: `aws backup delete-backup-vault --region ${region} --backup-vault-name ${name}`,
      };
    },
  },
  'AWS::Events::EventBus': {
    property: ['Name'],
    look: async (aws, name, region) =>
      (await exists(
        aws({ service: 'events', operation: 'describe-event-bus', input: { Name: name }, region }),
        'ResourceNotFoundException',
      ))
        ? {
            message: `the event bus ${name} is there already`,
            fix: `aws events delete-event-bus --region ${region} --name ${name}`,
          }
        : undefined,
  },
  'AWS::RDS::DBCluster': {
    property: ['DBClusterIdentifier'],
    look: async (aws, name, region) =>
      (await exists(
        aws({ service: 'rds', operation: 'describe-db-clusters', input: { DBClusterIdentifier: name }, region }),
        'DBClusterNotFoundFault',
      ))
        ? {
            message: `the cluster ${name} is there already`,
            fix: `aws rds delete-db-cluster --region ${region} --db-cluster-identifier ${name} --final-db-snapshot-identifier ${name}-last`,
          }
        : undefined,
  },
  'AWS::RDS::DBInstance': {
    property: ['DBInstanceIdentifier'],
    look: async (aws, name, region) =>
      (await exists(
        aws({ service: 'rds', operation: 'describe-db-instances', input: { DBInstanceIdentifier: name }, region }),
        'DBInstanceNotFound',
        'DBInstanceNotFoundFault',
      ))
        ? {
            message: `the database ${name} is there already`,
            fix: `aws rds delete-db-instance --region ${region} --db-instance-identifier ${name} --final-db-snapshot-identifier ${name}-last`,
          }
        : undefined,
  },
  'AWS::ElastiCache::ServerlessCache': {
    property: ['ServerlessCacheName'],
    look: async (aws, name, region) =>
      (await exists(
        aws({
          service: 'elasticache',
          operation: 'describe-serverless-caches',
          input: { ServerlessCacheName: name },
          region,
        }),
        'ServerlessCacheNotFoundFault',
      ))
        ? {
            message: `the cache ${name} is there already`,
            fix: `aws elasticache delete-serverless-cache --region ${region} --serverless-cache-name ${name}`,
          }
        : undefined,
  },
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
  'AWS::SSM::Parameter': {
    property: ['Name'],
    look: async (aws, name, region) =>
      (await exists(
        aws({ service: 'ssm', operation: 'get-parameter', input: { Name: name }, region }),
        'ParameterNotFound',
      ))
        ? {
            message: `the parameter ${name} is there already`,
            fix: `aws ssm delete-parameter --region ${region} --name ${name}`,
          }
        : undefined,
  },
  'AWS::Scheduler::ScheduleGroup': {
    property: ['Name'],
    look: async (aws, name, region) =>
      (await exists(
        aws({ service: 'scheduler', operation: 'get-schedule-group', input: { Name: name }, region }),
        'ResourceNotFoundException',
      ))
        ? {
            message: `the schedule group ${name} is there already`,
            fix: `aws scheduler delete-schedule-group --region ${region} --name ${name}`,
          }
        : undefined,
  },
  'AWS::Glue::Database': {
    property: ['DatabaseInput', 'Name'],
    look: async (aws, name, region) =>
      (await exists(
        aws({ service: 'glue', operation: 'get-database', input: { Name: name }, region }),
        'EntityNotFoundException',
      ))
        ? {
            message: `the database ${name} of Glue is there already`,
            fix: `aws glue delete-database --region ${region} --name ${name}`,
          }
        : undefined,
  },
};

export const physicalNames: Check = {
  id: 'physical-names',
  title: 'names that are to be used',
  scope: 'region',
  async run(aws, subject) {
    const deployed = await stackStatuses(aws, subject);
    const found: Finding[] = [];
    let free = 0;
    for (const { part, resources } of subject.stacks) {
      const status = deployed.get(part);
      // What a stack has made bears its names rightly.
      if (status !== undefined && !isUnmade(status)) continue;
      for (const { type, properties, raw } of resources) {
        const named = NAMED[type];
        const name = named && textOf(named.property.reduce<unknown>(inside, properties), subject);
        if (!named || name === undefined) continue;
        let taken: Taken | undefined;
        try {
          taken = await named.look(aws, name, subject.region);
        } catch (error) {
          // One that cannot be looked up hides no other.
          if (!(error instanceof AwsRefusal)) throw error;
          found.push(unknown(`whether ${name} is taken: ${error.code}: ${error.message}`));
          continue;
        }
        if (!taken) free += 1;
        // Data that was retained is to be taken over, not deleted.
        else found.push(problem(taken.message, isRetained(raw) ? takeOver(type, part, subject) : taken.fix));
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
    const deployed = await stackStatuses(aws, subject);
    if (!deployed.has('Secrets')) return [ok('to be put in after the first deployment')];
    const wanted = { alpaca: '{"key_id":"…","secret_key":"…"}', 'alpha-vantage': '{"api_key":"…"}' };
    return Promise.all(
      Object.entries(wanted).map(async ([provider, value]) => {
        const name = `signal9-${config.env}-${provider}`;
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
