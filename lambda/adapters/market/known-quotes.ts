import * as z from 'zod/mini';
import { type LiveQuote, quote } from '../../../contract/schemas/live';
import { errorFields } from '../log-fields';
import type { Log } from '../ports';
import type { Cache } from './cache';

/** What was last heard of a symbol. */
export interface Known {
  /** null: asked for, and no price is known. */
  readonly quote: LiveQuote | null;
  /** When the provider last answered, epoch milliseconds. */
  readonly heard_at: number;
}

const known = z.object({ quote: z.nullable(quote), heard_at: z.number() });

/** How long a price outlives the minute in which it serves, for a day on which the provider fails. */
const KEEP_MS = 24 * 60 * 60 * 1000;

/**
 * One hash tag for all: ElastiCache Serverless is a cluster, which refuses an MGET over several slots. A slot there carries
 * far more than all quotes of a market.
 */
const keyOf = (symbol: string): string => `signal9:{quotes}:${symbol}`;

/**
 * What is known of symbols: in the shared cache, and in a memory of this process's own for while that one is away. The
 * cache's failures are logged and seen in `/health`; to a reader they are only a cache that knows nothing.
 */
export function knownQuotes({ shared, own, log }: { readonly shared: Cache; readonly own: Cache; readonly log: Log }) {
  async function readFrom(cache: Cache, symbols: readonly string[]): Promise<Map<string, Known>> {
    const found = new Map<string, Known>();
    const texts = await cache.getMany(symbols.map(keyOf));
    symbols.forEach((symbol, index) => {
      const entry = parsed(texts[index] ?? null);
      if (entry) found.set(symbol, entry);
    });
    return found;
  }

  async function read(symbols: readonly string[]): Promise<Map<string, Known>> {
    if (symbols.length === 0) return new Map();
    try {
      return await readFrom(shared, symbols);
    } catch (thrown) {
      log.warn('quotes could not be read from the cache', {
        counts: { symbols: symbols.length },
        ...errorFields(thrown),
      });
      return readFrom(own, symbols);
    }
  }

  async function write(entries: ReadonlyMap<string, Known>): Promise<void> {
    if (entries.size === 0) return;
    const written = [...entries].map(([symbol, entry]) => ({ key: keyOf(symbol), value: JSON.stringify(entry) }));
    await own.setMany(written, KEEP_MS);
    try {
      await shared.setMany(written, KEEP_MS);
    } catch (thrown) {
      log.warn('quotes could not be written to the cache', {
        counts: { symbols: entries.size },
        ...errorFields(thrown),
      });
    }
  }

  return { read, write };
}

/** What another version wrote, or nobody can read, is not known. */
function parsed(text: string | null): Known | null {
  if (text === null) return null;
  try {
    return known.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
