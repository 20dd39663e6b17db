import { randomBytes } from 'node:crypto';
import type { Clock } from '../../../lambda/adapters/ports';
import { CHALLENGE_MS } from './pool';

/**
 * A sign-in whose password was right and that owes more: a code of the second factor, the setting up of one, or, once
 * that is proven, only to be finished.
 */
export interface Challenge {
  readonly sub: string;
  readonly owes: 'code' | 'setup' | 'finish';
  /** The secret handed out for setting up. */
  readonly secret?: string;
}

/** Cognito's `Session`: minutes old at most, so it lives in memory. */
export interface Challenges {
  /** @returns the Session by which the client goes on */
  open(challenge: Challenge): string;
  find(session: string, owes: Challenge['owes']): Challenge | undefined;
  close(session: string): void;
  closeAll(sub: string): void;
}

export function createChallenges(clock: Clock): Challenges {
  const held = new Map<string, Challenge & { readonly until: number }>();
  return {
    open(challenge) {
      const now = clock().getTime();
      for (const [session, { until }] of held) if (until <= now) held.delete(session);
      const session = randomBytes(48).toString('base64url');
      held.set(session, { ...challenge, until: now + CHALLENGE_MS });
      return session;
    },
    find(session, owes) {
      const found = held.get(session);
      return found?.owes === owes && found.until > clock().getTime() ? found : undefined;
    },
    close: (session) => void held.delete(session),
    closeAll(sub) {
      for (const [session, challenge] of held) if (challenge.sub === sub) held.delete(session);
    },
  };
}
