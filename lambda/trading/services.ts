import type { LedgerActivity } from '../adapters/ledger/activity';
import type { Ledger } from '../adapters/ledger/ledger';
import type { MarketHours } from '../adapters/market-hours';
import type { Clock, EventPublisher, Log, Metrics } from '../adapters/ports';
import type { AlpacaClient } from '../adapters/providers/alpaca';
import type { Venue } from '../adapters/venues/venue';

export type { JobEvent, JobReport } from '../advisor/services';

/** What the trading jobs may be given; each asks for its share with Pick. */
export interface TradingServices {
  readonly ledger: Ledger;
  readonly activity: LedgerActivity;
  readonly bus: EventPublisher;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly alpaca: Pick<AlpacaClient, 'snapshots'>;
  readonly marketHours: MarketHours;
  /** The one whose orders are followed. */
  readonly venue: Venue;
  /** A price older than this fills nothing. */
  readonly quoteMaxAgeSeconds: number;
}
