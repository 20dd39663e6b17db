import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { tableName } from '../../../contract/tables';
import { scanAll } from './read';

/** The assets on anybody's watchlist. For the planners: once or twice a day, a keys-only index. */
export async function watchedAssets(documents: DynamoDBDocumentClient, env: string): Promise<Set<string>> {
  const watched = new Set<string>();
  const input = {
    TableName: tableName(env, 'watchlistItems'),
    IndexName: 'by-asset',
    ProjectionExpression: 'asset_id',
  };
  for await (const { asset_id } of scanAll(documents, z.object({ asset_id: z.string() }), input)) watched.add(asset_id);
  return watched;
}
