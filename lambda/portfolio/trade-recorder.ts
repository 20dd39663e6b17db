import { onFirstCall } from '../adapters/aws';
import { queueOf } from '../adapters/aws-clients';
import { portfolioStoreOf } from '../adapters/portfolio/from-environment';
import { queueWorker } from '../queue-worker';
import type { PortfolioFunctionServices, WorkerServices } from './services';

type Services = WorkerServices & Pick<PortfolioFunctionServices, 'store' | 'clock' | 'log' | 'metrics'>;

/** Makes a transaction of each booked trade: a fact, which is never refused, whatever else it contradicts. */
export const makeHandler = (services: Services) =>
  queueWorker('tradeBooked', services, async ({ detail }) => {
    const { store, clock, log } = services;
    const { result } = await store.record(detail, clock().toISOString());
    const { trade_id } = detail;
    if (result === 'repeated') log.info('a booked trade was recorded before', { trade_id });
    if (result === 'left') log.info('a booked trade of somebody who left is recorded nowhere', { trade_id });
  });

export const handler = onFirstCall('trade-recorder', (environment, aws) =>
  makeHandler({ ...aws, ...queueOf(environment), store: portfolioStoreOf(environment, aws) }),
);
