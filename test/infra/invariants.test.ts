// A template is JSON without a type of its own.
/* eslint-disable @typescript-eslint/no-unsafe-return */
import type * as z from 'zod/mini';
import { type FunctionDefinition, functions } from '../../contract/functions';
import { SERVICE_TABLES } from '../../contract/service';
import { CACHE_PORT } from '../../lib/constructs/cache-access';
import { LEDGER_PORT } from '../../lib/constructs/ledger-access';
import { PORTFOLIO_PORT } from '../../lib/constructs/portfolio-access';
import { STACKS } from '../../lib/platform';
import {
  ENVIRONMENTS,
  everyStack,
  manifest,
  ofType,
  type Properties,
  referredTo,
  type Resource,
  stack,
  strings,
  SYNTHESISED,
  type SynthesisedStack,
} from './synthesised';

/**
 * What holds for every stack of every environment, whoever adds to it. A test lists the offenders by name, so that a
 * failure says at once who they are.
 */
const stacks = everyStack();
const isProd = ({ environment }: SynthesisedStack) => environment === 'prod';

/** Names of the resources, of the given types, that break a rule. */
function offenders(
  types: readonly string[],
  breaks: (resource: Resource, of: SynthesisedStack) => boolean,
  among = stacks,
): string[] {
  return among.flatMap((of) =>
    ofType(of, ...types)
      .filter((resource) => breaks(resource, of))
      .map(({ logicalId }) => `${of.label}: ${logicalId}`),
  );
}

const find = (of: SynthesisedStack, reference: unknown): Resource | undefined =>
  of.resources.find(({ logicalId }) => logicalId === referredTo(reference));

/** CDK's own functions for custom resources, and what belongs to them. They are told from ours by CDK's names. */
const isCdkProvider = ({ logicalId }: Resource) =>
  /^(Custom(S3AutoDelete|VpcRestrict)|AWS679f53fac002430cb0da5b7982bd2287)/.test(logicalId);

describe('encryption', () => {
  const encrypted: Record<string, (properties: Properties) => unknown> = {
    'AWS::DynamoDB::Table': (p) => p.SSESpecification?.KMSMasterKeyId,
    'AWS::SQS::Queue': (p) => p.KmsMasterKeyId,
    'AWS::SNS::Topic': (p) => p.KmsMasterKeyId,
    'AWS::S3::Bucket': (p) => p.BucketEncryption,
    'AWS::SecretsManager::Secret': (p) => p.KmsKeyId,
    'AWS::Logs::LogGroup': (p) => p.KmsKeyId,
    'AWS::Events::EventBus': (p) => p.KmsKeyIdentifier,
    'AWS::Events::Archive': (p) => p.KmsKeyIdentifier,
    'AWS::Backup::BackupVault': (p) => p.EncryptionKeyArn,
    'AWS::RDS::DBCluster': (p) => (p.StorageEncrypted === true ? p.KmsKeyId : undefined),
    // Aurora's instances have the storage of their cluster.
    'AWS::RDS::DBInstance': (p) => p.DBClusterIdentifier ?? (p.StorageEncrypted === true ? p.KmsKeyId : undefined),
    'AWS::ElastiCache::ServerlessCache': (p) => p.KmsKeyId,
  };
  test.each(Object.entries(encrypted))('every %s', (type, key) => {
    expect(offenders([type], ({ properties }) => key(properties) === undefined)).toEqual([]);
  });

  test('every key rotates, and has an alias with region and environment', () => {
    expect(offenders(['AWS::KMS::Key'], ({ properties }) => properties.EnableKeyRotation !== true)).toEqual([]);
    expect(
      offenders(
        ['AWS::KMS::Alias'],
        ({ properties }, { region, env }) =>
          !new RegExp(`^alias/signal9-${region}-${env}-[a-z]+$`).test(properties.AliasName),
      ),
    ).toEqual([]);
  });

  test('queues, topics and buckets are spoken to over TLS only', () => {
    const policies = {
      'AWS::SQS::Queue': 'AWS::SQS::QueuePolicy',
      'AWS::SNS::Topic': 'AWS::SNS::TopicPolicy',
      'AWS::S3::Bucket': 'AWS::S3::BucketPolicy',
    };
    for (const [type, policyType] of Object.entries(policies))
      expect(
        offenders(
          [type],
          ({ logicalId }, of) =>
            !ofType(of, policyType).some(
              ({ properties }) =>
                strings([properties.Queues, properties.Topics, properties.Bucket]).includes(logicalId) &&
                JSON.stringify(properties.PolicyDocument).includes('"aws:SecureTransport":"false"'),
            ),
        ),
      ).toEqual([]);
  });
});

