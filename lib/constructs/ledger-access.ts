import { type OwnEnvironment } from './platform-function';
import { type SecretAccess } from './secret-access';

/** MySQL's own port, which every client, tool and rule of the network knows. */
export const LEDGER_PORT = 3306;
export const LEDGER_DATABASE = 'ledger';

/** All that a stack to the right of Data has of the ledger: where it answers and where its password lies. Names only. */
export interface LedgerAccess extends SecretAccess {
  /** The endpoint that reaches the writer: the proxy's, or the cluster's where there is no proxy. */
  readonly writerHost: string;
  /** The endpoint that reaches the readers, likewise; the writer's where there is no reader. */
  readonly readerHost: string;
  /** Whether it pauses when nobody asks it (`ledger.minAcu` of 0). */
  readonly pauses: boolean;
}

/** What a function is told of the ledger. */
export const ledgerEnvironment = (access: LedgerAccess): OwnEnvironment<'order-expiry'> => ({
  LEDGER_SECRET_ARN: access.secretArn,
  LEDGER_WRITER_HOST: access.writerHost,
  LEDGER_READER_HOST: access.readerHost,
  LEDGER_PORT: String(LEDGER_PORT),
  LEDGER_DATABASE,
  LEDGER_PAUSES: access.pauses ? 'true' : 'false',
});
