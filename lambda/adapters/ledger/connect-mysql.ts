import { connect, type Socket } from 'node:net';
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
import { LedgerUnavailable } from './ledger';
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
  /** Authorities (PEM) of which one must have signed the server's certificate for its name. @default no TLS */
  readonly authorities?: readonly string[];
  /** @default 2, what one invocation at a time can use */
  readonly connections?: number;
  /** How long a statement may take before its connection is given up. @default 15000 */
  readonly queryTimeoutMs?: number;
  /** How long a connection is tried for, again where it is refused or cut. @default 5000 */
  readonly connectPatienceMs?: number;
  /** How long whoever waits for the answer still waits: no connection and no statement takes longer. @default for ever */
  readonly remainingMs?: () => number;
  /** Told of connections that ended by themselves; the next query makes another. */
  readonly onError?: (error: Error) => void;
}

const CONNECT_PATIENCE_MS = 5_000;
/** Between two tries to connect. */
const CONNECT_PAUSE_MS = 250;
/**
 * Kept of an invocation's time for its answer. API Gateway counts from the request and waits for 29 seconds, the function
 * from its handler's call, for 30: a cold start of a second or two stands between them.
 */
const ANSWER_MS = 4_000;
/** The least that a statement is given. */
const LEAST_QUERY_MS = 1_000;
/** Longest that the end of idle connections is waited for; the server notices by itself, only later. */
const CLOSE_MS = 1_000;
/** Shorter than InnoDB waits for a lock by default (50 s), which is longer than a caller of the API waits. */
const QUERY_TIMEOUT_MS = 15_000;

export interface MysqlLedger {
  readonly db: Kysely<LedgerTables>;
  /** Ends the connections, of which none may be in use; the next query makes another. */
  readonly rest: () => Promise<void>;
}

/** Kysely over mysql2. Connects at the first query. */
export const connectMysql = (connection: MysqlConnection): Kysely<LedgerTables> => restingMysql(connection).db;

/** Kysely over mysql2, which can be told to leave the server alone between two pieces of work. */
export function restingMysql(connection: MysqlConnection): MysqlLedger {
  const pool = rotatingPool(connection);
  const db = new Kysely<LedgerTables>({
    dialect: new MysqlDialect({
      pool,
      onCreateConnection: async (fresh) => {
        for (const statement of mysql.session) await fresh.executeQuery(CompiledQuery.raw(statement));
      },
    }),
  });
  return { db, rest: () => pool.rest() };
}

const pause = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

