import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { HostError } from '../host-error';

/** Who the server runs as, where that is not who runs the host. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

const execute = promisify(execFile);
const NAME = 'postgres';
/** Where a cluster goes that its server could not reach where it belongs. */
const ELSEWHERE = '/var/lib/signal9';

/**
 * PostgreSQL refuses to run as root: there it runs as the system's account `postgres`, which is made where it is missing.
 * @returns null where the host does not run as root
 */
export async function serverAccount(): Promise<Account | null> {
  if (process.getuid?.() !== 0) return null;
  const known = await idsOf();
  if (known) return known;
  try {
    await execute('groupadd', ['--system', '--force', NAME]);
    await execute('useradd', ['--system', '--gid', NAME, '--no-create-home', '--shell', '/usr/sbin/nologin', NAME]);
  } catch (error) {
    // Another host on this machine may have made it meanwhile.
    if (!(await idsOf())) {
      throw new HostError(
        'PostgreSQL does not run as root, and the account postgres could not be made: run Signal9 as another user ' +
          `(${error instanceof Error ? error.message.split('\n')[0] : 'useradd failed'})`,
      );
    }
  }
  const made = await idsOf();
  if (!made) throw new HostError('PostgreSQL does not run as root: run Signal9 as another user');
  return made;
}

async function idsOf(): Promise<Account | null> {
  try {
    const [uid, gid] = await Promise.all(['-u', '-g'].map(async (flag) => (await execute('id', [flag, NAME])).stdout));
    return { uid: Number(uid), gid: Number(gid) };
  } catch {
    return null;
  }
}

/** Hands a file or folder to the server's account. */
export function give(file: string, account: Account | null): void {
  if (account) chownSync(file, account.uid, account.gid);
}

/**
 * A folder for the cluster that the server's account can reach: `folder`, whose parents up to `within` are opened for that
 * account's group to pass through. Folders above are not ours to open. Where one of them is closed (/root, say) the cluster
 * lies under /var/lib/signal9, and `folder` remembers where.
 */
export function enterable(folder: string, within: string, account: Account | null): string {
  if (!account) return folder;
  const pointer = path.join(folder, 'cluster');
  if (existsSync(pointer)) return opened(readFileSync(pointer, 'utf8').trim(), account);
  for (const parent of parentsOf(folder, within)) {
    if (!passes(parent, account)) {
      chownSync(parent, statSync(parent).uid, account.gid);
      chmodSync(parent, statSync(parent).mode | 0o010);
    }
  }
  if (parentsOf(within, path.parse(within).root).every((parent) => passes(parent, account)))
    return opened(folder, account);
  const elsewhere = path.join(elsewhereFolder(), randomBytes(8).toString('hex'));
  opened(elsewhere, account);
  writeFileSync(pointer, `${elsewhere}\n`, { mode: 0o600 });
  return elsewhere;
}

/**
 * The programs where the server's account can run them: where they are installed, or a copy where that is closed to it.
 * @param version of the programs: another one is another copy
 */
export function runnable(native: string, version: string, account: Account | null): string {
  if (!account || parentsOf(native, path.parse(native).root).every((parent) => passes(parent, account))) return native;
  const copy = path.join(elsewhereFolder(), `postgres-${version}`);
  if (existsSync(copy)) return copy;
  const unfinished = `${copy}.${randomBytes(4).toString('hex')}`;
  cpSync(native, unfinished, { recursive: true, verbatimSymlinks: true });
  renameSync(unfinished, copy);
  return copy;
}

function elsewhereFolder(): string {
  mkdirSync(ELSEWHERE, { recursive: true });
  chmodSync(ELSEWHERE, 0o755);
  return ELSEWHERE;
}

function opened(folder: string, account: Account): string {
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  // pg_ctl opens the log in it as the server's account. What is in it already, the password, stays its owner's.
  chownSync(folder, account.uid, account.gid);
  chmodSync(folder, 0o700);
  return folder;
}

/** The folders above `folder`, up to and with `top`. */
function parentsOf(folder: string, top: string): string[] {
  const parents: string[] = [];
  for (let at = folder; at !== top && at !== path.dirname(at);) {
    at = path.dirname(at);
    parents.push(at);
  }
  return parents;
}

function passes(folder: string, { uid, gid }: Account): boolean {
  const { mode, uid: owner, gid: group } = statSync(folder);
  if (owner === uid) return (mode & 0o100) !== 0;
  if (group === gid) return (mode & 0o010) !== 0;
  return (mode & 0o001) !== 0;
}
