import { CompiledQuery, Kysely, PostgresDialect } from 'kysely';
import { Pool, TypeOverrides } from 'pg';
import { postgres } from './dialect';
import type { LedgerTables } from './schema';

export interface PostgresConnection {
  /** A host, or the directory of a socket. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  /** @default 8 */
  readonly connections?: number;
  /** Told of connections that ended by themselves; the next query makes another. */
  readonly onError?: (error: Error) => void;
}

const TIMESTAMPTZ = 1184;
/** A Date would be written in the machine's zone; columns.ts reads one notation for both engines. */
const asText = new TypeOverrides();
asText.setTypeParser(TIMESTAMPTZ, (text) => text);

/** Kysely over pg, for the ledger on one machine: a file of its own, so that what runs in Lambda carries no second driver. */
export function connectPostgres({ connections = 8, onError, ...where }: PostgresConnection): Kysely<LedgerTables> {
  const pool = new Pool({
    ...where,
    max: connections,
    connectionTimeoutMillis: 5_000,
    query_timeout: 15_000,
    // Waiting for the next query must not keep a process that has nothing else to do.
    allowExitOnIdle: true,
    types: asText,
  });
  // Without a listener a connection that the server closes would end the process. The pool listens to idle ones only; one
  // that is at work tells its query too, which says what to do.
  pool.on('error', (error) => onError?.(error));
  pool.on('connect', (client) => client.on('error', () => undefined));
  return new Kysely<LedgerTables>({
    dialect: new PostgresDialect({
      pool,
      onCreateConnection: async (fresh) => {
        await fresh.executeQuery(CompiledQuery.raw(postgres.session.join('; ')));
      },
    }),
  });
}
