import { type IVpc } from 'aws-cdk-lib/aws-ec2';
import { type IKey } from 'aws-cdk-lib/aws-kms';
import { type Construct } from 'constructs';
import { Backup } from '../constructs/backup';
import { type CacheAccess } from '../constructs/cache-access';
import { EncryptionKey } from '../constructs/encryption-key';
import { type LedgerAccess } from '../constructs/ledger-access';
import { LedgerDatabase } from '../constructs/ledger-database';
import { type Tables } from '../constructs/function-ground';
import { type PortfolioAccess } from '../constructs/portfolio-access';
import { PortfolioCache } from '../constructs/portfolio-cache';
import { PortfolioDatabase } from '../constructs/portfolio-database';
import { PlatformTables } from '../constructs/platform-tables';
import { type LedgerGroups, type PortfolioGroups } from '../constructs/security-groups';
import { PlatformStack, type PlatformStackProps } from '../platform-stack';

export interface DataStackProps extends PlatformStackProps {
  readonly vpc: IVpc;
  readonly ledgerGroups: LedgerGroups;
  readonly portfolioGroups: PortfolioGroups;
}

/** Everything that remembers: the tables, the ledger, the portfolios with their cache, their key and their backups. */
export class DataStack extends PlatformStack {
  readonly key: IKey;
  readonly tables: Tables;
  readonly ledger: LedgerAccess;
  readonly portfolio: PortfolioAccess;
  readonly cache: CacheAccess;

  constructor(scope: Construct, props: DataStackProps) {
    super(scope, 'Data', 'tables, databases, the cache, their key and their backups', props);
    const { config, region, vpc, ledgerGroups, portfolioGroups } = props;

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
    const portfolios = { config, key: this.key, vpc, groups: portfolioGroups };
    const portfolio = new PortfolioDatabase(this, 'Portfolio', portfolios);
    this.portfolio = portfolio.access;
    const cache = new PortfolioCache(this, 'Cache', portfolios);
    this.cache = cache.access;

    if (config.backup.enabled)
      new Backup(this, 'Backup', {
        config,
        key: this.key,
        tables: all.map(({ table }) => table),
        clusters: [cluster],
        instances: [portfolio.instance],
      });

    this.state('DataKeyArn', this.key.keyArn, 'Key of tables, databases, their secrets and backups');
    for (const { definition, table, outputId } of all) this.state(outputId, table.tableName, definition.holds);
    this.state('AuroraWriterEndpoint', cluster.clusterEndpoint.hostname, "The ledger's writer");
    this.state('AuroraReaderEndpoint', cluster.clusterReadEndpoint.hostname, "The ledger's readers");
    this.state('LedgerWriterHost', access.writerHost, 'Where functions reach the ledger');
    this.state('LedgerReaderHost', access.readerHost, 'Where functions read the ledger');
    this.state('LedgerSecretArn', access.secretArn, "The ledger's user and password");
    this.state('PortfolioEndpoint', this.portfolio.host, 'The database of the portfolios');
    this.state('PortfolioIdentifier', portfolio.instance.instanceIdentifier, 'The database of the portfolios, for RDS');
    this.state('PortfolioSecretArn', this.portfolio.secretArn, "The portfolio database's user and password");
    this.state('CacheEndpoint', this.cache.host, 'The cache of the portfolio service');
    this.state('CacheName', cache.name, 'The cache of the portfolio service, for ElastiCache');
    this.state('CacheSecretArn', this.cache.secretArn, "The cache's user and password");
  }
}
