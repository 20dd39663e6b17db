import { Kysely, PostgresDialect, type PostgresPool, type PostgresPoolClient } from 'kysely';
import { type ClientConfig, Pool, type PoolClient, TypeOverrides } from 'pg';
import { postgres } from './dialect';
import type { LedgerTables } from './schema';

export interface PostgresConnection {
  /** A host, or the directory of a socket. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  /** Asked for before the first connection where it is a function. */
  readonly user: string | (() => Promise<string>);
  /** Asked for at every new connection where it is a function. `fresh`: the last one was refused. */
  readonly password: string | ((options: { readonly fresh: boolean }) => Promise<string>);
  /** Authorities (PEM) of which one must have signed the server's certificate for its name. @default no TLS */
  readonly authorities?: readonly string[];
  /** @default 8 */
  readonly connections?: number;
  /** How long a statement may take before the server ends it. @default 12000 */
  readonly statementTimeoutMs?: number;
  /** Told of connections that ended by themselves; the next query makes another. */
  readonly onError?: (error: Error) => void;
}

const CONNECT_TIMEOUT_MS = 5_000;
const STATEMENT_TIMEOUT_MS = 12_000;
/** Behind the server's own: only a server that does not answer at all comes to this one. */
const NO_ANSWER_MS = 3_000;

const DATE = 1082;
const TIMESTAMPTZ = 1184;
/** A Date would be written in the machine's zone; columns.ts reads one notation for both engines. */
const asText = new TypeOverrides();
asText.setTypeParser(DATE, (text) => text);
asText.setTypeParser(TIMESTAMPTZ, (text) => text);

/** What one connection needs to know, for the pool and for whoever needs a connection of their own. */
export async function clientConfigOf(
  { host, port, database, user, password, authorities, statementTimeoutMs }: PostgresConnection,
  fresh = false,
): Promise<ClientConfig> {
  const timeout = statementTimeoutMs ?? STATEMENT_TIMEOUT_MS;
  return {
    host,
    port,
    database,
    user: typeof user === 'string' ? user : await user(),
    password: typeof password === 'string' ? password : () => password({ fresh }),
    ...(authorities && { ssl: { ca: [...authorities], minVersion: 'TLSv1.2', rejectUnauthorized: true } }),
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: timeout,
    query_timeout: timeout + NO_ANSWER_MS,
    keepAlive: true,
    types: asText,
  };
}

/** Kysely over pg: a file of its own, so that what runs on MySQL carries no second driver. Connects at the first query. */
export const connectPostgres = <Tables = LedgerTables>(connection: PostgresConnection): Kysely<Tables> =>
  new Kysely<Tables>({ dialect: new PostgresDialect({ pool: () => poolOf(connection) }) });

async function poolOf(connection: PostgresConnection): Promise<PostgresPool> {
  const { connections = 8, password, onError } = connection;
  let refused = false;
  const pool = new Pool({
    ...(await clientConfigOf(connection)),
    ...(typeof password === 'function' && { password: () => password({ fresh: refused }) }),
    max: connections,
    // Waiting for the next query must not keep a process that has nothing else to do.
    allowExitOnIdle: true,
  });
  // Without a listener a connection that the server closes would end the process. The pool listens to idle ones only; one
  // that is at work tells its query too, which says what to do.
  pool.on('error', (error) => onError?.(error));
  pool.on('connect', (client) => client.on('error', () => undefined));

  /** A password that is refused is asked for where it is kept, once. */
  const connected = async (): Promise<PoolClient> => {
    try {
      return await pool.connect();
    } catch (error) {
      if (typeof password === 'string' || !postgres.isAccessDenied(error)) throw error;
      refused = true;
      try {
        return await pool.connect();
      } finally {
        refused = false;
      }
    }
  };
  const ours = new WeakMap<PoolClient, PostgresPoolClient>();
  return {
    connect: async () => {
      const raw = await connected();
      const known = ours.get(raw);
      if (known) return known;
      const client = careful(raw);
      try {
        await client.query(postgres.session.join('; '), []);
      } catch (error) {
        raw.release(true);
        throw error;
      }
      ours.set(raw, client);
      return client;
    },
    end: () => pool.end(),
  };
}

/** A connection that is given up where it broke or did not answer: what came over it next might answer another question. */
function careful(raw: PoolClient): PostgresPoolClient {
  let broken = false;
  const query = async (text: string, values: readonly unknown[]): Promise<unknown> => {
    try {
      // Several statements in one go have no parameters.
      return await (values.length === 0 ? raw.query(text) : raw.query(text, [...values]));
    } catch (error) {
      broken ||= postgres.isConnectionLost(error);
      throw error;
    }
  };
  // Of the pool's client Kysely uses no more than this; its type also speaks of cursors, which nobody here opens.
  return { query, release: () => raw.release(broken) } as PostgresPoolClient;
}
