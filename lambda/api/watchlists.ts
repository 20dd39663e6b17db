import { ulid } from 'ulid';
import { watchlistRoutes as routes } from '../../contract/routes/watchlists';
import { MAX_WATCHLIST_ITEMS, MAX_WATCHLISTS, watchlistSummary } from '../../contract/schemas/watchlists';
import { onFirstCall } from '../adapters/aws';
import type { BatchPorts } from '../adapters/dynamo/batch';
import { itemId as itemIdOf, watchlistStore } from '../adapters/dynamo/watchlists';
import { failure, refusedBody } from './answers';
import { hasChanged, refusalByIfMatch } from './entity-tag';
import { assetReads } from './reads/assets';
import { pageRequest } from './reads/page';
import type { ReadServices } from './reads/rows';
import { walk } from './reads/walk';
import { type ApiHandler, implement, isFailure, serve, type ServeServices } from './serve';

export type WatchlistServices = ServeServices & ReadServices & BatchPorts;

/** Watchlists and their items. Another's list is not found, exactly as one that never was. */
export function makeHandler(services: WatchlistServices): ApiHandler {
  const { env, clock } = services;
  const assets = assetReads(services);
  const watchlists = watchlistStore(services, env);
  const newUlid = () => ulid(clock().getTime());
  const noList = () => failure('not_found', 'There is no such watchlist');
  const noItem = () => failure('not_found', 'There is no such item on the watchlist');

  const listWatchlists = implement(routes.listWatchlists, async (input, { sub }) => {
    const page = await walk(services, {
      table: 'watchlists',
      segments: [{ name: 'own', index: 'by-user', partition: sub }],
      order: 'ascending',
      row: watchlistSummary,
      page: pageRequest(routes.listWatchlists, input),
    });
    return isFailure(page) ? page : { body: page };
  });

  const createWatchlist = implement(routes.createWatchlist, async ({ body, address }, { sub }) => {
    if ((await watchlists.countLists(sub)) >= MAX_WATCHLISTS) {
      return failure('unprocessable', `A user has at most ${MAX_WATCHLISTS} watchlists`);
    }
    const now = clock().toISOString();
    const { name, description = null } = body;
    const list = { watchlist_id: newUlid(), name, description, created_at: now, updated_at: now };
    await watchlists.create(sub, list, newUlid());
    return { body: { ...list, items: [] }, headers: { location: `${address}/${list.watchlist_id}` } };
  });

  const getWatchlist = implement(routes.getWatchlist, async ({ parameters: { watchlistId } }, { sub }) => {
    const found = await watchlists.get(sub, watchlistId);
    return found ? { body: { ...found.value, items: await watchlists.items(watchlistId) } } : noList();
  });

  const replaceWatchlist = implement(routes.replaceWatchlist, async ({ parameters, body, headers }, { sub }) => {
    const found = await watchlists.get(sub, parameters.watchlistId);
    if (!found) return noList();
    const items = await watchlists.items(parameters.watchlistId);
    const ifMatch = headers['if-match'];
    const refusal = refusalByIfMatch(routes.getWatchlist, { ...found.value, items }, ifMatch);
    if (refusal) return refusal;
    const { name, description = null } = body;
    const list = { ...found.value, name, description, updated_at: clock().toISOString() };
    const seen = ifMatch === undefined ? undefined : found.stamp;
    if (await watchlists.replace(sub, list, newUlid(), seen)) return { body: { ...list, items } };
    return ifMatch === undefined ? noList() : hasChanged();
  });

  const deleteWatchlist = implement(routes.deleteWatchlist, async ({ parameters: { watchlistId } }, { sub }) =>
    (await watchlists.remove(sub, watchlistId)) ? {} : noList(),
  );

  const addWatchlistItem = implement(routes.addWatchlistItem, async ({ parameters, body, address }, { sub }) => {
    const { watchlistId } = parameters;
    if (!(await watchlists.get(sub, watchlistId))) return noList();
    const asset = await assets.find(body.symbol);
    if (!asset) return refusedBody('symbol', `No asset has the symbol ${body.symbol}`);
    const { asset_id, symbol, name } = asset;
    const item_id = itemIdOf(watchlistId, asset_id);
    const headers = { location: `${address}/${item_id}` };
    const existing = await watchlists.item(watchlistId, item_id);
    if (existing) return { status: 200, body: existing, headers };
    if ((await watchlists.countItems(watchlistId)) >= MAX_WATCHLIST_ITEMS) {
      return failure('unprocessable', `A watchlist holds at most ${MAX_WATCHLIST_ITEMS} items`);
    }
    const item = { item_id, watchlist_id: watchlistId, asset_id, symbol, name, added_at: clock().toISOString() };
    if (!(await watchlists.addItem(sub, item))) {
      // Somebody added it at the same moment: theirs is the item.
      return { status: 200, body: (await watchlists.item(watchlistId, item_id)) ?? item, headers };
    }
    // A list that was removed meanwhile may have been emptied before this item was there.
    if (await watchlists.get(sub, watchlistId)) return { body: item, headers };
    await watchlists.removeItem(watchlistId, item_id);
    return noList();
  });

  const removeWatchlistItem = implement(routes.removeWatchlistItem, async ({ parameters }, { sub }) => {
    const { watchlistId, itemId } = parameters;
    if (!(await watchlists.get(sub, watchlistId))) return noList();
    return (await watchlists.removeItem(watchlistId, itemId)) ? {} : noItem();
  });

  return serve(
    [
      listWatchlists,
      createWatchlist,
      getWatchlist,
      replaceWatchlist,
      deleteWatchlist,
      addWatchlistItem,
      removeWatchlistItem,
    ],
    services,
  );
}

export const handler = onFirstCall('api-watchlists', (environment, aws) =>
  makeHandler({ ...aws, consoleOrigin: environment.CONSOLE_ORIGIN }),
);
