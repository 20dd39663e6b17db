import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const PATIENCE_MS = 60_000;

/** Waits until something listens at a port of this machine. @throws Error when `ended` comes first, or after a minute */
export async function accepting(port: number, ended: Promise<unknown>): Promise<void> {
  const over = ended.then(() => true);
  for (const until = Date.now() + PATIENCE_MS; !(await accepts(port));) {
    if (await Promise.race([over, sleep(50, false)])) throw new Error(`what was to listen at port ${port} ended`);
    if (Date.now() > until) throw new Error(`nothing listens at port ${port} after ${PATIENCE_MS / 1000} s`);
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
