import { Duration } from 'aws-cdk-lib';
import { InstanceType, type ISecurityGroup, type IVpc, SecurityGroup, SubnetType } from 'aws-cdk-lib/aws-ec2';
import { type IKey } from 'aws-cdk-lib/aws-kms';
import {
  CfnDBInstance,
  CfnDBParameterGroup,
  CfnDBSubnetGroup,
  DatabaseInstance,
  DatabaseInstanceEngine,
  type IDatabaseInstance,
  PostgresEngineVersion,
  StorageType,
} from 'aws-cdk-lib/aws-rds';
import { Construct } from 'constructs';
import { acknowledge } from '../compliance/acknowledge';
import { type Config } from '../config';
import { names } from '../names';
import { DatabaseMonitoringRole } from './database-monitoring-role';
import { removalOf } from './log-group';
import { managedPassword, managedSecretOf } from './managed-password';
import { PORTFOLIO_DATABASE, PORTFOLIO_PORT, type PortfolioAccess } from './portfolio-access';
import { watchPortfolioDatabase } from './portfolio-alarms';
import { EXPORTED_LOGS, PortfolioLogs, portfolioParameters } from './portfolio-logs';
import { type PortfolioGroups } from './security-groups';

/**
 * One machine runs 15 from embedded binaries: the same major version everywhere. Which minor one is RDS's choice, at the
 * start and ever after: one that the code named would be withdrawn for new databases some day.
 */
const ENGINE = DatabaseInstanceEngine.postgres({ version: PostgresEngineVersion.VER_15 });

export interface PortfolioDatabaseProps {
  readonly config: Config;
  /** Encrypts storage, backups, logs and the secret. */
  readonly key: IKey;
  readonly vpc: IVpc;
  /** Who may talk to whom is written in Network; here the groups are only worn. */
  readonly groups: Pick<PortfolioGroups, 'database'>;
}

/** The portfolios: one PostgreSQL, with a second machine in another zone where it matters (ADR 19). */
export class PortfolioDatabase extends Construct {
  readonly access: PortfolioAccess;
  /** For the backup plan, and for outputs. */
  readonly instance: IDatabaseInstance;

  constructor(scope: Construct, id: string, props: PortfolioDatabaseProps) {
    super(scope, id);
    const { config, key, vpc } = props;
    const { database } = config.portfolio;
    const logs = new PortfolioLogs(this, 'Logs', { config, key });
    const monitoringRole = new DatabaseMonitoringRole(this, 'MonitoringRole', { machines: "the portfolios' machines" });
    const instance = new DatabaseInstance(this, 'Database', {
      engine: ENGINE,
      instanceIdentifier: names.portfolio(config.env),
      databaseName: PORTFOLIO_DATABASE,
      port: PORTFOLIO_PORT,
      ...managedPassword('portfolio', key),
      // For people, by tokens of a quarter of an hour (docs/runbook.md#log-in-to-a-database).
      iamAuthentication: true,
      parameters: portfolioParameters(config),
      instanceType: new InstanceType(database.instanceType),
      multiAz: database.multiAz,
      storageType: StorageType.GP3,
      allocatedStorage: database.storageGb,
      maxAllocatedStorage: database.maxStorageGb,
      storageEncrypted: true,
      storageEncryptionKey: key,
      // Security fixes come as minor versions, and there is no long-term line to stay on; a failover in the window is all
      // that is seen of one.
      autoMinorVersionUpgrade: true,
      allowMajorVersionUpgrade: false,
      vpc,
      vpcSubnets: { subnetType: SubnetType.PRIVATE_ISOLATED },
      publiclyAccessible: false,
      securityGroups: [this.imported('DatabaseGroup', props.groups.database)],
      // UTC: after New York's markets have closed, and not while AWS Backup copies.
      backupRetention: Duration.days(database.backupDays),
      preferredBackupWindow: '03:00-04:00',
      preferredMaintenanceWindow: 'sun:04:00-sun:05:00',
      copyTagsToSnapshot: true,
      deletionProtection: config.retain,
      removalPolicy: removalOf(config),
      deleteAutomatedBackups: !config.retain,
      cloudwatchLogsExports: [...EXPORTED_LOGS],
      monitoringInterval: Duration.minutes(1),
      monitoringRole,
      enablePerformanceInsights: true,
      performanceInsightEncryptionKey: key,
    });
    // As for the ledger: RDS makes a log group that it does not find, and refuses an instance that it may not measure.
    instance.node.addDependency(logs, monitoringRole);
    keepAlike(instance, config);
    allowMajorVersion(instance);
    this.instance = instance;
    this.explainFindings(instance, config);

    this.access = {
      secretArn: managedSecretOf(instance).secretArn,
      keyArn: key.keyArn,
      host: instance.dbInstanceEndpointAddress,
      port: PORTFOLIO_PORT,
      database: PORTFOLIO_DATABASE,
    };
    watchPortfolioDatabase(this, config);
  }

  /** A group by its id: as it is, CDK would write rules with the database's port into Network (a circle). */
  private imported(id: string, { securityGroupId }: ISecurityGroup): ISecurityGroup {
    return SecurityGroup.fromSecurityGroupId(this, id, securityGroupId, { mutable: false });
  }

  private explainFindings(instance: DatabaseInstance, config: Config): void {
    if (!config.portfolio.database.multiAz) {
      const oneZone =
        'Nobody real has a portfolio in this environment: the loss of a zone may stop it until RDS has started another machine. In prod the configuration refuses a single zone';
      acknowledge(instance, 'AwsSolutions-RDS3', oneZone);
      acknowledge(instance, 'Checkov-CKV_AWS_157', oneZone);
    }
    if (!config.retain)
      acknowledge(
        instance,
        'AwsSolutions-RDS10',
        'This environment is made to be thrown away, portfolios included; where data is retained the database is protected against deletion',
      );
  }
}

/** cfn-lint takes a major version alone, which RDS resolves to a minor one, for one that is not offered any more. */
function allowMajorVersion(instance: DatabaseInstance): void {
  for (const child of instance.node.findAll())
    if (child instanceof CfnDBInstance) child.addMetadata('cfn-lint', { config: { ignore_checks: ['W3691'] } });
}

/** What the instance cannot be without stays or goes as it does. */
function keepAlike(instance: DatabaseInstance, config: Config): void {
  for (const child of instance.node.findAll())
    if (child instanceof CfnDBSubnetGroup || child instanceof CfnDBParameterGroup)
      child.applyRemovalPolicy(removalOf(config));
}
