import { getSecret } from '@aws-lambda-powertools/parameters/secrets';
import * as z from 'zod/mini';
import type { Aws } from '../aws';
import { databaseAuthorities } from '../database-authorities';
import { announcedLedger, type LedgerActivity, ledgerActivity } from './activity';
import { restingMysql, type MysqlCredentials } from './connect-mysql';
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
  readonly LEDGER_PAUSES: 'true' | 'false';
}

/**
 * How long a connection is waited for where the ledger pauses. AWS: about 15 seconds, and 30 or more after a day of sleep
 * (https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-serverless-v2-auto-pause.html). More than 20 does
 * not go into the 29 seconds that API Gateway waits for an answer; who is the first after a day asks twice.
 */
const RESUME_MS = 20_000;

const isPausing = ({ LEDGER_PAUSES }: Pick<LedgerEnvironment, 'LEDGER_PAUSES'>): boolean => LEDGER_PAUSES === 'true';

/** Kysely over one of the ledger's endpoints; also for the function that migrates. */
export const ledgerDatabaseOf = (
  environment: LedgerEnvironment,
  { log, remainingMs, atEnd }: Pick<Aws, 'log' | 'remainingMs' | 'atEnd'>,
  role: 'writer' | 'reader' = 'writer',
  /** A migration's statements take longer than a request's. */
  { queryTimeoutMs }: { readonly queryTimeoutMs?: number } = {},
) => {
  const { db, rest } = restingMysql({
    at: {
      host: role === 'writer' ? environment.LEDGER_WRITER_HOST : environment.LEDGER_READER_HOST,
      port: environment.LEDGER_PORT,
    },
    database: environment.LEDGER_DATABASE,
    credentials: ({ fresh }) => credentialsOf(environment.LEDGER_SECRET_ARN, fresh),
    authorities: databaseAuthorities,
    ...(isPausing(environment) && { connectPatienceMs: RESUME_MS }),
    remainingMs,
    ...(queryTimeoutMs !== undefined && { queryTimeoutMs }),
    onError: ({ name, message }) =>
      log.warn('a connection to the ledger ended', { error_name: name, error_message: message }),
  });
  // An open connection keeps the ledger awake, and a container that Lambda freezes between two calls closes none.
  if (isPausing(environment)) atEnd(rest);
  return db;
};

/** The row that says whether the ledger has work. */
export const ledgerActivityOf = (
  environment: Pick<LedgerEnvironment, 'LEDGER_PAUSES'>,
  aws: Pick<Aws, 'documents' | 'env' | 'clock' | 'log'>,
): LedgerActivity => ledgerActivity({ ...aws, pauses: isPausing(environment) });

/** The ledger with what a job needs to know whether it has to look into it. */
export function lookingLedgerOf(
  environment: LedgerEnvironment,
  aws: Aws,
): { readonly ledger: Ledger; readonly activity: LedgerActivity } {
  const activity = ledgerActivityOf(environment, aws);
  const sql = createSqlLedger({
    dialect: mysql,
    writer: ledgerDatabaseOf(environment, aws, 'writer'),
    reader: ledgerDatabaseOf(environment, aws, 'reader'),
    random: aws.random,
    sleep: aws.sleep,
  });
  return { ledger: announcedLedger(sql, activity), activity };
}

/** The ledger in Aurora MySQL. Connects at the first query; what may leave work for the jobs is announced first. */
export const ledgerOf = (environment: LedgerEnvironment, aws: Aws): Ledger => lookingLedgerOf(environment, aws).ledger;
