import { createHash } from 'node:crypto';
import { onFirstCall } from '../adapters/aws';
import { queueOf } from '../adapters/aws-clients';
import { ledgerOf } from '../adapters/ledger/from-environment';
import { PSEUDONYM } from '../adapters/ledger/ledger';
import { queueWorker } from '../queue-worker';
import type { WorkerServices } from '../advisor/services';
import type { TradingServices } from './services';

type Services = WorkerServices & Pick<TradingServices, 'ledger' | 'clock' | 'log' | 'metrics'>;

/**
 * One pseudonym a person, the same at every delivery. It cannot be turned round without a list of the ids: a `sub` is
 * 122 random bits, and nobody who left is on such a list of ours.
 */
export const pseudonymOf = (userId: string): string =>
  `${PSEUDONYM}${createHash('sha256').update(`signal9 ${userId}`).digest('hex').slice(0, 40)}`;

/** Ends what waits of somebody who left, and keeps the booked trades under a pseudonym: they are records to be kept. */
export const makeHandler = (services: Services) =>
  queueWorker('userRemoved', services, async ({ detail: { user_id, removed_at } }) => {
    const { ledger, clock, log } = services;
    const now = clock().toISOString();
    // What waits here is nobody's wish any more; the brokerage ends its own at the end of the day.
    for (const { trade_id, venue, submitted_at } of await ledger.openOf(user_id))
      if (venue === 'internal' && submitted_at <= removed_at)
        await ledger.close(trade_id, 'canceled', 'account_removed', now);
    const orders = await ledger.pseudonymise(user_id, pseudonymOf(user_id), removed_at, now);
    log.info('the trades of somebody who left are kept under a pseudonym', { counts: { orders } });
  });

export const handler = onFirstCall('departure-worker', (environment, aws) =>
  makeHandler({ ...aws, ...queueOf(environment), ledger: ledgerOf(environment, aws) }),
);