describe('functions', () => {
  test('each writes to a log group of ours, with a retention', () => {
    expect(
      offenders(['AWS::Lambda::Function'], ({ properties }, of) => {
        const group = find(of, properties.LoggingConfig?.LogGroup);
        return group?.type !== 'AWS::Logs::LogGroup';
      }),
    ).toEqual([]);
    expect(offenders(['AWS::Logs::LogGroup'], ({ properties }) => !(properties.RetentionInDays > 0))).toEqual([]);
  });

  test('no log group waits for a function that does not exist', () => {
    expect(
      offenders(['AWS::Logs::LogGroup'], ({ properties }) =>
        strings(properties.LogGroupName).join('').startsWith('/aws/lambda'),
      ),
    ).toEqual([]);
  });

  test('each has dead letters, or a caller who keeps what failed', () => {
    expect(
      offenders(['AWS::Lambda::Function'], (resource, of) => {
        const { properties, logicalId } = resource;
        if (properties.DeadLetterConfig !== undefined || isCdkProvider(resource)) return false;
        // API Gateway hands the error to the caller; a queue keeps the message; a stream's batch goes to its destination.
        if (of.part === 'Api') return false;
        // CloudFormation waits for a custom resource's answer, and fails the deployment without one.
        if (of.resources.some(({ properties: p }) => referredTo(p.ServiceToken) === logicalId)) return false;
        const mappings = ofType(of, 'AWS::Lambda::EventSourceMapping').filter(
          (m) => referredTo(m.properties.FunctionName) === logicalId,
        );
        return (
          mappings.length === 0 ||
          mappings.some(({ properties: mapping }) => {
            const queue = find(of, mapping.EventSourceArn);
            return queue
              ? queue.properties.RedrivePolicy === undefined
              : mapping.DestinationConfig?.OnFailure === undefined;
          })
        );
      }),
    ).toEqual([]);
  });

  test('each is told exactly what its schema in the contract asks for', () => {
    const byDescription = new Map(
      Object.values(functions).map((definition) => [definition.description as string, definition]),
    );
    const optional = (schema: z.core.$ZodType) => schema._zod.optin === 'optional';
    const wrong = stacks.flatMap((of) =>
      ofType(of, 'AWS::Lambda::Function').flatMap(({ logicalId, properties }) => {
        const definition = byDescription.get(properties.Description as string);
        if (!definition) return [];
        const shape = Object.entries(
          (definition.environment as z.ZodMiniObject).shape as Record<string, z.core.$ZodType>,
        );
        const told = Object.keys(properties.Environment.Variables as object);
        const missing = shape
          // Lambda itself says where it runs.
          .filter(([name, schema]) => !optional(schema) && !told.includes(name) && name !== 'AWS_REGION')
          .map(([name]) => `lacks ${name}`);
        const unknown = told
          .filter((name) => !shape.some(([known]) => known === name))
          .map((name) => `does not know ${name}`);
        return [...missing, ...unknown].map((complaint) => `${of.label}: ${logicalId} ${complaint}`);
      }),
    );
    expect(wrong).toEqual([]);
  });

  test('each wears the groups of the databases that the contract lets it reach, and of no other', () => {
    const wrong = stacks.flatMap((of) =>
      Object.values(functions as Record<string, FunctionDefinition>).flatMap((definition) => {
        const made = ofType(of, 'AWS::Lambda::Function').find(
          ({ properties }) => properties.Description === definition.description,
        );
        if (!made) return [];
        const worn = strings(made.properties.VpcConfig?.SecurityGroupIds).join(' ');
        const reaches = { Ledger: definition.ledger ?? false, Portfolio: definition.portfolio ?? false };
        return Object.entries(reaches)
          .filter(([database, reached]) => worn.includes(`SecurityGroups${database}Functions`) !== reached)
          .map(([database]) => `${of.label}: ${made.logicalId} ${database}`);
      }),
    );
    expect(wrong).toEqual([]);
  });

  test('each has a role of its own', () => {
    for (const of of stacks) {
      const roles = ofType(of, 'AWS::Lambda::Function').map(({ properties }) => referredTo(properties.Role));
      expect(new Set(roles).size).toBe(roles.length);
    }
  });
});

