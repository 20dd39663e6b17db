import { type ChildProcess, execFileSync, type ExecFileSyncOptions, spawn, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';

/** What is missing on this machine, and how it is had. */
export class CannotRun extends Error {}

export interface Mariadb {
  /** For its administrator, who needs no password there. */
  readonly socketPath: string;
  /** `mariadbd  Ver 10.11…` */
  readonly version: string;
  readonly stop: () => Promise<void>;
}

export interface MariadbProps {
  /** On this port of this machine too, and there over TLS only. @default on a socket alone */
  readonly tcp?: { readonly port: number; readonly certificate: string; readonly key: string };
}

const FOLDERS = [...(process.env.PATH ?? '').split(path.delimiter), '/usr/sbin', '/usr/local/sbin', '/usr/libexec'];
const START_TIMEOUT_MS = 60_000;

/** Where a program of this machine lies. */
export const program = (...names: readonly string[]): string | undefined =>
  names.flatMap((name) => FOLDERS.map((folder) => path.join(folder, name))).find((file) => existsSync(file));

/**
 * A new, empty MariaDB (or MySQL) server; what it held is gone with it.
 * @throws CannotRun where none is installed, or it does not start
 */
export async function startMariadb({ tcp }: MariadbProps = {}): Promise<Mariadb> {
  const binary = program('mariadbd', 'mysqld');
  if (binary === undefined) {
    throw new CannotRun(
      'No MariaDB or MySQL server found (mariadbd, mysqld). Install one (Debian: apt-get install mariadb-server-core mariadb-client-core)',
    );
  }
  const version = execFileSync(binary, ['--version'], { encoding: 'utf8' }).trim();
  // In /tmp: a socket's path has room for about a hundred bytes.
  const folder = mkdtempSync(path.join(os.platform() === 'win32' ? os.tmpdir() : '/tmp', 's9-mysql-'));
  const log = path.join(folder, 'server.log');
  const owner = account(folder);
  const data = path.join(folder, 'data');
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    initialise(binary, version, data, owner.options);
  } catch (error) {
    remove();
    throw error;
  }

  const socketPath = path.join(folder, 'sql');
  const server = spawn(
    binary,
    [
      '--no-defaults',
      ...owner.options,
      `--datadir=${data}`,
      `--socket=${socketPath}`,
      `--pid-file=${path.join(folder, 'pid')}`,
      `--log-error=${log}`,
      ...(tcp ? listening(tcp, folder, owner) : ['--skip-networking']),
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
    await answering(socketPath, server, log);
  } catch (error) {
    await stop();
    throw error;
  }
  return { socketPath, version, stop };
}

interface Owner {
  /** How the server is told. */
  readonly options: readonly string[];
  /** Gives a file to them. */
  readonly give: (file: string) => void;
}

/** Who the server runs as: neither MariaDB nor MySQL runs as root unasked. */
function account(folder: string): Owner {
  if (process.getuid?.() !== 0) return { options: [], give: () => undefined };
  const { status, stdout } = spawnSync('id', ['-u', 'mysql'], { encoding: 'utf8' });
  if (status !== 0) return { options: ['--user=root'], give: () => undefined };
  const [uid, gid] = [Number(stdout), Number(execFileSync('id', ['-g', 'mysql'], { encoding: 'utf8' }))];
  const give = (file: string) => chownSync(file, uid, gid);
  chmodSync(folder, 0o755);
  give(folder);
  return { options: ['--user=mysql'], give };
}

function listening(tcp: NonNullable<MariadbProps['tcp']>, folder: string, { give }: Owner): readonly string[] {
  const own = (file: string): string => {
    const copy = path.join(folder, path.basename(file));
    copyFileSync(file, copy);
    chmodSync(copy, 0o600);
    give(copy);
    return copy;
  };
  const tls = [`--ssl-cert=${own(tcp.certificate)}`, `--ssl-key=${own(tcp.key)}`, '--require-secure-transport=ON'];
  return ['--bind-address=127.0.0.1', `--port=${tcp.port}`, '--skip-name-resolve', ...tls];
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
