import { type IVpc } from 'aws-cdk-lib/aws-ec2';
import { type IKey } from 'aws-cdk-lib/aws-kms';
import { type Construct } from 'constructs';
import { Backup } from '../constructs/backup';
import { EncryptionKey } from '../constructs/encryption-key';
import { type LedgerAccess } from '../constructs/ledger-access';
import { LedgerDatabase } from '../constructs/ledger-database';
import { type Tables } from '../constructs/function-ground';
import { PlatformTables } from '../constructs/platform-tables';
import { type LedgerGroups } from '../constructs/security-groups';
import { PlatformStack, type PlatformStackProps } from '../platform-stack';

export interface DataStackProps extends PlatformStackProps {
  readonly vpc: IVpc;
  readonly ledgerGroups: LedgerGroups;
}

/** Everything that remembers: the tables, the ledger, their key and their backups. */
export class DataStack extends PlatformStack {
  readonly key: IKey;
  readonly tables: Tables;
  readonly ledger: LedgerAccess;

  constructor(scope: Construct, props: DataStackProps) {
    super(scope, 'Data', 'tables, the ledger, their key and their backups', props);
    const { config, region, vpc, ledgerGroups } = props;

    this.key = new EncryptionKey(this, 'DataKey', {
      config,
      region,
      purpose: 'data',
      description: 'Tables, databases, their secrets and backups',
      users: ['logs'],
    }).key;
    const { byId, all } = new PlatformTables(this, 'Tables', { config, key: this.key });
    this.tables = byId;
    const { cluster, access } = new LedgerDatabase(this, 'Ledger', {
      config,
      key: this.key,
      vpc,
      groups: ledgerGroups,
    });
    this.ledger = access;
    // PostgreSQL and Valkey follow here, under the same key, their secrets beside them.

    if (config.backup.enabled)
      new Backup(this, 'Backup', { config, key: this.key, tables: all.map(({ table }) => table), clusters: [cluster] });

    this.state('DataKeyArn', this.key.keyArn, 'Key of tables, databases, their secrets and backups');
    for (const { definition, table, outputId } of all) this.state(outputId, table.tableName, definition.holds);
    this.state('AuroraWriterEndpoint', cluster.clusterEndpoint.hostname, "The ledger's writer, for its proxy only");
    this.state(
      'AuroraReaderEndpoint',
      cluster.clusterReadEndpoint.hostname,
      "The ledger's readers, for its proxy only",
    );
    this.state('LedgerProxyEndpoint', access.writerHost, 'Where functions reach the ledger');
    this.state('LedgerProxyReaderEndpoint', access.readerHost, 'Where functions read the ledger');
    this.state('LedgerSecretArn', access.secretArn, "The ledger's user and password");
  }
}
