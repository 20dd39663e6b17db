import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { helpAsked } from '../../local/help';
import { startPostgres } from '../../local/host/engine/postgres';
import { CannotRun, program, startMariadb } from './mariadb';

/**
 * The stores' suites once more on other servers than `npm test` has, in one run of jest: the ledger's on MySQL's side of its
 * dialect, at MYSQL_URL where that is set, else on a MariaDB or MySQL server of this machine; the portfolios' on a PostgreSQL
 * over TCP with twenty connections; the cache's on a Redis server with TLS. What is started is stopped again.
 */
const PORTFOLIO_CONNECTIONS = 20;

interface Server {
  readonly url: string;
  stop(): Promise<void>;
}

async function main(): Promise<number> {
  if (helpAsked('usage: npm run test:engines -- [options of jest]   needs redis-server, and mariadbd or MYSQL_URL'))
    return 0;
  if (program('redis-server') === undefined)
    throw new CannotRun('No redis-server found. Install one (Debian: apt-get install redis-server)');
  const { MYSQL_URL } = process.env;
  const mysql = MYSQL_URL ? { url: MYSQL_URL, stop: () => Promise.resolve() } : await startMysql();
  try {
    const postgres = await startTcpPostgres();
    try {
      return suites({ LEDGER_ENGINE: 'mysql', MYSQL_URL: mysql.url, PORTFOLIO_POSTGRES_URL: postgres.url });
    } finally {
      await postgres.stop();
    }
  } finally {
    await mysql.stop();
  }
}

async function startMysql(): Promise<Server> {
  const { socketPath, version, stop } = await startMariadb();
  process.stdout.write(`${version}\n`);
  return { url: `mysql://root@localhost/?socketPath=${encodeURIComponent(socketPath)}`, stop };
}

async function startTcpPostgres(): Promise<Server> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 's9-pg-'));
  const server = await startPostgres({ folder, durable: false, maxConnections: 200, overTcp: true });
  const { host, port, database, user, password } = server.connection;
  process.stdout.write(`PostgreSQL at ${host}:${port}, ${PORTFOLIO_CONNECTIONS} connections\n`);
  return {
    url: `postgres://${user}:${encodeURIComponent(password)}@${host}:${port}/${database}`,
    async stop() {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** @returns jest's exit code */
function suites(environment: Readonly<Record<string, string>>): number {
  const jest = path.join(path.dirname(require.resolve('jest/package.json')), 'bin', 'jest.js');
  // What is given behind `npm run test:engines --` goes to jest: --json, say.
  // One suite after the other: they share a server, whose list of waiting transactions is older the more look at it.
  const config = path.join(__dirname, 'jest.config.js');
  const args = [jest, '--config', config, '--runInBand', ...process.argv.slice(2)];
  const { status } = spawnSync(process.execPath, args, {
    stdio: 'inherit',
    env: { ...process.env, PORTFOLIO_CONNECTIONS: String(PORTFOLIO_CONNECTIONS), ...environment },
  });
  return status ?? 1;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`test:engines: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  },
);
