import { setTimeout as sleep } from 'node:timers/promises';

/** Asks until there is an answer. @param what for the error @throws Error where there is none in time */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined | null | false>,
  withinSeconds = 60,
): Promise<T> {
  for (const end = Date.now() + withinSeconds * 1000; ;) {
    const found = await ask();
    if (found !== undefined && found !== null && found !== false) return found;
    if (Date.now() > end) throw new Error(`not seen within ${withinSeconds} s: ${what}`);
    await sleep(250);
  }
}
