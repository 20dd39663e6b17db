import { type IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { type Config } from '../config';
import { constructId } from '../construct-id';
import { names } from '../names';
import { EncryptedLogGroup } from './log-group';

/** What RDS for PostgreSQL can export, all of it. */
export const EXPORTED_LOGS = ['postgresql', 'upgrade'] as const;

export interface PortfolioLogsProps {
  readonly config: Config;
  /** Must let CloudWatch Logs use it. */
  readonly key: IKey;
}

/** The log groups of the portfolios' database, by the names that RDS demands and for the reasons of the ledger's. */
export class PortfolioLogs extends Construct {
  constructor(scope: Construct, id: string, props: PortfolioLogsProps) {
    super(scope, id);
    const { config, key } = props;
    for (const log of EXPORTED_LOGS)
      new EncryptedLogGroup(this, constructId(log), {
        config,
        key,
        name: `/aws/rds/instance/${names.portfolio(config.env)}/${log}`,
      });
  }
}

/**
 * The database's parameters: TLS or nothing, what the log says, and for how long one caller may hold up others. Statements
 * are logged when they are slow or change tables, and without their values, which are people's money.
 */
export const portfolioParameters = ({ portfolio }: Config): Record<string, string> => ({
  'rds.force_ssl': '1',
  ssl_min_protocol_version: 'TLSv1.2',
  max_connections: String(portfolio.database.maxConnections),
  log_connections: '1',
  log_disconnections: '1',
  log_statement: 'ddl',
  // Milliseconds.
  log_min_duration_statement: '1000',
  log_parameter_max_length: '0',
  log_parameter_max_length_on_error: '0',
  log_lock_waits: '1',
  // Kilobytes: what did not fit into memory.
  log_temp_files: '10240',
  // Milliseconds: a caller that died inside a transaction keeps its locks no longer than this.
  idle_in_transaction_session_timeout: '60000',
});
