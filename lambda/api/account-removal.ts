import { preferenceStore, userStore } from '../adapters/dynamo/users';
import { watchlistStore } from '../adapters/dynamo/watchlists';
import type { BatchPorts } from '../adapters/dynamo/batch';
import type { Clock, EventPublisher } from '../adapters/ports';

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
 * trades stay: the ledger is told, and keeps them under a pseudonym. It is told before the profile goes, so that a removal
 * cut short tells it again.
 */
export const accountRemoval =
  (ports: BatchPorts & { readonly bus: EventPublisher; readonly clock: Clock }, env: string) =>
  async (userId: string): Promise<Removed> => {
    const { watchlists, items } = await watchlistStore(ports, env).removeAllOf(userId);
    const preferences = await preferenceStore(ports.documents, env).remove(userId);
    await ports.bus.publish([
      { event: 'userRemoved', detail: { user_id: userId, removed_at: ports.clock().toISOString() } },
    ]);
    const profile = await userStore(ports.documents, env).remove(userId);
    return { profile, watchlists, items, preferences };
  };

/** `profile=1, watchlists=2, items=31, preferences=1` */
export const removedInWords = (removed: Removed): string =>
  Object.entries(removed)
    .map(([what, count]) => `${what}=${String(count)}`)
    .join(', ');
