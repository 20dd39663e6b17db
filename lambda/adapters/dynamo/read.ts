import {
  type DynamoDBDocumentClient,
  paginateQuery,
  paginateScan,
  type QueryCommandInput,
  type ScanCommandInput,
} from '@aws-sdk/lib-dynamodb';
import type * as z from 'zod/mini';

/** A stored row that is not what we write: someone else wrote it, or an older version did. */
export class StoredRowError extends Error {
  override readonly name = 'StoredRowError';
}

/** Parses a row read from a table. @throws StoredRowError naming the table and the field */
export function parseRow<S extends z.ZodMiniType>(schema: S, table: string, row: unknown): z.infer<S> {
  const parsed = schema.safeParse(row);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new StoredRowError(`${table}: ${issue?.path.join('.') ?? ''} ${issue?.message ?? 'is not readable'}`);
}

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
