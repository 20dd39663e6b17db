import { functions } from '../../contract/functions';
import { onFirstCall } from '../adapters/aws';
import { busOf } from '../adapters/aws-clients';
import { lookingLedgerOf } from '../adapters/ledger/from-environment';
import { whileBusy } from './minute-job';
import { BITE, forgottenEvents, publish } from './publish-owed';
import type { TradingServices } from './services';

type Services = Pick<TradingServices, 'ledger' | 'activity' | 'bus' | 'clock' | 'log' | 'metrics'>;

/** Publishes what was booked and, after a crash or an outage of the bus, not told. */
export const makeHandler = (services: Services) => {
  const { ledger, bus, clock, log } = services;
  return whileBusy(services, 'outbox-sweeper', functions['outbox-sweeper'].timeoutSeconds, async (run) => {
    Object.assign(run.counts, { published: 0 });
    while (!run.isTimeUp()) {
      const owed = await forgottenEvents(ledger, clock);
      const before = run.counts.published ?? 0;
      try {
        await publish(ledger, bus, clock, owed);
        run.add('published', owed.length);
      } catch {
        log.warn('the bus refused a bite, it is published one by one', { run_id: run.run_id });
        // One event that the bus never takes must not hold up those behind it.
        await run.forEach(owed, async (event) => {
          await publish(ledger, bus, clock, [event]);
          run.add('published');
        });
      }
      // Without any progress the next bite would be this one again.
      if (owed.length < BITE || run.counts.published === before) return { nothingBefore: null };
    }
    return 'work';
  });
};

export const handler = onFirstCall('outbox-sweeper', (environment, aws) =>
  makeHandler({ ...aws, bus: busOf(aws), ...lookingLedgerOf(environment, aws) }),
);
