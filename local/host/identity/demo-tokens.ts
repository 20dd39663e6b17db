import type { DataDirectory } from '../data-directory';
import { writePrivately } from '../state-file';
import type { Tokens } from './tokens';
import { personOf, type Users } from './users';

/** Longer than a day, so that a token copied in the evening works the next evening too. */
const VALID_SECONDS = 48 * 3600;
const RENEW_MS = 12 * 3600 * 1000;

/** Ready-made tokens for curl: a person's, and a machine's that may read the market only. */
export async function writeDemoTokens(directory: DataDirectory, users: Users, tokens: Tokens): Promise<void> {
  writePrivately(directory.demoToken, `${await tokens.accessToken(personOf(users.demoUser()), VALID_SECONDS)}\n`);
  writePrivately(directory.demoMachineToken, `${await tokens.machineToken(VALID_SECONDS)}\n`);
}

/** Keeps the files fresh in a host that runs for weeks. @returns how to stop */
export function keepDemoTokensFresh(renew: () => Promise<void>, onError: (error: unknown) => void): () => void {
  const timer = setInterval(() => {
    renew().catch(onError);
  }, RENEW_MS);
  timer.unref();
  return () => clearInterval(timer);
}
