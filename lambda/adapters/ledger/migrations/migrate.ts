import { type Kysely, Migrator } from 'kysely';
import type { LedgerDialect } from '../dialect';
import * as ordersAndPositions from './0001-orders-and-positions';

/** By name, in order; listed here and not read from a folder, since a bundle has none. */
const migrations = { '0001-orders-and-positions': ordersAndPositions } as const;

/**
 * Brings the database to this version's tables. Safe to run again, and by two processes at once: a lock of the database
 * lets the second wait, then find nothing to do.
 *
 * @returns the names of those it ran
 */
export async function migrate<T>(db: Kysely<T>, dialect: LedgerDialect): Promise<readonly string[]> {
  const migrator = new Migrator({
    db,
    provider: {
      getMigrations: async () =>
        Object.fromEntries(
          Object.entries(migrations).map(([name, { up }]) => [
            name,
            { up: (ours: Kysely<unknown>) => up(ours, dialect) },
          ]),
        ),
    },
  });
  const { error, results = [] } = await migrator.migrateToLatest();
  if (error) throw error instanceof Error ? error : new Error('the ledger could not be migrated', { cause: error });
  return results.map(({ migrationName }) => migrationName);
}
