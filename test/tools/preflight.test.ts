import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../lib/config';
import { type Aws, type AwsCall, AwsRefusal, AwsUnreachable, awsCli } from '../../tools/preflight/aws';
import { covers } from '../../tools/preflight/domain';
import { exitCodeOf, textOf } from '../../tools/preflight/main';
import { NAMED } from '../../tools/preflight/names';
import { CHECKS, preflight, type PreflightProps } from '../../tools/preflight/preflight';
import { resourcesOf, type TemplateStack } from '../../tools/templates';

const ACCOUNT = '123456789012';

/** A stack with these resources, as its template has them. */
const stack = (part: TemplateStack['part'], resources: Record<string, unknown>): TemplateStack => ({
  env: 'dev',
  region: 'us-east-1',
  part,
  resources: resourcesOf({ Resources: resources }),
  outputs: {},
});

const STACKS = [
  stack('Network', {
    Vpc: { Type: 'AWS::EC2::VPC' },
    A: { Type: 'AWS::EC2::Subnet', Properties: { AvailabilityZone: 'us-east-1a' } },
    B: { Type: 'AWS::EC2::Subnet', Properties: { AvailabilityZone: 'us-east-1b' } },
    Ip: { Type: 'AWS::EC2::EIP' },
  }),
  stack('Secrets', {
    Alpaca: { Type: 'AWS::SecretsManager::Secret', Properties: { Name: 'signal9-dev-alpaca' } },
    Kept: {
      Type: 'AWS::SecretsManager::Secret',
      Properties: { Name: 'signal9-dev-kept' },
      DeletionPolicy: 'RetainExceptOnCreate',
    },
  }),
  stack('Data', {
    Cluster: {
      Type: 'AWS::RDS::DBCluster',
      Properties: {
        DBClusterIdentifier: 'signal9-dev-ledger',
        Engine: 'aurora-mysql',
        EngineVersion: '8.0.mysql_aurora.3.10.4',
      },
      DeletionPolicy: 'RetainExceptOnCreate',
    },
    Users: { Type: 'AWS::DynamoDB::Table', Properties: { TableName: 'signal9-dev-users' } },
    Vault: {
      Type: 'AWS::Backup::BackupVault',
      Properties: { BackupVaultName: 'vault' },
      DeletionPolicy: 'RetainExceptOnCreate',
    },
    Bus: { Type: 'AWS::Events::EventBus', Properties: { Name: 'signal9-dev' } },
    Writer: { Type: 'AWS::RDS::DBInstance', Properties: { Engine: 'aurora-mysql', DBInstanceClass: 'db.serverless' } },
    Proxy: { Type: 'AWS::RDS::DBProxy' },
    Selection: { Type: 'AWS::Backup::BackupSelection' },
  }),
  stack('Compute', {
    Role: { Type: 'AWS::IAM::Role' },
    Policy: { Type: 'AWS::IAM::ManagedPolicy' },
    Group: { Type: 'AWS::AutoScaling::AutoScalingGroup', Properties: { MaxSize: '2' } },
    Template: {
      Type: 'AWS::EC2::LaunchTemplate',
      Properties: { LaunchTemplateData: { InstanceType: 't4g.small' } },
    },
  }),
  stack('Api', {
    Link: { Type: 'AWS::ApiGatewayV2::VpcLink' },
    Domain: {
      Type: 'AWS::Cognito::UserPoolDomain',
      Properties: { Domain: { 'Fn::Join': ['', ['signal9-dev-', { Ref: 'AWS::AccountId' }]] } },
    },
  }),
  stack('Monitoring', {
    Budget: {
      Type: 'AWS::Budgets::Budget',
      Properties: { Budget: { CostFilters: { TagKeyValue: ['user:signal9:env$dev'] } } },
    },
  }),
];

type Answer = unknown;
const refusal = (code: string): AwsRefusal => new AwsRefusal(code, `${code} it is`);

const concurrencyOf = (unreserved: number, all = unreserved) => ({
  AccountLimit: { ConcurrentExecutions: all, UnreservedConcurrentExecutions: unreserved },
});

