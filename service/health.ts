import type * as z from 'zod/mini';
import { health } from '../contract/schemas/health';
import { errorFields } from '../lambda/adapters/log-fields';
import type { PortfolioServices } from './services';

export type HealthAnswer = z.infer<typeof health>;

/** Longest that a check may take. */
const CHECK_TIMEOUT_MS = 2_000;

/**
 * How the service is, by what it stands on. The database, the cache, the provider and the user pool are shared by all
 * instances: were one of them a reason for 503, the load balancer would take all instances out and the Auto Scaling group
 * replace them one after the other, which mends nothing and ends what still works. So they make it `degraded`, with 200.
 */
export function createHealth(services: PortfolioServices): () => Promise<HealthAnswer> {
  const { store, market, tokens, env, region, version, log } = services;

  return async () => {
    const [database, quotes, token] = await Promise.all([
      checked('database', async () => {
        await store.ping();
        return 'ok';
      }),
      checked('market', () => market.health()),
      checked('tokens', () => tokens.health()),
    ]);
    const { cache, provider } =
      typeof quotes === 'string'
        ? { cache: quotes, provider: quotes }
        : { cache: quotes.cache, provider: quotes.provider };
    const checks = { database, cache, provider, tokens: token };
    const isOk = Object.values(checks).every((reason) => reason === 'ok');
    return health.parse({ status: isOk ? 'ok' : 'degraded', version, env, region, checks });
  };

  /** The reason shown is ours, for a driver's message may name what it should not. */
  async function checked<T>(operation: string, run: () => Promise<T>): Promise<T | 'unreachable'> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error('no answer in time')), CHECK_TIMEOUT_MS);
    });
    try {
      return await Promise.race([run(), late]);
    } catch (thrown) {
      log.error('a health check failed', { operation, ...errorFields(thrown) });
      return 'unreachable';
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Said while connections are drained: the load balancer must send nobody here any more. */
export const draining = ({ env, region, version }: PortfolioServices): HealthAnswer => ({
  status: 'degraded',
  version,
  env,
  region,
  checks: { service: 'draining' },
});
