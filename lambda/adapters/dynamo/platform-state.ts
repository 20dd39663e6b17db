import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { type DynamoDBDocumentClient, GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { tableName } from '../../../contract/tables';
import { parseRow } from '../stored-row';

const watermarkRow = z.object({ value: z.string() });
const runRow = z.object({ counts: z.optional(z.record(z.string(), z.number())) });

/** How long the record of a job's run is kept. */
const RUN_KEPT_SECONDS = 30 * 86_400;

/** Watermarks and job runs. The call budget lives in the same table (lambda/adapters/call-budget.ts). */
export function platformState(documents: DynamoDBDocumentClient, env: string) {
  const TableName = tableName(env, 'platformState');

  return {
    async watermark(name: string): Promise<string | null> {
      const { Item } = await documents.send(new GetCommand({ TableName, Key: { scope: 'watermark', entry: name } }));
      return Item === undefined ? null : parseRow(watermarkRow, TableName, Item).value;
    },

    async setWatermark(name: string, value: string): Promise<void> {
      await documents.send(new PutCommand({ TableName, Item: { scope: 'watermark', entry: name, value } }));
    },

    /**
     * Claims one occurrence of a job. A second delivery of an occurrence that ran, or is running, gets null; one that
     * failed, or whose runner has been silent past its time-out, may be run again.
     */
    async claimRun(job: string, occurrence: string, now: Date, timeoutSeconds: number): Promise<boolean> {
      const staleBefore = new Date(now.getTime() - timeoutSeconds * 1000).toISOString();
      try {
        await documents.send(
          new PutCommand({
            TableName,
            Item: {
              scope: `job#${job}`,
              entry: occurrence,
              status: 'running',
              started_at: now.toISOString(),
              expires_at: Math.floor(now.getTime() / 1000) + RUN_KEPT_SECONDS,
            },
            ConditionExpression:
              'attribute_not_exists(#entry) OR #status = :failed OR (#status = :running AND started_at < :stale)',
            ExpressionAttributeNames: { '#entry': 'entry', '#status': 'status' },
            ExpressionAttributeValues: { ':failed': 'failed', ':running': 'running', ':stale': staleBefore },
          }),
        );
        return true;
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return false;
        throw error;
      }
    },

    async finishRun(
      job: string,
      occurrence: string,
      outcome: {
        readonly status: 'done' | 'failed';
        readonly finished_at: string;
        readonly counts: Readonly<Record<string, number>>;
      },
    ): Promise<void> {
      await documents.send(
        new UpdateCommand({
          TableName,
          Key: { scope: `job#${job}`, entry: occurrence },
          UpdateExpression: 'SET #status = :status, finished_at = :finished, counts = :counts',
          ExpressionAttributeNames: { '#status': 'status' },
          ExpressionAttributeValues: {
            ':status': outcome.status,
            ':finished': outcome.finished_at,
            ':counts': outcome.counts,
          },
        }),
      );
    },

    /** What an occurrence that was claimed before did. */
    async countsOfRun(job: string, occurrence: string): Promise<Readonly<Record<string, number>>> {
      const Key = { scope: `job#${job}`, entry: occurrence };
      const { Item } = await documents.send(new GetCommand({ TableName, Key }));
      return Item === undefined ? {} : (parseRow(runRow, TableName, Item).counts ?? {});
    },
  };
}
