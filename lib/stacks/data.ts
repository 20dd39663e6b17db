import { type IKey } from 'aws-cdk-lib/aws-kms';
import { type Construct } from 'constructs';
import { Backup } from '../constructs/backup';
import { EncryptionKey } from '../constructs/encryption-key';
import { type Tables } from '../constructs/platform-function';
import { PlatformTables } from '../constructs/platform-tables';
import { PlatformStack, type PlatformStackProps } from '../platform-stack';

/** Everything that remembers: the tables, their key and their backups. */
export class DataStack extends PlatformStack {
  readonly key: IKey;
  readonly tables: Tables;

  constructor(scope: Construct, props: PlatformStackProps) {
    super(scope, 'Data', 'tables, their key and their backups', props);
    const { config, region } = props;

    this.key = new EncryptionKey(this, 'DataKey', {
      config,
      region,
      purpose: 'data',
      description: 'Tables, databases, their secrets and backups',
    }).key;
    const { byId, all } = new PlatformTables(this, 'Tables', { config, key: this.key });
    this.tables = byId;
    // Aurora MySQL with its proxy, PostgreSQL and Valkey follow here, under the same key, their secrets beside them.

    if (config.backup.enabled)
      new Backup(this, 'Backup', { config, key: this.key, tables: all.map(({ table }) => table) });

    this.state('DataKeyArn', this.key.keyArn, 'Key of tables, databases, their secrets and backups');
    for (const { definition, table, outputId } of all) this.state(outputId, table.tableName, definition.holds);
  }
}
