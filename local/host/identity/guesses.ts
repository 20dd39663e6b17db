import type { Clock } from '../../../lambda/adapters/ports';
import { CognitoError } from './cognito-error';

/** Cognito's lock: after five failures a second, then twice as long each time, up to a quarter of an hour. */
const FREE = 5;
const LONGEST_MS = 15 * 60_000;
/** Names that do not exist are counted too, so the counting needs an end. */
const MOST_KEYS = 10_000;

interface Count {
  readonly failures: number;
  readonly lockedUntil: number;
  readonly forgottenAt: number;
}

/** Slows the guessing of one secret of one name down. Known and unknown names are treated alike. */
export interface Guesses {
  /**
   * Counts a guess before it is looked at, so that many at once are no way around.
   *
   * @throws CognitoError when the name is locked
   */
  count(of: 'password' | 'code' | 'delivery' | 'totp', name: string): void;
  /** The guess was right. */
  forget(of: 'password' | 'code' | 'delivery' | 'totp', name: string): void;
}

export function createGuesses(clock: Clock): Guesses {
  const counts = new Map<string, Count>();
  const keyOf = (of: string, name: string) => `${of}:${name.toLowerCase()}`;
  return {
    count(of, name) {
      const now = clock().getTime();
      const key = keyOf(of, name);
      const held = counts.get(key);
      const current = held && held.forgottenAt > now ? held : undefined;
      if (current && current.lockedUntil > now) throw locked(of);
      const failures = (current?.failures ?? 0) + 1;
      const lockMs = failures < FREE ? 0 : Math.min(LONGEST_MS, 1000 * 2 ** (failures - FREE));
      // Set anew, the key moves to the end: the first one is the longest untouched.
      counts.delete(key);
      counts.set(key, { failures, lockedUntil: now + lockMs, forgottenAt: now + lockMs + LONGEST_MS });
      const [oldest] = counts.keys();
      if (counts.size > MOST_KEYS && oldest !== undefined) counts.delete(oldest);
    },
    forget: (of, name) => void counts.delete(keyOf(of, name)),
  };
}

const locked = (of: string) =>
  of === 'password'
    ? new CognitoError('NotAuthorizedException', 'Password attempts exceeded')
    : new CognitoError('LimitExceededException', 'Attempt limit exceeded, please try after some time.');