/** An account in which everything is as it has to be, before the first deployment. */
const GOOD: Readonly<Record<string, Answer>> = {
  'sts get-caller-identity': { UserId: 'AIDA', Account: ACCOUNT, Arn: `arn:aws:iam::${ACCOUNT}:user/ada` },
  'freetier get-account-plan-state': { accountId: ACCOUNT, accountPlanType: 'PAID', accountPlanStatus: 'ACTIVE' },
  'ssm get-parameter': refusal('ParameterNotFound'),
  'ssm get-parameter /cdk-bootstrap/hnb659fds/version': { Parameter: { Name: 'version', Value: '30' } },
  'cloudformation describe-stacks': refusal('ValidationError'),
  'lambda get-account-settings': concurrencyOf(1000),
  'iam get-role': { Role: { RoleName: 'AWSServiceRoleForRDS' } },
  'iam get-account-summary': { SummaryMap: { Roles: 12, RolesQuota: 1000, Policies: 3, PoliciesQuota: 1500 } },
  'service-quotas get-service-quota': refusal('NoSuchResourceException'),
  'service-quotas get-aws-default-service-quota': { Quota: { Value: 1000 } },
  'ec2 describe-addresses': { Addresses: [] },
  'ec2 describe-vpcs': { Vpcs: [{ VpcId: 'vpc-1', IsDefault: true }] },
  'ec2 describe-availability-zones': {
    AvailabilityZones: [
      { ZoneName: 'us-east-1a', ZoneId: 'use1-az1', State: 'available' },
      { ZoneName: 'us-east-1b', ZoneId: 'use1-az2', State: 'available' },
      { ZoneName: 'us-east-1c', ZoneId: 'use1-az3', State: 'available' },
    ],
  },
  'ec2 describe-instance-type-offerings': {
    InstanceTypeOfferings: ['us-east-1a', 'us-east-1b'].map((Location) => ({ InstanceType: 't4g.small', Location })),
  },
  'logs describe-resource-policies': {},
  'logs describe-log-groups': { logGroups: [] },
  'rds describe-db-engine-versions': {
    DBEngineVersions: [{ Engine: 'aurora-mysql', EngineVersion: '8.0.mysql_aurora.3.10.4' }],
  },
  'rds describe-orderable-db-instance-options': {
    OrderableDBInstanceOptions: [{ EngineVersion: '8.0.mysql_aurora.3.10.4', DBInstanceClass: 'db.serverless' }],
  },
  'dynamodb describe-table': refusal('ResourceNotFoundException'),
  'events describe-event-bus': refusal('ResourceNotFoundException'),
  'backup list-backup-vaults': { BackupVaultList: [{ BackupVaultName: 'Default' }] },
  'rds describe-db-clusters': refusal('DBClusterNotFoundFault'),
  'secretsmanager describe-secret': refusal('ResourceNotFoundException'),
  'cognito-idp describe-user-pool-domain': { DomainDescription: {} },
  'backup describe-region-settings': {
    ResourceTypeOptInPreference: { Aurora: true, DynamoDB: true, RDS: true, EFS: false },
  },
  'apigateway get-account': { throttleSettings: { burstLimit: 5000, rateLimit: 10000 } },
  'ce list-cost-allocation-tags': { CostAllocationTags: [{ TagKey: 'signal9:env', Status: 'Active' }] },
};

/** Answers from a table: by call and first word of its input, else by call. */
function recorded(answers: Readonly<Record<string, Answer>>): Aws & { readonly calls: AwsCall[] } {
  const calls: AwsCall[] = [];
  const aws: Aws = (call) => {
    calls.push(call);
    const name = `${call.service} ${call.operation}`;
    const [first] = Object.values(call.input ?? {});
    const key = [`${name} ${String(first)}`, name].find((one) => Object.hasOwn(answers, one));
    if (key === undefined) return Promise.reject(new Error(`nothing is recorded for ${name}`));
    const answer = answers[key];
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  };
  return Object.assign(aws, { calls });
}

async function findings(answers: Readonly<Record<string, Answer>> = {}, props: Partial<PreflightProps> = {}) {
  const config = loadConfig({ env: 'dev' });
  const aws = recorded({ ...GOOD, ...answers });
  const results = await preflight({
    aws,
    config,
    stacks: new Map([['us-east-1', STACKS]]),
    qualifier: 'hnb659fds',
    ...props,
  });
  const of = (id: string) => results.filter((result) => result.id === id).map(({ finding }) => finding);
  return { results, of, calls: aws.calls };
}

