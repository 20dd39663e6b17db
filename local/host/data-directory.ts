import { createHash } from 'node:crypto';
import { mkdirSync, realpathSync, rmSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { HostError } from './host-error';

/** What lies where under SIGNAL9_DATA_DIR. */
export interface DataDirectory {
  readonly root: string;
  /** `sandbox` or `live`: fictional and real data never share a database. */
  readonly mode: string;
  readonly database: string;
  /** PostgreSQL's folder: the ledger, and the portfolios beside it. */
  readonly ledger: string;
  /** What was on the bus, a file a day. */
  readonly events: string;
  /** The artifacts bucket. */
  readonly artifacts: string;
  /** The history bucket. */
  readonly history: string;
  readonly schedule: string;
  readonly bootstrap: string;
  readonly identity: string;
  readonly log: string;
  /** Where the running host is and the secret of its job door. */
  readonly host: string;
  readonly demoToken: string;
  readonly demoMachineToken: string;
  /** The engine's socket, and by being listened on the lock of the directory. */
  readonly socket: string;
}

/** A socket's path must fit into sockaddr_un: 104 bytes on macOS, 108 on Linux. */
const LONGEST_SOCKET_PATH = 100;

/** Makes the directory, for its owner only, and says where everything in it lies. */
export function openDataDirectory(dataDir: string, providers: 'sandbox' | 'live'): DataDirectory {
  try {
    mkdirSync(path.join(dataDir, providers), { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new HostError(`SIGNAL9_DATA_DIR cannot be used: ${error instanceof Error ? error.message : 'no access'}`);
  }
  return pathsOf(realpathSync(dataDir), providers);
}

export function pathsOf(root: string, providers: 'sandbox' | 'live'): DataDirectory {
  const mode = path.join(root, providers);
  return {
    root,
    mode,
    database: path.join(mode, 'dynamodb'),
    ledger: path.join(mode, 'ledger'),
    events: path.join(mode, 'events'),
    artifacts: path.join(mode, 'artifacts'),
    history: path.join(mode, 'history'),
    schedule: path.join(mode, 'schedule.json'),
    bootstrap: path.join(mode, 'bootstrap.json'),
    identity: path.join(root, 'identity'),
    log: path.join(root, 'signal9.log'),
    host: path.join(root, 'host.json'),
    demoToken: path.join(root, 'demo-token'),
    demoMachineToken: path.join(root, 'demo-machine-token'),
    socket: socketOf(root),
  };
}

function socketOf(root: string): string {
  const name = `signal9-${createHash('sha256').update(root).digest('hex').slice(0, 16)}`;
  if (process.platform === 'win32') return `\\\\.\\pipe\\${name}`;
  const inside = path.join(root, 'engine.sock');
  return inside.length <= LONGEST_SOCKET_PATH ? inside : path.join(os.tmpdir(), `${name}.sock`);
}

/**
 * Refuses a directory that another host serves, and clears what a killed one left behind.
 *
 * A socket that somebody answers on is a lock that dies with its holder, which a file with a process id is not.
 * (LevelDB has a lock of its own, but dynalite does not report that it failed: requests just hang.)
 *
 * @throws HostError when another host answers
 */
export async function refuseSecondHost({ root, socket }: DataDirectory): Promise<void> {
  if (await answers(socket)) {
    throw new HostError(
      `Another Signal9 host is running on ${root}: stop it, or set SIGNAL9_DATA_DIR to another folder`,
    );
  }
  if (process.platform !== 'win32') rmSync(socket, { force: true });
}

function answers(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = net.connect(socket);
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', () => resolve(false));
  });
}
