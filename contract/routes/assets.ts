import * as z from 'zod/mini';
import type { Route } from '../route';
import { analysisOrHistory } from '../schemas/analysis';
import { asset, assetStatus, assetSummary } from '../schemas/assets';
import { financials, period, statementName } from '../schemas/financials';
import { METRICS, metrics, ranked } from '../schemas/rankings';
import { assetReference, booleanParameter, list, page, shown } from '../schemas/primitives';

const filterText = (description: string) => shown(z.string().check(z.minLength(1), z.maxLength(100)), { description });

const lowerIsBetter = metrics.filter((metric) => METRICS[metric] === 'lower');

const ofAsset = z.strictObject({ assetId: assetReference() });

export const assetRoutes = {
  listAssets: {
    id: 'listAssets',
    method: 'GET',
    path: '/assets',
    summary: 'Assets by symbol or by rating, or those whose symbol or name begins with the query',
    tag: 'assets',
    access: 'market',
    cache: 'shared',
    function: 'api-assets',
    query: z.strictObject({
      query: z.optional(filterText('Prefix of the symbol or of the name, in any case')),
      status: z.optional(assetStatus),
      exchange: z.optional(filterText('Exchange as Alpaca spells it: NYSE, NASDAQ, ARCA …')),
      sector: z.optional(filterText('Sector as the overview spells it')),
      sort: z.optional(
        shown(z.enum(['symbol', 'rating']), {
          default: 'symbol',
          description: 'By rating means the best first, and those without one after them by symbol',
        }),
      ),
      ...page,
    }),
    success: { status: 200, body: list(assetSummary), description: 'A page of assets' },
    errors: [400],
  },
  getAsset: {
    id: 'getAsset',
    method: 'GET',
    path: '/assets/{assetId}',
    summary: 'One asset with its latest rating and price',
    tag: 'assets',
    access: 'market',
    cache: 'none',
    function: 'api-assets',
    parameters: ofAsset,
    success: { status: 200, body: asset, description: 'The asset' },
    errors: [400, 404],
  },
  getAnalysis: {
    id: 'getAnalysis',
    method: 'GET',
    path: '/assets/{assetId}/analysis',
    summary: 'The latest analysis with its working; with history=true the earlier ones',
    tag: 'assets',
    access: 'market',
    cache: 'shared',
    function: 'api-assets',
    parameters: ofAsset,
    query: z.strictObject({ history: z.optional(booleanParameter({ default: false })), ...page }),
    success: { status: 200, body: analysisOrHistory, description: 'The analysis, or a page of earlier ones' },
    errors: [400, 404],
  },
  getFinancials: {
    id: 'getFinancials',
    method: 'GET',
    path: '/assets/{assetId}/financials/{statement}',
    summary: 'The statements as the provider reported them, newest first',
    tag: 'assets',
    access: 'market',
    cache: 'shared',
    function: 'api-assets',
    parameters: z.strictObject({ assetId: assetReference(), statement: statementName }),
    query: z.strictObject({ period: z.optional(period), ...page }),
    success: { status: 200, body: financials, description: 'A page of rows; the overview is one row' },
    errors: [400, 404],
  },
  listRankings: {
    id: 'listRankings',
    method: 'GET',
    path: '/rankings',
    summary: 'The active assets that have a value for the metric, the best first',
    tag: 'assets',
    access: 'market',
    cache: 'shared',
    function: 'api-assets',
    query: z.strictObject({
      metric: z.optional(
        shown(z.enum(metrics), { default: 'rating', description: 'The rating, or a score or ratio of the analysis' }),
      ),
      sector: z.optional(filterText('Sector as the overview spells it')),
      order: z.optional(
        shown(z.enum(['asc', 'desc']), {
          description: `By value; the best first where absent, which is ascending for ${lowerIsBetter.join(', ')}`,
        }),
      ),
      ...page,
    }),
    success: {
      status: 200,
      body: list(ranked),
      description: 'A page of the ranking; equal values follow their symbols',
    },
    errors: [400],
  },
} as const satisfies Record<string, Route>;
