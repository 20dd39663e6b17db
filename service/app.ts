import type { FastifyInstance } from 'fastify';
import { portfolioRoutes } from '../contract/routes/portfolios';
import { SERVICE_HEALTH_PATH } from '../contract/service';
import { serve } from '../lambda/api/serve';
import { createHealth, draining } from './health';
import { createServer } from './http/server';
import { createLeader } from './leader';
import { holdingsImplementation } from './routes/holdings';
import { importExportImplementations } from './routes/import-export';
import { performanceImplementation } from './routes/performance';
import { portfolioImplementations } from './routes/portfolios';
import { transactionImplementations } from './routes/transactions';
import type { PortfolioServices } from './services';
import { processTimers, type Timers } from './timers';

export interface ServiceOptions {
  /** How long the load balancer may take to send nobody here any more, after health has said so. @default 0 */
  readonly drainMs?: number;
  /** How long requests under way may take to end. @default 10000 */
  readonly graceMs?: number;
  readonly timers?: Timers;
}

export interface PortfolioService {
  readonly app: FastifyInstance;
  /** Resolves when routes can be asked, by `app.listen` or `app.inject`. */
  ready(): Promise<void>;
  /** Stands for election, and does the leader's work while elected. */
  start(): void;
  /** Drains: what is under way ends, nothing new begins. Afterwards the market's connections are closed. */
  stop(): Promise<void>;
}

/** The portfolio service: its routes, its health and the leader's loop. Whoever made the store closes it after `stop`. */
export function createService(services: PortfolioServices, options: ServiceOptions = {}): PortfolioService {
  const { drainMs = 0, graceMs = 10_000, timers = processTimers } = options;
  const { log, tokens, market, sleep, consoleOrigin } = services;
  const handle = serve(
    [
      ...portfolioImplementations(services),
      holdingsImplementation(services),
      performanceImplementation(services),
      ...transactionImplementations(services),
      ...importExportImplementations(services),
    ],
    services,
  );
  const app = createServer({ routes: Object.values(portfolioRoutes), handle, tokens, log, consoleOrigin });
  const leader = createLeader(services, timers);
  const ask = createHealth(services);
  let isDraining = false;
  let stopped: Promise<void> | undefined;

  app.get(SERVICE_HEALTH_PATH, async (_request, reply) => {
    reply.header('cache-control', 'no-store');
    return isDraining ? reply.code(503).send(draining(services)) : reply.send(await ask());
  });

  async function stop(): Promise<void> {
    isDraining = true;
    log.info('draining');
    // The next leader can begin while requests are still answered here.
    await Promise.all([leader.stop(), drainMs > 0 ? sleep(drainMs) : undefined]);
    const cancel = timers.after(graceMs, () => {
      log.warn('requests under way are cut off');
      app.server.closeAllConnections();
    });
    await app.close();
    cancel();
    await market.close();
    log.info('stopped');
  }

  return {
    app,
    ready: async () => {
      await app.ready();
    },
    start: () => leader.start(),
    stop: () => (stopped ??= stop()),
  };
}
