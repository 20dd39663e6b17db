import { createHash } from 'node:crypto';
import { DeleteCommand, GetCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import {
  type WatchlistItem,
  watchlistItem,
  type WatchlistSummary,
  watchlistSummary,
} from '../../../contract/schemas/watchlists';
import { tableName } from '../../../contract/tables';
import { batchWrite, type BatchPorts } from './batch';
import { queryAll } from './read';
import { parseRow } from '../stored-row';
import { stillThere, type Stamped, wasWritten } from './users';

const stamped = z.object({ stamp: z.string() });
const itemKey = z.object({ item_id: z.string(), watchlist_id: z.string() });
const listKey = z.object({ watchlist_id: z.string(), user_id: z.string() });

/** DynamoDB's indexes follow their table within a second or so: how long a removal waits before it looks again. */
const INDEX_LAG_MS = 500;
const MAX_LOOKS = 5;

/**
 * Watchlists and their items. A list's key holds its user, so that another's list is not there at all; every item carries
 * the user too, so that none outlives the account.
 */
export function watchlistStore(ports: BatchPorts, env: string) {
  const { documents, sleep } = ports;
  const lists = tableName(env, 'watchlists');
  const itemTable = tableName(env, 'watchlistItems');

  const itemKeysOf = (IndexName: 'by-watchlist' | 'by-user', attribute: string, value: string) =>
    queryAll(documents, itemKey, {
      TableName: itemTable,
      IndexName,
      KeyConditionExpression: `${attribute} = :value`,
      ExpressionAttributeValues: { ':value': value },
      ProjectionExpression: 'item_id, watchlist_id',
    });
  const removeItems = (keys: readonly z.infer<typeof itemKey>[]) =>
    batchWrite(
      ports,
      itemTable,
      keys.map((key) => ({ delete: key })),
    );

  async function count(TableName: string, IndexName: string, attribute: string, value: string): Promise<number> {
    let total = 0;
    let ExclusiveStartKey: Record<string, unknown> | undefined;
    do {
      const { Count = 0, LastEvaluatedKey }: { Count?: number; LastEvaluatedKey?: Record<string, unknown> } =
        await documents.send(
          new QueryCommand({
            TableName,
            IndexName,
            KeyConditionExpression: `${attribute} = :value`,
            ExpressionAttributeValues: { ':value': value },
            Select: 'COUNT',
            ExclusiveStartKey,
          }),
        );
      total += Count;
      ExclusiveStartKey = LastEvaluatedKey;
    } while (ExclusiveStartKey);
    return total;
  }

  return {
    /** null where the user has no such list, whoever else may. */
    async get(userId: string, watchlistId: string): Promise<Stamped<WatchlistSummary> | null> {
      const Key = { watchlist_id: watchlistId, user_id: userId };
      const { Item } = await documents.send(new GetCommand({ TableName: lists, Key, ConsistentRead: true }));
      if (!Item) return null;
      return { value: parseRow(watchlistSummary, lists, Item), stamp: parseRow(stamped, lists, Item).stamp };
    },

    /** Every item of a list, by symbol. */
    async items(watchlistId: string): Promise<WatchlistItem[]> {
      const found = await queryAll(documents, watchlistItem, {
        TableName: itemTable,
        IndexName: 'by-watchlist',
        KeyConditionExpression: 'watchlist_id = :list',
        ExpressionAttributeValues: { ':list': watchlistId },
      });
      return found.sort((a, b) =>
        a.symbol === b.symbol ? (a.item_id < b.item_id ? -1 : 1) : a.symbol < b.symbol ? -1 : 1,
      );
    },

    /** Counts of an index, which a write of this second may not be in: good for a limit, not for a promise. */
    countLists: (userId: string) => count(lists, 'by-user', 'user_id', userId),
    countItems: (watchlistId: string) => count(itemTable, 'by-watchlist', 'watchlist_id', watchlistId),

    async create(userId: string, value: WatchlistSummary, stamp: string): Promise<void> {
      await documents.send(new PutCommand({ TableName: lists, Item: { ...value, user_id: userId, stamp } }));
    },

    /** @param seen replaces only what has this stamp. @returns false where it is gone, or was written since */
    async replace(userId: string, value: WatchlistSummary, stamp: string, seen: string | undefined): Promise<boolean> {
      const Item = { ...value, user_id: userId, stamp };
      return wasWritten(
        documents.send(new PutCommand({ TableName: lists, Item, ...stillThere('watchlist_id', seen) })),
      );
    },

    /** Removes the list first: whoever adds an item meanwhile finds it gone (`addItem`). @returns false where there is none */
    async remove(userId: string, watchlistId: string): Promise<boolean> {
      const Key = { watchlist_id: watchlistId, user_id: userId };
      const { Attributes } = await documents.send(
        new DeleteCommand({ TableName: lists, Key, ReturnValues: 'ALL_OLD' }),
      );
      if (!Attributes) return false;
      await removeItems(await itemKeysOf('by-watchlist', 'watchlist_id', watchlistId));
      return true;
    },

    async item(watchlistId: string, itemId: string): Promise<WatchlistItem | null> {
      const Key = { item_id: itemId, watchlist_id: watchlistId };
      const { Item } = await documents.send(new GetCommand({ TableName: itemTable, Key, ConsistentRead: true }));
      return Item ? parseRow(watchlistItem, itemTable, Item) : null;
    },

    /** @returns false where the asset is on the list already */
    async addItem(userId: string, value: WatchlistItem): Promise<boolean> {
      const Item = { ...value, user_id: userId };
      const ConditionExpression = 'attribute_not_exists(item_id)';
      return wasWritten(documents.send(new PutCommand({ TableName: itemTable, Item, ConditionExpression })));
    },

    /** @returns false where there is none */
    async removeItem(watchlistId: string, itemId: string): Promise<boolean> {
      const Key = { item_id: itemId, watchlist_id: watchlistId };
      const { Attributes } = await documents.send(
        new DeleteCommand({ TableName: itemTable, Key, ReturnValues: 'ALL_OLD' }),
      );
      return Attributes !== undefined;
    },

    /**
     * Removes all lists and items of a user. It looks until a look finds nothing, with a pause between, since an index may
     * not hold yet what was written a moment ago.
     */
    async removeAllOf(userId: string): Promise<{ watchlists: number; items: number }> {
      const removed = { watchlists: new Set<string>(), items: new Set<string>() };
      for (let look = 0; look < MAX_LOOKS; look++) {
        if (look > 0) await sleep(INDEX_LAG_MS);
        const listKeys = await queryAll(documents, listKey, {
          TableName: lists,
          IndexName: 'by-user',
          KeyConditionExpression: 'user_id = :user',
          ExpressionAttributeValues: { ':user': userId },
          ProjectionExpression: 'watchlist_id, user_id',
        });
        await batchWrite(
          ports,
          lists,
          listKeys.map((key) => ({ delete: key })),
        );
        const itemKeys = await itemKeysOf('by-user', 'user_id', userId);
        await removeItems(itemKeys);
        for (const { watchlist_id } of listKeys) removed.watchlists.add(watchlist_id);
        for (const { item_id } of itemKeys) removed.items.add(item_id);
        if (look > 0 && listKeys.length + itemKeys.length === 0) break;
      }
      return { watchlists: removed.watchlists.size, items: removed.items.size };
    },
  };
}

/**
 * The id of an asset's place on a list: the same however often and by however many it is added at once. A ULID of the
 * list's time whose random part is a digest of list and asset.
 */
export function itemId(watchlistId: string, assetId: string): string {
  const hash = createHash('sha256').update(`${watchlistId}#${assetId}`).digest();
  const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
  return watchlistId.slice(0, 10) + Array.from(hash.subarray(0, 16), (byte) => CROCKFORD.charAt(byte % 32)).join('');
}
