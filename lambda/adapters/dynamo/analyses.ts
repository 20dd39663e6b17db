import { PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import * as z from 'zod/mini';
import type { Analysis } from '../../../contract/schemas/analysis';
import { tableName } from '../../../contract/tables';
import type { BatchPorts } from './batch';
import { RANKING } from './rankings';
import { parseRow } from '../stored-row';

const latestRow = z.object({ analysis_id: z.string(), digest: z.string(), analyzed_at: z.string() });

/** Every analysis ever made. */
export function analysisStore({ documents }: Pick<BatchPorts, 'documents'>, env: string) {
  const TableName = tableName(env, 'assetAnalysis');
  return {
    async latest(assetId: string): Promise<z.infer<typeof latestRow> | null> {
      const { Items } = await documents.send(
        new QueryCommand({
          TableName,
          IndexName: 'by-asset',
          // The rankings that the asset has a place in lie above every ULID.
          KeyConditionExpression: 'asset_id = :asset AND analysis_id < :rankings',
          ExpressionAttributeValues: { ':asset': assetId, ':rankings': RANKING },
          ScanIndexForward: false,
          Limit: 1,
        }),
      );
      const [item] = Items ?? [];
      return item === undefined ? null : parseRow(latestRow, TableName, item);
    },

    /** Stores it once: a second put of the same id changes nothing. @returns whether this call stored it */
    async add(analysis: Analysis & { readonly digest: string }): Promise<boolean> {
      try {
        await documents.send(
          new PutCommand({ TableName, Item: analysis, ConditionExpression: 'attribute_not_exists(analysis_id)' }),
        );
        return true;
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return false;
        throw error;
      }
    },
  };
}
