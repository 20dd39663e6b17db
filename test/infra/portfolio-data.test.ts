// A template is JSON without a type of its own.

import {
  ofType,
  type Properties,
  referredTo,
  type Resource,
  stack,
  strings,
  type SynthesisedStack,
} from './synthesised';

const [dev, staging, prod] = [stack('dev', 'Data'), stack('staging', 'Data'), stack('prod', 'Data')];
const each = [
  ['dev', dev],
  ['staging', staging],
  ['prod', prod],
] as const;

/** The only resource of a type whose logical id begins so. */
const only = (of: SynthesisedStack, type: string, begins: string): Resource => {
  const found = ofType(of, type).filter(({ logicalId }) => logicalId.startsWith(begins));
  expect(found).toHaveLength(1);
  return found[0]!;
};
const dataKey = (of: SynthesisedStack) => only(of, 'AWS::KMS::Key', 'DataKey').logicalId;

describe("the portfolios' database", () => {
  const database = (of: SynthesisedStack) => only(of, 'AWS::RDS::DBInstance', 'PortfolioDatabase');
  const parameters = (of: SynthesisedStack) => only(of, 'AWS::RDS::DBParameterGroup', 'PortfolioDatabase').properties;

  test.each(each)('is in %s PostgreSQL 15, on gp3 that grows, and patches itself within 15', (env, of) => {
    expect(database(of).properties).toMatchObject({
      Engine: 'postgres',
      // The major version alone: a minor one would be withdrawn some day.
      EngineVersion: '15',
      AutoMinorVersionUpgrade: true,
      AllowMajorVersionUpgrade: false,
      DBInstanceIdentifier: `signal9-${env}-portfolio`,
      DBName: 'portfolio',
      Port: '5433',
      StorageType: 'gp3',
      AllocatedStorage: env === 'dev' ? '20' : '100',
      MaxAllocatedStorage: { dev: 100, staging: 200, prod: 1000 }[env],
    });
    // Of gp3 below 400 GB RDS takes neither.
    expect(database(of).properties.Iops).toBeUndefined();
    expect(database(of).properties.StorageThroughput).toBeUndefined();
    expect(parameters(of).Family).toBe('postgres15');
  });

  test.each([
    ['dev', dev, 'db.t4g.micro', false],
    ['staging', staging, 'db.t4g.small', false],
    ['prod', prod, 'db.m7g.large', true],
  ] as const)('runs in %s on machines of its size, two of them where it matters', (_, of, size, multiAz) => {
    expect(database(of).properties).toMatchObject({ DBInstanceClass: size, MultiAZ: multiAz });
    // A zone is RDS's to choose: in a fixed one no second machine may stand elsewhere.
    expect(database(of).properties.AvailabilityZone).toBeUndefined();
  });

  test.each(each)('is copied and mended in %s one after the other, at night', (env, of) => {
    expect(database(of).properties).toMatchObject({
      // An account on AWS's free plan may have one day, and dev is what it would deploy.
      BackupRetentionPeriod: env === 'dev' ? 1 : 7,
      PreferredBackupWindow: '03:00-04:00',
      PreferredMaintenanceWindow: 'sun:04:00-sun:05:00',
      CopyTagsToSnapshot: true,
    });
  });

  test.each(each)('is encrypted in %s under the data key, with its insights, and measured every minute', (_, of) => {
    const { properties, raw } = database(of);
    expect(properties).toMatchObject({
      StorageEncrypted: true,
      EnableIAMDatabaseAuthentication: true,
      EnablePerformanceInsights: true,
      MonitoringInterval: 60,
    });
    expect(referredTo(properties.KmsKeyId)).toBe(dataKey(of));
    expect(referredTo(properties.PerformanceInsightsKMSKeyId)).toBe(dataKey(of));
    expect(raw.DependsOn).toContain(only(of, 'AWS::IAM::ManagedPolicy', 'PortfolioMonitoringRole').logicalId);
  });

  test.each(each)('is public to nobody in %s, and wears the group that Network made for it', (_, of) => {
    const subnets = only(of, 'AWS::RDS::DBSubnetGroup', 'PortfolioDatabase').properties.SubnetIds as unknown[];
    for (const subnet of subnets) expect(strings(subnet).join('')).toMatch(/isolatedSubnet/);
    const { PubliclyAccessible, VPCSecurityGroups } = database(of).properties;
    expect(PubliclyAccessible).toBe(false);
    expect(strings(VPCSecurityGroups).join(' ')).toMatch(/SecurityGroupsPortfolioDatabase/);
  });

  test.each(each)('takes in %s TLS only, and logs statements without their values', (_, of) => {
    expect(parameters(of).Parameters).toMatchObject({
      'rds.force_ssl': '1',
      ssl_min_protocol_version: 'TLSv1.2',
      log_connections: '1',
      log_statement: 'ddl',
      log_min_duration_statement: '1000',
      log_parameter_max_length: '0',
      log_parameter_max_length_on_error: '0',
    });
    expect(referredTo(database(of).properties.DBParameterGroupName)).toMatch(/^PortfolioDatabaseParameterGroup/);
  });

  test('rings before the connections of its own limit are used up', () => {
    // dev makes no alarms but pages.
    for (const [, of] of each.filter(([env]) => env !== 'dev')) {
      const limit = Number(parameters(of).Parameters.max_connections);
      const alarm = ofType(stack(of.environment, 'Monitoring'), 'AWS::CloudWatch::Alarm').find(({ properties }) =>
        (properties.AlarmName as string).endsWith('-portfolio-database-connections'),
      )!;
      expect(alarm.properties.Threshold).toBeLessThan(limit);
      expect(alarm.properties.Threshold).toBeGreaterThan(limit / 2);
    }
  });

  test('exports both logs to groups of ours, which are there before it', () => {
    for (const [env, of] of each)
      for (const log of ['postgresql', 'upgrade']) {
        expect(database(of).properties.EnableCloudwatchLogsExports).toContain(log);
        const group = ofType(of, 'AWS::Logs::LogGroup').find(
          ({ properties }) => properties.LogGroupName === `/aws/rds/instance/signal9-${env}-portfolio/${log}`,
        )!;
        expect(referredTo(group.properties.KmsKeyId)).toBe(dataKey(of));
        expect(database(of).raw.DependsOn).toContain(group.logicalId);
      }
  });

  test('stays and cannot be deleted in prod, and goes elsewhere with its backups', () => {
    expect(database(prod).properties).toMatchObject({ DeletionProtection: true, DeleteAutomatedBackups: false });
    expect(database(prod).raw.DeletionPolicy).toBe('RetainExceptOnCreate');
    for (const of of [dev, staging]) {
      expect(database(of).properties).toMatchObject({ DeletionProtection: false, DeleteAutomatedBackups: true });
      expect(database(of).raw.DeletionPolicy).toBe('Delete');
    }
  });

  test.each(each)('has in %s a password that RDS makes, keeps under the data key and changes', (_, of) => {
    const { properties } = database(of);
    expect(properties).toMatchObject({ MasterUsername: 'portfolio', ManageMasterUserPassword: true });
    expect(properties.MasterUserPassword).toBeUndefined();
    expect(referredTo(properties.MasterUserSecret.KmsKeyId)).toBe(dataKey(of));
  });

  test('is copied by AWS Backup before its own window opens, by a role that may do so', () => {
    for (const of of [staging, prod]) {
      const [plan] = ofType(of, 'AWS::Backup::BackupPlan');
      const [rule] = plan!.properties.BackupPlan.BackupPlanRule as Properties[];
      // From 01:00 for an hour: AWS Backup starts none in the hour before RDS's own window, 03:00.
      expect(rule).toMatchObject({ ScheduleExpression: 'cron(0 1 * * ? *)', StartWindowMinutes: 60 });
      const policy = only(of, 'AWS::IAM::ManagedPolicy', 'BackupRole').properties.PolicyDocument
        .Statement as Properties[];
      const [create] = policy.filter(({ Action }) => strings(Action).includes('rds:CreateDBSnapshot'));
      expect(strings(create!.Resource).join(' ')).toMatch(/:snapshot:awsbackup:\*/);
      expect(strings(create!.Resource)).toContain(database(of).logicalId);
    }
  });

  test('states where it is', () => {
    const { logicalId } = database(prod);
    expect(prod.outputs.PortfolioEndpoint.Value['Fn::GetAtt']).toEqual([logicalId, 'Endpoint.Address']);
    expect(referredTo(prod.outputs.PortfolioIdentifier.Value)).toBe(logicalId);
    const secret: unknown = prod.outputs.PortfolioSecretArn.Value['Fn::GetAtt'];
    expect(secret).toEqual([logicalId, 'MasterUserSecret.SecretArn']);
  });
});