describe('permissions', () => {
  const policyTypes = ['AWS::IAM::ManagedPolicy', 'AWS::IAM::Policy'];
  type Statement = { Effect: string; Action: string | string[]; Resource: unknown };
  const statements = ({ properties }: Resource) => properties.PolicyDocument.Statement as Statement[];
  const list = <T>(value: T | T[]): T[] => (Array.isArray(value) ? value : [value]);

  test('stand in managed policies of our own: none inline, none of AWS’s', () => {
    expect(offenders(['AWS::IAM::Policy'], (policy) => !isCdkProvider(policy))).toEqual([]);
    expect(
      offenders(
        ['AWS::IAM::Role'],
        (role) => !isCdkProvider(role) && (role.properties.Policies ?? role.properties.ManagedPolicyArns) !== undefined,
      ),
    ).toEqual([]);
  });

  test('name their actions', () => {
    expect(
      offenders(policyTypes, (policy) =>
        statements(policy).some(({ Action }) => list(Action).some((action) => action.includes('*'))),
      ),
    ).toEqual([]);
  });

  test('name their resources, or say in the template why they cannot', () => {
    expect(
      offenders(policyTypes, (policy) => {
        const wild = statements(policy).some(({ Resource }) =>
          list(Resource).some((resource) => strings(resource).some((text) => text.includes('*'))),
        );
        const reasons = (policy.raw.Metadata?.cdk_nag?.rules_to_suppress ?? []) as { id: string; reason: string }[];
        return wild && !reasons.some(({ id, reason }) => id.startsWith('AwsSolutions-IAM5[') && reason.length > 30);
      }),
    ).toEqual([]);
  });

  test('reach databases and cache from one group to another, never from an address', () => {
    const ports = [LEDGER_PORT, PORTFOLIO_PORT, CACHE_PORT];
    expect(
      offenders(['AWS::EC2::SecurityGroup', 'AWS::EC2::SecurityGroupIngress'], ({ properties }) =>
        list(properties.SecurityGroupIngress ?? properties).some(
          (rule: Properties) => ports.includes(rule.FromPort as number) && rule.SourceSecurityGroupId === undefined,
        ),
      ),
    ).toEqual([]);
  });

  test('of functions are, on tables, exactly those of the contract', () => {
    const compute = [...(['Compute', 'Api'] as const)].map((part) => stack('dev', part));
    for (const of of compute)
      for (const definition of Object.values(functions)) {
        const made = ofType(of, 'AWS::Lambda::Function').find(
          ({ properties }) => properties.Description === definition.description,
        );
        if (!made) continue;
        const policy = ofType(of, 'AWS::IAM::ManagedPolicy').find(({ properties }) =>
          strings(properties.Roles).includes(referredTo(made.properties.Role) ?? ''),
        )!;
        const granted = new Set(
          statements(policy)
            .flatMap(({ Action }) => list(Action))
            .filter((action) => action.startsWith('dynamodb:') && !/Stream|Shard|GetRecords/.test(action)),
        );
        const asked = new Set(
          Object.values(definition.tables as Record<string, readonly string[]>).flatMap((actions) =>
            actions.map((a) => `dynamodb:${a}`),
          ),
        );
        expect({ [definition.entry]: [...granted].sort() }).toEqual({ [definition.entry]: [...asked].sort() });
      }
  });

  test('of the service are, on tables, exactly those of the contract', () => {
    for (const of of stacks.filter(({ part }) => part === 'Compute')) {
      const [policy] = ofType(of, 'AWS::IAM::ManagedPolicy').filter(({ logicalId }) =>
        logicalId.includes('FleetRolePolicy'),
      );
      const granted = statements(policy!).flatMap(({ Action }) => list(Action));
      const asked = Object.values(SERVICE_TABLES).flatMap((actions) => actions.map((action) => `dynamodb:${action}`));
      expect(granted.filter((action) => action.startsWith('dynamodb:')).sort()).toEqual(asked.sort());
    }
  });

  test('no security group lets the world in', () => {
    expect(
      offenders(['AWS::EC2::SecurityGroup', 'AWS::EC2::SecurityGroupIngress'], ({ properties }) =>
        list(properties.SecurityGroupIngress ?? properties).some((rule: Properties) => rule.CidrIp === '0.0.0.0/0'),
      ),
    ).toEqual([]);
  });
});

