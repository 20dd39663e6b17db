import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { HostError } from '../host-error';
import type { Account } from './postgres-account';
import { type Binaries, run } from './postgres-binaries';

/**
 * Ends a server that a killed host left behind on this data directory, or removes its note of itself where it has ended.
 *
 * The note names a process id, which after a reboot may be anybody's: only a process that says of itself that it is this
 * very server is ended.
 */
export async function stopLeftover(binaries: Binaries, account: Account | null, data: string): Promise<void> {
  const note = path.join(data, 'postmaster.pid');
  if (!existsSync(note)) return;
  const [pid = '', folder = ''] = readFileSync(note, 'utf8').split('\n');
  if (!/^\d+$/.test(pid) || !serves(pid, binaries, folder.trim())) {
    rmSync(note, { force: true });
    return;
  }
  const stopped = await run(binaries.pg_ctl, ['stop', '-D', data, '-m', 'fast', '-w', '-t', '30'], account);
  if (stopped.code !== 0 && existsSync(note)) {
    throw new HostError(`A database server of an earlier host, process ${pid}, does not stop: end it and start again`);
  }
}

/** Whether the process is our program on that folder, by the command line it was started with. */
function serves(pid: string, { postgres }: Binaries, folder: string): boolean {
  const command = commandOf(pid);
  if (command === null) return false;
  // Windows has no cheap way to ask: there pg_ctl's own checks have to do.
  if (command === undefined) return true;
  return command.includes(path.basename(postgres)) && command.includes(folder);
}

/** @returns null where there is no such process, undefined where this system does not say */
function commandOf(pid: string): string | null | undefined {
  if (process.platform === 'win32') return undefined;
  if (process.platform === 'linux') {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    } catch {
      return null;
    }
  }
  try {
    return execFileSync('ps', ['-o', 'args=', '-p', pid], { encoding: 'utf8' });
  } catch {
    return null;
  }
}
