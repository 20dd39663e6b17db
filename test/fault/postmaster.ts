import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** PostgreSQL as it lies in a data directory, found by its files alone. */
export interface Cluster {
  readonly data: string;
  readonly host: string;
  readonly port: number;
  readonly password: string;
}

/** Where the host runs as root and the folder is closed to PostgreSQL's account, the cluster lies elsewhere. */
function homeOf(dataDir: string): string {
  const folder = path.join(dataDir, 'sandbox', 'ledger');
  const pointer = path.join(folder, 'cluster');
  return existsSync(pointer) ? readFileSync(pointer, 'utf8').trim() : folder;
}

export function clusterOf(dataDir: string): Cluster {
  const data = path.join(homeOf(dataDir), 'data');
  const settings = readFileSync(path.join(data, 'postgresql.auto.conf'), 'utf8');
  const setting = (name: string) => new RegExp(`^${name} = '(.*)'$`, 'm').exec(settings)?.[1] ?? '';
  return {
    data,
    host: setting('unix_socket_directories') || '127.0.0.1',
    port: Number(setting('port')),
    password: readFileSync(path.join(dataDir, 'sandbox', 'ledger', 'password'), 'utf8').trim(),
  };
}

/** The postmaster's process id, by its own note; undefined where it does not run. */
export function postmasterOf(dataDir: string): number | undefined {
  const note = path.join(homeOf(dataDir), 'data', 'postmaster.pid');
  if (!existsSync(note)) return undefined;
  const pid = Number(readFileSync(note, 'utf8').split('\n')[0]);
  return Number.isInteger(pid) && pid > 1 && isPostgres(pid) ? pid : undefined;
}

/** The note may outlive its writer, whose number then may be anybody's. */
function isPostgres(pid: number): boolean {
  if (process.platform !== 'linux') return true;
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('postgres');
  } catch {
    return false;
  }
}
