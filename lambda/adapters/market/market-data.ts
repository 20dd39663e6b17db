import type { LiveQuote } from '../../../contract/schemas/live';
import type { Clock, Log } from '../ports';
import type { AlpacaClient } from '../providers/alpaca';
import { ProviderError } from '../providers/provider-error';
import { currentQuotes } from '../quotes';
import type { Cache } from './cache';
import { chunksOf } from '../chunks';
import { limiter } from './limits';
import { type Known, knownQuotes } from './known-quotes';
import type { MarketData } from './market';
import { memoryCache } from './memory-cache';

export interface MarketDataProps {
  /** Should itself give up soon: readers wait for it. */
  readonly alpaca: Pick<AlpacaClient, 'snapshots'>;
  readonly cache: Cache;
  readonly clock: Clock;
  readonly log: Log;
  /** Symbols a call. @default 200 */
  readonly symbolsACall?: number;
  /** Calls at once. @default 4 */
  readonly callsAtOnce?: number;
  /** How long a provider that failed is left alone, so that not every read waits for it. @default 5000 */
  readonly restMs?: number;
}

/** How long an answer serves without asking again. */
const FRESH_MS = 60_000;

/** Latest prices over Alpaca's snapshots, cache-aside; a symbol is asked for once at a time in this process. */
export function createMarketData(props: MarketDataProps): MarketData {
  const { alpaca, cache, clock, log, symbolsACall = 200, callsAtOnce = 4, restMs = 5_000 } = props;
  const remembered = knownQuotes({ shared: cache, own: memoryCache({ clock }), log });
  const inTurn = limiter(callsAtOnce);
  const flights = new Map<string, Promise<ReadonlyMap<string, Known>>>();
  let restsUntil = 0;
  let provider = 'ok';
  let failedAt = 0;

  const now = () => clock().getTime();

  /** Asks for a chunk. @returns what is known of its symbols now; nothing where the provider failed */
  async function ask(
    symbols: readonly string[],
    before: ReadonlyMap<string, Known>,
  ): Promise<ReadonlyMap<string, Known>> {
    if (now() < restsUntil) return new Map();
    try {
      const quotes = await currentQuotes(alpaca, symbols);
      const heard_at = now();
      const heard = new Map(
        symbols.map((symbol): [string, Known] => {
          const found = quotes.get(symbol);
          const quote = found ? { symbol, ...found, stale: false } : asOld(before.get(symbol)?.quote);
          return [symbol, { quote, heard_at }];
        }),
      );
      provider = 'ok';
      await remembered.write(heard);
      return heard;
    } catch (thrown) {
      const reason = thrown instanceof ProviderError ? thrown.kind : 'unexpected';
      log.warn('no quotes', { provider: 'alpaca', reason, counts: { symbols: symbols.length } });
      provider = reason;
      failedAt = now();
      restsUntil = now() + restMs;
      return new Map();
    }
  }

  /** Who reads what another process keeps fresh may have nothing to ask the provider for, and hears this way that it is back. */
  function heardSince(known: ReadonlyMap<string, Known>): void {
    if (provider !== 'ok' && [...known.values()].some(({ heard_at }) => heard_at > failedAt)) provider = 'ok';
  }

  /** What is under way for a symbol is waited for; the rest is asked for in chunks. */
  async function renew(symbols: readonly string[], before: ReadonlyMap<string, Known>): Promise<Map<string, Known>> {
    const unasked = symbols.filter((symbol) => !flights.has(symbol));
    for (const some of chunksOf(unasked, symbolsACall)) {
      const flight = inTurn(() => ask(some, before)).finally(() => some.forEach((symbol) => flights.delete(symbol)));
      some.forEach((symbol) => flights.set(symbol, flight));
    }
    const landed = await Promise.all(new Set(symbols.flatMap((symbol) => flights.get(symbol) ?? [])));
    return new Map(landed.flatMap((heard) => [...heard]));
  }

  return {
    async quotes(symbols, fresh = FRESH_MS) {
      const asked = [...new Set(symbols)];
      const known = await remembered.read(asked);
      heardSince(known);
      const isFresh = (symbol: string) => now() - (known.get(symbol)?.heard_at ?? -Infinity) < fresh;
      const old = asked.filter((symbol) => !isFresh(symbol));
      const renewed = await renew(old, known);
      const unrenewed = new Set(old.filter((symbol) => !renewed.has(symbol)));
      const answer = new Map<string, LiveQuote>();
      for (const symbol of asked) {
        const quote = (renewed.get(symbol) ?? known.get(symbol))?.quote ?? null;
        if (quote) answer.set(symbol, unrenewed.has(symbol) ? { ...quote, stale: true } : quote);
      }
      return answer;
    },
    health: async () => ({ cache: await cache.health(), provider }),
    close: () => cache.close(),
  };
}

/** An answer without a price takes away none that was known; it only makes it an old one. */
const asOld = (quote: LiveQuote | null | undefined): LiveQuote | null => (quote ? { ...quote, stale: true } : null);
