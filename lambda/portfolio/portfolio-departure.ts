import { onFirstCall } from '../adapters/aws';
import { queueOf } from '../adapters/aws-clients';
import { portfolioStoreOf } from '../adapters/portfolio/from-environment';
import { queueWorker } from '../queue-worker';
import type { PortfolioFunctionServices, WorkerServices } from './services';

type Services = WorkerServices & Pick<PortfolioFunctionServices, 'store' | 'clock' | 'log' | 'metrics'>;

/** Removes the portfolios of somebody who left. Their booked trades stay in the ledger, under a pseudonym. */
export const makeHandler = (services: Services) =>
  queueWorker('userRemoved', services, async ({ detail: { user_id, removed_at } }) => {
    const { store, clock, log } = services;
    const portfolios = await store.removeUser(user_id, removed_at, clock().toISOString());
    log.info('the portfolios of somebody who left are gone', { counts: { portfolios } });
  });

export const handler = onFirstCall('portfolio-departure', (environment, aws) =>
  makeHandler({ ...aws, ...queueOf(environment), store: portfolioStoreOf(environment, aws) }),
);
