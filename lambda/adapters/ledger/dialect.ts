import { type RawBuilder, sql } from 'kysely';
import * as z from 'zod/mini';

/**
 * Every difference between MySQL 8 (with MariaDB) and PostgreSQL that the ledger knows of. MySQL is the reference;
 * PostgreSQL follows it. All other SQL here is of the subset that the three share.
 */
export interface LedgerDialect {
  readonly name: 'mysql' | 'postgres';
  /** Text compared byte by byte, so that `a` is not `A` and ids sort as ULIDs do. */
  readonly text: (length: number) => RawBuilder<unknown>;
  readonly longText: RawBuilder<unknown>;
  /** A moment to the millisecond, UTC. */
  readonly instant: RawBuilder<unknown>;
  /** What stands behind a `create table (…)`. */
  readonly tableOptions: RawBuilder<unknown>;
  /** Statements that make a fresh connection ours. */
  readonly session: readonly string[];
  /** Ends an `insert` that leaves a row as it is where its key is taken. Waits for whoever is writing it just now. */
  readonly keepExisting: (key: string) => RawBuilder<unknown>;
  /** A unique constraint said no. */
  readonly isDuplicate: (error: unknown) => boolean;
  /** The transaction lost against another, was rolled back, and may be tried again as it was. */
  readonly isConflict: (error: unknown) => boolean;
  /** The connection went away; whether the last statement took effect is not known. */
  readonly isConnectionLost: (error: unknown) => boolean;
  /** The server is there and lets nobody in yet. */
  readonly isNotYetOpen: (error: unknown) => boolean;
  /** The password is not, or no longer, right. */
  readonly isAccessDenied: (error: unknown) => boolean;
}

const driverError = z.object({
  code: z.optional(z.nullable(z.string())),
  errno: z.optional(z.nullable(z.number())),
  fatal: z.optional(z.nullable(z.boolean())),
  message: z.optional(z.string()),
});
const read = (error: unknown): z.infer<typeof driverError> => {
  const parsed = driverError.safeParse(error);
  return parsed.success ? parsed.data : {};
};
const SOCKET_CODES = new Set(['ECONNRESET', 'ECONNREFUSED', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', 'ENOENT']);

const ER_DUP_ENTRY = 1062;
const ER_ACCESS_DENIED = 1045;
/** Lock wait timeout, deadlock, and MariaDB's "record has changed since last read". */
const MYSQL_CONFLICTS = new Set([1205, 1213, 1020]);
/**
 * No connection to be borrowed in time (9501, RDS Proxy), shutdown (1053), connection killed (1927, 1317 leaves it open),
 * too many connections (1040), and the read-only answers of a writer endpoint in the seconds after a failover (1290, 1836).
 */
const MYSQL_LOST = new Set([9501, 1053, 1927, 1040, 1290, 1836]);

/**
 * A host that is not allowed (1130): how a server says no before it has read its own list of users. Aurora PostgreSQL was
 * seen to answer so while it resumed ("no pg_hba.conf entry",
 * https://github.com/cyrilgdn/terraform-provider-postgresql/issues/540); this is MySQL's word for it.
 */
const ER_HOST_NOT_PRIVILEGED = 1130;

export const mysql: LedgerDialect = {
  name: 'mysql',
  // 0900_bin is MySQL's alone and nopad_bin MariaDB's. This one, which both have, ignores spaces at the end in
  // comparisons; the constraints keep them out of keys that callers choose.
  text: (length) => sql.raw(`varchar(${length}) character set utf8mb4 collate utf8mb4_bin`),
  longText: sql.raw('text character set utf8mb4 collate utf8mb4_bin'),
  instant: sql.raw('datetime(3)'),
  tableOptions: sql.raw('engine = InnoDB default character set utf8mb4 collate utf8mb4_bin'),
  // RDS's default mode cuts what is too long and calls it a warning. These three are settings that RDS Proxy follows
  // without pinning the connection.
  session: [
    'set session transaction isolation level read committed',
    "set session sql_mode = 'STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,ONLY_FULL_GROUP_BY,NO_ENGINE_SUBSTITUTION'",
    "set session time_zone = '+00:00'",
  ],
  // Not `insert ignore`, which forgives broken constraints too. This one locks the row it finds for writing at once,
  // where a plain duplicate would lock it for reading and make a deadlock of the next step.
  keepExisting: (key) => sql`on duplicate key update ${sql.ref(key)} = ${sql.ref(key)}`,
  isDuplicate: (error) => read(error).errno === ER_DUP_ENTRY,
  isConflict: (error) => MYSQL_CONFLICTS.has(read(error).errno ?? 0),
  isConnectionLost: (error) => {
    const { code, errno, fatal } = read(error);
    if (errno === ER_ACCESS_DENIED) return false;
    return (
      fatal === true ||
      SOCKET_CODES.has(code ?? '') ||
      MYSQL_LOST.has(errno ?? 0) ||
      (code ?? '').startsWith('PROTOCOL_')
    );
  },
  isNotYetOpen: (error) => read(error).errno === ER_HOST_NOT_PRIVILEGED,
  isAccessDenied: (error) => read(error).errno === ER_ACCESS_DENIED,
};

export const postgres: LedgerDialect = {
  name: 'postgres',
  text: (length) => sql.raw(`varchar(${length}) collate "C"`),
  longText: sql.raw('text collate "C"'),
  instant: sql.raw('timestamptz(3)'),
  tableOptions: sql.raw(''),
  session: [
    'set session characteristics as transaction isolation level read committed',
    "set time zone 'UTC'",
    "set datestyle = 'ISO'",
    "set lock_timeout = '10s'",
  ],
  keepExisting: () => sql.raw('on conflict do nothing'),
  isDuplicate: (error) => read(error).code === '23505',
  // Serialization failure, deadlock, lock timeout.
  isConflict: (error) => ['40001', '40P01', '55P03'].includes(read(error).code ?? ''),
  // Class 08, and the shutdown, crash and "cannot connect now" of 57P. The driver itself gives some errors words only.
  isConnectionLost: (error) => {
    const { code, message } = read(error);
    return (
      /^(08...|57P0[123]|53300)$/.test(code ?? '') ||
      SOCKET_CODES.has(code ?? '') ||
      /connection terminated|not queryable|timeout exceeded when trying to connect|query read timeout/i.test(
        message ?? '',
      )
    );
  },
  isNotYetOpen: (error) => read(error).code === '57P03',
  isAccessDenied: (error) => ['28P01', '28000'].includes(read(error).code ?? ''),
};
