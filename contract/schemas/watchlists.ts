import * as z from 'zod/mini';
import { instant, line, shown, symbol, ulid, uuid } from './primitives';

/** They protect the platform; nobody who reads their lists comes near. */
export const MAX_WATCHLISTS = 100;
export const MAX_WATCHLIST_ITEMS = 500;

const description = line(500);

const fields = {
  watchlist_id: ulid(),
  name: line(100),
  description: z.nullable(description),
  created_at: instant(),
  updated_at: instant(),
} as const;

/** An asset on a watchlist. `symbol` and `name` are those it had when it was added; `asset_id` stays through a renaming. */
export const watchlistItem = shown(
  z.object({
    item_id: ulid(),
    watchlist_id: ulid(),
    asset_id: uuid(),
    symbol: z.string(),
    name: z.string(),
    added_at: instant(),
  }),
  { id: 'WatchlistItem' },
);
export type WatchlistItem = z.infer<typeof watchlistItem>;

export const watchlistSummary = shown(z.object(fields), { id: 'WatchlistSummary' });
export type WatchlistSummary = z.infer<typeof watchlistSummary>;

/** A watchlist with all of its items, by symbol. */
export const watchlist = shown(z.object({ ...fields, items: z.array(watchlistItem) }), { id: 'Watchlist' });
export type Watchlist = z.infer<typeof watchlist>;

/** What PUT replaces: the list's own fields. Its items have routes of their own. */
export const watchlistBody = z.strictObject({ name: line(100), description: z.optional(z.nullable(description)) });
export const watchlistItemBody = z.strictObject({ symbol: symbol() });
