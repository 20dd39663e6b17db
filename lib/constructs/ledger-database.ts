import { Duration, Stack } from 'aws-cdk-lib';
import { type ISecurityGroup, type IVpc, SecurityGroup, SubnetType } from 'aws-cdk-lib/aws-ec2';
import { type IKey } from 'aws-cdk-lib/aws-kms';
import {
  AuroraMysqlEngineVersion,
  CfnDBClusterParameterGroup,
  CfnDBInstance,
  CfnDBSubnetGroup,
  ClusterInstance,
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
import { LEDGER_DATABASE, LEDGER_PORT, type LedgerAccess } from './ledger-access';
import { watchLedger } from './ledger-alarms';
import { EXPORTED_LOGS, LedgerLogs, ledgerParameters } from './ledger-logs';
import { LedgerProxy } from './ledger-proxy';
import { removalOf } from './log-group';
import { managedPassword, managedSecretOf } from './managed-password';
import { type LedgerGroups } from './security-groups';

const engineOf = ({ ledger }: Config) =>
  DatabaseClusterEngine.auroraMysql({
    // CDK's own entry for the version says by its flags what such a version can do: all that we need, since 3.08.
    version: AuroraMysqlEngineVersion.of(ledger.engineVersion, '8.0'),
  });

export interface LedgerDatabaseProps {
  readonly config: Config;
  /** Encrypts storage, backups, logs and the secret. */
  readonly key: IKey;
  readonly vpc: IVpc;
  /** Who may talk to whom is written in Network; here the groups are only worn. */
  readonly groups: LedgerGroups;
}

/**
 * The ledger: Aurora MySQL, a writer and its readers spread over the zones. Where there is a proxy, nothing else reaches
 * it; where there is none, its functions do (ADR 31).
 *
 * Serverless v2: a desk trades in bursts and sleeps at night. From a least capacity of 0 on it pauses when nobody is
 * connected.
 */
export class LedgerDatabase extends Construct {
  readonly access: LedgerAccess;
  /** For the backup plan, and for outputs. */
  readonly cluster: IDatabaseCluster;

  constructor(scope: Construct, id: string, props: LedgerDatabaseProps) {
    super(scope, id);
    const { config, key, vpc } = props;
    const pauses = config.ledger.minAcu === 0;
    const clusterGroup = this.imported('ClusterGroup', props.groups.cluster);
    const logs = new LedgerLogs(this, 'Logs', { config, key });
    const monitoringRole = new DatabaseMonitoringRole(this, 'MonitoringRole', { machines: "the ledger's machines" });
    const { writer, readers } = this.instances(props);
    const cluster = new DatabaseCluster(this, 'Cluster', {
      engine: engineOf(config),
      clusterIdentifier: names.ledger(config.env),
      defaultDatabaseName: LEDGER_DATABASE,
      port: LEDGER_PORT,
      ...managedPassword('ledger', key),
      // For people, by tokens of a quarter of an hour (docs/runbook.md#log-in-to-a-database).
      iamAuthentication: true,
      parameters: ledgerParameters(config),
      writer,
      readers,
      serverlessV2MinCapacity: config.ledger.minAcu,
      serverlessV2MaxCapacity: config.ledger.maxAcu,
      ...(pauses && { serverlessV2AutoPauseDuration: Duration.seconds(config.ledger.autoPauseSeconds) }),
      instanceUpdateBehaviour: InstanceUpdateBehaviour.ROLLING,
      // AWS's advice for an LTS line: an automatic upgrade would leave it.
      autoMinorVersionUpgrade: false,
      vpc,
      vpcSubnets: { subnetType: SubnetType.PRIVATE_ISOLATED },
      securityGroups: [clusterGroup],
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
      ...insights(props),
    });
    // Aurora makes a log group that it does not find, without our key and for ever. The role comes with its policy: an
    // instance is refused whose measurements could not be written.
    cluster.node.addDependency(logs, monitoringRole);
    keepAlike(cluster, config);
    this.cluster = cluster;
    this.explainFindings(cluster, config);
    // Also where a proxy stands before it: an environment that gets a proxy later keeps the exports that its functions
    // import until they have learnt of the new ones.
    for (const endpoint of [cluster.clusterEndpoint, cluster.clusterReadEndpoint])
      Stack.of(this).exportValue(endpoint.hostname);

    const secret = managedSecretOf(cluster);
    const { proxy: proxyGroup } = props.groups;
    const hosts = proxyGroup
      ? new LedgerProxy(this, 'Proxy', {
          config,
          vpc,
          cluster,
          secret,
          securityGroup: this.imported('ProxyGroup', proxyGroup),
          logs,
        })
      : hostsOf(cluster, config);
    this.access = {
      secretArn: secret.secretArn,
      keyArn: key.keyArn,
      writerHost: hosts.writerHost,
      readerHost: hosts.readerHost,
      pauses,
    };
    watchLedger(this, config);
  }

  /** The writer in the first zone, each reader in the next. */
  private instances(props: LedgerDatabaseProps): { writer: IClusterInstance; readers: IClusterInstance[] } {
    const { config, vpc } = props;
    const zones = vpc.availabilityZones;
    const instance = (id: string, index: number, scaleWithWriter?: boolean) =>
      ClusterInstance.serverlessV2(id, {
        availabilityZone: zones[index % zones.length],
        scaleWithWriter,
        publiclyAccessible: false,
        autoMinorVersionUpgrade: false,
        ...insights(props),
      });
    return {
      writer: instance('Writer', 0),
      // The first reader takes over when the writer falls, so it is always as large.
      readers: Array.from({ length: config.ledger.readers }, (_, i) => instance(`Reader${i + 1}`, i + 1, i === 0)),
    };
  }

  /** A group by its id: as it is, CDK would write rules with the cluster's port into Network (a circle). */
  private imported(id: string, { securityGroupId }: ISecurityGroup): ISecurityGroup {
    return SecurityGroup.fromSecurityGroupId(this, id, securityGroupId, { mutable: false });
  }

  private explainFindings(cluster: DatabaseCluster, config: Config): void {
    acknowledge(
      cluster,
      'AwsSolutions-RDS11',
      'Another port hides nothing here: the cluster has no public address and its security group accepts one group on this one port. MySQL’s own port keeps the rule about it legible: nothing reaches 3306 but the functions that need it',
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

/** Where the cluster answers itself. Aurora's endpoint for reads is the writer's where there is no reader. */
const hostsOf = ({ clusterEndpoint, clusterReadEndpoint }: DatabaseCluster, { ledger }: Config) => ({
  writerHost: clusterEndpoint.hostname,
  readerHost: (ledger.readers > 0 ? clusterReadEndpoint : clusterEndpoint).hostname,
});

/** Performance Insights, the same for the cluster and each of its instances, which Aurora demands. */
const insights = ({ config, key }: LedgerDatabaseProps) =>
  config.ledger.insights ? { enablePerformanceInsights: true, performanceInsightEncryptionKey: key } : {};

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
