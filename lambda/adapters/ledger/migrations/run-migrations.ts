import { type Kysely, Migrator } from 'kysely';

export type Migrations = Readonly<Record<string, { readonly up: (db: Kysely<unknown>) => Promise<void> }>>;

/**
 * Brings a database to the last of its migrations, by name, in order. Safe to run again, and by two processes at once: a
 * lock of the database lets the second wait, then find nothing to do.
 *
 * @returns the names of those it ran
 */
export async function runMigrations<T>(db: Kysely<T>, migrations: Migrations): Promise<readonly string[]> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => ({ ...migrations }) } });
  const { error, results = [] } = await migrator.migrateToLatest();
  if (error) throw error instanceof Error ? error : new Error('the tables could not be migrated', { cause: error });
  return results.map(({ migrationName }) => migrationName);
}
