import { Duration } from 'aws-cdk-lib';
import { type ISecurityGroup, type IVpc, SecurityGroup, SubnetType } from 'aws-cdk-lib/aws-ec2';
import { type IKey } from 'aws-cdk-lib/aws-kms';
import {
  AuroraMysqlEngineVersion,
  CfnDBClusterParameterGroup,
  CfnDBInstance,
  CfnDBSubnetGroup,
  ClusterInstance,
  Credentials,
  DatabaseCluster,
  DatabaseClusterEngine,
  type IClusterInstance,
  type IDatabaseCluster,
  InstanceUpdateBehaviour,
} from 'aws-cdk-lib/aws-rds';
import { Construct } from 'constructs';
import { acknowledge, acknowledgeRule } from '../compliance/acknowledge';
import { type Config } from '../config';
import { names } from '../names';
import { DatabaseMonitoringRole } from './database-monitoring-role';
import { DatabaseSecret } from './database-secret';
import { LEDGER_DATABASE, LEDGER_PORT, type LedgerAccess } from './ledger-access';
import { watchLedger } from './ledger-alarms';
import { EXPORTED_LOGS, LedgerLogs, ledgerParameters } from './ledger-logs';
import { LedgerProxy } from './ledger-proxy';
import { removalOf } from './log-group';
import { type LedgerGroups } from './security-groups';

/**
 * The newest patch of the long-term support line: 3.04's support ended in October 2026, later lines are not for long.
 * https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraMySQL.Update.SpecialVersions.html
 */
const ENGINE = DatabaseClusterEngine.auroraMysql({ version: AuroraMysqlEngineVersion.VER_3_10_4 });

export interface LedgerDatabaseProps {
  readonly config: Config;
  /** Encrypts storage, backups, logs and the secret. */
  readonly key: IKey;
  readonly vpc: IVpc;
  /** Who may talk to whom is written in Network; here the groups are only worn. */
  readonly groups: LedgerGroups;
}

/**
 * The ledger: Aurora MySQL, a writer and its readers spread over the zones, reached through its proxy only.
 *
 * Serverless v2: a desk trades in bursts and sleeps at night. It never pauses (ADR 16).
 */
export class LedgerDatabase extends Construct {
  readonly access: LedgerAccess;
  /** For the backup plan, and for outputs: nothing connects to it but the proxy and the rotation. */
  readonly cluster: IDatabaseCluster;

  constructor(scope: Construct, id: string, props: LedgerDatabaseProps) {
    super(scope, id);
    const { config, key, vpc } = props;
    const groups = this.imported(props.groups);
    const secret = new DatabaseSecret(this, 'Secret', {
      config,
      key,
      of: 'ledger',
      description: 'Aurora MySQL, the ledger: user and password',
    });
    const logs = new LedgerLogs(this, 'Logs', { config, key });
    const monitoringRole = new DatabaseMonitoringRole(this, 'MonitoringRole', { machines: "the ledger's machines" });
    const { writer, readers } = this.instances(props);
    const cluster = new DatabaseCluster(this, 'Cluster', {
      engine: ENGINE,
      clusterIdentifier: names.ledger(config.env),
      defaultDatabaseName: LEDGER_DATABASE,
      port: LEDGER_PORT,
      credentials: Credentials.fromSecret(secret.secret),
      parameters: ledgerParameters(config),
      writer,
      readers,
      serverlessV2MinCapacity: config.ledger.minAcu,
      serverlessV2MaxCapacity: config.ledger.maxAcu,
      instanceUpdateBehaviour: InstanceUpdateBehaviour.ROLLING,
      // AWS's advice for an LTS line: an automatic upgrade would leave it.
      autoMinorVersionUpgrade: false,
      vpc,
      vpcSubnets: { subnetType: SubnetType.PRIVATE_ISOLATED },
      securityGroups: [groups.cluster],
      storageEncrypted: true,
      storageEncryptionKey: key,
      // UTC: after New York's markets have closed, and not while AWS Backup copies.
      backup: { retention: Duration.days(config.ledger.backupDays), preferredWindow: '04:00-05:00' },
      preferredMaintenanceWindow: 'sun:06:00-sun:07:00',
      copyTagsToSnapshot: true,
      deletionProtection: config.retain,
      removalPolicy: removalOf(config),
      cloudwatchLogsExports: [...EXPORTED_LOGS],
      monitoringInterval: Duration.minutes(1),
      monitoringRole,
      enablePerformanceInsights: true,
      performanceInsightEncryptionKey: key,
    });
    // Aurora makes a log group that it does not find, without our key and for ever. The role comes with its policy: an
    // instance is refused whose measurements could not be written.
    cluster.node.addDependency(logs, monitoringRole);
    keepAlike(cluster, config);
    this.cluster = cluster;
    this.explainFindings(cluster, config);

    const { secret: attached } = cluster;
    if (!attached) throw new Error('the cluster has forgotten its secret');
    secret.rotate({ engine: 'mysql', database: cluster, attached, vpc, securityGroup: groups.rotation });
    const proxy = new LedgerProxy(this, 'Proxy', {
      config,
      vpc,
      cluster,
      secret: attached,
      securityGroup: groups.proxy,
      logs,
    });
    this.access = {
      secretArn: attached.secretArn,
      keyArn: key.keyArn,
      writerHost: proxy.writerHost,
      readerHost: proxy.readerHost,
      pauses: config.ledger.minAcu === 0,
    };
    watchLedger(this, config);
  }

