import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type Kysely, sql } from 'kysely';
import { Client } from 'pg';
import { clientConfigOf, connectPostgres, type PostgresConnection } from '../lambda/adapters/ledger/connect-postgres';
import { migratePortfolios } from '../lambda/adapters/portfolio/migrations/migrate';
import type { PortfolioStore } from '../lambda/adapters/portfolio/portfolios';
import type { PortfolioTables } from '../lambda/adapters/portfolio/schema';
import { createSqlPortfolios, type SqlPortfoliosPorts } from '../lambda/adapters/portfolio/sql-portfolios';
import { startPostgres } from '../local/host/engine/postgres';

export type PortfolioDb = Kysely<PortfolioTables>;

/** A PostgreSQL for a suite, with a database of the portfolios in it; the server goes with all that is in it. */
export interface TestPortfolios {
  readonly connection: PostgresConnection;
  readonly db: PortfolioDb;
  readonly store: PortfolioStore;
  /** The store with ports of one's own: a leadership that hurries, a pool that fails. */
  storeWith(ports: Partial<SqlPortfoliosPorts>): PortfolioStore;
  /** A new database with nothing in it, and a way to connect to it as often as one likes. */
  emptyDatabase(): Promise<() => PortfolioDb>;
  stop(): Promise<void>;
}

const sleep = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

/**
 * On a PostgreSQL in a temporary folder, or at PORTFOLIO_POSTGRES_URL where that is set (npm run test:engines), over
 * PORTFOLIO_CONNECTIONS connections.
 */
export async function startPortfolios(): Promise<TestPortfolios> {
  const { PORTFOLIO_POSTGRES_URL, PORTFOLIO_CONNECTIONS = '20' } = process.env;
  const server =
    PORTFOLIO_POSTGRES_URL === undefined
      ? await ownServer()
      : { at: serverAt(PORTFOLIO_POSTGRES_URL), stop: async () => undefined };
  const open: PortfolioDb[] = [];
  const system = connectPostgres<PortfolioTables>({ ...server.at, connections: 1 });

  const connectionTo = (database: string): PostgresConnection => ({
    ...server.at,
    database,
    connections: Number(PORTFOLIO_CONNECTIONS),
  });
  const connect = (database: string): PortfolioDb => {
    const db = connectPostgres<PortfolioTables>(connectionTo(database));
    open.push(db);
    return db;
  };
  const newDatabase = async (): Promise<string> => {
    const name = `signal9_test_${randomBytes(6).toString('hex')}`;
    await sql`create database ${sql.id(name)}`.execute(system);
    return name;
  };
  const database = await newDatabase();
  const connection = connectionTo(database);
  const db = connect(database);
  await migratePortfolios(db);
  const storeWith = (ports: Partial<SqlPortfoliosPorts>): PortfolioStore =>
    createSqlPortfolios({
      db,
      random: Math.random,
      sleep,
      leadership: { client: async () => new Client(await clientConfigOf(connection)), retryMs: 20, checkMs: 20 },
      ...ports,
    });
  return {
    connection,
    db,
    store: storeWith({}),
    storeWith,
    emptyDatabase: async () => {
      const name = await newDatabase();
      return () => connect(name);
    },
    async stop() {
      await Promise.all(open.map((one) => one.destroy()));
      await system.destroy();
      await server.stop();
    },
  };
}

async function ownServer() {
  const folder = mkdtempSync(path.join(os.tmpdir(), 's9-portfolios-'));
  const server = await startPostgres({ folder, durable: false, maxConnections: 100 });
  return {
    at: server.connection,
    stop: async () => {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function serverAt(address: string) {
  const url = new URL(address);
  return {
    host: url.hostname,
    port: Number(url.port),
    database: url.pathname.slice(1),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
  };
}
