import type { Clock } from '../ports';
import type { Cache } from './cache';

/** Entries kept; the one written longest ago goes first. */
const CAPACITY = 20_000;

/** A cache in this process's memory: the one there is on one machine, and what is left where the shared one is away. */
export function memoryCache({
  clock,
  capacity = CAPACITY,
}: {
  readonly clock: Clock;
  readonly capacity?: number;
}): Cache {
  const entries = new Map<string, { readonly value: string; readonly endsAt: number }>();
  return {
    async getMany(keys) {
      const now = clock().getTime();
      return keys.map((key) => {
        const entry = entries.get(key);
        return entry && now < entry.endsAt ? entry.value : null;
      });
    },
    async setMany(written, ttlMs) {
      const endsAt = clock().getTime() + ttlMs;
      for (const { key, value } of written) {
        entries.delete(key);
        entries.set(key, { value, endsAt });
      }
      for (const key of entries.keys()) {
        if (entries.size <= capacity) break;
        entries.delete(key);
      }
    },
    health: async () => 'ok',
    close: async () => entries.clear(),
  };
}
