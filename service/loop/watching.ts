import type { PortfolioServices } from '../services';

/** Portfolios and symbols, each once. */
export interface Topics {
  readonly portfolios: readonly string[];
  readonly symbols: readonly string[];
}

/** What is watched, with those of whom somebody has just said so. */
export interface Watching {
  /** Somebody has begun to watch these. */
  declare(begun: Topics): void;
  /** @throws where the list does not answer */
  all(): Promise<Topics>;
  /** Those of some portfolios that somebody watches. @throws where the list is needed and does not answer */
  among(portfolios: readonly string[]): Promise<readonly string[]>;
}

/** The list is read from an index that lags behind its table, by a second as a rule: until then the word itself counts. */
const WORD_COUNTS_MS = 60_000;

export function createWatching({ topics, clock }: Pick<PortfolioServices, 'topics' | 'clock'>): Watching {
  const portfolios = new Map<string, number>();
  const symbols = new Map<string, number>();

  /** Forgets what has been in the list for long, or is watched no more. */
  function recent(begun: Map<string, number>): readonly string[] {
    const since = clock().getTime() - WORD_COUNTS_MS;
    for (const [name, at] of begun) if (at < since) begun.delete(name);
    return [...begun.keys()];
  }

  async function all(): Promise<Topics> {
    const listed = await topics.watched(clock());
    return {
      portfolios: [...new Set([...listed.portfolios, ...recent(portfolios)])],
      symbols: [...new Set([...listed.symbols, ...recent(symbols)])],
    };
  }

  return {
    declare(begun) {
      const now = clock().getTime();
      for (const id of begun.portfolios) portfolios.set(id, now);
      for (const symbol of begun.symbols) symbols.set(symbol, now);
    },
    all,
    async among(some) {
      const declared = new Set(recent(portfolios));
      if (some.every((id) => declared.has(id))) return some;
      const watched = new Set((await all()).portfolios);
      return some.filter((id) => watched.has(id));
    },
  };
}