describe('preflight', () => {
  it('finds nothing in an account that is as it has to be', async () => {
    const { results } = await findings();
    expect(results.filter(({ finding }) => finding.status !== 'ok')).toEqual([]);
    expect(new Set(results.map(({ id }) => id))).toEqual(new Set(CHECKS.map(({ id }) => id)));
  });

  it('only reads', async () => {
    const { calls } = await findings();
    expect(calls.map(({ operation }) => operation).filter((one) => !/^(?:get|describe|list)-/.test(one))).toEqual([]);
  });

  /** What an account answers otherwise, which check says so, and the command with which it is put right. */
  const problems: readonly [id: string, answers: Record<string, Answer>, message: RegExp, fix: RegExp][] = [
    [
      'account-plan',
      { 'freetier get-account-plan-state': { accountPlanType: 'FREE' } },
      /free plan, which refuses Aurora clusters and backups of more than a day/,
      /^aws freetier upgrade-account-plan .*PAID$/,
    ],
    [
      'bootstrap',
      { 'ssm get-parameter /cdk-bootstrap/hnb659fds/version': refusal('ParameterNotFound') },
      /us-east-1 is not bootstrapped/,
      /^npx cdk bootstrap aws:\/\/123456789012\/us-east-1/,
    ],
    [
      'bootstrap',
      { 'ssm get-parameter /cdk-bootstrap/hnb659fds/version': { Parameter: { Value: '5' } } },
      /of version 5, and 6 is the least/,
      /^npx cdk bootstrap/,
    ],
    [
      'stacks',
      {
        'cloudformation describe-stacks Signal9-dev-us-east-1-Data': { Stacks: [{ StackStatus: 'ROLLBACK_COMPLETE' }] },
      },
      /Signal9-dev-us-east-1-Data is in ROLLBACK_COMPLETE/,
      /delete-stack .*Signal9-dev-us-east-1-Data$/,
    ],
    [
      'stacks',
      {
        'cloudformation describe-stacks Signal9-dev-us-east-1-Api': {
          Stacks: [{ StackStatus: 'UPDATE_ROLLBACK_FAILED' }],
        },
      },
      /UPDATE_ROLLBACK_FAILED/,
      /continue-update-rollback/,
    ],
    [
      'stacks',
      {
        'cloudformation describe-stacks Signal9-dev-us-east-1-Api': { Stacks: [{ StackStatus: 'DELETE_IN_PROGRESS' }] },
      },
      /DELETE_IN_PROGRESS/,
      /describe-stack-events/,
    ],
    [
      'service-linked-roles',
      { 'iam get-role AWSServiceRoleForRDS': refusal('NoSuchEntity') },
      /AWSServiceRoleForRDS is not there, which AWS::RDS::DBCluster and AWS::RDS::DBInstance and AWS::RDS::DBProxy need/,
      /^aws iam create-service-linked-role --aws-service-name rds.amazonaws.com$/,
    ],
    [
      'vcpus',
      { 'service-quotas get-service-quota': { Quota: { Value: 5 } } },
      /quota is 5, and 3 instances with 2 each/,
      /--quota-code L-1216C47A --desired-value 16$/,
    ],
    [
      'elastic-ips',
      {
        'ec2 describe-addresses': { Addresses: [1, 2, 3, 4, 5] },
        'service-quotas get-service-quota': { Quota: { Value: 5 } },
      },
      /5 of 5 are used and 1 more are needed/,
      /--quota-code L-0263D0A3 --desired-value 6$/,
    ],
    [
      'vpcs',
      { 'service-quotas get-service-quota': { Quota: { Value: 1 } } },
      /VPCs: 1 of 1 are used/,
      /--quota-code L-F678F1CE --desired-value 2$/,
    ],
    [
      'iam-quotas',
      {
        'iam get-account-summary': { SummaryMap: { Roles: 1000, RolesQuota: 1000, Policies: 3, PoliciesQuota: 1500 } },
      },
      /roles: 1000 of 1000 are used/,
      /--region us-east-1 --service-code iam --quota-code L-FE177D64/,
    ],
    [
      'log-resource-policies',
      {
        'logs describe-resource-policies': {
          resourcePolicies: Array.from({ length: 10 }, (_, i) => ({ policyName: `p${i}` })),
        },
      },
      /10 of 10 exist/,
      /delete-resource-policy/,
    ],
    [
      'zones',
      {
        'ec2 describe-availability-zones': {
          AvailabilityZones: [
            { ZoneName: 'us-east-1a', ZoneId: 'use1-az1', State: 'available' },
            { ZoneName: 'us-east-1b', ZoneId: 'use1-az3', State: 'available' },
            { ZoneName: 'us-east-1d', ZoneId: 'use1-az4', State: 'available' },
          ],
        },
      },
      /us-east-1b is use1-az3, where RDS Proxy is not offered; us-east-1b is use1-az3, where API Gateway's VPC link/,
      /of us-east-1d: -c overrides=/,
    ],
    [
      'zones',
      { 'ec2 describe-availability-zones': { AvailabilityZones: [] } },
      /us-east-1a is not there; us-east-1b is not there/,
      /name other zones/,
    ],
    [
      'instance-types',
      { 'ec2 describe-instance-type-offerings': { InstanceTypeOfferings: [] } },
      /t4g\.small is not offered in us-east-1a/,
      /describe-instance-type-offerings/,
    ],
    [
      'database-offers',
      { 'rds describe-db-engine-versions': { DBEngineVersions: [] } },
      /aurora-mysql 8\.0\.mysql_aurora\.3\.10\.4 is not offered in us-east-1/,
      /describe-db-engine-versions/,
    ],
    [
      'database-offers',
      { 'rds describe-orderable-db-instance-options': { OrderableDBInstanceOptions: [] } },
      /is not offered on db\.serverless/,
      /describe-db-engine-versions/,
    ],
    [
      'physical-names',
      {
        'secretsmanager describe-secret signal9-dev-alpaca': {
          Name: 'signal9-dev-alpaca',
          DeletedDate: '2026-11-27T12:00:00Z',
        },
      },
      /signal9-dev-alpaca was deleted and waits out its recovery window/,
      /--force-delete-without-recovery$/,
    ],
    [
      'physical-names',
      { 'rds describe-db-clusters': { DBClusters: [{}] } },
      /signal9-dev-ledger is there already/,
      /^npx cdk deploy --import-existing-resources -c env=dev Signal9-dev-us-east-1-Data$/,
    ],
    [
      'physical-names',
      { 'secretsmanager describe-secret signal9-dev-kept': { Name: 'signal9-dev-kept' } },
      /signal9-dev-kept is there already/,
      /^npx cdk import -c env=dev Signal9-dev-us-east-1-Secrets$/,
    ],
    [
      'physical-names',
      { 'dynamodb describe-table': { Table: {} } },
      /the table signal9-dev-users is there already/,
      /^aws dynamodb delete-table/,
    ],
    [
      'physical-names',
      { 'backup list-backup-vaults': { BackupVaultList: [{ BackupVaultName: 'vault' }] } },
      /the backup vault vault is there already/,
      /--import-existing-resources/,
    ],
    [
      'physical-names',
      { 'events describe-event-bus': { Name: 'signal9-dev' } },
      /the event bus signal9-dev is there already/,
      /^aws events delete-event-bus/,
    ],
    [
      'physical-names',
      {
        // What a failed first deployment leaves is in the way of the next.
        'cloudformation describe-stacks Signal9-dev-us-east-1-Data': { Stacks: [{ StackStatus: 'ROLLBACK_COMPLETE' }] },
        'rds describe-db-clusters': { DBClusters: [{}] },
      },
      /signal9-dev-ledger is there already/,
      /--import-existing-resources/,
    ],
    [
      'physical-names',
      { 'cognito-idp describe-user-pool-domain signal9-dev-123456789012': { DomainDescription: { UserPoolId: 'p1' } } },
      /signal9-dev-123456789012 belongs to the user pool p1/,
      /delete-user-pool-domain/,
    ],
    [
      'backup-settings',
      { 'backup describe-region-settings': { ResourceTypeOptInPreference: { Aurora: false, DynamoDB: false } } },
      /does not cover Aurora, DynamoDB/,
      /--resource-type-opt-in-preference Aurora=true,DynamoDB=true$/,
    ],
  ];

  it.each(problems)('%s: says what is wrong and how to fix it (%#)', async (id, answers, message, fix) => {
    const { of, results } = await findings(answers);
    const [found] = of(id).filter(({ status }) => status === 'problem');
    expect(found?.message).toMatch(message);
    expect(found?.fix).toMatch(fix);
    expect(results.filter(({ finding }) => finding.status === 'unknown')).toEqual([]);
  });

  it('does not take a name for taken that a stack of this environment has made', async () => {
    const { of } = await findings({
      'cloudformation describe-stacks': { Stacks: [{ StackStatus: 'UPDATE_COMPLETE' }] },
      'rds describe-db-clusters': { DBClusters: [{}] },
      'secretsmanager list-secret-version-ids': { Versions: [{}, {}] },
    });
    expect(of('physical-names')).toEqual([{ status: 'ok', message: 'all are in use by this environment' }]);
    expect(of('provider-keys').map(({ status }) => status)).toEqual(['ok', 'ok']);
  });

  it.each([
    'AWS::DynamoDB::Table',
    'AWS::RDS::DBCluster',
    'AWS::RDS::DBInstance',
    'AWS::Logs::LogGroup',
    'AWS::Backup::BackupVault',
    'AWS::SecretsManager::Secret',
  ])('looks for the names of %s, which prod retains (test/infra/invariants/outlives.test.ts)', (type) => {
    expect(Object.keys(NAMED)).toContain(type);
  });

  it('tells of the names that it could look up, whatever it was refused', async () => {
    const { of } = await findings({
      'secretsmanager describe-secret': refusal('AccessDeniedException'),
      'rds describe-db-clusters': { DBClusters: [{}] },
    });
    expect(of('physical-names').map(({ status }) => status)).toEqual(['unknown', 'unknown', 'problem']);
  });

  it('counts nothing twice that is deployed', async () => {
    const { of } = await findings({
      'cloudformation describe-stacks': { Stacks: [{ StackStatus: 'UPDATE_COMPLETE' }] },
      'secretsmanager list-secret-version-ids': { Versions: [{}, {}] },
      'ec2 describe-addresses': { Addresses: [1, 2, 3, 4, 5] },
      'ec2 describe-vpcs': { Vpcs: [1, 2, 3, 4, 5] },
      'service-quotas get-service-quota': { Quota: { Value: 5 } },
      'iam get-account-summary': {
        SummaryMap: { Roles: 1000, RolesQuota: 1000, Policies: 1500, PoliciesQuota: 1500 },
      },
    });
    const found = ['elastic-ips', 'vpcs', 'iam-quotas'].flatMap((id) => of(id).map(({ status }) => status));
    expect(found).toEqual(['ok', 'ok', 'ok', 'ok']);
  });

  it('tells to go on with a deployment that stopped, not to delete what it made', async () => {
    const { of } = await findings({
      'cloudformation describe-stacks Signal9-dev-us-east-1-Data': { Stacks: [{ StackStatus: 'UPDATE_FAILED' }] },
    });
    expect(of('stacks')).toEqual([
      {
        status: 'note',
        message: 'Signal9-dev-us-east-1-Data is in UPDATE_FAILED: its last deployment stopped half way',
        fix: 'npx cdk deploy --no-rollback -c env=dev Signal9-dev-us-east-1-Data',
      },
    ]);
  });

  it('makes the bootstrap stack of another qualifier', async () => {
    const { of } = await findings({}, { qualifier: 'own' });
    expect(of('bootstrap')[0]).toMatchObject({
      status: 'problem',
      fix: 'npx cdk bootstrap aws://123456789012/us-east-1 --termination-protection --qualifier own --toolkit-stack-name CDKToolkit-own',
    });
  });

  it('tells a member of an organisation who can activate the tag', async () => {
    const { of } = await findings({ 'ce list-cost-allocation-tags': refusal('AccessDeniedException') });
    expect(of('cost-allocation-tag')[0]).toMatchObject({
      status: 'note',
      message: expect.stringMatching(/^only the account that pays/),
    });
  });

  it('asks for the certificate of the name that API Gateway calls the service by', async () => {
    const config = loadConfig({ env: 'prod', region: 'us-east-1' });
    const names = ['signal9.example.com', 'api.signal9.example.com', 'live.signal9.example.com'];
    const { of } = await findings(
      { 'acm describe-certificate': { Certificate: { Status: 'ISSUED', SubjectAlternativeNames: names } } },
      { config },
    );
    expect(of('certificates').map(({ status }) => status)).toEqual(['problem', 'ok']);
    expect(of('certificates')[0]?.message).toMatch(/is not for portfolio\.signal9\.example\.com$/);
  });

  it('says that a region lacks an instance type where no zone is named', async () => {
    const own = [
      stack('Compute', {
        T: { Type: 'AWS::EC2::LaunchTemplate', Properties: { LaunchTemplateData: { InstanceType: 't4g.small' } } },
      }),
    ];
    const { of } = await findings(
      { 'ec2 describe-instance-type-offerings': { InstanceTypeOfferings: [] } },
      { stacks: new Map([['us-east-1', own]]) },
    );
    expect(of('instance-types')[0]).toMatchObject({
      status: 'problem',
      message: 't4g.small is not offered in us-east-1',
    });
  });

  it('says of what a domain needs that it is not there', async () => {
    const config = loadConfig({ env: 'prod', region: 'us-east-1' });
    const { of } = await findings(
      {
        'route53 get-hosted-zone': refusal('NoSuchHostedZone'),
        'acm describe-certificate': refusal('ResourceNotFoundException'),
        'wafv2 get-web-acl': refusal('WAFNonexistentItemException'),
      },
      { config },
    );
    const found = ['hosted-zone', 'certificates', 'cdn-web-acl'].flatMap(of);
    expect(found.map(({ status }) => status)).toEqual(['problem', 'problem', 'problem', 'problem']);
    for (const { message } of found) expect(message).toMatch(/^there is no /);
  });

  it('notes what deploys and does not work yet', async () => {
    const { of } = await findings({
      'ce list-cost-allocation-tags': { CostAllocationTags: [] },
      'cloudformation describe-stacks': { Stacks: [{ StackStatus: 'CREATE_COMPLETE' }] },
      'secretsmanager list-secret-version-ids': { Versions: [{}] },
      'lambda get-account-settings': concurrencyOf(10),
      'apigateway get-account': { cloudwatchRoleArn: `arn:aws:iam::${ACCOUNT}:role/other` },
    });
    expect(of('cost-allocation-tag')[0]).toMatchObject({ status: 'note' });
    expect(of('provider-keys')[0]).toMatchObject({ status: 'note' });
    expect(of('lambda-concurrency')[0]).toMatchObject({ status: 'note' });
    expect(of('api-gateway-role')[0]).toMatchObject({ status: 'note' });
  });

  it('counts reservations', async () => {
    const config = loadConfig({ env: 'dev', overrides: { reservedConcurrency: { live: 5 } } });
    const { of } = await findings({ 'lambda get-account-settings': concurrencyOf(104, 1000) }, { config });
    expect(of('lambda-concurrency')[0]).toMatchObject({ status: 'problem' });
    const { of: enough } = await findings({ 'lambda get-account-settings': concurrencyOf(105) }, { config });
    expect(enough('lambda-concurrency')[0]).toMatchObject({ status: 'ok' });
  });

  it('takes nothing for deployed that a rolled back stack has left', async () => {
    const config = loadConfig({ env: 'dev', overrides: { reservedConcurrency: { live: 5 } } });
    const { of } = await findings(
      {
        'cloudformation describe-stacks': { Stacks: [{ StackStatus: 'ROLLBACK_COMPLETE' }] },
        'lambda get-account-settings': concurrencyOf(104, 1000),
      },
      { config },
    );
    expect(of('lambda-concurrency')[0]).toMatchObject({ status: 'problem' });
    expect(of('provider-keys')).toEqual([{ status: 'ok', message: 'to be put in after the first deployment' }]);
  });

  it('asks for each stack once, and names that call wherever its answer is needed', async () => {
    const { calls, of } = await findings({
      'cloudformation describe-stacks': new AwsRefusal('Throttling', 'rate exceeded', {
        service: 'cloudformation',
        operation: 'describe-stacks',
        region: 'us-east-1',
      }),
    });
    expect(calls.filter(({ operation }) => operation === 'describe-stacks')).toHaveLength(STACKS.length);
    for (const id of ['stacks', 'vpcs', 'physical-names', 'provider-keys'])
      expect(of(id)).toEqual([
        { status: 'unknown', message: 'cloudformation describe-stacks: Throttling: rate exceeded' },
      ]);
  });

  it('never takes for good what AWS would not say', async () => {
    const denied = refusal('AccessDeniedException');
    const answers = Object.fromEntries(Object.keys(GOOD).map((key) => [key, denied]));
    const { results } = await findings({ ...answers, 'sts get-caller-identity': GOOD['sts get-caller-identity'] });
    const good = results.filter(({ finding }) => finding.status === 'ok').map(({ id }) => id);
    expect(exitCodeOf(results)).toBe(2);
    // dev has no domain, so nothing is asked about one.
    expect(good).toEqual(['hosted-zone', 'certificates', 'cdn-web-acl']);
    expect(results.find(({ id }) => id === 'vcpus')?.finding.message).toBe(
      'service-quotas get-service-quota: AccessDeniedException: AccessDeniedException it is',
    );
  });

  it('never takes for good an answer of another shape', async () => {
    const { of } = await findings({ 'ec2 describe-vpcs': { vpcs: [] } });
    expect(of('vpcs')).toEqual([{ status: 'unknown', message: 'ec2 describe-vpcs: an answer of another shape' }]);
  });

  it('prints a line for each finding, the command below it, and the counts', async () => {
    const { results } = await findings({ 'freetier get-account-plan-state': { accountPlanType: 'FREE' } });
    const text = textOf(results);
    expect(text).toContain("PROBLEM  us-east-1  the account's plan: the account is on AWS's free plan");
    expect(text).toContain('           $ aws freetier upgrade-account-plan');
    expect(text).toMatch(/\n\d+ ok, 1 problem, 0 note, 0 unknown\n$/);
    expect(exitCodeOf(results)).toBe(1);
    expect(exitCodeOf((await findings()).results)).toBe(0);
  });
});

