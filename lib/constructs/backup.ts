import { ArnFormat, Aws, Duration, Stack } from 'aws-cdk-lib';
import { BackupPlan, BackupPlanRule, BackupResource, BackupVault } from 'aws-cdk-lib/aws-backup';
import { type ITable } from 'aws-cdk-lib/aws-dynamodb';
import { Schedule } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type IKey } from 'aws-cdk-lib/aws-kms';
import { type IDatabaseCluster, type IDatabaseInstance } from 'aws-cdk-lib/aws-rds';
import { Construct } from 'constructs';
import { acknowledge, wildcardFinding } from '../compliance/acknowledge';
import { type Config } from '../config';
import { removalOf } from './log-group';
import { OwnPolicyRole } from './own-policy-role';

export interface BackupProps {
  readonly config: Config;
  /** Encrypts the vault. */
  readonly key: IKey;
  /** Each is named in the plan: a selection by tag would miss what somebody forgot to tag. */
  readonly tables: readonly ITable[];
  /** Named likewise. */
  readonly clusters: readonly IDatabaseCluster[];
  /** Named likewise. */
  readonly instances: readonly IDatabaseInstance[];
}

/**
 * A daily copy of every table and database into a vault, beside point-in-time recovery: a copy stays for
 * `backup.retentionDays` also when the table or the cluster is gone, and whoever deletes those cannot delete it with them.
 */
export class Backup extends Construct {
  constructor(scope: Construct, id: string, props: BackupProps) {
    super(scope, id);
    const { config, key, tables, clusters, instances } = props;
    const vault = new BackupVault(this, 'Vault', { encryptionKey: key, removalPolicy: removalOf(config) });
    const plan = new BackupPlan(this, 'Plan', {
      backupVault: vault,
      backupPlanRules: [
        new BackupPlanRule({
          ruleName: 'daily',
          // UTC: after New York's markets have closed, and more than an hour before the databases' own windows begin at 03:00,
          // in which AWS Backup starts none.
          scheduleExpression: Schedule.cron({ hour: '1', minute: '0' }),
          startWindow: Duration.hours(1),
          completionWindow: Duration.hours(6),
          deleteAfter: Duration.days(config.backup.retentionDays),
        }),
      ],
    });
    plan.addSelection('Stores', {
      resources: [
        ...tables.map((table) => BackupResource.fromDynamoDbTable(table)),
        ...clusters.map((cluster) => BackupResource.fromRdsDatabaseCluster(cluster)),
        ...instances.map((instance) => BackupResource.fromRdsDatabaseInstance(instance)),
      ],
      disableDefaultBackupPolicy: true,
      role: this.role(props, vault),
    });
  }

  /** What AWSBackupServiceRolePolicyForBackup allows, for these resources, this vault and this key only. */
  private role({ config, key, tables, clusters, instances }: BackupProps, vault: BackupVault): OwnPolicyRole {
    const role = new OwnPolicyRole(this, 'Role', {
      assumedBy: new ServicePrincipal('backup.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
      description: 'Copies tables and databases into the vault',
    });
    const allow = (actions: string[], resources: string[], conditions?: Record<string, unknown>) =>
      role.addToPrincipalPolicy(new PolicyStatement({ actions, resources, conditions }));
    const backups = Stack.of(this).formatArn({
      service: 'dynamodb',
      resource: 'table',
      resourceName: `signal9-${config.env}-*/backup/*`,
      arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
    });
    allow(
      ['dynamodb:CreateBackup', 'dynamodb:DescribeTable', 'dynamodb:ListTagsOfResource', 'dynamodb:StartAwsBackupJob'],
      tables.map(({ tableArn }) => tableArn),
    );
    allow(['dynamodb:DescribeBackup', 'dynamodb:DeleteBackup'], [backups]);
    const snapshots = this.allowSnapshots(
      allow,
      'Cluster',
      clusters.map(({ clusterArn }) => clusterArn),
    );
    const instanceSnapshots = this.allowSnapshots(
      allow,
      '',
      instances.map(({ instanceArn }) => instanceArn),
    );
    allow(['backup:DescribeBackupVault', 'backup:CopyIntoBackupVault'], [vault.backupVaultArn]);
    allow(['kms:DescribeKey', 'kms:Decrypt', 'kms:GenerateDataKey'], [key.keyArn]);
    allow(['kms:CreateGrant'], [key.keyArn], { Bool: { 'kms:GrantIsForAWSResource': 'true' } });
    acknowledge(
      role,
      wildcardFinding(this, backups),
      'A backup gets its name when it is made; the pattern holds the backups of this environment and nothing else',
    );
    for (const pattern of [snapshots, instanceSnapshots])
      acknowledge(
        role,
        wildcardFinding(this, pattern),
        'A snapshot gets its name when it is made, and AWS Backup reserves this prefix: the pattern holds its snapshots and nothing that a person made',
      );
    return role;
  }

  /** What RDS wants to be asked for clusters, and in the same words for instances. @returns the snapshots' pattern */
  private allowSnapshots(
    allow: (actions: string[], resources: string[]) => void,
    kind: 'Cluster' | '',
    databases: string[],
  ): string {
    const snapshots = Stack.of(this).formatArn({
      service: 'rds',
      resource: kind ? 'cluster-snapshot' : 'snapshot',
      resourceName: 'awsbackup:*',
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    const both = [...databases, snapshots];
    allow([`rds:CreateDB${kind}Snapshot`, 'rds:AddTagsToResource', 'rds:ListTagsForResource'], both);
    allow([kind ? 'rds:DescribeDBClusters' : 'rds:DescribeDBInstances'], databases);
    allow([`rds:DescribeDB${kind}Snapshots`], both);
    allow([`rds:DeleteDB${kind}Snapshot`, `rds:ModifyDB${kind}SnapshotAttribute`], [snapshots]);
    return snapshots;
  }
}
