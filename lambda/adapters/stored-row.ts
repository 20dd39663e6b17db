import type * as z from 'zod/mini';

/** A stored row that is not what we write: someone else wrote it, or another version did. */
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
