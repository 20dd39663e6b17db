import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import type { TableId } from '../../../contract/tables';
import type { Log } from '../../adapters/ports';

/** What every read store is given. */
export interface ReadServices {
  readonly documents: DynamoDBDocumentClient;
  /** Environment slug; table names follow from it. */
  readonly env: string;
  readonly log: Log;
}

/** The good rows of a list. A bad one is logged as an error and left out: it must not take its neighbours with it. */
export function parseRows<S extends z.core.$ZodType>(
  log: Log,
  table: TableId,
  schema: S,
  items: readonly unknown[],
): z.output<S>[] {
  return items.flatMap((item) => {
    const parsed = z.safeParse(schema, item);
    if (parsed.success) return [parsed.data];
    log.error('a malformed row was left out of a list', { table, reason: whereIn(parsed.error) });
    return [];
  });
}

/** Field names and what is wrong with them, never their values. */
const whereIn = (error: z.core.$ZodError) =>
  error.issues.map(({ path, code }) => `${path.map(String).join('.')}: ${code}`).join('; ');
