import { type IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { type Config } from '../config';
import { constructId } from '../construct-id';
import { names } from '../names';
import { EncryptedLogGroup } from './log-group';

/** What Aurora MySQL can export, all of it. */
export const EXPORTED_LOGS = ['audit', 'error', 'general', 'slowquery'] as const;

export interface LedgerLogsProps {
  readonly config: Config;
  /** Must let CloudWatch Logs use it. */
  readonly key: IKey;
}

/**
 * The log groups of the cluster, and of its proxy where there is one, by the names that RDS demands. We make them, so that they have our key
 * and a retention from the first line on; CDK's `cloudwatchLogsRetention` would send a function after them, and no key.
 */
export class LedgerLogs extends Construct {
  constructor(scope: Construct, id: string, props: LedgerLogsProps) {
    super(scope, id);
    const { config, key } = props;
    const ledger = names.ledger(config.env);
    for (const log of EXPORTED_LOGS)
      new EncryptedLogGroup(this, constructId(log), { config, key, name: `/aws/rds/cluster/${ledger}/${log}` });
    if (config.ledger.proxy) new EncryptedLogGroup(this, 'Proxy', { config, key, name: `/aws/rds/proxy/${ledger}` });
  }
}

const flag = (on: boolean): string => (on ? '1' : '0');

/** Seconds after which a connection that nobody uses is ended, where no proxy does that; Aurora heeds the least of both. */
const IDLE = '300';

/**
 * The cluster's parameters: TLS or nothing, what the exported logs say, and for how long one caller may hold up others. The audit log tells who connected and who
 * changed tables or rights; every statement with its values is the general log's, which the configuration switches.
 */
export const ledgerParameters = ({ ledger }: Config): Record<string, string> => ({
  require_secure_transport: 'ON',
  tls_version: 'TLSv1.2,TLSv1.3',
  server_audit_logging: flag(true),
  server_audit_events: 'CONNECT,QUERY_DCL,QUERY_DDL',
  slow_query_log: flag(true),
  long_query_time: '1',
  general_log: flag(ledger.generalLog),
  // Who waits for a lock longer than a caller of the API would has lost it, and tries again (seconds; 50 by default).
  innodb_lock_wait_timeout: '8',
  // A deadlock is tried again and forgotten by the caller; the error log keeps who met whom.
  innodb_print_all_deadlocks: flag(true),
  // A frozen function keeps its connection, and one that Lambda has ended may not have closed it: while one is open the
  // ledger does not pause. By default it is ended after eight hours.
  ...(!ledger.proxy && { wait_timeout: IDLE, interactive_timeout: IDLE }),
});