  /** The writer in the first zone, each reader in the next. */
  private instances({ config, key, vpc }: LedgerDatabaseProps): {
    writer: IClusterInstance;
    readers: IClusterInstance[];
  } {
    const zones = vpc.availabilityZones;
    const instance = (id: string, index: number, scaleWithWriter?: boolean) =>
      ClusterInstance.serverlessV2(id, {
        availabilityZone: zones[index % zones.length],
        scaleWithWriter,
        publiclyAccessible: false,
        autoMinorVersionUpgrade: false,
        enablePerformanceInsights: true,
        performanceInsightEncryptionKey: key,
      });
    return {
      writer: instance('Writer', 0),
      // The first reader takes over when the writer falls, so it is always as large.
      readers: Array.from({ length: config.ledger.readers }, (_, i) => instance(`Reader${i + 1}`, i + 1, i === 0)),
    };
  }

  /** The groups by their ids: as they are, CDK would write rules with the cluster's port into Network (a circle). */
  private imported(groups: LedgerGroups): Omit<LedgerGroups, 'functions'> {
    const group = (id: string, { securityGroupId }: ISecurityGroup): ISecurityGroup =>
      SecurityGroup.fromSecurityGroupId(this, id, securityGroupId, { mutable: false });
    return {
      proxy: group('ProxyGroup', groups.proxy),
      cluster: group('ClusterGroup', groups.cluster),
      rotation: group('RotationGroup', groups.rotation),
    };
  }

  private explainFindings(cluster: DatabaseCluster, config: Config): void {
    acknowledge(
      cluster,
      'AwsSolutions-RDS6',
      'Only the proxy and the rotation reach the cluster, and the proxy logs in with a secret that is encrypted under our key and rotated every 30 days; whoever may read that secret is said by IAM. A second way to log in would be one more to guard (ADR 16)',
    );
    acknowledge(
      cluster,
      'AwsSolutions-RDS11',
      'Another port hides nothing here: the cluster has no public address and its security group accepts two groups on this one port. MySQL’s own port keeps the rule about it legible: nothing reaches 3306 but the functions that need it',
    );
    acknowledge(
      cluster,
      'AwsSolutions-RDS14',
      'A ledger is not rewound in place: the trades that would vanish have been told to portfolios and brokers. A mistake is mended by a counter-entry, a loss by point-in-time recovery beside the running cluster',
    );
    acknowledge(
      cluster,
      'CloudFormation-Validate::W3010',
      'The zones are named, as those of the subnets are, so that synthesis looks nothing up; left to itself Aurora may put writer and reader side by side',
    );
    for (const instance of cluster.node.findAll().filter((child) => child instanceof CfnDBInstance)) {
      acknowledgeRule(
        instance,
        'RDSAutomaticMinorVersionUpgradeEnabled',
        'The ledger runs a long-term support line, on which AWS advises to switch automatic minor upgrades off: one would leave the line. Patches of the line come by the engine version in the code, and critical ones by AWS itself in the maintenance window (ADR 16)',
      );
      acknowledgeRule(
        instance,
        'RDSInBackupPlan',
        'An instance of Aurora has no data of its own: AWS Backup copies the cluster, whose storage is common to all its instances, and the backup plan names the cluster',
      );
    }
    if (!config.retain)
      acknowledge(
        cluster,
        'AwsSolutions-RDS10',
        'This environment is made to be thrown away, ledger included; where data is retained the cluster is protected against deletion',
      );
  }
}

/** What the cluster cannot be without stays or goes as it does: CDK knows of no other retention than the plain one. */
function keepAlike(cluster: DatabaseCluster, config: Config): void {
  for (const child of cluster.node.findAll())
    if (
      child instanceof CfnDBInstance ||
      child instanceof CfnDBSubnetGroup ||
      child instanceof CfnDBClusterParameterGroup
    )
      child.applyRemovalPolicy(removalOf(config));
}
