import type { LedgerActivity } from '../adapters/ledger/activity';
import type { Ledger } from '../adapters/ledger/ledger';
import type { PortfolioStore } from '../adapters/portfolio/portfolios';
import type { Clock, Log, Metrics } from '../adapters/ports';

export type { JobEvent, JobReport, WorkerServices } from '../advisor/services';

/** What the portfolio's functions may be given; each asks for its share with Pick. */
export interface PortfolioFunctionServices {
  readonly store: PortfolioStore;
  readonly ledger: Pick<Ledger, 'bookedBetween'>;
  readonly activity: Pick<LedgerActivity, 'look'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}
