import { getSecret } from '@aws-lambda-powertools/parameters/secrets';
import { Client } from 'pg';
import * as z from 'zod/mini';
import type { Aws } from '../aws';
import { databaseAuthorities } from '../database-authorities';
import { clientConfigOf, connectPostgres, type PostgresConnection } from '../ledger/connect-postgres';
import { postgres } from '../ledger/dialect';
import { errorFields } from '../log-fields';
import { CHECK_TIMEOUT_MS, type LeadershipPorts } from './leadership';
import { type PortfolioStore, StoreUnavailable } from './portfolios';
import type { PortfolioTables } from './schema';
import { createSqlPortfolios } from './sql-portfolios';

/** A rotated password is picked up within this time, and at once where the old one is refused. */
const SECRET_MAX_AGE_SECONDS = 300;

/** Where the portfolios are kept (contract/functions.ts `portfolioDatabase`): of a function's environment or the service's. */
export interface PortfolioEnvironment {
  readonly PORTFOLIO_SECRET_ARN: string;
  readonly PORTFOLIO_HOST: string;
  readonly PORTFOLIO_PORT: number;
  readonly PORTFOLIO_DATABASE: string;
}

export interface PortfolioConnectionOptions {
  /** @default 2, what one invocation at a time can use */
  readonly connections?: number;
  /** A migration's statements take longer than a request's. */
  readonly statementTimeoutMs?: number;
}

const secret = z.object({ username: z.string(), password: z.string() });

/** The secret as RDS writes it. @throws StoreUnavailable where it cannot be read, or lacks something */
async function credentialsOf(arn: string, fresh: boolean): Promise<z.infer<typeof secret>> {
  try {
    const text = await getSecret(arn, { maxAge: SECRET_MAX_AGE_SECONDS, forceFetch: fresh, transform: 'json' });
    return secret.parse(text);
  } catch (error) {
    throw new StoreUnavailable(`secret ${arn} could not be read`, { cause: error });
  }
}

export const portfolioConnectionOf = (
  environment: PortfolioEnvironment,
  { log }: Pick<Aws, 'log'>,
  options: PortfolioConnectionOptions = {},
): PostgresConnection => {
  const { PORTFOLIO_SECRET_ARN: arn } = environment;
  return {
    host: environment.PORTFOLIO_HOST,
    port: environment.PORTFOLIO_PORT,
    database: environment.PORTFOLIO_DATABASE,
    user: async () => (await credentialsOf(arn, false)).username,
    password: async ({ fresh }) => (await credentialsOf(arn, fresh)).password,
    authorities: databaseAuthorities,
    connections: 2,
    onError: ({ name, message }) =>
      log.warn("a connection to the portfolios' database ended", { error_name: name, error_message: message }),
    ...options,
  };
};

export interface ClosablePortfolioStore extends PortfolioStore {
  /** Ends its connections once what is under way is done. */
  close(): Promise<void>;
}

/** The portfolios in RDS. Connects at the first query. */
export function portfolioStoreOf(
  environment: PortfolioEnvironment,
  aws: Pick<Aws, 'log' | 'random' | 'sleep'>,
  options: PortfolioConnectionOptions = {},
): ClosablePortfolioStore {
  const connection = portfolioConnectionOf(environment, aws, options);
  const db = connectPostgres<PortfolioTables>(connection);
  const { random, sleep } = aws;
  const store = createSqlPortfolios({ db, random, sleep, leadership: leadershipOn(connection, aws) });
  return { ...store, close: () => db.destroy() };
}

/** For the one process of many that leads: a connection of its own, which asks for a rotated password as the pool does. */
export function leadershipOn(connection: PostgresConnection, { log }: Pick<Aws, 'log'>): LeadershipPorts {
  let refused = false;
  return {
    client: async () => {
      const config = await clientConfigOf(connection, refused);
      return new Client({ ...config, query_timeout: CHECK_TIMEOUT_MS, keepAliveInitialDelayMillis: 10_000 });
    },
    onError: (error) => {
      refused = postgres.isAccessDenied(error);
      log.warn('something went wrong on the connection by which a leader is elected', errorFields(error));
    },
  };
}
