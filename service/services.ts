import type { PortfolioStore } from '../lambda/adapters/portfolio/portfolios';
import type { WatchedTopics } from '../lambda/adapters/live/connections';
import type { Clock, EventPublisher, Log, Sleep } from '../lambda/adapters/ports';
import type { CloseSource, MarketData } from '../lambda/adapters/market/market';

export type { CloseSource, MarketData };

/** What the portfolio service stands on: on EC2 made of its environment (main.ts), on one machine by the host. */
export interface PortfolioServices {
  readonly env: string;
  readonly region: string;
  readonly version: string;
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly log: Log;
  readonly store: PortfolioStore;
  readonly market: MarketData;
  readonly closes: CloseSource;
  readonly bus: EventPublisher;
  readonly topics: WatchedTopics;
  readonly tokens: TokenVerifier;
  /** Zone of the market's day. */
  readonly timeZone: string;
  readonly consoleOrigin?: string | undefined;
  readonly random: () => number;
}

export interface AccessToken {
  readonly sub: string;
  readonly scope: string;
}

/** Verifies an access token by the user pool's keys. */
export interface TokenVerifier {
  /**
   * @returns null where the token is not valid
   * @throws where the pool's keys are not known, so that nobody can tell
   */
  verify(token: string): Promise<AccessToken | null>;
  /** `ok`, or why nothing can be verified. */
  health(): Promise<string>;
}
