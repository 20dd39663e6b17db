import type { AlpacaClient, Bar, BarsQuery, Snapshot } from '../../lambda/adapters/providers/alpaca';
import { ProviderError, type ProviderErrorKind } from '../../lambda/adapters/providers/provider-error';

/** Market data of a test's own: it says what the provider knows, and when it fails. */
export interface TestAlpaca extends Pick<AlpacaClient, 'snapshots' | 'bars'> {
  readonly prices: Map<string, { price: string; at?: string; previous?: string }>;
  /** symbol → date → close */
  readonly closes: Map<string, Record<string, string>>;
  /** Symbols for which every call that names them is refused. */
  readonly refused: Set<string>;
  fails: ProviderErrorKind | null;
  readonly asked: { readonly snapshots: string[][]; readonly bars: BarsQuery[] };
  /** Held until it resolves. */
  gate: Promise<void> | null;
}

const bar = (date: string, close: string): Bar => ({
  ...{ t: `${date}T04:00:00Z`, o: close, h: close, l: close, c: close, v: '1', n: 1, vw: close },
});

export function testAlpaca(): TestAlpaca {
  const answered = async (symbols: readonly string[], operation: string) => {
    if (alpaca.gate) await alpaca.gate;
    const kind = alpaca.fails ?? (symbols.some((symbol) => alpaca.refused.has(symbol)) ? 'invalid_request' : null);
    if (kind) throw new ProviderError({ kind, provider: 'alpaca', operation });
  };
  const alpaca: TestAlpaca = {
    prices: new Map(),
    closes: new Map(),
    refused: new Set(),
    fails: null,
    gate: null,
    asked: { snapshots: [], bars: [] },
    async snapshots(symbols) {
      alpaca.asked.snapshots.push([...symbols]);
      await answered(symbols, '/v2/stocks/snapshots');
      const snapshots = new Map<string, Snapshot>();
      for (const symbol of symbols) {
        const known = alpaca.prices.get(symbol);
        if (!known) continue;
        const { price, at = '2026-05-20T14:59:30.000Z', previous } = known;
        snapshots.set(symbol, {
          latestTrade: { t: at, p: price, s: '1' },
          latestQuote: null,
          minuteBar: null,
          dailyBar: null,
          prevDailyBar: previous === undefined ? null : bar('2026-05-19', previous),
        });
      }
      return { snapshots, rejected: [] };
    },
    async bars(query) {
      alpaca.asked.bars.push(query);
      await answered(query.symbols, '/v2/stocks/bars');
      const { symbols, start = '', end = '9' } = query;
      const bars = new Map(
        symbols.map((symbol): [string, Bar[]] => [
          symbol,
          Object.entries(alpaca.closes.get(symbol) ?? {})
            .filter(([date]) => date >= start && date <= end)
            .map(([date, close]) => bar(date, close)),
        ]),
      );
      return { bars, rejected: [] };
    },
  };
  return alpaca;
}
