import type { Clock, Log } from './ports';
import { type AlpacaClient, snapshotPrice } from './providers/alpaca';
import { ProviderError } from './providers/provider-error';

/** A price as it was last heard of. */
export interface LatestQuote {
  /** Decimal string. */
  readonly price: string;
  readonly currency: 'USD';
  /** When the market made it, RFC 3339 UTC; its age counts from here. */
  readonly as_of: string;
  readonly previous_close: string | null;
  /** True where the source could not be asked again, and this is what it said before. */
  readonly stale?: boolean;
}

export interface QuoteSource {
  /** null where no price is known: never 0, and never an error, since a read must not fail over its price. */
  latest(symbol: string): Promise<LatestQuote | null>;
}

export interface QuoteSourceProps {
  /** Should itself make one attempt only: nobody waits for a second. */
  readonly alpaca: Pick<AlpacaClient, 'snapshots'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Longest that a read waits. @default 1200 */
  readonly timeoutMs?: number;
  /** How long an answer serves without asking again. @default 60000 */
  readonly keepMs?: number;
  /** How long a provider that failed is left alone, so that not every read waits for it. @default 5000 */
  readonly restMs?: number;
}

/** Calls that the search for refused symbols may cost: some four of them among two hundred. */
const MOST_CALLS = 64;

/**
 * Prices of many symbols as they are this moment, for trading: nothing is remembered, and a failure is the caller's.
 * A symbol without a price is absent, and so is one that market data refuses: it answers 400 to all that are asked for
 * with it. @throws ProviderError
 */
export async function currentQuotes(
  alpaca: Pick<AlpacaClient, 'snapshots'>,
  symbols: readonly string[],
): Promise<ReadonlyMap<string, LatestQuote>> {
  const quotes = new Map<string, LatestQuote>();
  let calls = 0;

  async function ask(some: readonly string[]): Promise<void> {
    try {
      calls += 1;
      const { snapshots } = await alpaca.snapshots(some);
      for (const [symbol, snapshot] of snapshots) {
        const price = snapshotPrice(snapshot);
        if (price) quotes.set(symbol, { ...price, currency: 'USD' });
      }
    } catch (error) {
      const isRefused = error instanceof ProviderError && error.kind === 'invalid_request';
      // Refused so often, it is not about a symbol.
      if (!isRefused || calls >= MOST_CALLS) throw error;
      if (some.length === 1) return;
      const middle = Math.ceil(some.length / 2);
      await ask(some.slice(0, middle));
      await ask(some.slice(middle));
    }
  }

  const asked = [...new Set(symbols)];
  if (asked.length > 0) await ask(asked);
  return quotes;
}

/** Symbols remembered; the one asked for longest ago goes first. */
const CAPACITY = 5_000;

interface Known {
  readonly quote: LatestQuote | null;
  /** Of the last good answer, epoch milliseconds. */
  readonly heardAt: number;
}

/** Latest prices over Alpaca's snapshots, remembered in this process and asked for once at a time per symbol. */
export function createQuoteSource(props: QuoteSourceProps): QuoteSource {
  const { alpaca, clock, log, timeoutMs = 1_200, keepMs = 60_000, restMs = 5_000 } = props;
  const known = new Map<string, Known>();
  const flights = new Map<string, Promise<boolean>>();
  let restsUntil = 0;

  const now = () => clock().getTime();

  function remember(symbol: string, entry: Known): void {
    known.delete(symbol);
    known.set(symbol, entry);
    const [oldest] = known.keys();
    if (known.size > CAPACITY && oldest !== undefined) known.delete(oldest);
  }

  /** Asks the provider; resolves with whether it answered. Goes on after a read has stopped waiting, and serves the next. */
  async function ask(symbol: string): Promise<boolean> {
    try {
      const { snapshots } = await alpaca.snapshots([symbol]);
      const snapshot = snapshots.get(symbol);
      const price = snapshot ? snapshotPrice(snapshot) : null;
      const before = known.get(symbol)?.quote ?? null;
      // An answer without a price takes away none that was known; it only makes it an old one.
      const quote = price ? { ...price, currency: 'USD' as const } : before && { ...before, stale: true };
      remember(symbol, { quote, heardAt: now() });
      return true;
    } catch (thrown) {
      return failed(symbol, thrown);
    }
  }

  function failed(symbol: string, thrown: unknown): boolean {
    const kind = thrown instanceof ProviderError ? thrown.kind : 'unexpected';
    log.warn('no quote', { symbol, provider: 'alpaca', reason: kind });
    // A symbol that market data refuses (a delisted one) says nothing about the provider's health.
    if (kind === 'invalid_request') {
      remember(symbol, { quote: known.get(symbol)?.quote ?? null, heardAt: now() });
      return true;
    }
    restsUntil = now() + restMs;
    return false;
  }

  function flightOf(symbol: string): Promise<boolean> {
    const running = flights.get(symbol);
    if (running) return running;
    const flight = ask(symbol).finally(() => flights.delete(symbol));
    flights.set(symbol, flight);
    return flight;
  }

  /** Whether the provider answered in time; a slow one rests as a failing one does. */
  async function answered(symbol: string): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => {
        restsUntil = now() + restMs;
        resolve(false);
      }, timeoutMs);
    });
    return Promise.race([flightOf(symbol), tooLate]).finally(() => clearTimeout(timer));
  }

  return {
    async latest(symbol) {
      const before = known.get(symbol);
      if (before && now() - before.heardAt < keepMs) return before.quote;
      const fresh = now() >= restsUntil && (await answered(symbol));
      const quote = known.get(symbol)?.quote ?? null;
      return quote && !fresh ? { ...quote, stale: true } : quote;
    },
  };
}
