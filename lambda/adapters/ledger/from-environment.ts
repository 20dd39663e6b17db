import { getSecret } from '@aws-lambda-powertools/parameters/secrets';
import * as z from 'zod/mini';
import type { Aws } from '../aws';
import { connectMysql, type MysqlCredentials } from './connect-mysql';
import { mysql } from './dialect';
import type { Ledger } from './ledger';
import { createSqlLedger } from './sql-ledger';

/** A rotated password is picked up within this time, and at once where the old one is refused. */
const SECRET_MAX_AGE_SECONDS = 300;

const secret = z.object({ username: z.string(), password: z.string() });

/** The secret as RDS writes it. @throws Error naming the secret and what it lacks */
async function credentialsOf(arn: string, fresh: boolean): Promise<MysqlCredentials> {
  const parsed = secret.safeParse(
    await getSecret(arn, { maxAge: SECRET_MAX_AGE_SECONDS, forceFetch: fresh, transform: 'json' }),
  );
  if (!parsed.success) throw new Error(`secret ${arn} lacks ${parsed.error.issues[0]?.path.join('.') ?? 'its fields'}`);
  return { user: parsed.data.username, password: parsed.data.password };
}

/** The environment of a function that reads or writes the ledger (contract/functions.ts). */
export interface LedgerEnvironment {
  readonly LEDGER_SECRET_ARN: string;
  readonly LEDGER_WRITER_HOST: string;
  readonly LEDGER_READER_HOST: string;
  readonly LEDGER_PORT: number;
  readonly LEDGER_DATABASE: string;
}

/** Kysely over one of the proxy's endpoints; also for the function that migrates. */
export const ledgerDatabaseOf = (
  environment: LedgerEnvironment,
  { log }: Pick<Aws, 'log'>,
  role: 'writer' | 'reader' = 'writer',
  /** A migration's statements take longer than a request's. */
  { queryTimeoutMs }: { readonly queryTimeoutMs?: number } = {},
) =>
  connectMysql({
    at: {
      host: role === 'writer' ? environment.LEDGER_WRITER_HOST : environment.LEDGER_READER_HOST,
      port: environment.LEDGER_PORT,
    },
    database: environment.LEDGER_DATABASE,
    credentials: ({ fresh }) => credentialsOf(environment.LEDGER_SECRET_ARN, fresh),
    tls: 'verified',
    ...(queryTimeoutMs !== undefined && { queryTimeoutMs }),
    onError: ({ name, message }) =>
      log.warn('a connection to the ledger ended', { error_name: name, error_message: message }),
  });

/** The ledger behind RDS Proxy. Connects at the first query. */
export const ledgerOf = (environment: LedgerEnvironment, aws: Pick<Aws, 'log' | 'random' | 'sleep'>): Ledger =>
  createSqlLedger({
    dialect: mysql,
    writer: ledgerDatabaseOf(environment, aws, 'writer'),
    reader: ledgerDatabaseOf(environment, aws, 'reader'),
    random: aws.random,
    sleep: aws.sleep,
  });
