import * as z from 'zod/mini';
import { chunksOf } from '../chunks';
import { type AlpacaAsset, type AssetList, parseAssets } from './alpaca-assets';
import { type Bar, barsPage, parseBar, parseSnapshot, type Snapshot } from './alpaca-market-data';
import { type AlpacaHttpProps, createAlpacaHttp, hostOf, parsed, refused } from './alpaca-http';
import { parseJson, type Rejected } from './http';
import { ProviderError } from './provider-error';

export { type AlpacaCredentials } from './alpaca-http';
export { type AlpacaAsset, type AssetList, type RejectedAsset } from './alpaca-assets';
export {
  type Bar,
  type Quote,
  type Snapshot,
  snapshotPrice,
  type SnapshotPrice,
  type Trade,
} from './alpaca-market-data';

export interface AlpacaClientProps extends AlpacaHttpProps {
  /** Trading host, e.g. `https://paper-api.alpaca.markets`; a trailing `/` or `/v2` is taken off. */
  readonly baseUrl: string;
  /** Market data host, e.g. `https://data.alpaca.markets`. */
  readonly dataUrl: string;
  /** `sip`, `iex`, …; omitted, Alpaca takes the best that the plan allows. */
  readonly feed?: string;
}

export interface BarsQuery {
  readonly symbols: readonly string[];
  /** `1Min` … `59Min`, `1Hour` …, `1Day`, `1Week`, `1Month`. */
  readonly timeframe: string;
  /** RFC 3339 or `YYYY-MM-DD`, inclusive, like `end`. */
  readonly start?: string;
  readonly end?: string;
  /** @default 'raw' */
  readonly adjustment?: 'raw' | 'split' | 'dividend' | 'spin-off' | 'all';
  /** Rows a page over all symbols, 1–10000. @default 10000 */
  readonly limit?: number;
  /** @default 'asc' */
  readonly sort?: 'asc' | 'desc';
}

export interface AlpacaClient {
  /** GET /v2/assets: one bare array, thousands of rows, no paging. `status` omitted lists active and inactive. */
  listAssets(query?: { readonly status?: string; readonly assetClass?: string }): Promise<AssetList>;
  /** GET /v2/assets/{symbol or id}; null where Alpaca knows none. */
  asset(symbolOrId: string): Promise<AlpacaAsset | null>;
  /** GET /v2/stocks/snapshots in chunks. A symbol that Alpaca does not know is absent from the map. */
  snapshots(
    symbols: readonly string[],
  ): Promise<{ readonly snapshots: ReadonlyMap<string, Snapshot>; readonly rejected: readonly Rejected[] }>;
  /** GET /v2/stocks/bars, every page. */
  bars(
    query: BarsQuery,
  ): Promise<{ readonly bars: ReadonlyMap<string, readonly Bar[]>; readonly rejected: readonly Rejected[] }>;
}

/** Symbols a request: some 1.5 KB of query, far below where hosts answer "URI too large" (alpaca csharp SDK #238). */
const CHUNK = 200;
/** 10 000 pages of 10 000 bars: a page token that never ends is the provider's fault, not a reason to hang. */
const MAX_PAGES = 10_000;

/**
 * Alpaca's trading and market data APIs, read only.
 *
 * @throws ProviderError from every method: `auth` (401, 403), `not_entitled` (403 about the subscription),
 *   `invalid_request` (400, 404, 422), `throttled`, `unavailable`, `timeout`, `malformed`.
 * @see DOMAIN.md §1 for the specifications that the shapes come from.
 */
export function createAlpacaClient(props: AlpacaClientProps): AlpacaClient {
  const { request, json } = createAlpacaHttp(props);
  const hosts = { trading: hostOf(props.baseUrl), data: hostOf(props.dataUrl) };

  return {
    async listAssets({ status, assetClass } = {}) {
      const rows = await json(`${hosts.trading}/v2/assets`, '/v2/assets', { status, asset_class: assetClass });
      return parseAssets(parsed('/v2/assets', z.array(z.unknown()), rows));
    },

    async asset(symbolOrId) {
      const operation = '/v2/assets/{symbol_or_asset_id}';
      const response = await request(`${hosts.trading}/v2/assets/${encodeURIComponent(symbolOrId)}`, operation);
      if (response.status === 404) return null;
      if (response.status !== 200) throw refused(operation, response);
      const { assets, rejected } = parseAssets([parseJson('alpaca', operation, response)]);
      const [asset] = assets;
      if (asset) return asset;
      throw new ProviderError({ kind: 'malformed', provider: 'alpaca', operation, detail: rejected[0]?.reason ?? '' });
    },

    async snapshots(symbols) {
      const snapshots = new Map<string, Snapshot>();
      const rejected: Rejected[] = [];
      const operation = '/v2/stocks/snapshots';
      for (const chunk of chunksOf(symbols, CHUNK)) {
        const body = await json(`${hosts.data}${operation}`, operation, { symbols: chunk.join(','), feed: props.feed });
        // A top-level map without a wrapper; a symbol nobody asked for is not taken.
        const rows = parsed(operation, z.record(z.string(), z.unknown()), body);
        for (const symbol of chunk) {
          const row = Object.hasOwn(rows, symbol) ? rows[symbol] : null;
          if (row === null) continue;
          const result = parseSnapshot(row);
          if ('snapshot' in result) snapshots.set(symbol, result.snapshot);
          else rejected.push({ path: symbol, reason: result.reason });
        }
      }
      return { snapshots, rejected };
    },

    async bars({ symbols, timeframe, start, end, adjustment, limit = 10_000, sort }) {
      const bars = new Map<string, Bar[]>();
      const rejected: Rejected[] = [];
      const operation = '/v2/stocks/bars';
      for (const chunk of chunksOf(symbols, CHUNK)) {
        const query = { symbols: chunk.join(','), timeframe, start, end, adjustment, limit: String(limit), sort };
        let page_token: string | undefined;
        let pages = 0;
        do {
          const body = await json(`${hosts.data}${operation}`, operation, { ...query, feed: props.feed, page_token });
          const page = parsed(operation, barsPage, body);
          for (const [symbol, rows] of Object.entries(page.bars ?? {})) {
            const kept = bars.get(symbol) ?? [];
            (rows ?? []).forEach((row, index) => {
              const result = parseBar(row);
              if ('bar' in result) kept.push(result.bar);
              else rejected.push({ path: `${symbol}[${index}]`, reason: result.reason });
            });
            bars.set(symbol, kept);
          }
          pages += 1;
          // The token alone says whether more follows: a short page is not the last one.
          const next = page.next_page_token ?? undefined;
          if (next !== undefined && (next === page_token || pages >= MAX_PAGES)) {
            throw new ProviderError({ kind: 'malformed', provider: 'alpaca', operation, detail: 'paging never ends' });
          }
          page_token = next;
        } while (page_token !== undefined);
      }
      return { bars, rejected };
    },
  };
}
