import { setTimeout as sleep } from 'node:timers/promises';
import type { Journal, Look } from './journal';
import type { Server } from './load';

const EVERY_MS = 100;
/** A health check may take two seconds, and the process that answers it is busy. */
const ANSWER_MS = 4_000;

/** Looks at /health of a process until `isOver`. */
export async function watch(server: Server, journal: Journal, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    journal.looks.push(await look(server));
    await sleep(EVERY_MS);
  }
}

async function look({ name, url }: Server): Promise<Look> {
  const from = Date.now();
  try {
    const response = await fetch(`${url}/health`, { signal: AbortSignal.timeout(ANSWER_MS) });
    const { status: says, checks } = (await response.json()) as { status: string; checks: Look['checks'] };
    return { process: name, from, to: Date.now(), status: response.status, says, checks };
  } catch {
    return { process: name, from, to: Date.now(), status: 0, says: null, checks: {} };
  }
}

/** The latest look at a process that began after a moment. */
export const seenAfter = ({ looks }: Journal, process: string, moment: number): Look | undefined =>
  looks.findLast((one) => one.process === process && one.from >= moment);

/** Waits until it is so. @returns when it was, or null where it was not in time */
export async function until(isSo: () => boolean, withinMs: number): Promise<number | null> {
  for (const end = Date.now() + withinMs; Date.now() < end;) {
    if (isSo()) return Date.now();
    await sleep(50);
  }
  return null;
}
