import * as z from 'zod/mini';
import { portfolioDatabase } from './functions';
import type { TableAction } from './functions';
import type { TableId } from './tables';

/**
 * The portfolio service: the one program here that is no function. Its environment, which the instance's unit file is made
 * of and `service/main.ts` parses; its permissions, which the instance's role is made of.
 */

const text = () => z.string().check(z.minLength(1));
const whole = () =>
  z.pipe(
    z.string().check(z.regex(/^\d+$/, 'must be a whole number')),
    z.transform((value: string) => Number(value)),
  );

export const SERVICE_ENTRY = 'service/main.ts';
export const SERVICE_PORT = 8080;
/** Answered without a token; what the load balancer asks. */
export const SERVICE_HEALTH_PATH = '/health';

export const serviceEnvironment = z.object({
  SIGNAL9_ENV: text(),
  SIGNAL9_VERSION: text(),
  LOG_LEVEL: z._default(z.enum(['DEBUG', 'INFO', 'WARN', 'ERROR']), 'INFO'),
  AWS_REGION: text(),
  PORT: whole(),
  ...portfolioDatabase,
  /** Connections to the database. */
  PORTFOLIO_CONNECTIONS: whole(),
  CACHE_HOST: text(),
  CACHE_PORT: whole(),
  /** {username, password} of the cache's user. */
  CACHE_SECRET_ARN: text(),
  APCA_SECRET_ARN: text(),
  APCA_API_BASE_URL: z.url(),
  APCA_API_DATA_URL: z.url(),
  /** SSM parameter with the user pool's id: the pool is a stack to the right, and its id a name to be looked up. */
  USER_POOL_PARAMETER: text(),
  CONSOLE_ORIGIN: z.optional(z.url()),
});
export type ServiceEnvironment = z.infer<typeof serviceEnvironment>;
export type ServiceEnvironmentInput = z.input<typeof serviceEnvironment>;

/** Exactly these actions on these tables and their indexes. */
export const SERVICE_TABLES = { connections: ['Query'] } as const satisfies Partial<
  Record<TableId, readonly TableAction[]>
>;