describe('events', () => {
  test('every queue has dead letters, or takes them', () => {
    expect(
      offenders(['AWS::SQS::Queue'], ({ logicalId, properties }, of) => {
        if (properties.RedrivePolicy !== undefined) return false;
        const takers = of.resources.flatMap(({ properties: p }) => [
          p.RedrivePolicy?.deadLetterTargetArn,
          p.DeadLetterConfig?.TargetArn,
          p.DestinationConfig?.OnFailure?.Destination,
          p.Target?.DeadLetterConfig?.Arn,
        ]);
        return !takers.some((taker) => referredTo(taker) === logicalId);
      }),
    ).toEqual([]);
  });

  test('every rule has a target of ours that listens, and dead letters', () => {
    expect(
      offenders(['AWS::Events::Rule'], ({ properties }, of) => {
        const targets = (properties.Targets ?? []) as { Arn: unknown; DeadLetterConfig?: unknown }[];
        const heard = ({ Arn }: { Arn: unknown }) =>
          ofType(of, 'AWS::Lambda::EventSourceMapping').some(
            ({ properties: m }) => referredTo(m.EventSourceArn) === referredTo(Arn),
          );
        return (
          targets.length === 0 || !targets.every((target) => target.DeadLetterConfig !== undefined && heard(target))
        );
      }),
    ).toEqual([]);
  });

  test('every schedule has a function and dead letters', () => {
    expect(
      offenders(
        ['AWS::Scheduler::Schedule'],
        ({ properties }, of) =>
          find(of, properties.Target.Arn)?.type !== 'AWS::Lambda::Function' ||
          properties.Target.DeadLetterConfig === undefined,
      ),
    ).toEqual([]);
  });
});

