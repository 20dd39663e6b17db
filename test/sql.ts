import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type Kysely, sql } from 'kysely';
import { connectMysql, type MysqlConnection } from '../lambda/adapters/ledger/connect-mysql';
import { connectPostgres } from '../lambda/adapters/ledger/connect-postgres';
import { type LedgerDialect, mysql, postgres } from '../lambda/adapters/ledger/dialect';
import { migrate } from '../lambda/adapters/ledger/migrations/migrate';
import type { LedgerTables } from '../lambda/adapters/ledger/schema';
import { startPostgres } from '../local/host/engine/postgres';

export type LedgerDb = Kysely<LedgerTables>;

/** A database engine for a suite, which asks it for databases and does not know which engine it is. */
export interface TestSql {
  readonly dialect: LedgerDialect;
  /** A new database with the ledger's tables in it. */
  database(): Promise<LedgerDb>;
  /** A new database with nothing in it, and a way to connect to it as often as one likes. */
  emptyDatabase(): Promise<() => LedgerDb>;
  /** Resolves when so many transactions wait for a lock. */
  waiting(db: LedgerDb, transactions: number): Promise<void>;
  /** Ends the connections whose transactions wait for a lock. */
  endWaiting(db: LedgerDb): Promise<void>;
  /** Where the server is, for a connection of one's own; undefined on PostgreSQL. */
  readonly mysqlServer: MysqlConnection['at'] | undefined;
  stop(): Promise<void>;
}

const CONNECTIONS = 16;

/**
 * The engine that LEDGER_ENGINE names: PostgreSQL in a temporary folder by default, or with `mysql` the MySQL or MariaDB
 * at MYSQL_URL (npm run test:engines).
 */
export async function startSql(): Promise<TestSql> {
  const { LEDGER_ENGINE = 'postgres', MYSQL_URL } = process.env;
  if (LEDGER_ENGINE === 'postgres') return onPostgres();
  if (LEDGER_ENGINE !== 'mysql') throw new Error(`LEDGER_ENGINE is postgres or mysql, not ${LEDGER_ENGINE}`);
  if (MYSQL_URL === undefined) throw new Error('LEDGER_ENGINE=mysql needs MYSQL_URL, like mysql://root@127.0.0.1:3306');
  return onMysql(new URL(MYSQL_URL));
}

const newName = (): string => `signal9_test_${randomBytes(6).toString('hex')}`;

interface Server {
  readonly dialect: LedgerDialect;
  readonly connect: (database: string) => LedgerDb;
  readonly systemDatabase: string;
  /** SQL that counts the transactions waiting for a lock in the database it is asked in. */
  readonly countWaiting: string;
  readonly endWaiting: (db: LedgerDb) => Promise<void>;
  readonly mysqlServer?: MysqlConnection['at'];
  readonly end: (made: readonly string[]) => Promise<void>;
}

function engineOf({ dialect, connect, systemDatabase, countWaiting, endWaiting, mysqlServer, end }: Server): TestSql {
  const open: LedgerDb[] = [];
  const made: string[] = [];
  const emptyDatabase = async () => {
    const name = newName();
    const system = connect(systemDatabase);
    await sql`create database ${sql.id(name)}`.execute(system);
    await system.destroy();
    made.push(name);
    return () => {
      const db = connect(name);
      open.push(db);
      return db;
    };
  };
  return {
    dialect,
    mysqlServer,
    emptyDatabase,
    endWaiting,
    async database() {
      const db = (await emptyDatabase())();
      await migrate(db, dialect);
      return db;
    },
    async waiting(db, transactions) {
      for (;;) {
        // What ends the wait is the count. InnoDB counts anew only where nobody has looked for a tenth of a second, whoever
        // it was: a look at once would see who waited then.
        await new Promise((resolve) => setTimeout(resolve, 150));
        const { rows } = await sql.raw<{ n: string | number }>(countWaiting).execute(db);
        if (Number(rows[0]?.n) >= transactions) return;
      }
    },
    async stop() {
      await Promise.all(open.map((db) => db.destroy()));
      await end(made);
    },
  };
}

async function onPostgres(): Promise<TestSql> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 's9-pg-'));
  const server = await startPostgres({ folder, durable: false, maxConnections: 100 });
  return engineOf({
    dialect: postgres,
    connect: (database) => connectPostgres({ ...server.connection, database, connections: CONNECTIONS }),
    systemDatabase: 'postgres',
    countWaiting: `select count(*) as n from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`,
    endWaiting: async (db) => {
      await sql`select pg_terminate_backend(pid) from pg_stat_activity
        where wait_event_type = 'Lock' and datname = current_database()`.execute(db);
    },
    end: async () => {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  });
}

/** Of this database only: suites run side by side on one server. */
const WAITING = `from information_schema.innodb_trx as waiting
  join information_schema.processlist as connection on connection.id = waiting.trx_mysql_thread_id
  where waiting.trx_state = 'LOCK WAIT' and connection.db = database()`;

function onMysql(url: URL): TestSql {
  const socketPath = url.searchParams.get('socketPath');
  const at = socketPath === null ? { host: url.hostname, port: Number(url.port || 3306) } : { socketPath };
  const connect = (database: string): LedgerDb =>
    connectMysql({
      at,
      database,
      credentials: async () => ({ user: decodeURIComponent(url.username), password: decodeURIComponent(url.password) }),
      connections: CONNECTIONS,
    });
  return engineOf({
    dialect: mysql,
    connect,
    systemDatabase: 'information_schema',
    countWaiting: `select count(*) as n ${WAITING}`,
    endWaiting: async (db) => {
      const { rows } = await sql.raw<{ id: string }>(`select connection.id as id ${WAITING}`).execute(db);
      for (const { id } of rows) await sql`kill ${sql.lit(Number(id))}`.execute(db);
    },
    mysqlServer: at,
    end: async (made) => {
      const system = connect('information_schema');
      for (const name of made) await sql`drop database ${sql.id(name)}`.execute(system);
      await system.destroy();
    },
  });
}
