import * as z from 'zod/mini';

/** An asset as Alpaca lists it; `class` and `id` are spelt as orders and positions spell them. */
export interface AlpacaAsset {
  readonly asset_id: string;
  readonly symbol: string;
  readonly name: string;
  /** Open set: NYSE, NASDAQ, …, also "" and codes that the specification does not list. */
  readonly exchange: string;
  readonly asset_class: string;
  readonly status: string;
  readonly tradable: boolean;
  readonly marginable: boolean;
  readonly shortable: boolean;
  readonly fractionable: boolean;
  /** null: not told. Deprecated by Alpaca 2026-06-22, gone from 2026-09-22. */
  readonly easy_to_borrow: boolean | null;
  readonly borrow_status: string | null;
  readonly cusip: string | null;
  readonly attributes: readonly string[];
}

/** A row that was not taken. */
export interface RejectedAsset {
  readonly index: number;
  readonly symbol?: string;
  readonly reason: string;
}

export interface AssetList {
  readonly assets: readonly AlpacaAsset[];
  readonly rejected: readonly RejectedAsset[];
}

// Unknown keys are dropped and enums are strings: Alpaca adds exchanges and attributes without a new version.
// A capability that a row does not claim is taken as not given; a wrong type is a malformed row.
const assetRow = z.object({
  id: z.guid(),
  class: z._default(z.string(), 'us_equity'),
  exchange: z.string(),
  symbol: z.string().check(z.minLength(1)),
  name: z.nullish(z.string()),
  status: z.string().check(z.minLength(1)),
  tradable: z.boolean(),
  marginable: z._default(z.boolean(), false),
  shortable: z._default(z.boolean(), false),
  fractionable: z._default(z.boolean(), false),
  easy_to_borrow: z.nullish(z.boolean()),
  borrow_status: z.nullish(z.string()),
  cusip: z.nullish(z.string()),
  attributes: z.nullish(z.array(z.string())),
});

const symbolOf = z.object({ symbol: z.string() });

/**
 * Rows of GET /v2/assets, each by itself: one bad row costs that row, not the list.
 * A second row with an id already seen is rejected too, for the id is the key that it is stored by.
 */
export function parseAssets(rows: readonly unknown[]): AssetList {
  const assets: AlpacaAsset[] = [];
  const rejected: RejectedAsset[] = [];
  const seen = new Set<string>();
  rows.forEach((row, index) => {
    const parsed = assetRow.safeParse(row);
    const reason = parsed.success
      ? seen.has(parsed.data.id)
        ? 'id: listed twice'
        : undefined
      : parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
    if (parsed.success && reason === undefined) {
      seen.add(parsed.data.id);
      assets.push(assetOf(parsed.data));
    } else {
      const symbol = symbolOf.safeParse(row).data?.symbol;
      rejected.push({ index, ...(symbol !== undefined && { symbol }), reason: reason ?? '' });
    }
  });
  return { assets, rejected };
}

function assetOf(row: z.infer<typeof assetRow>): AlpacaAsset {
  return {
    asset_id: row.id,
    symbol: row.symbol,
    name: row.name ?? '',
    exchange: row.exchange,
    asset_class: row.class,
    status: row.status,
    tradable: row.tradable,
    marginable: row.marginable,
    shortable: row.shortable,
    fractionable: row.fractionable,
    easy_to_borrow: row.easy_to_borrow ?? null,
    borrow_status: row.borrow_status ?? null,
    cusip: row.cusip ?? null,
    attributes: row.attributes ?? [],
  };
}