describe('the cache', () => {
  const cache = (of: SynthesisedStack) => only(of, 'AWS::ElastiCache::ServerlessCache', 'Cache');
  const users = (of: SynthesisedStack) => ofType(of, 'AWS::ElastiCache::User');

  test.each(each)('is in %s Valkey 8 without servers, with ceilings and a daily snapshot', (env, of) => {
    expect(cache(of).properties).toMatchObject({
      Engine: 'valkey',
      MajorEngineVersion: '8',
      ServerlessCacheName: `signal9-${env}-portfolio`,
      CacheUsageLimits: { DataStorage: { Maximum: 10, Unit: 'GB' }, ECPUPerSecond: { Maximum: 5000 } },
      DailySnapshotTime: '03:00',
      SnapshotRetentionLimit: 1,
    });
  });

  test.each(each)('is in %s under the data key, in isolated subnets, behind its own group', (_, of) => {
    const { KmsKeyId, SubnetIds, SecurityGroupIds } = cache(of).properties;
    expect(referredTo(KmsKeyId)).toBe(dataKey(of));
    for (const subnet of SubnetIds as unknown[]) expect(strings(subnet).join('')).toMatch(/isolatedSubnet/);
    expect(strings(SecurityGroupIds).join(' ')).toMatch(/SecurityGroupsPortfolioCache/);
  });

  test.each(each)('knows in %s the service, by its password, and nobody else', (_, of) => {
    expect(referredTo(cache(of).properties.UserGroupId)).toBe(
      only(of, 'AWS::ElastiCache::UserGroup', 'Cache').logicalId,
    );
    const members = only(of, 'AWS::ElastiCache::UserGroup', 'Cache').properties.UserIds as unknown[];
    expect(members.map(referredTo).sort()).toEqual(
      users(of)
        .map(({ logicalId }) => logicalId)
        .sort(),
    );
    const access = Object.fromEntries(users(of).map(({ properties: p }) => [p.UserName, p.AccessString as string]));
    expect(Object.keys(access).sort()).toEqual(['default', 'portfolio-service']);
    expect(access.default).toBe('off -@all');
    for (const { properties } of users(of)) {
      expect(properties.AuthenticationMode.Type).toBe('password');
      expect(strings(properties.AuthenticationMode.Passwords).join('')).toContain('{{resolve:secretsmanager:');
      expect(properties.NoPasswordRequired).toBeUndefined();
    }
  });

  test('lets the service read and write its keys, and nothing that empties a cache or runs a script', () => {
    const [service] = users(prod).filter(({ properties }) => properties.UserName === 'portfolio-service');
    expect(service!.properties.AccessString).toBe('on ~signal9:* -@all +get +set +ping');
  });

  test('has its password in a secret of its own, under the data key, which names the same user', () => {
    const { properties } = only(prod, 'AWS::SecretsManager::Secret', 'CacheSecret');
    expect(properties.Name).toBe('signal9-prod-cache');
    expect(referredTo(properties.KmsKeyId)).toBe(dataKey(prod));
    expect(JSON.parse(properties.GenerateSecretString.SecretStringTemplate as string)).toEqual({
      username: 'portfolio-service',
    });
  });

  test('states where it is', () => {
    expect(prod.outputs.CacheEndpoint.Value['Fn::GetAtt']).toEqual([cache(prod).logicalId, 'Endpoint.Address']);
    expect(prod.outputs.CacheName.Value).toBe('signal9-prod-portfolio');
    expect(referredTo(prod.outputs.CacheSecretArn.Value)).toMatch(/^CacheSecret/);
  });
});

