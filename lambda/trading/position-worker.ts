import { onFirstCall } from '../adapters/aws';
import { queueOf } from '../adapters/aws-clients';
import { ledgerOf } from '../adapters/ledger/from-environment';
import { queueWorker } from '../queue-worker';
import type { WorkerServices } from '../advisor/services';
import type { TradingServices } from './services';

type Services = WorkerServices & Pick<TradingServices, 'ledger' | 'clock' | 'log' | 'metrics'>;

/** Takes the portfolios' word on what they hold, so that the next sell is checked against it. */
export const makeHandler = (services: Services) =>
  queueWorker('positionsChanged', services, async ({ detail }) => {
    const { ledger, clock, log } = services;
    const isNews = await ledger.report(detail, clock().toISOString());
    if (!isNews) log.info('a report of a position was known, or older than the last', { symbol: detail.symbol });
  });

export const handler = onFirstCall('position-worker', (environment, aws) =>
  makeHandler({ ...aws, ...queueOf(environment), ledger: ledgerOf(environment, aws) }),
);
