// A template is JSON without a type of its own.
/* eslint-disable @typescript-eslint/no-unsafe-return */
import { tableName, type TableDefinition, type TableId, tables } from '../../contract/tables';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { loadConfig } from '../../lib/config';
import { DataStack } from '../../lib/stacks/data';
import { NetworkStack } from '../../lib/stacks/network';
import { ofType, type Properties, referredTo, stack, strings } from './synthesised';

const definitions = Object.entries(tables) as [TableId, TableDefinition][];

describe('the tables', () => {
  const dev = stack('dev', 'Data');
  const prod = stack('prod', 'Data');
  const named = (of: typeof dev, name: string) =>
    ofType(of, 'AWS::DynamoDB::Table').find(({ properties }) => properties.TableName === name)!;

  test('are those of the contract and no others', () => {
    const names = ofType(dev, 'AWS::DynamoDB::Table').map(({ properties }) => properties.TableName);
    expect(names.sort()).toEqual(definitions.map(([id]) => tableName('dev', id)).sort());
  });

  describe.each(definitions)('%s', (id, definition) => {
    const { properties, raw } = named(dev, tableName('dev', id));
    const keySchema = (of: Pick<TableDefinition, 'partitionKey' | 'sortKey'>) => [
      { AttributeName: of.partitionKey.name, KeyType: 'HASH' },
      ...(of.sortKey ? [{ AttributeName: of.sortKey.name, KeyType: 'RANGE' }] : []),
    ];

    test('has the keys of the contract, with their types', () => {
      expect(properties.KeySchema).toEqual(keySchema(definition));
      const keys = [definition, ...definition.indexes].flatMap(({ partitionKey, sortKey }) => [
        partitionKey,
        ...(sortKey ? [sortKey] : []),
      ]);
      const types = Object.fromEntries(keys.map(({ name, type }) => [name, type]));
      const declared = properties.AttributeDefinitions as { AttributeName: string; AttributeType: string }[];
      expect(Object.fromEntries(declared.map((a) => [a.AttributeName, a.AttributeType]))).toEqual(types);
    });

    test('has the indexes of the contract, with their projections', () => {
      const declared = (properties.GlobalSecondaryIndexes ?? []) as {
        IndexName: string;
        KeySchema: unknown;
        Projection: unknown;
      }[];
      expect(declared.map(({ IndexName, KeySchema, Projection }) => ({ IndexName, KeySchema, Projection }))).toEqual(
        definition.indexes.map((index) => ({
          IndexName: index.name,
          KeySchema: keySchema(index),
          Projection:
            typeof index.projection === 'string'
              ? { ProjectionType: index.projection }
              : { ProjectionType: 'INCLUDE', NonKeyAttributes: index.projection.include },
        })),
      );
    });

    test('is on demand, restorable, under our key, and streams and expires as the contract says', () => {
      expect(properties.BillingMode).toBe('PAY_PER_REQUEST');
      expect(properties.PointInTimeRecoverySpecification).toMatchObject({ PointInTimeRecoveryEnabled: true });
      expect(properties.SSESpecification).toMatchObject({ SSEEnabled: true, SSEType: 'KMS' });
      expect(properties.StreamSpecification).toEqual(
        definition.stream ? { StreamViewType: 'NEW_AND_OLD_IMAGES' } : undefined,
      );
      expect(properties.TimeToLiveSpecification).toEqual(
        definition.ttlAttribute ? { AttributeName: definition.ttlAttribute, Enabled: true } : undefined,
      );
    });

    test('goes with dev, and stays and cannot be deleted in prod', () => {
      expect(raw.DeletionPolicy).toBe('Delete');
      const inProd = named(prod, tableName('prod', id));
      expect(inProd.raw.DeletionPolicy).toBe('RetainExceptOnCreate');
      expect(inProd.properties.DeletionProtectionEnabled).toBe(true);
    });
  });

  test('the backup plan of prod names every table, the ledger and the portfolios', () => {
    const [selection] = ofType(prod, 'AWS::Backup::BackupSelection');
    const selected = (selection!.properties.BackupSelection.Resources as unknown[]).map(
      (arn) => referredTo(arn) ?? strings(arn).find((text) => /^(LedgerCluster|PortfolioDatabase)/.test(text)),
    );
    expect(selected.sort()).toEqual(
      ofType(prod, 'AWS::DynamoDB::Table', 'AWS::RDS::DBCluster', 'AWS::RDS::DBInstance')
        // Aurora's instances have no storage of their own: the cluster is copied.
        .filter(
          ({ properties }) => properties.DBClusterIdentifier === undefined || properties.DatabaseName !== undefined,
        )
        .map(({ logicalId }) => logicalId)
        .sort(),
    );
    expect(selection!.properties.BackupSelection.ListOfTags).toBeUndefined();
  });

  test('dev has no vault, for one that holds recovery points cannot be deleted', () =>
    dev.template.resourceCountIs('AWS::Backup::BackupVault', 0));
});

