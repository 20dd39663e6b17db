import { GetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { type AssetSummary, assetStatus, ratingSummary } from '../../../contract/schemas/assets';
import { instant, isUuid } from '../../../contract/schemas/primitives';
import { tableName } from '../../../contract/tables';
import { RATED, SYMBOL_INITIALS, symbolInitial } from '../../adapters/dynamo/assets';
import { parseRow } from '../../adapters/stored-row';
import { type Failure, isFailure } from '../answers';
import type { Page, PageRequest } from './page';
import type { ReadServices } from './rows';
import { type Segment, walk } from './walk';

/** An asset as the sync stores it; what the provider's overview adds is absent until it was fetched. */
const assetRow = z.object({
  asset_id: z.string(),
  symbol: z.string(),
  name: z.string(),
  exchange: z.string(),
  asset_class: z.string(),
  status: assetStatus,
  tradable: z.boolean(),
  marginable: z.boolean(),
  shortable: z.boolean(),
  fractionable: z.boolean(),
  easy_to_borrow: z.nullish(z.boolean()),
  borrow_status: z.nullish(z.string()),
  cusip: z.nullish(z.string()),
  attributes: z._default(z.array(z.string()), []),
  sector: z.nullish(z.string()),
  industry: z.nullish(z.string()),
  currency: z.nullish(z.string()),
  rating: z.nullish(ratingSummary),
  updated_at: instant(),
});

const summaryOf = (row: z.infer<typeof assetRow>): AssetSummary => ({
  ...row,
  easy_to_borrow: row.easy_to_borrow ?? null,
  borrow_status: row.borrow_status ?? null,
  cusip: row.cusip ?? null,
  sector: row.sector ?? null,
  industry: row.industry ?? null,
  currency: row.currency ?? null,
  rating: row.rating ?? null,
});

export interface AssetFilter {
  /** Prefix of the symbol or of the name, in any case. */
  readonly query?: string | undefined;
  readonly status?: string | undefined;
  readonly exchange?: string | undefined;
  readonly sector?: string | undefined;
}

export type AssetSort = 'symbol' | 'rating';

export interface AssetReads {
  /** By Alpaca's id or by symbol, in any case; null where there is none. */
  find(reference: string): Promise<AssetSummary | null>;
  /**
   * By symbol; with a query, those whose symbol begins with it before those whose name does. By rating, the best first, and
   * those without a rating after them in the order of symbols.
   */
  list(filter: AssetFilter, sort: AssetSort, page: PageRequest): Promise<Page<AssetSummary> | Failure>;
}

/** Symbols whose asset is remembered; the one met first goes first. */
const SYMBOLS_KNOWN = 5_000;

/** A symbol given to another company leaves the delisted one behind; more than a few never share one. */
const MAX_NAMESAKES = 10;

export function assetReads(services: ReadServices): AssetReads {
  const { documents, env } = services;
  const TableName = tableName(env, 'assets');
  const idOf = new Map<string, string>();

  async function byId(asset_id: string): Promise<AssetSummary | null> {
    const { Item } = await documents.send(new GetCommand({ TableName, Key: { asset_id } }));
    return Item ? summaryOf(parseRow(assetRow, 'assets', Item)) : null;
  }

  async function idsBySymbol(symbol: string): Promise<string[]> {
    const { Items = [] } = await documents.send(
      new QueryCommand({
        TableName,
        IndexName: 'by-symbol',
        KeyConditionExpression: 'symbol = :symbol',
        ExpressionAttributeValues: { ':symbol': symbol },
        Limit: MAX_NAMESAKES,
      }),
    );
    return Items.map((item) => parseRow(z.object({ asset_id: z.string() }), 'assets', item).asset_id);
  }

  function remember(symbol: string, assetId: string): void {
    idOf.set(symbol, assetId);
    const [oldest] = idOf.keys();
    if (idOf.size > SYMBOLS_KNOWN && oldest !== undefined) idOf.delete(oldest);
  }

  return {
    async find(reference) {
      if (isUuid(reference)) return byId(reference.toLowerCase());
      const symbol = reference.toUpperCase();
      const known = idOf.get(symbol);
      if (known !== undefined) {
        // Only who has the symbol is remembered, and asked whether that is so still: one of a symbol's assets is active.
        const asset = await byId(known);
        if (asset?.symbol === symbol && asset.status === 'active') return asset;
        idOf.delete(symbol);
      }
      const namesakes = await Promise.all((await idsBySymbol(symbol)).map(byId));
      // Who trades under the symbol now; of several that no longer do, the one heard of last.
      const found = namesakes.filter((asset) => asset !== null).sort(byCurrency)[0] ?? null;
      if (found?.status === 'active') remember(symbol, found.asset_id);
      return found;
    },

    async list({ query, ...equal }, sort, page) {
      const bySymbol = query === undefined ? SYMBOL_INITIALS.map(listed) : matching(query);
      const segments = sort === 'symbol' ? bySymbol : [rated(query), ...bySymbol.map(unrated)];
      const found = await walk(services, { table: 'assets', segments, order: 'ascending', equal, row: assetRow, page });
      return isFailure(found) ? found : { ...found, items: found.items.map(summaryOf) };
    },
  };
}

const listed = (initial: string): Segment => ({ name: `symbol:${initial}`, index: 'by-listing', partition: initial });

function matching(query: string): Segment[] {
  const symbol = query.toUpperCase();
  const name = query.toLowerCase();
  return [
    { ...listed(symbolInitial(symbol)), sort: { beginsWith: symbol } },
    {
      name: `name:${initialOf(name)}`,
      index: 'by-name',
      partition: initialOf(name),
      sort: { beginsWith: name },
      without: { attribute: 'symbol', beginsWith: symbol },
    },
  ];
}

const rated = (query: string | undefined): Segment => ({
  name: 'rated',
  index: 'by-rating',
  partition: RATED,
  ...(query !== undefined && {
    anyBegins: [
      { attribute: 'symbol', beginsWith: query.toUpperCase() },
      { attribute: 'name_key', beginsWith: query.toLowerCase() },
    ],
  }),
});

const unrated = (segment: Segment): Segment => ({ ...segment, lacking: 'rating_key' });

/** By code point: half of a pair would be no text. */
const initialOf = (text: string): string => String.fromCodePoint(text.codePointAt(0) ?? 0);

const byCurrency = (a: AssetSummary, b: AssetSummary): number =>
  Number(b.status === 'active') - Number(a.status === 'active') || Date.parse(b.updated_at) - Date.parse(a.updated_at);
