import type { Kysely } from 'kysely';
import type { LedgerDialect } from '../dialect';
import * as ordersAndPositions from './0001-orders-and-positions';
import { runMigrations } from './run-migrations';

/** By name, in order; listed here and not read from a folder, since a bundle has none. */
const migrations = { '0001-orders-and-positions': ordersAndPositions } as const;

/** Brings the ledger to this version's tables. @returns the names of the migrations it ran */
export const migrate = <T>(db: Kysely<T>, dialect: LedgerDialect): Promise<readonly string[]> =>
  runMigrations(
    db,
    Object.fromEntries(
      Object.entries(migrations).map(([name, { up }]) => [name, { up: (ours: Kysely<unknown>) => up(ours, dialect) }]),
    ),
  );