/** A pool that, when its password is refused, is made anew with the one that holds now: once for each refusal. */
function rotatingPool(connection: MysqlConnection): MysqlPool & { rest(): Promise<void> } {
  const { connectPatienceMs = CONNECT_PATIENCE_MS, remainingMs = () => Number.POSITIVE_INFINITY } = connection;
  let current: Promise<Pool> | undefined;
  /** Of the connections that are open or being made, also of those that nobody waits for any more. */
  const sockets = new Set<Socket>();
  /** Being made, or waited for, just now. */
  const connections = new Set<Promise<PoolConnection>>();
  const open = async (fresh: boolean): Promise<Pool> =>
    poolOf(connection, await connection.credentials({ fresh }), sockets);
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
  const takeOnce = async (isWanted: () => boolean): Promise<PoolConnection> => {
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
      // The pool was ended because nobody waits any longer: another would be opened for nobody.
      if (!isWanted()) throw error;
      // Whoever asked the old pool while another was refused finds it closed.
      if (mysql.isAccessDenied(error) || current !== used) return connectionOf(await renewed(used));
      throw error;
    }
  };

  /**
   * Tries until there is a connection or nobody waits any longer. A server that resumes lets one wait; one that fails over
   * refuses or cuts it.
   */
  const take = async (): Promise<PoolConnection> => {
    const patience = Math.min(connectPatienceMs, remainingMs() - ANSWER_MS);
    const until = performance.now() + patience;
    const state: { isOver: boolean; last?: unknown } = { isOver: patience <= 0 };
    const tries = async (): Promise<PoolConnection> => {
      for (;;) {
        try {
          const raw = await takeOnce(() => !state.isOver);
          if (!state.isOver) return raw;
          // Too late for whoever asked; the next one finds it.
          raw.release();
          throw new Error('the connection came too late');
        } catch (error) {
          if (state.isOver || !isPassing(error)) throw error;
          state.last = error;
          if (performance.now() + CONNECT_PAUSE_MS >= until) throw error;
          await pause(CONNECT_PAUSE_MS);
        }
      }
    };
    if (state.isOver) throw new LedgerUnavailable('no time is left to connect to the ledger');
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        state.isOver = true;
        const last = state.last === undefined ? '' : `, last ${wordsOf(state.last)}`;
        reject(
          new LedgerUnavailable(`no connection to the ledger in ${Math.round(patience)} ms${last}`, {
            cause: state.last,
          }),
        );
      }, patience);
    });
    try {
      const trying = tries();
      // Nobody listens to it once time is up.
      trying.catch(() => undefined);
      return await Promise.race([trying, late]);
    } catch (error) {
      if (!isPassing(error)) throw error;
      throw new LedgerUnavailable(`the ledger cannot be reached: ${wordsOf(error)}`, { cause: error });
    } finally {
      clearTimeout(timer);
    }
  };

  const rest = async (): Promise<void> => {
    const resting = current;
    current = undefined;
    if (!resting) return;
    const closed = resting.then(
      (opened) => new Promise<void>((resolve) => opened.end(() => resolve())),
      () => undefined,
    );
    await Promise.race([closed, pause(CLOSE_MS)]);
    // What was still being made: mysql2 would end it once it is open, which may be never in a container that is frozen.
    for (const socket of sockets) socket.destroy();
  };

  return {
    rest,
    getConnection: (done) => {
      const { queryTimeoutMs = QUERY_TIMEOUT_MS } = connection;
      const timeout = () => Math.max(LEAST_QUERY_MS, Math.min(queryTimeoutMs, remainingMs() - ANSWER_MS / 2));
      take().then(
        (raw) => done(null, timed(raw, timeout)),
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

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Whether another try may well succeed: the server is not there, not yet, or no writer yet. */
const isPassing = (error: unknown): boolean =>
  !(error instanceof LedgerUnavailable) && (mysql.isConnectionLost(error) || mysql.isNotYetOpen(error));

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

function poolOf(
  { at, database, authorities, connections = 2, connectPatienceMs = CONNECT_PATIENCE_MS, onError }: MysqlConnection,
  credentials: MysqlCredentials,
  sockets: Set<Socket>,
): Pool {
  const options: PoolOptions = {
    ...at,
    stream: () => socketTo(at, sockets),
    ...credentials,
    database,
    charset: 'UTF8MB4_BIN',
    timezone: 'Z',
    // Doubles would not hold what the columns do.
    dateStrings: true,
    supportBigNumbers: true,
    bigNumberStrings: true,
    // Until the server has let us in, its TLS and the password included.
    connectTimeout: connectPatienceMs,
    connectionLimit: connections,
    ...(authorities && {
      ssl: { ca: [...authorities], minVersion: 'TLSv1.2', rejectUnauthorized: true, verifyIdentity: true },
    }),
  };
  const pool = createPool(options);
  pool.on('connection', (raw) => {
    // Without a listener an idle connection that the server closes would end the process.
    raw.on('error', (error: Error) => onError?.(error));
  });
  return pool;
}

/** A socket as mysql2 would make one, which is known while it lives. */
function socketTo(at: MysqlConnection['at'], sockets: Set<Socket>): Socket {
  const socket = 'socketPath' in at ? connect(at.socketPath) : connect(at.port, at.host);
  socket.setKeepAlive(true);
  socket.setNoDelay(true);
  sockets.add(socket);
  socket.once('close', () => sockets.delete(socket));
  return socket;
}

const wrapped = new WeakMap<PoolConnection, MysqlPoolConnection>();

/**
 * A connection whose queries end in time, and which is given up where one did not or the connection broke: what would
 * come over it next may be the answer to another question. The same object for the same connection, by which Kysely knows
 * a new one.
 */
function timed(raw: PoolConnection, timeoutMs: () => number): MysqlPoolConnection {
  const known = wrapped.get(raw);
  if (known) return known;
  let broken = false;
  const connection: MysqlPoolConnection = {
    query: (statement: string, values: unknown[], done?: (error: unknown, result: MysqlQueryResult) => void) => {
      const options = { sql: statement, values, timeout: timeoutMs() };
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
