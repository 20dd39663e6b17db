import type { Sleep } from '../ports';
import type { LedgerDialect } from './dialect';
import { LedgerUnavailable } from './ledger';

export interface AttemptPorts {
  readonly dialect: Pick<LedgerDialect, 'isConflict' | 'isConnectionLost'>;
  readonly random: () => number;
  readonly sleep: Sleep;
}

const MAX_ATTEMPTS = 10;
const FIRST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 500;

/**
 * Runs a transaction until it neither loses against another nor loses its connection, a bounded number of times, with a
 * random pause between, so that two that collided do not collide again in step.
 *
 * A lost connection may have lost the answer to a commit: `work` must be one that may run twice.
 * @param work is told the number of the attempt, 1 first
 */
export async function attempts<T>(
  { dialect, random, sleep }: AttemptPorts,
  work: (attempt: number) => Promise<T>,
): Promise<T> {
  let lost: Error | undefined;
  for (let attempt = 1; ; attempt++) {
    try {
      return await work(attempt);
    } catch (error) {
      // Whether the attempt before took effect is not known: nobody may be told that nothing was done.
      if (error instanceof LedgerUnavailable && lost) throw lost;
      // Asked once an error: who answers may count.
      const isLost = dialect.isConnectionLost(error);
      if (error instanceof Error && isLost) lost = error;
      const again = dialect.isConflict(error) || isLost;
      if (!again || attempt === MAX_ATTEMPTS) throw error;
      await sleep(Math.ceil(random() * Math.min(FIRST_PAUSE_MS * 2 ** attempt, LONGEST_PAUSE_MS)));
    }
  }
}
