import {
  CompiledQuery,
  Kysely,
  MysqlDialect,
  type MysqlPool,
  type MysqlPoolConnection,
  type MysqlQueryResult,
} from 'kysely';
import {
  createPool,
  type Pool,
  type PoolConnection,
  type PoolOptions,
  type ResultSetHeader,
  type RowDataPacket,
} from 'mysql2';
import { mysql } from './dialect';
import type { LedgerTables } from './schema';

export interface MysqlCredentials {
  readonly user: string;
  readonly password: string;
}

export interface MysqlConnection {
  /** Where the server is: a host and port, or a socket's path. */
  readonly at: { readonly host: string; readonly port: number } | { readonly socketPath: string };
  readonly database: string;
  /** @param fresh a password was refused: ask where it is kept, not what is remembered */
  readonly credentials: (options: { readonly fresh: boolean }) => Promise<MysqlCredentials>;
  /** `verified`: the server's certificate must be signed for its name by an authority that Node knows, as RDS Proxy's is. */
  readonly tls: 'verified' | 'none';
  /** @default 2, what one invocation at a time can use */
  readonly connections?: number;
  /** How long a statement may take before its connection is given up. @default 15000 */
  readonly queryTimeoutMs?: number;
  /** Told of connections that ended by themselves; the next query makes another. */
  readonly onError?: (error: Error) => void;
}

const CONNECT_TIMEOUT_MS = 5_000;
/** Shorter than InnoDB waits for a lock by default (50 s), which is longer than a caller of the API waits. */
const QUERY_TIMEOUT_MS = 15_000;

/** Kysely over mysql2. Connects at the first query. */
export function connectMysql(connection: MysqlConnection): Kysely<LedgerTables> {
  return new Kysely<LedgerTables>({
    dialect: new MysqlDialect({
      pool: rotatingPool(connection),
      onCreateConnection: async (fresh) => {
        for (const statement of mysql.session) await fresh.executeQuery(CompiledQuery.raw(statement));
      },
    }),
  });
}

/** A pool that, when its password is refused, is made anew with the one that holds now: once for each refusal. */
function rotatingPool(connection: MysqlConnection): MysqlPool {
  let current: Promise<Pool> | undefined;
  /** Being made, or waited for, just now. */
  const connections = new Set<Promise<PoolConnection>>();
  const open = async (fresh: boolean): Promise<Pool> => poolOf(connection, await connection.credentials({ fresh }));
  const pool = (): Promise<Pool> => {
    const opening = (current ??= open(false));
    // A secret that could not be read is asked for again.
    opening.catch(() => {
      if (current === opening) current = undefined;
    });
    return opening;
  };
  /** Several requests may be refused at the same moment: only the first makes the new pool. */
  const renewed = (refused: Promise<Pool>): Promise<Pool> => {
    if (current === refused) {
      current = open(true);
      // Ended once nobody waits for it: mysql2 forgets, and never closes, what connects to a pool that is closed.
      void refused.then(async (old) => {
        await Promise.allSettled(connections);
        old.end(() => undefined);
      });
    }
    return pool();
  };
  const take = async (): Promise<PoolConnection> => {
    const used = pool();
    try {
      const opened = await used;
      const connecting = connectionOf(opened);
      connections.add(connecting);
      try {
        return await connecting;
      } finally {
        connections.delete(connecting);
      }
    } catch (error) {
      // Whoever asked the old pool while another was refused finds it closed.
      if (mysql.isAccessDenied(error) || current !== used) return connectionOf(await renewed(used));
      throw error;
    }
  };
  return {
    getConnection: (done) => {
      take().then(
        (raw) => done(null, timed(raw, connection.queryTimeoutMs ?? QUERY_TIMEOUT_MS)),
        (error: unknown) => done(error, none),
      );
    },
    end: (done) => {
      if (!current) {
        done(null);
        return;
      }
      current.then(
        (opened) => opened.end((error) => done(error)),
        () => done(null),
      );
    },
  };
}

/** What stands in a callback's second place when its first is an error: nobody looks at it. */
const none: MysqlPoolConnection = {
  query: () => {
    throw new Error('there is no connection');
  },
  release: () => undefined,
};

const noStream = (): never => {
  throw new Error('the ledger streams nothing');
};

const connectionOf = (pool: Pool): Promise<PoolConnection> =>
  new Promise((resolve, reject) => {
    pool.getConnection((error, raw) => (error ? reject(error) : resolve(raw)));
  });

function poolOf({ at, database, tls, connections = 2, onError }: MysqlConnection, credentials: MysqlCredentials): Pool {
  const options: PoolOptions = {
    ...at,
    ...credentials,
    database,
    charset: 'UTF8MB4_BIN',
    timezone: 'Z',
    // Doubles would not hold what the columns do.
    dateStrings: true,
    supportBigNumbers: true,
    bigNumberStrings: true,
    connectTimeout: CONNECT_TIMEOUT_MS,
    connectionLimit: connections,
    enableKeepAlive: true,
    ...(tls === 'verified' && { ssl: { minVersion: 'TLSv1.2', rejectUnauthorized: true, verifyIdentity: true } }),
  };
  const pool = createPool(options);
  pool.on('connection', (raw) => {
    // Without a listener an idle connection that the server closes would end the process.
    raw.on('error', (error: Error) => onError?.(error));
  });
  return pool;
}

const wrapped = new WeakMap<PoolConnection, MysqlPoolConnection>();

/**
 * A connection whose queries end in time, and which is given up where one did not or the connection broke: what would
 * come over it next may be the answer to another question. The same object for the same connection, by which Kysely knows
 * a new one.
 */
function timed(raw: PoolConnection, timeout: number): MysqlPoolConnection {
  const known = wrapped.get(raw);
  if (known) return known;
  let broken = false;
  const connection: MysqlPoolConnection = {
    query: (statement: string, values: unknown[], done?: (error: unknown, result: MysqlQueryResult) => void) => {
      const options = { sql: statement, values, timeout };
      // The text protocol: RDS Proxy pins a connection that prepares statements.
      raw.query<RowDataPacket[] | ResultSetHeader>(options, (error, result) => {
        // At once: the statement may still run, and a rollback would wait behind it on the same connection.
        if (error && mysql.isConnectionLost(error)) {
          broken = true;
          raw.destroy();
        }
        done?.(error, result);
      });
      return { stream: noStream };
    },
    release: () => {
      if (!broken) raw.release();
    },
  };
  wrapped.set(raw, connection);
  return connection;
}