describe('the ledger', () => {
  const [dev, staging, prod] = [stack('dev', 'Data'), stack('staging', 'Data'), stack('prod', 'Data')];
  const only = (of: typeof dev, type: string) => {
    const found = ofType(of, type).filter(({ logicalId }) => /^(Ledger|DataKey)/.test(logicalId));
    expect(found).toHaveLength(1);
    return found[0]!;
  };
  const cluster = (of: typeof dev) => only(of, 'AWS::RDS::DBCluster');
  const members = (of: typeof dev) =>
    ofType(of, 'AWS::RDS::DBInstance').filter(({ properties }) => properties.Engine === 'aurora-mysql');
  const instances = (of: typeof dev) => members(of).map(({ properties }) => properties);

  test('is Aurora MySQL 3 of the long-term support line, on its own port, and does not leave the line by itself', () => {
    expect(cluster(dev).properties).toMatchObject({
      Engine: 'aurora-mysql',
      EngineVersion: expect.stringMatching(/^8\.0\.mysql_aurora\.3\.10\.\d+$/),
      DBClusterIdentifier: 'signal9-dev-ledger',
      DatabaseName: 'ledger',
      Port: 3306,
      AutoMinorVersionUpgrade: false,
    });
    for (const instance of instances(prod)) expect(instance.AutoMinorVersionUpgrade).toBe(false);
  });

  test.each([
    ['dev', dev, 0],
    ['staging', staging, 1],
    ['prod', prod, 2],
  ] as const)('has in %s a writer and the readers of the configuration', (_, of, readers) => {
    const tiers = instances(of).map(({ PromotionTier }) => PromotionTier as number);
    expect(tiers.sort()).toEqual([0, 1, 2].slice(0, 1 + readers));
    for (const instance of instances(of)) expect(instance.DBInstanceClass).toBe('db.serverless');
  });

  test('runs the version of the configuration, for AWS withdraws one after the other', () => {
    const data = dataOf({ env: 'dev', overrides: { ledger: { engineVersion: '8.0.mysql_aurora.3.10.5' } } });
    data.hasResourceProperties('AWS::RDS::DBCluster', { EngineVersion: '8.0.mysql_aurora.3.10.5' });
  });

  test('stands in prod in three zones, each instance in another', () => {
    const zone = (tier: number) => instances(prod).find((i) => i.PromotionTier === tier)!.AvailabilityZone as string;
    expect([zone(0), zone(1), zone(2)]).toEqual(['us-east-1a', 'us-east-1b', 'us-east-1c']);
    expect(only(prod, 'AWS::RDS::DBSubnetGroup').properties.SubnetIds).toHaveLength(3);
    expect(only(prod, 'AWS::RDS::DBProxy').properties.VpcSubnetIds).toHaveLength(3);
  });

  test('pauses in dev, and grows in prod', () => {
    const capacity = (of: typeof dev) => cluster(of).properties.ServerlessV2ScalingConfiguration as unknown;
    expect(capacity(dev)).toEqual({ MinCapacity: 0, MaxCapacity: 2, SecondsUntilAutoPause: 300 });
    expect(capacity(staging)).toEqual({ MinCapacity: 0.5, MaxCapacity: 2 });
    expect(capacity(prod)).toEqual({ MinCapacity: 1, MaxCapacity: 16 });
  });

  test('has nothing in dev that keeps it awake: no proxy, no replication, no connection that nobody uses', () => {
    for (const type of ['DBProxy', 'DBProxyEndpoint', 'DBProxyTargetGroup', 'GlobalCluster', 'Integration'])
      dev.template.resourceCountIs(`AWS::RDS::${type}`, 0);
    const parameters = only(dev, 'AWS::RDS::DBClusterParameterGroup').properties.Parameters as Properties;
    expect(parameters.binlog_format).toBeUndefined();
    expect(parameters).toMatchObject({ wait_timeout: '300', interactive_timeout: '300' });
    dev.template.resourcePropertiesCountIs(
      'AWS::Logs::LogGroup',
      { LogGroupName: '/aws/rds/proxy/signal9-dev-ledger' },
      0,
    );
  });

  test.each([
    ['dev', dev],
    ['staging', staging],
    ['prod', prod],
  ] as const)('is encrypted in %s under the data key', (_, of) => {
    const { properties } = cluster(of);
    expect(properties.StorageEncrypted).toBe(true);
    expect(referredTo(properties.KmsKeyId)).toBe(only(of, 'AWS::KMS::Key').logicalId);
  });

  test('shows its insights where there is memory for them, alike on the cluster and each instance', () => {
    const [small, large] = [dev.template, prod.template].map((template) =>
      Object.values(template.findResources('AWS::RDS::DBInstance'))
        .map(({ Properties }) => Properties as Properties)
        .filter(({ Engine }) => Engine === 'aurora-mysql'),
    );
    for (const instance of small!) expect(instance.EnablePerformanceInsights).toBeUndefined();
    for (const instance of large!) {
      expect(instance.EnablePerformanceInsights).toBe(true);
      expect(referredTo(instance.PerformanceInsightsKMSKeyId)).toBe(only(prod, 'AWS::KMS::Key').logicalId);
    }
    expect(cluster(prod).properties.PerformanceInsightsEnabled).toBe(true);
    expect(cluster(dev).properties.PerformanceInsightsEnabled).toBeUndefined();
  });

  test.each([
    ['dev', dev],
    ['staging', staging],
    ['prod', prod],
  ] as const)('lets people of %s log in by a token of IAM', (_, of) => {
    expect(cluster(of).properties.EnableIAMDatabaseAuthentication).toBe(true);
  });

  test('is public to nobody: isolated subnets, no public address', () => {
    for (const subnet of only(prod, 'AWS::RDS::DBSubnetGroup').properties.SubnetIds as unknown[])
      expect(strings(subnet).join('')).toMatch(/isolatedSubnet/);
    for (const instance of instances(prod)) expect(instance.PubliclyAccessible).toBe(false);
  });

  test('wears the group that Network made for it, and Data adds no rule', () => {
    expect(strings(cluster(dev).properties.VpcSecurityGroupIds).join(' ')).toMatch(/LedgerCluster/);
    for (const type of ['SecurityGroup', 'SecurityGroupIngress', 'SecurityGroupEgress'])
      dev.template.resourceCountIs(`AWS::EC2::${type}`, 0);
  });

  test('takes TLS only', () => {
    expect(only(dev, 'AWS::RDS::DBClusterParameterGroup').properties.Parameters).toMatchObject({
      require_secure_transport: 'ON',
      tls_version: 'TLSv1.2,TLSv1.3',
    });
    expect(only(prod, 'AWS::RDS::DBProxy').properties.RequireTLS).toBe(true);
  });

  test.each([
    ['dev', dev, 14],
    ['prod', prod, 365],
  ] as const)('exports in %s every log to a group of ours, with a retention of %s days', (name, of, days) => {
    const logs = ['audit', 'error', 'general', 'slowquery'];
    const { properties, raw } = cluster(of);
    expect(properties.EnableCloudwatchLogsExports).toEqual(logs);
    for (const log of logs) {
      const group = ofType(of, 'AWS::Logs::LogGroup').find(
        (g) => g.properties.LogGroupName === `/aws/rds/cluster/signal9-${name}-ledger/${log}`,
      )!;
      expect(group.properties.RetentionInDays).toBe(days);
      expect(group.properties.KmsKeyId).toBeDefined();
      // Before the cluster, which would make it itself.
      expect(raw.DependsOn).toContain(group.logicalId);
    }
  });

  test('waits for the role that writes its measurements, policy included', () => {
    const policy = ofType(dev, 'AWS::IAM::ManagedPolicy').find(({ logicalId }) =>
      logicalId.startsWith('LedgerMonitoringRole'),
    )!;
    expect(cluster(dev).raw.DependsOn).toContain(policy.logicalId);
    for (const { raw } of members(dev)) expect(raw.DependsOn).toContain(policy.logicalId);
  });

  test('writes what it exports; the statements with their values only where nobody real trades', () => {
    const parameters = (of: typeof dev) =>
      only(of, 'AWS::RDS::DBClusterParameterGroup').properties.Parameters as unknown;
    const always = { server_audit_logging: '1', slow_query_log: '1', long_query_time: '1' };
    expect(parameters(dev)).toMatchObject({ ...always, general_log: '1' });
    expect(parameters(prod)).toMatchObject({ ...always, general_log: '0' });
  });

  test('lets CloudWatch Logs use the key, for groups of this account only', () => {
    const statements = only(dev, 'AWS::KMS::Key').properties.KeyPolicy.Statement as Properties[];
    const logs = statements.find(({ Sid }) => Sid === 'LogGroups')!;
    expect(logs.Principal).toEqual({ Service: 'logs.us-east-1.amazonaws.com' });
    expect(strings(logs.Condition)).toContain('AWS::AccountId');
  });

  test('is backed up, and stays and cannot be deleted in prod', () => {
    expect(cluster(prod).properties).toMatchObject({
      BackupRetentionPeriod: 35,
      CopyTagsToSnapshot: true,
      DeletionProtection: true,
    });
    expect(cluster(prod).raw.DeletionPolicy).toBe('RetainExceptOnCreate');
    expect(cluster(dev).properties).toMatchObject({ BackupRetentionPeriod: 1, DeletionProtection: false });
    expect(cluster(dev).raw.DeletionPolicy).toBe('Delete');
  });

  describe.each([
    ['dev', dev],
    ['staging', staging],
    ['prod', prod],
  ] as const)('its password in %s', (_, of) => {
    test('is made, kept and changed by RDS, under the data key, and stands in no template', () => {
      const { properties } = cluster(of);
      expect(properties).toMatchObject({ MasterUsername: 'ledger', ManageMasterUserPassword: true });
      expect(properties.MasterUserPassword).toBeUndefined();
      expect(referredTo(properties.MasterUserSecret.KmsKeyId)).toBe(only(of, 'AWS::KMS::Key').logicalId);
    });

    test('has no secret beside it that nobody would use, and no function that rotates it', () => {
      const names = ofType(of, 'AWS::SecretsManager::Secret').map(({ logicalId }) => logicalId);
      expect(names.filter((name) => !name.startsWith('Cache'))).toEqual([]);
      for (const type of ['RotationSchedule', 'SecretTargetAttachment'])
        of.template.resourceCountIs(`AWS::SecretsManager::${type}`, 0);
      expect(of.template.toJSON().Transform).toBeUndefined();
    });
  });

  describe('its proxy', () => {
    const proxy = only(prod, 'AWS::RDS::DBProxy');

    test('logs in with the secret, in isolated subnets, wearing its own group', () => {
      expect(proxy.properties.Auth).toEqual([expect.objectContaining({ AuthScheme: 'SECRETS', IAMAuth: 'DISABLED' })]);
      expect(strings(proxy.properties.VpcSubnetIds).join(' ')).toMatch(/isolatedSubnet1.*isolatedSubnet2/);
      expect(strings(proxy.properties.VpcSecurityGroupIds).join(' ')).toMatch(/LedgerProxy/);
    });

    test('may be given its role without a condition that RDS might not fulfil', () => {
      const role = prod.resources.find(({ logicalId }) => logicalId === referredTo(proxy.properties.RoleArn))!;
      expect(role.properties.AssumeRolePolicyDocument.Statement).toEqual([
        { Action: 'sts:AssumeRole', Effect: 'Allow', Principal: { Service: 'rds.amazonaws.com' } },
      ]);
    });

    test('may read that secret and nothing else', () => {
      const policy = ofType(prod, 'AWS::IAM::ManagedPolicy').find(({ properties }) =>
        strings(properties.Roles).includes(referredTo(proxy.properties.RoleArn)!),
      )!;
      const statements = policy.properties.PolicyDocument.Statement as Properties[];
      expect(statements.flatMap(({ Action }) => Action as string[]).sort()).toEqual([
        'kms:Decrypt',
        'secretsmanager:DescribeSecret',
        'secretsmanager:GetSecretValue',
      ]);
      const { logicalId } = cluster(prod);
      expect(statements.map(({ Resource }) => Resource as unknown)).toEqual([
        { 'Fn::GetAtt': [logicalId, 'MasterUserSecret.SecretArn'] },
        { 'Fn::GetAtt': [only(prod, 'AWS::KMS::Key').logicalId, 'Arn'] },
      ]);
      expect(proxy.properties.Auth[0].SecretArn).toEqual({ 'Fn::GetAtt': [logicalId, 'MasterUserSecret.SecretArn'] });
    });

    test('lets a caller wait for a connection for less than a function runs', () => {
      const { properties } = only(prod, 'AWS::RDS::DBProxyTargetGroup');
      expect(properties.ConnectionPoolConfigurationInfo.ConnectionBorrowTimeout).toBeLessThan(30);
      expect(referredTo((properties.DBClusterIdentifiers as unknown[])[0])).toBe(cluster(prod).logicalId);
    });

    test('has an endpoint for the readers where there are readers, and none that would fail where there are none', () => {
      const { properties, raw } = only(prod, 'AWS::RDS::DBProxyEndpoint');
      expect(properties.TargetRole).toBe('READ_ONLY');
      expect(raw.DependsOn).toContain(only(prod, 'AWS::RDS::DBProxyTargetGroup').logicalId);
      only(staging, 'AWS::RDS::DBProxyEndpoint');
      const alone = dataOf({ env: 'staging', overrides: { ledger: { readers: 0 } } });
      alone.resourceCountIs('AWS::RDS::DBProxy', 1);
      alone.resourceCountIs('AWS::RDS::DBProxyEndpoint', 0);
      const { Outputs: outputs } = alone.toJSON();
      expect(outputs.LedgerReaderHost.Value).toEqual(outputs.LedgerWriterHost.Value);
      expect(referredTo(prod.outputs.LedgerReaderHost.Value)).toMatch(/^LedgerProxyReaders/);
    });
  });

  describe('without a proxy', () => {
    const { logicalId } = cluster(dev);
    const host = (template: Template, id: string) => template.toJSON().Outputs[id].Value['Fn::GetAtt'] as unknown;

    test('is reached at the cluster itself, for writes and, without a reader, for reads', () => {
      expect(host(dev.template, 'LedgerWriterHost')).toEqual([logicalId, 'Endpoint.Address']);
      expect(host(dev.template, 'LedgerReaderHost')).toEqual([logicalId, 'Endpoint.Address']);
    });

    test('is read at the cluster’s endpoint for reads where it has readers', () => {
      const read = dataOf({ overrides: { ledger: { readers: 1 } } });
      expect(host(read, 'LedgerReaderHost')).toEqual([logicalId, 'ReadEndpoint.Address']);
    });

    test('exports the same two names as with one: a proxy that comes later takes none away', () => {
      const exported = (of: typeof dev) =>
        Object.values(of.outputs as Record<string, Properties>).flatMap(({ Export, Value }) =>
          Export && JSON.stringify(Value).includes('Endpoint.Address') ? [String(Export.Name).split(':')[1]] : [],
        );
      const ofCluster = exported(dev).filter((name) => name?.includes('LedgerCluster'));
      expect(ofCluster).toHaveLength(2);
      expect(exported(prod)).toEqual(expect.arrayContaining(ofCluster));
    });
  });

  test('states where it is', () => {
    const get = (id: string) => prod.outputs[id].Value['Fn::GetAtt'] as unknown;
    const { logicalId } = cluster(prod);
    expect(get('AuroraWriterEndpoint')).toEqual([logicalId, 'Endpoint.Address']);
    expect(get('AuroraReaderEndpoint')).toEqual([logicalId, 'ReadEndpoint.Address']);
    expect(referredTo(prod.outputs.LedgerWriterHost.Value)).toBe(only(prod, 'AWS::RDS::DBProxy').logicalId);
    expect(get('LedgerSecretArn')).toEqual([logicalId, 'MasterUserSecret.SecretArn']);
  });
});

/** Data alone, of a configuration that is none of those that are synthesised. */
function dataOf({ env, overrides }: { env?: string; overrides?: object }): Template {
  const app = new App();
  const of = { config: loadConfig({ env, overrides }), region: 'us-east-1' } as const;
  const { vpc, ledgerGroups, portfolioGroups } = new NetworkStack(app, of);
  return Template.fromStack(new DataStack(app, { ...of, vpc, ledgerGroups, portfolioGroups }));
}
