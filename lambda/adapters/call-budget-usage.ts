import { type DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { tableName } from '../../contract/tables';
import { providerDay } from '../../core/advisor/provider-day';
import { type CallUsage, usage } from '../../core/advisor/token-bucket';
import { parseRow } from './stored-row';
import type { Clock, ProviderPlan } from './ports';

// Apart from call-budget.ts, so that who only reads (health, the planners) does not carry the provider's client.

const bucketRow = z.object({
  version: z.number(),
  state: z.object({
    next_at: z.number(),
    blocked_until: z.number(),
    blocked_by: z.enum(['rate', 'day']),
    day_key: z.string(),
    used: z.object({ fundamentals: z.number(), news: z.number(), earnings_calendar: z.number() }),
  }),
});

/** The fleet's one bucket in platform-state. */
export const BUCKET_KEY = { scope: 'call-budget', entry: 'alpha-vantage' };
/** The row as it is stored; null before the first call. */
export async function storedBucket(documents: DynamoDBDocumentClient, TableName: string) {
  const { Item } = await documents.send(new GetCommand({ TableName, Key: BUCKET_KEY, ConsistentRead: true }));
  return Item === undefined ? null : parseRow(bucketRow, TableName, Item);
}

/** What today's calls were spent on, and what is left: for planners, /health and the log. */
export async function readCallBudgetUsage({
  documents,
  env,
  clock,
  plan,
}: {
  readonly documents: DynamoDBDocumentClient;
  readonly env: string;
  readonly clock: Clock;
  readonly plan: ProviderPlan;
}): Promise<{
  readonly used_today: number;
  readonly remaining_today: number | null;
  readonly day: string;
  readonly by_purpose: CallUsage['by_purpose'];
}> {
  const row = await storedBucket(documents, tableName(env, 'platformState'));
  const { key } = providerDay(clock().getTime(), plan.timeZone);
  const { used, remaining, by_purpose } = usage(row?.state ?? null, plan, key);
  return { used_today: used, remaining_today: remaining, day: key, by_purpose };
}