describe('a certificate', () => {
  it.each([
    [['signal9.dev', '*.signal9.dev'], 'api.signal9.dev', true],
    [['signal9.dev'], 'api.signal9.dev', false],
    [['*.signal9.dev'], 'signal9.dev', false],
    [['*.signal9.dev'], 'a.b.signal9.dev', false],
  ])('for %j covers %s: %s', (names, host, expected) => {
    expect(covers(names, host)).toBe(expected);
  });
});

describe('the AWS CLI', () => {
  const folder = mkdtempSync(join(tmpdir(), 'signal9-aws-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const program = (script: string): string => {
    const file = join(folder, 'aws');
    writeFileSync(file, `#!/bin/sh\n${script}\n`);
    chmodSync(file, 0o755);
    return file;
  };
  const call = { service: 'iam', operation: 'get-role', input: { RoleName: 'r' }, region: 'us-east-1' };

  it('is called with the request as JSON', async () => {
    const aws = awsCli(program(`printf '{"said": "%s"}' "$1 $2 $4 $8" | sed 's/{"RoleName":"r"}/input/'`));
    await expect(aws(call)).resolves.toEqual({ said: 'iam get-role us-east-1 input' });
  });

  it('refuses with the code that AWS gave', async () => {
    const aws = awsCli(
      program(
        `echo >&2; echo 'An error occurred (NoSuchEntity) when calling the GetRole operation: The role cannot be found.' >&2; exit 254`,
      ),
    );
    await expect(aws(call)).rejects.toEqual(new AwsRefusal('NoSuchEntity', 'The role cannot be found.'));
  });

  it('says so when it has no credentials or is not there', async () => {
    const aws = awsCli(program(`echo 'Unable to locate credentials.' >&2; exit 253`));
    await expect(aws(call)).rejects.toEqual(new AwsUnreachable('Unable to locate credentials.'));
    await expect(awsCli(join(folder, 'nothing'))(call)).rejects.toThrow('install the AWS CLI 2');
  });
});
