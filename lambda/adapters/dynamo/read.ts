import {
  type DynamoDBDocumentClient,
  paginateQuery,
  paginateScan,
  type QueryCommandInput,
  type ScanCommandInput,
} from '@aws-sdk/lib-dynamodb';
import type * as z from 'zod/mini';
import { parseRow } from '../stored-row';

/** Every row of a query, parsed, page after page. */
export async function queryAll<S extends z.ZodMiniType>(
  documents: DynamoDBDocumentClient,
  schema: S,
  input: QueryCommandInput & { readonly TableName: string },
): Promise<z.infer<S>[]> {
  const rows: z.infer<S>[] = [];
  for await (const page of paginateQuery({ client: documents }, input)) {
    for (const row of page.Items ?? []) rows.push(parseRow(schema, input.TableName, row));
  }
  return rows;
}

/** Every row of a table, parsed. For jobs: nothing on a request path scans. */
export async function* scanAll<S extends z.ZodMiniType>(
  documents: DynamoDBDocumentClient,
  schema: S,
  input: ScanCommandInput & { readonly TableName: string },
): AsyncGenerator<z.infer<S>> {
  for await (const page of paginateScan({ client: documents }, input)) {
    for (const row of page.Items ?? []) yield parseRow(schema, input.TableName, row);
  }
}
