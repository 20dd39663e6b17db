import { preferenceStore, userStore } from '../adapters/dynamo/users';
import { watchlistStore } from '../adapters/dynamo/watchlists';
import type { BatchPorts } from '../adapters/dynamo/batch';

/** What was removed of an account, and how many of each. */
export interface Removed {
  readonly profile: number;
  readonly watchlists: number;
  readonly items: number;
  readonly preferences: number;
}

/**
 * Removes everything that a user has here. The profile goes last, so that one whose removal was cut short is still there
 * to be removed again; a second time removes nothing and says so.
 *
 * PORTFOLIOS FOLLOW HERE (the portfolio's issue): their holdings, transactions and history, before the profile. Booked
 * trades stay, pseudonymised, for the retention in config (the trading issue).
 */
export const accountRemoval =
  (ports: BatchPorts, env: string) =>
  async (userId: string): Promise<Removed> => {
    const { watchlists, items } = await watchlistStore(ports, env).removeAllOf(userId);
    const preferences = await preferenceStore(ports.documents, env).remove(userId);
    const profile = await userStore(ports.documents, env).remove(userId);
    return { profile, watchlists, items, preferences };
  };

/** `profile=1, watchlists=2, items=31, preferences=1` */
export const removedInWords = (removed: Removed): string =>
  Object.entries(removed)
    .map(([what, count]) => `${what}=${String(count)}`)
    .join(', ');
