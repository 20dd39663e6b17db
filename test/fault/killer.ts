import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { postmasterOf } from './postmaster';
import { between, seeded } from './random';

/**
 * Kills the platform with `kill -9` at random moments until its parent ends it: some moments of a start, more of service;
 * now and then PostgreSQL's postmaster with it, so that a start meets a database that lives and one that died.
 *
 * `tsx test/fault/killer.ts <data directory> <file of the process id> <seed>`, as a child with IPC: a message a kill.
 */
export interface Kill {
  readonly who: 'platform' | 'platform and database';
  readonly when: 'starting' | 'serving';
}

const [, , dataDir = '', pidFile = '', seed = ''] = process.argv;
const random = seeded(Number(seed));

const read = (file: string): string => (existsSync(file) ? readFileSync(file, 'utf8') : '');
const runs = (): number | undefined => Number(read(pidFile)) || undefined;

/** The host writes this file when it opens its doors. */
function isServing(pid: number): boolean {
  const note = read(path.join(dataDir, 'host.json'));
  return note !== '' && (JSON.parse(note) as { pid: number }).pid === pid;
}

async function nextVictim(): Promise<{ pid: number; when: Kill['when'] }> {
  const when = random() < 0.35 ? 'starting' : 'serving';
  const moment = when === 'starting' ? between(random, 200, 2000) : between(random, 200, 6000);
  for (;;) {
    const pid = runs();
    if (pid !== undefined && (when === 'starting' || isServing(pid))) {
      await sleep(moment);
      if (runs() === pid) return { pid, when: isServing(pid) ? 'serving' : 'starting' };
    }
    await sleep(20);
  }
}

async function main(): Promise<void> {
  for (;;) {
    const { pid, when } = await nextVictim();
    const database = random() < 0.35 ? postmasterOf(dataDir) : undefined;
    // The database first or the platform first: either may be the one that outlives the other by a moment.
    const victims = random() < 0.5 ? [pid, database] : [database, pid];
    for (const victim of victims) if (victim !== undefined) killed(victim);
    const kill: Kill = { who: database === undefined ? 'platform' : 'platform and database', when };
    process.send?.(kill);
    await sleep(50);
  }
}

function killed(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Ended by itself a moment ago.
  }
}

process.once('disconnect', () => process.exit(0));
void main();
