import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Waits until something listens at a port of this machine.
 * @param ended resolves or fails when what is to listen there is over
 * @throws Error when that comes first, or after `withinMs`
 */
export async function accepting(port: number, ended: Promise<unknown>, withinMs = 60_000): Promise<void> {
  const over = ended.then(() => true);
  // Looked at below while it matters.
  over.catch(() => undefined);
  for (const until = Date.now() + withinMs; !(await accepts(port));) {
    if (await Promise.race([over, sleep(20, false)])) throw new Error(`what was to listen at port ${port} ended`);
    if (Date.now() > until) throw new Error(`nothing listens at port ${port} after ${withinMs / 1000} s`);
  }
}

/** Whether something listens there now. */
export const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = net.connect(port, '127.0.0.1');
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', () => resolve(false));
  });
