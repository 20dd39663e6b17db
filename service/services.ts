import type { PortfolioStore } from '../lambda/adapters/portfolio/portfolios';
import type { WatchedTopics } from '../lambda/adapters/live/connections';
import type { Clock, EventPublisher, Log, Sleep } from '../lambda/adapters/ports';
import type { LiveQuote } from '../contract/schemas/live';
import type { Closes } from '../core/portfolio';

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

/** Latest prices of many symbols: cache-aside, kept a minute, asked for once however many want them. */
export interface MarketData {
  /**
   * Never throws: what cannot be renewed is given as it was last known, stale; what is not known is absent.
   * @param fresh do not take from the cache what is older than this many milliseconds @default 60000
   */
  quotes(symbols: readonly string[], fresh?: number): Promise<ReadonlyMap<string, LiveQuote>>;
  /** `ok`, or what is wrong, for `/health`. */
  health(): Promise<{ readonly cache: string; readonly provider: string }>;
  close(): Promise<void>;
}

/** Daily closes. */
export interface CloseSource {
  /**
   * Never throws over the provider: `stale` says that the newest known were given.
   * @param from `YYYY-MM-DD`
   */
  closes(
    symbols: readonly string[],
    from: string,
    to: string,
    adjustment: 'raw' | 'all',
  ): Promise<{ readonly closes: Closes; readonly stale: boolean }>;
}

export interface AccessToken {
  readonly sub: string;
  readonly scope: string;
}

/** Verifies an access token by the user pool's keys. */
export interface TokenVerifier {
  /** @returns null where the token is not valid */
  verify(token: string): Promise<AccessToken | null>;
  /** `ok`, or why nothing can be verified. */
  health(): Promise<string>;
}
