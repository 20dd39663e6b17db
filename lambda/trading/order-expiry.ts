import { functions } from '../../contract/functions';
import { onFirstCall } from '../adapters/aws';
import { lookingLedgerOf } from '../adapters/ledger/from-environment';
import { whileBusy } from './minute-job';
import type { TradingServices } from './services';

type Services = Pick<TradingServices, 'ledger' | 'activity' | 'clock' | 'log' | 'metrics'>;

const BITE = 200;

/** Ends the platform's own `day` orders whose trading day is over. Those at the brokerage end there. */
export const makeHandler = (services: Services) => {
  const { ledger, clock } = services;
  return whileBusy(services, 'order-expiry', functions['order-expiry'].timeoutSeconds, async (run, { mayRest }) => {
    Object.assign(run.counts, { expired: 0 });
    while (!run.isTimeUp()) {
      const now = clock().toISOString();
      const orders = await ledger.expired('internal', now, BITE);
      const before = run.counts.expired ?? 0;
      await run.forEach(orders, async ({ trade_id }) => {
        // null: filled or canceled since it was read.
        if (await ledger.close(trade_id, 'expired', 'expired', now)) run.add('expired');
      });
      if (orders.length < BITE || run.counts.expired === before)
        return mayRest ? { nothingBefore: await ledger.nextExpiry('internal') } : 'work';
    }
    return 'work';
  });
};

export const handler = onFirstCall('order-expiry', (environment, aws) =>
  makeHandler({ ...aws, ...lookingLedgerOf(environment, aws) }),
);
