import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec';
import { BUNDLING_STACKS } from 'aws-cdk-lib/cx-api';
import { type ConfigFile, REGIONS } from '../../lib/config';
import { MOST_TAGS } from '../../lib/config/tags';
import { NOT_BUNDLED } from '../../lib/constructs/bundling';
import { synthesise } from '../../tools/synthesise';
import { type Properties } from '../../tools/templates';

/** As long as a name may be, with a hyphen where one could hurt. */
const LONGEST = 'abcdefghi-z9';
/** Regions are part of names as they are spelt, so that the longest stands for all. */
const [REGION = ''] = Object.keys(REGIONS).sort((a, b) => b.length - a.length || a.localeCompare(b));

/**
 * What each service takes for the names that we choose, as CloudFormation's resource schemas and the services' references
 * say it: cfn-lint's copies of the schemas (`maxLength`, `pattern`), and docs.aws.amazon.com where a schema is silent.
 */
const LIMITS: Readonly<Record<string, Readonly<Record<string, readonly [most: number, pattern: RegExp]>>>> = {
  'AWS::ApiGateway::RestApi': { Name: [1024, /^[^\s].*$/] },
  'AWS::ApiGatewayV2::Api': { Name: [128, /^.+$/] },
  'AWS::Backup::BackupPlan': { 'BackupPlan.BackupPlanName': [50, /^[\w.-]+$/] },
  'AWS::Backup::BackupVault': { BackupVaultName: [50, /^[a-zA-Z0-9_-]{2,}$/] },
  'AWS::Budgets::Budget': { 'Budget.BudgetName': [100, /^(?![^:\\]*\/action\/)[^:\\]+$/] },
  'AWS::CloudWatch::Alarm': { AlarmName: [255, /^[\x20-\x7e]+$/] },
  'AWS::CloudWatch::CompositeAlarm': { AlarmName: [255, /^[\x20-\x7e]+$/] },
  'AWS::CloudWatch::Dashboard': { DashboardName: [255, /^[A-Za-z0-9_-]+$/] },
  // The whole domain prefix, of which the account is a part; the words are Cognito's own.
  'AWS::Cognito::UserPoolDomain': {
    Domain: [63, /^(?!.*(?:aws|amazon|cognito))[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/],
  },
  'AWS::Cognito::UserPool': { UserPoolName: [128, /^[\w\s+=,.@-]+$/] },
  'AWS::Cognito::UserPoolResourceServer': { Name: [256, /^[\w\s+=,.@-]+$/] },
  'AWS::DynamoDB::Table': { TableName: [255, /^[a-zA-Z0-9_.-]{3,}$/] },
  'AWS::Events::EventBus': { Name: [256, /^(?!aws\.)[./\-_A-Za-z0-9]+$/] },
  'AWS::Glue::Database': { 'DatabaseInput.Name': [255, /^[a-z0-9_]+$/] },
  'AWS::ElastiCache::ServerlessCache': { ServerlessCacheName: [40, /^(?!.*--)[a-z](?:[a-z0-9-]*[a-z0-9])?$/] },
  'AWS::ElastiCache::User': { UserId: [40, /^(?!.*--)[a-z](?:[a-z0-9-]*[a-z0-9])?$/] },
  'AWS::ElastiCache::UserGroup': { UserGroupId: [40, /^(?!.*--)[a-z](?:[a-z0-9-]*[a-z0-9])?$/] },
  'AWS::KMS::Alias': { AliasName: [256, /^alias\/(?!aws)[a-zA-Z0-9/_-]+$/] },
  'AWS::Logs::LogGroup': { LogGroupName: [512, /^[.\-_/#A-Za-z0-9]+$/] },
  'AWS::RDS::DBCluster': { DBClusterIdentifier: [63, /^(?!.*--)[a-zA-Z](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?$/] },
  'AWS::RDS::DBInstance': { DBInstanceIdentifier: [63, /^(?!.*--)[a-zA-Z](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?$/] },
  'AWS::RDS::DBProxy': { DBProxyName: [63, /^(?!.*--)[a-zA-Z](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?$/] },
  'AWS::RDS::DBProxyEndpoint': { DBProxyEndpointName: [63, /^(?!.*--)[a-zA-Z](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?$/] },
  'AWS::Scheduler::Schedule': { GroupName: [64, /^[0-9a-zA-Z_.-]+$/] },
  'AWS::Scheduler::ScheduleGroup': { Name: [64, /^[0-9a-zA-Z_.-]+$/] },
  'AWS::SecretsManager::Secret': { Name: [512, /^[\w/+=.@-]+$/] },
  'AWS::SSM::Parameter': { Name: [1011, /^\/(?!aws|ssm)[\w.\-/]+$/i] },
  'AWS::WAFv2::WebACL': { Name: [128, /^[\w-]+$/] },
};
/** Functions of CDK's own custom resources and their roles, which it writes without tags: those of the stack reach them. */
const OF_CDK = /^Custom\w+CustomResourceProvider(?:Role|Handler)/;

/** What names a thing, in the resource types of all stacks. */
const NAMING =
  /(?:^|\.)(?:Name|Domain|(?:Alarm|Alias|Api|Bucket|BackupPlan|BackupVault|Budget|Dashboard|DBProxy|DBProxyEndpoint|Function|Group|LogGroup|ManagedPolicy|Queue|Role|Rule|ServerlessCache|Table|Topic|Trail|UserPool)Name|DBClusterIdentifier|DBInstanceIdentifier|UserId|UserGroupId)$/;
/** Names inside of something that has a name itself: a stage of an API, a column of a table. */
const INNER =
  /^AWS::(?:ApiGateway::(?!RestApi)|ApiGatewayV2::(?!Api$)|Glue::Table|Route53|SecretsManager::(?!Secret$)|Logs::MetricFilter|IAM::|EC2::|Lambda::|SNS::|S3::|SQS::|RDS::DB.*ParameterGroup|CloudFront::|CertificateManager)/;

/** One synthesis for all that follows. */
let made: ReturnType<typeof longestNames> | undefined;
const synthesised = () => (made ??= longestNames());

function longestNames() {
  const outdir = mkdtempSync(join(tmpdir(), 'signal9-names-'));
  try {
    // With all that has a name, in every region.
    const file: ConfigFile = {
      [LONGEST]: { backup: { enabled: true }, ledger: { readers: 1 }, tags: { 'cost-center': '1234' } },
    };
    const context = { env: LONGEST, region: REGION, file };
    const { app } = synthesise(context, outdir, false, { [BUNDLING_STACKS]: [] });
    return app.synth().stacks.map(({ stackName, template, tags, messages }) => ({
      stackName,
      tags,
      refused: messages.map(({ level }): string => level).includes('error'),
      resources: Object.entries((template as { Resources: Record<string, Properties> }).Resources),
    }));
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

/** With what AWS will put in: an account has twelve digits, and a partition at most ten letters. */
function text(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  const { 'Fn::Join': join, Ref: ref } = (value ?? {}) as { 'Fn::Join'?: [string, unknown[]]; Ref?: string };
  if (join) {
    const parts = join[1].map(text);
    return parts.includes(undefined) ? undefined : parts.join(join[0]);
  }
  return ref === undefined ? undefined : { 'AWS::AccountId': '123456789012', 'AWS::Partition': 'aws-us-gov' }[ref];
}

const at = (properties: Properties, path: string): unknown =>
  path.split('.').reduce<unknown>((value, key) => (value as Properties | undefined)?.[key], properties);

describe('physical names of the longest environment in the longest region', () => {
  const stacks = synthesised();
  const named = stacks.flatMap(({ stackName, resources }) =>
    resources.flatMap(([id, { Type, Properties = {} }]) =>
      Object.keys(LIMITS[Type as string] ?? {}).flatMap((path) => {
        const name = text(at(Properties as Properties, path));
        return name === undefined ? [] : [{ where: `${stackName} ${id}`, type: Type as string, path, name }];
      }),
    ),
  );

  test('are within what each service takes', () => {
    const wrong = named.filter(({ type, path, name }) => {
      const [most, pattern] = LIMITS[type]![path]!;
      return name.length > most || !pattern.test(name);
    });
    expect(wrong).toEqual([]);
    expect(new Set(named.map(({ type }) => type)).size).toBeGreaterThan(15);
  });

  test('all have a limit here', () => {
    const unknown = stacks.flatMap(({ resources }) =>
      resources.flatMap(([, { Type, Properties = {} }]) =>
        Object.entries(Properties as Properties)
          .filter(([key, value]) => NAMING.test(key) && text(value) !== undefined && !INNER.test(Type as string))
          .filter(([key]) => LIMITS[Type as string]?.[key] === undefined)
          .map(([key]) => `${Type as string} ${key}`),
      ),
    );
    expect([...new Set(unknown)]).toEqual([]);
  });

  test('of stacks are at most 128 characters of what CloudFormation takes', () => {
    for (const { stackName } of stacks) expect(stackName).toMatch(/^[a-zA-Z][a-zA-Z0-9-]{0,127}$/);
  });

  test('need no code: for a list nothing is bundled', () => {
    const functions = stacks.flatMap(({ resources }) =>
      resources.filter(
        ([, { Type, Properties }]) => Type === 'AWS::Lambda::Function' && Properties.Code.ZipFile === NOT_BUNDLED,
      ),
    );
    expect(functions.length).toBeGreaterThan(30);
    // So that the command line refuses to deploy them, whatever it was told.
    expect(stacks.filter(({ refused }) => refused).map(({ stackName }) => stackName.split('-').at(-1))).toEqual([
      'Compute',
      'Api',
    ]);
  });
});

describe('tags of the configuration', () => {
  /** What takes tags, by AWS's own schemas; a stack's tags reach the rest, as far as it takes any. */
  const database = loadAwsServiceSpecSync();
  const taggable = (type: string): string | undefined =>
    database.lookup('resource', 'cloudFormationType', 'equals', type)[0]?.tagInformation?.tagPropertyName;
  const resources = synthesised().flatMap(({ resources }) => resources);

  test('are on every resource that takes tags', () => {
    const without = resources
      .filter(([id, { Type }]) => taggable(Type as string) !== undefined && !OF_CDK.test(id))
      .filter(
        ([, { Type, Properties }]) =>
          !JSON.stringify(Properties?.[taggable(Type as string) ?? ''] ?? '').includes('cost-center'),
      )
      .map(([id, { Type }]) => `${Type as string} ${id}`);
    expect(without).toEqual([]);
  });

  test('leave room on the resource that has most', () => {
    const most = Math.max(
      ...resources.map(([, { Type, Properties }]) => {
        const tags: unknown = Properties?.[taggable(Type as string) ?? ''];
        return Array.isArray(tags) ? tags.length : Object.keys(tags ?? {}).length;
      }),
    );
    // One of the configuration's is among them.
    expect(most - 1 + MOST_TAGS).toBeLessThanOrEqual(50);
  });

  test('are tags of the stacks too', () => {
    for (const { tags } of synthesised()) expect(tags).toMatchObject({ 'cost-center': '1234' });
  });
});