describe('alarms', () => {
  test('every alarm tells a topic whose key lets CloudWatch use it', () => {
    expect(
      offenders(['AWS::CloudWatch::Alarm'], ({ properties }, of) => {
        const topic = find(of, properties.AlarmActions?.[0]);
        if (topic?.type !== 'AWS::SNS::Topic') return true;
        // The key is of another stack: its export's name says which, and that export which key.
        const [imported = ''] = strings(topic.properties.KmsMasterKeyId).filter((text) =>
          text.includes(':ExportsOutput'),
        );
        const [producer = ''] = imported.split(':');
        const secrets = stacks.find(
          (s) => s.environment === of.environment && s.region === of.region && producer.endsWith(`-${s.part}`),
        )!;
        const output = Object.values(secrets.outputs).find(
          (o: Properties) => o.Export?.Name === imported,
        ) as Properties;
        const key = find(secrets, output.Value)!;
        const users = key.properties.KeyPolicy.Statement as { Principal: { Service?: string }; Action: string[] }[];
        return !users.some(
          ({ Principal, Action }) =>
            Principal.Service === 'cloudwatch.amazonaws.com' &&
            Action.includes('kms:GenerateDataKey') &&
            Action.includes('kms:Decrypt'),
        );
      }),
    ).toEqual([]);
  });
});

describe('names', () => {
  /** What people or code address by name. Everything else is named by CloudFormation, so that it can be replaced. */
  const NAMED: Record<string, string> = {
    'AWS::DynamoDB::Table': 'TableName',
    'AWS::SecretsManager::Secret': 'Name',
    'AWS::Events::EventBus': 'Name',
    'AWS::Cognito::UserPool': 'UserPoolName',
    'AWS::CloudWatch::Dashboard': 'DashboardName',
    'AWS::CloudWatch::Alarm': 'AlarmName',
    'AWS::KMS::Alias': 'AliasName',
    'AWS::ApiGateway::RestApi': 'Name',
    'AWS::RDS::DBCluster': 'DBClusterIdentifier',
    'AWS::RDS::DBProxy': 'DBProxyName',
    'AWS::ElastiCache::ServerlessCache': 'ServerlessCacheName',
    'AWS::SSM::Parameter': 'Name',
    'AWS::ApiGatewayV2::Api': 'Name',
    'AWS::ElastiCache::User': 'UserId',
    'AWS::ElastiCache::UserGroup': 'UserGroupId',
  };
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

  test.each(GENERATED)('%s has a generated %s', (type, property) => {
    expect(offenders([type], ({ properties }) => properties[property] !== undefined)).toEqual([]);
  });

  test.each(Object.entries(NAMED))('%s bears the environment in its %s', (type, property) => {
    expect(offenders([type], ({ properties }, { env }) => !String(properties[property]).includes(env))).toEqual([]);
  });

  test('log groups are named only where AWS demands the name', () => {
    const demanded = /^(aws-waf-logs-|API-Gateway-Execution-Logs_|\/aws\/rds\/)/;
    expect(
      offenders(
        ['AWS::Logs::LogGroup'],
        ({ properties }) =>
          properties.LogGroupName !== undefined &&
          !strings(properties.LogGroupName).some((text) => demanded.test(text)),
      ),
    ).toEqual([]);
  });

  test('global to an account carry the region, or are made once', () => {
    expect(
      offenders(
        ['AWS::CloudWatch::Dashboard'],
        ({ properties }, { region }) => !String(properties.DashboardName).includes(region),
      ),
    ).toEqual([]);
    for (const name of ENVIRONMENTS) {
      const budgets = stacks
        .filter(({ environment }) => environment === name)
        .flatMap((of) => ofType(of, 'AWS::Budgets::Budget'));
      expect(budgets).toHaveLength(1);
    }
  });
});

