import * as z from 'zod/mini';
import type { Route } from '../route';
import { earningsEvent } from '../schemas/earnings';
import { article, sentimentLabel } from '../schemas/news';
import { assetReference, date, instant, list, page, shown, symbol } from '../schemas/primitives';

const newsQuery = z.strictObject({
  from: z.optional(shown(z.union([instant(), date()]), { description: 'Published at or after' })),
  to: z.optional(shown(z.union([instant(), date()]), { description: 'Published before or at; a date means its end' })),
  label: z.optional(
    shown(sentimentLabel, { description: 'Overall sentiment; of an asset’s news, the sentiment for it' }),
  ),
  ...page,
});

export const marketRoutes = {
  listNews: {
    id: 'listNews',
    method: 'GET',
    path: '/news',
    summary: 'News, newest first',
    tag: 'market',
    access: 'market',
    cache: 'shared',
    function: 'api-market',
    query: newsQuery,
    success: { status: 200, body: list(article), description: 'A page of articles' },
    errors: [400],
  },
  listAssetNews: {
    id: 'listAssetNews',
    method: 'GET',
    path: '/assets/{assetId}/news',
    summary: 'News that speak of the asset, newest first',
    tag: 'market',
    access: 'market',
    cache: 'shared',
    function: 'api-market',
    parameters: z.strictObject({ assetId: assetReference() }),
    query: newsQuery,
    success: { status: 200, body: list(article), description: 'A page of articles' },
    errors: [400, 404],
  },
  listEarnings: {
    id: 'listEarnings',
    method: 'GET',
    path: '/earnings',
    summary: 'The earnings calendar by report date',
    tag: 'market',
    access: 'market',
    cache: 'shared',
    function: 'api-market',
    query: z.strictObject({
      from: z.optional(shown(date(), { description: 'First report date; today where absent' })),
      to: z.optional(
        shown(date(), { description: 'Last report date; 92 days after `from` where absent, a year at most' }),
      ),
      symbol: z.optional(symbol()),
      ...page,
    }),
    success: { status: 200, body: list(earningsEvent), description: 'A page of report dates' },
    errors: [400],
  },
} as const satisfies Record<string, Route>;
