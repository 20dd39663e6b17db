import { type IRole } from 'aws-cdk-lib/aws-iam';
import { allowReadingSecret, type SecretAccess } from './secret-access';

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

/** Lets a role read the secret of the cache's user, and use its key through Secrets Manager only. */
export const allowReadingCacheSecret = (role: IRole, access: CacheAccess): void => allowReadingSecret(role, access);