describe('the alarms of database and cache', () => {
  test.each(each)('watch in %s what bears the names, and page for what stops portfolios', (env, of) => {
    const alarms = ofType(stack(of.environment, 'Monitoring'), 'AWS::CloudWatch::Alarm');
    const watched = alarms.flatMap(({ properties: p }) => {
      const [dimension] = (p.Dimensions ?? []) as { Name: string; Value: string }[];
      if (dimension?.Value !== `signal9-${env}-portfolio`) return [];
      const id = (p.AlarmName as string).slice(`signal9-${env}-us-east-1-`.length);
      const [severity] = (p.AlarmDescription as string).split(' ');
      return `${severity} ${id}: ${p.Namespace} ${dimension.Name} ${p.MetricName}`;
    });
    const pages = [
      '[page] portfolio-database-storage: AWS/RDS DBInstanceIdentifier FreeStorageSpace',
      '[page] portfolio-database-unreachable: AWS/RDS DBInstanceIdentifier DatabaseConnections',
    ];
    const tickets = [
      '[ticket] cache-login-failed: AWS/ElastiCache clusterId AuthenticationFailures',
      '[ticket] cache-storage: AWS/ElastiCache clusterId BytesUsedForCache',
      '[ticket] cache-throttled: AWS/ElastiCache clusterId ThrottledCmds',
      '[ticket] portfolio-database-connections: AWS/RDS DBInstanceIdentifier DatabaseConnections',
      '[ticket] portfolio-database-cpu: AWS/RDS DBInstanceIdentifier CPUUtilization',
      '[ticket] portfolio-database-read-latency: AWS/RDS DBInstanceIdentifier ReadLatency',
      '[ticket] portfolio-database-write-latency: AWS/RDS DBInstanceIdentifier WriteLatency',
    ];
    expect(watched.sort()).toEqual(env === 'dev' ? pages : [...pages, ...tickets]);
    const unreachable = alarms.find(({ properties }) =>
      (properties.AlarmName as string).endsWith('-portfolio-database-unreachable'),
    )!;
    // Of a database that does not run there is no measurement, and that is the alarm.
    expect(unreachable.properties).toMatchObject({
      Statistic: 'SampleCount',
      ComparisonOperator: 'LessThanThreshold',
      Threshold: 1,
      EvaluationPeriods: 2,
      TreatMissingData: 'breaching',
    });
  });
});
