import type { PostgresAddress } from '../../../local/host/engine/postgres';
import { connectPostgres } from '../../../lambda/adapters/ledger/connect-postgres';
import { errorFields } from '../../../lambda/adapters/log-fields';
import { leadershipOn } from '../../../lambda/adapters/portfolio/from-environment';
import type { PortfolioStore } from '../../../lambda/adapters/portfolio/portfolios';
import type { PortfolioTables } from '../../../lambda/adapters/portfolio/schema';
import { createSqlPortfolios } from '../../../lambda/adapters/portfolio/sql-portfolios';
import type { Log } from '../../../lambda/adapters/ports';

/** What a program of the test is started with, as JSON. */
export interface Settings {
  /** When the run began, epoch milliseconds. */
  readonly began: number;
  readonly database: PostgresAddress;
  readonly cache: {
    readonly host: string;
    readonly port: number;
    readonly ca: string;
    readonly username: string;
    readonly password: string;
  };
  readonly alpacaUrl: string;
  /** Where it listens; the recorder does not. */
  readonly port: number;
  /** Appended to: what it published and when it led, a JSON a line. */
  readonly events: string;
  /** JSON array: portfolios that somebody watches. */
  readonly watched: string;
  /** Signs the tokens. */
  readonly key: string;
}

export const settingsOf = (): Settings => JSON.parse(process.argv[2] ?? '') as Settings;

export const sleep = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

/** Looked at more often than in AWS, by the machine's time, so that a hand-over fits into the run. */
const LOOK_MS = 1_000;

/** The store as it is in AWS, but for the connection's TLS and its secret. */
export function storeOf({ database }: Settings, log: Log): PortfolioStore {
  const onError = (error: unknown) => log.warn("a connection to the portfolios' database ended", errorFields(error));
  const connection = { ...database, connections: 8, onError };
  return createSqlPortfolios({
    db: connectPostgres<PortfolioTables>(connection),
    random: Math.random,
    sleep,
    leadership: { ...leadershipOn(connection, { log }), retryMs: LOOK_MS, checkMs: LOOK_MS },
  });
}

/** Says to the one who started it that it can be used, and ends with them. */
export function ready(): void {
  process.once('disconnect', () => process.exit(0));
  process.send?.({ kind: 'ready' });
}
