import { type SecretAccess } from './secret-access';

/** ElastiCache Serverless has this port and no other for reads and writes; 6380, for reads of replicas, nobody uses. */
export const CACHE_PORT = 6379;

/** All that a stack to the right of Data has of the cache. TLS only; the secret holds `username` and `password`. */
export interface CacheAccess extends SecretAccess {
  readonly host: string;
  readonly port: number;
}

/** What the service is told of the cache. */
export const cacheEnvironment = (access: CacheAccess) => ({
  CACHE_SECRET_ARN: access.secretArn,
  CACHE_HOST: access.host,
  CACHE_PORT: String(access.port),
});
