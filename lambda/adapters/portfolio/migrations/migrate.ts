import type { Kysely } from 'kysely';
import { runMigrations } from '../../ledger/migrations/run-migrations';
import * as portfolios from './0001-portfolios';

/** By name, in order; listed here and not read from a folder, since a bundle has none. */
const migrations = { '0001-portfolios': portfolios } as const;

/** Brings the portfolios' database to this version's tables. @returns the names of the migrations it ran */
export const migratePortfolios = <T>(db: Kysely<T>): Promise<readonly string[]> => runMigrations(db, migrations);
