import { functions } from '../../contract/functions';
import { onFirstCall } from '../adapters/aws';
import { ledgerOf } from '../adapters/ledger/from-environment';
import { everyMinute } from './minute-job';
import type { TradingServices } from './services';

type Services = Pick<TradingServices, 'ledger' | 'clock' | 'log' | 'metrics'>;

/** Told events are kept so long for those who ask what was told; the bus's archive keeps them longer. */
const EVENT_DAYS = 30;
const DAY_MS = 86_400_000;

/** Forgets keys that have expired and events that were told long ago, bite by bite. What is left is the next night's. */
export const makeHandler = (services: Services) => {
  const { ledger, clock } = services;
  return everyMinute(services, 'ledger-retention', functions['ledger-retention'].timeoutSeconds, async (run) => {
    Object.assign(run.counts, { keys: 0, events: 0 });
    while (!run.isTimeUp()) {
      const now = clock();
      const told = new Date(now.getTime() - EVENT_DAYS * DAY_MS);
      const { keys, events } = await ledger.tidy(now.toISOString(), told.toISOString());
      run.add('keys', keys);
      run.add('events', events);
      if (keys === 0 && events === 0) return;
    }
  });
};

export const handler = onFirstCall('ledger-retention', (environment, aws) =>
  makeHandler({ ...aws, ledger: ledgerOf(environment, aws) }),
);
