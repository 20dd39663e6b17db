import { functions } from '../../contract/functions';
import { onFirstCall } from '../adapters/aws';
import { lookingLedgerOf } from '../adapters/ledger/from-environment';
import { everyMinute } from './minute-job';
import type { TradingServices } from './services';

type Services = Pick<TradingServices, 'ledger' | 'activity' | 'clock' | 'log' | 'metrics'> & {
  /** How long trades of somebody who left are kept under a pseudonym. */
  readonly retentionYears: number;
};

/** Told events are kept so long for those who ask what was told; the bus's archive keeps them longer. */
const EVENT_DAYS = 30;
const DAY_MS = 86_400_000;

/**
 * Forgets keys that have expired, events that were told long ago, and trades of people who left when their time is over;
 * bite by bite. What is left is the next night's.
 */
export const makeHandler = (services: Services) => {
  const { ledger, activity, clock, retentionYears } = services;
  return everyMinute(services, 'ledger-retention', functions['ledger-retention'].timeoutSeconds, async (run) => {
    Object.assign(run.counts, { keys: 0, events: 0, orders: 0 });
    // Once a day, while the ledger is awake anyway, every job looks into it whatever it said before: what should not be
    // there is found then.
    await activity.rouse();
    while (!run.isTimeUp()) {
      const now = clock();
      const told = new Date(now.getTime() - EVENT_DAYS * DAY_MS);
      const { keys, events } = await ledger.tidy(now.toISOString(), told.toISOString());
      run.add('keys', keys);
      run.add('events', events);
      const orders = await ledger.forget(yearsBefore(now, retentionYears));
      run.add('orders', orders);
      if (keys === 0 && events === 0 && orders === 0) return;
    }
  });
};

function yearsBefore(now: Date, years: number): string {
  const then = new Date(now);
  then.setUTCFullYear(then.getUTCFullYear() - years);
  return then.toISOString();
}

export const handler = onFirstCall('ledger-retention', (environment, aws) =>
  makeHandler({
    ...aws,
    ...lookingLedgerOf(environment, aws),
    retentionYears: environment.TRADE_RETENTION_YEARS,
  }),
);
