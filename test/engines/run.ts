import { type ChildProcess, execFileSync, type ExecFileSyncOptions, spawn, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { startPostgres } from '../../local/host/engine/postgres';

/**
 * The stores' suites once more on other servers than `npm test` has, in one run of jest: the ledger's on MySQL's side of its
 * dialect, at MYSQL_URL where that is set, else on a MariaDB or MySQL server of this machine; the portfolios' on a PostgreSQL
 * over TCP with twenty connections; the cache's on a Redis server with TLS. What is started is stopped again.
 */
const PORTFOLIO_CONNECTIONS = 20;
const FOLDERS = [...(process.env.PATH ?? '').split(path.delimiter), '/usr/sbin', '/usr/local/sbin', '/usr/libexec'];
const START_TIMEOUT_MS = 60_000;

class CannotRun extends Error {}

interface Server {
  readonly url: string;
  stop(): Promise<void>;
}

const program = (...names: readonly string[]): string | undefined =>
  names.flatMap((name) => FOLDERS.map((folder) => path.join(folder, name))).find((file) => existsSync(file));

async function main(): Promise<number> {
  if (program('redis-server') === undefined)
    throw new CannotRun('No redis-server found. Install one (Debian: apt-get install redis-server)');
  const { MYSQL_URL } = process.env;
  const mysql = MYSQL_URL ? { url: MYSQL_URL, stop: () => Promise.resolve() } : await start();
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

async function start(): Promise<Server> {
  const binary = program('mariadbd', 'mysqld');
  if (binary === undefined) {
    throw new CannotRun(
      'No MariaDB or MySQL server found (mariadbd, mysqld). Install one (Debian: apt-get install mariadb-server-core mariadb-client-core), ' +
        'or name a running one: MYSQL_URL=mysql://user:password@host:3306',
    );
  }
  const version = execFileSync(binary, ['--version'], { encoding: 'utf8' }).trim();
  process.stdout.write(`${version}\n`);

  // In /tmp: a socket's path has room for about a hundred bytes.
  const folder = mkdtempSync(path.join(os.platform() === 'win32' ? os.tmpdir() : '/tmp', 's9-mysql-'));
  const log = path.join(folder, 'server.log');
  const owner = account(folder);
  const data = path.join(folder, 'data');
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    initialise(binary, version, data, owner);
  } catch (error) {
    remove();
    throw error;
  }

  const socket = path.join(folder, 'sql');
  const server = spawn(
    binary,
    [
      '--no-defaults',
      ...owner,
      `--datadir=${data}`,
      `--socket=${socket}`,
      `--pid-file=${path.join(folder, 'pid')}`,
      `--log-error=${log}`,
      '--skip-networking',
      '--max-connections=200',
      '--innodb-buffer-pool-size=64M',
    ],
    { stdio: 'ignore' },
  );
  const stop = async () => {
    if (server.exitCode === null) {
      server.kill('SIGTERM');
      await ended(server);
    }
    remove();
  };
  try {
    await answering(socket, server, log);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: `mysql://root@localhost/?socketPath=${encodeURIComponent(socket)}`, stop };
}

/** The options that name who the server runs as: neither MariaDB nor MySQL runs as root unasked. */
function account(folder: string): readonly string[] {
  if (process.getuid?.() !== 0) return [];
  const { status, stdout } = spawnSync('id', ['-u', 'mysql'], { encoding: 'utf8' });
  if (status !== 0) return ['--user=root'];
  chmodSync(folder, 0o755);
  chownSync(folder, Number(stdout), Number(execFileSync('id', ['-g', 'mysql'], { encoding: 'utf8' })));
  return ['--user=mysql'];
}

function initialise(binary: string, version: string, data: string, owner: readonly string[]): void {
  const quietly = { stdio: ['ignore', 'ignore', 'pipe'] } satisfies ExecFileSyncOptions;
  if (!version.includes('MariaDB')) {
    execFileSync(binary, ['--no-defaults', ...owner, '--initialize-insecure', `--datadir=${data}`], quietly);
    return;
  }
  const installer = program('mariadb-install-db', 'mysql_install_db');
  if (installer === undefined || program('my_print_defaults') === undefined) {
    throw new CannotRun(
      'mariadb-install-db or my_print_defaults is missing (Debian: apt-get install mariadb-client-core)',
    );
  }
  const options = ['--auth-root-authentication-method=normal', '--skip-test-db', '--skip-name-resolve'];
  execFileSync(installer, ['--no-defaults', ...owner, `--datadir=${data}`, ...options], quietly);
}

async function answering(socket: string, server: ChildProcess, log: string): Promise<void> {
  const until = Date.now() + START_TIMEOUT_MS;
  while (!(await answers(socket))) {
    if (server.exitCode !== null || Date.now() > until) {
      const said = existsSync(log) ? readFileSync(log, 'utf8').split('\n').slice(-15).join('\n') : '';
      throw new CannotRun(`the server did not start:\n${said}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const answers = (socket: string): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = net.connect(socket);
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', () => resolve(false));
  });

const ended = (server: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    server.once('exit', () => resolve());
  });

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`test:engines: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  },
);