describe('stacks', () => {
  test('use only what stands to their left', () => {
    const wrong = stacks.flatMap((of) => {
      const imports = strings(of.template.toJSON()).filter(
        (text) =>
          /^Signal9-.*:ExportsOutput/.test(text) &&
          !Object.values(of.outputs).some((o: Properties) => o.Export?.Name === text),
      );
      return imports
        .map((name) => name.split(':')[0]!)
        .filter((producer) => {
          const prefix = `Signal9-${of.env}-${of.region}-`;
          const part = producer.slice(prefix.length) as SynthesisedStack['part'];
          return !producer.startsWith(prefix) || STACKS.indexOf(part) >= STACKS.indexOf(of.part);
        })
        .map((producer) => `${of.label} uses ${producer}`);
    });
    expect(wrong).toEqual([]);
  });

  test('depend on each other only from left to right, in the order of deployment', () => {
    for (const name of ENVIRONMENTS) {
      const artifacts = Object.entries(manifest(name).artifacts as Record<string, Properties>).filter(
        ([, artifact]) => artifact.type === 'aws:cloudformation:stack',
      );
      for (const [id, { dependencies = [] }] of artifacts)
        for (const on of (dependencies as string[]).filter((other) => !other.endsWith('.assets'))) {
          const order = (stackName: string) => STACKS.findIndex((part) => stackName.endsWith(`-${part}`));
          expect({ id, on, before: order(on) < order(id) }).toEqual({ id, on, before: true });
        }
    }
  });

  test.each([
    ['dev', 7],
    ['staging', 7],
    ['prod', 21],
    ['pr3522', 7],
    ['everywhere', 21],
  ] as const)('of %s are %d', (name, count) => {
    const made = Object.values(manifest(name).artifacts as Record<string, Properties>).filter(
      ({ type }) => type === 'aws:cloudformation:stack',
    );
    expect(made).toHaveLength(count);
    expect(Object.keys(SYNTHESISED)).toContain(name);
  });

  test('belong to no account: they deploy wherever the credentials are', () => {
    for (const { template } of stacks)
      expect(JSON.stringify(template.toJSON())).not.toMatch(/cdk-hnb659fds-assets-\d{12}/);
  });

  test('are protected in prod', () => {
    const artifacts = Object.values(manifest('prod').artifacts as Record<string, Properties>).filter(
      ({ type }) => type === 'aws:cloudformation:stack',
    );
    for (const { properties } of artifacts) expect(properties.terminationProtection).toBe(true);
  });

  test('fit into CloudFormation with room to grow: 500 resources, 1 MB', () => {
    for (const { label, resources, template } of stacks) {
      expect([label, resources.length < 400]).toEqual([label, true]);
      expect([label, JSON.stringify(template.toJSON()).length < 800_000]).toEqual([label, true]);
    }
  });

  test('keep in prod what remembers', () => {
    const stateful = [
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
    // But not what a failed creation made: named as it is, it would be in the way of the next.
    expect(
      offenders(
        stateful,
        ({ raw }) => raw.DeletionPolicy !== 'RetainExceptOnCreate' || raw.UpdateReplacePolicy !== 'Retain',
        stacks.filter(isProd),
      ),
    ).toEqual([]);
  });

  test('tag everything that a template can tag', () => {
    const tagged = [
      'AWS::DynamoDB::Table',
      'AWS::Lambda::Function',
      'AWS::S3::Bucket',
      'AWS::SQS::Queue',
      'AWS::KMS::Key',
      'AWS::EC2::VPC',
      'AWS::IAM::Role',
      'AWS::Logs::LogGroup',
      'AWS::SNS::Topic',
      'AWS::SecretsManager::Secret',
      'AWS::Events::EventBus',
      'AWS::CloudFront::Distribution',
      'AWS::RDS::DBCluster',
      'AWS::RDS::DBInstance',
      'AWS::RDS::DBProxy',
      'AWS::ElastiCache::ServerlessCache',
      'AWS::ElastiCache::User',
      'AWS::AutoScaling::AutoScalingGroup',
      'AWS::ElasticLoadBalancingV2::LoadBalancer',
      'AWS::ElasticLoadBalancingV2::TargetGroup',
    ];
    expect(
      offenders(tagged, ({ properties, ...resource }, of) => {
        if (isCdkProvider({ properties, ...resource })) return false;
        const tags = Object.fromEntries(
          ((properties.Tags ?? []) as { Key: string; Value: string }[]).map(({ Key, Value }) => [Key, Value]),
        );
        return tags['signal9:env'] !== of.env || tags['signal9:stack'] !== of.part;
      }),
    ).toEqual([]);
  });
});

describe('outputs', () => {
  const STATED: Record<SynthesisedStack['part'], readonly string[]> = {
    Network: ['VpcId', 'VpcCidr', 'PublicSubnetIds', 'PrivateSubnetIds', 'IsolatedSubnetIds'],
    Secrets: ['PlatformKeyArn', 'AlpacaSecretArn', 'AlphaVantageSecretArn'],
    Storage: [
      'ConsoleUrl',
      'DistributionId',
      'ConsoleBucketName',
      'FilesBucketName',
      'HistoryBucketName',
      'HistoryDatabaseName',
      'ArtifactsBucketName',
      'AccessLogsBucketName',
    ],
    Data: [
      'DataKeyArn',
      'UsersTableName',
      'AssetsTableName',
      'AssetAnalysisTableName',
      'WatchlistsTableName',
      'WatchlistItemsTableName',
      'UserPreferencesTableName',
      'NewsTableName',
      'EarningsCalendarTableName',
      'IncomeStatementTableName',
      'BalanceSheetTableName',
      'CashFlowTableName',
      'EarningsTableName',
      'CompanyOverviewTableName',
      'PlatformStateTableName',
      'ConnectionsTableName',
      'AuroraWriterEndpoint',
      'AuroraReaderEndpoint',
      'LedgerProxyEndpoint',
      'LedgerProxyReaderEndpoint',
      'LedgerSecretArn',
      'PortfolioEndpoint',
      'PortfolioIdentifier',
      'PortfolioSecretArn',
      'CacheEndpoint',
      'CacheName',
      'CacheSecretArn',
    ],
    Compute: [
      'EventBusName',
      'EventBusArn',
      'AssetSyncFunctionName',
      'EarningsSyncFunctionName',
      'NewsSyncFunctionName',
      'EarningsPollinationFunctionName',
      'RegularPollinationFunctionName',
      'PollinationWorkerFunctionName',
      'AnalysisWorkerFunctionName',
      'AuditLogFunctionName',
      'OutboxSweeperFunctionName',
      'OrderMatcherFunctionName',
      'OrderExpiryFunctionName',
      'VenueFollowerFunctionName',
      'TradeExportFunctionName',
      'LedgerRetentionFunctionName',
      'PositionWorkerFunctionName',
      'DepartureWorkerFunctionName',
      'LedgerMigrationFunctionName',
      'TradeRecorderFunctionName',
      'PortfolioDepartureFunctionName',
      'TradeReconciliationFunctionName',
      'PortfolioHistoryFunctionName',
      'PortfolioMigrationFunctionName',
      'LoadBalancerDnsName',
      'LoadBalancerArn',
      'AutoScalingGroupName',
      'ServiceUrl',
    ],
    Api: [
      'RestUrl',
      'WebSocketUrl',
      'UserPoolId',
      'ConsoleClientId',
      'MachineClientId',
      'TokenUrl',
      'ApiHealthFunctionName',
      'ApiDocsFunctionName',
      'ApiAssetsFunctionName',
      'ApiMarketFunctionName',
      'ApiTradeFunctionName',
      'ApiTradesFunctionName',
      'LiveAuthorizerFunctionName',
      'LiveFunctionName',
      'LivePushFunctionName',
    ],
    Monitoring: ['AlarmTopicArn', 'DashboardName'],
  };

  test.each(Object.entries(STATED))('%s states its own', (part, expected) => {
    for (const { outputs } of stacks.filter((of) => of.part === part)) {
      const stated = Object.keys(outputs).filter((id) => outputs[id].Export === undefined);
      expect(stated).toEqual(expect.arrayContaining([...expected]));
      for (const id of stated.filter((name) => !/Endpoint[0-9A-F]{8}$/.test(name)))
        expect(outputs[id].Description).toBeTruthy();
    }
  });
});
