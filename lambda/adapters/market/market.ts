import type { LiveQuote } from '../../../contract/schemas/live';
import type { Closes } from '../../../core/portfolio';

/** Latest prices of many symbols: cache-aside, kept a minute, asked for once however many want them. */
export interface MarketData {
  /**
   * Never throws: what cannot be renewed is given as it was last known, stale; what is not known is absent.
   * @param fresh do not take from the cache what is older than this many milliseconds @default 60000
   */
  quotes(symbols: readonly string[], fresh?: number): Promise<ReadonlyMap<string, LiveQuote>>;
  /** `ok`, or what is wrong, for `/health`. Asks nobody but the cache. */
  health(): Promise<{ readonly cache: string; readonly provider: string }>;
  close(): Promise<void>;
}

/** Daily closes. */
export interface CloseSource {
  /**
   * Closes of days that are over in the market's zone. Never throws over the provider: `stale` says that the newest known
   * were given.
   * @param from `YYYY-MM-DD`
   * @throws StoreUnavailable
   */
  closes(
    symbols: readonly string[],
    from: string,
    to: string,
    adjustment: 'raw' | 'all',
  ): Promise<{ readonly closes: Closes; readonly stale: boolean }>;
}
