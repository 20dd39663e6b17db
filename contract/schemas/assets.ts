import * as z from 'zod/mini';
import { currency, decimal, instant, shown, uuid } from './primitives';

export const assetStatus = z.enum(['active', 'inactive']);

/** The latest rating of an asset; null where it was never analysed or too little could be computed. */
export const ratingSummary = shown(
  z.object({
    analysis_id: z.string(),
    score: z.nullable(z.number()),
    grade: z.nullable(z.string()),
    coverage: z.number(),
    fiscal_date: z.nullable(z.string()),
    analyzed_at: instant(),
  }),
  { id: 'RatingSummary' },
);

/** A price and how old it is. `stale` is true beyond the quote source's freshness, and the price is still shown. */
export const priceWithAge = shown(
  z.object({
    price: decimal(),
    currency: currency(),
    as_of: instant(),
    age_seconds: z.number(),
    stale: z.boolean(),
    previous_close: z.nullable(decimal()),
  }),
  { id: 'Price' },
);

const assetFields = {
  asset_id: uuid(),
  symbol: z.string(),
  name: z.string(),
  exchange: z.string(),
  asset_class: z.string(),
  status: assetStatus,
  tradable: z.boolean(),
  marginable: z.boolean(),
  shortable: z.boolean(),
  fractionable: z.boolean(),
  easy_to_borrow: z.nullable(z.boolean()),
  borrow_status: z.nullable(z.string()),
  cusip: z.nullable(z.string()),
  attributes: z.array(z.string()),
  sector: z.nullable(z.string()),
  industry: z.nullable(z.string()),
  currency: z.nullable(z.string()),
  rating: z.nullable(ratingSummary),
  updated_at: instant(),
} as const;

export const assetSummary = shown(z.object(assetFields), { id: 'AssetSummary' });
export type AssetSummary = z.infer<typeof assetSummary>;

/** One asset with its price; `price` is null where the quote source has none. */
export const asset = shown(z.object({ ...assetFields, price: z.nullable(priceWithAge) }), { id: 'Asset' });
export type Asset = z.infer<typeof asset>;
