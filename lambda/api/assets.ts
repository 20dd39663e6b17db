import { assetRoutes as routes } from '../../contract/routes/assets';
import type { Asset } from '../../contract/schemas/assets';
import { onFirstCall } from '../adapters/aws';
import { alpacaOf } from '../adapters/aws-clients';
import { createQuoteSource, type LatestQuote, type QuoteSource } from '../adapters/quotes';
import { failure } from './answers';
import { analysisReads } from './reads/analyses';
import { assetReads } from './reads/assets';
import { invalidCursor, pageRequest } from './reads/page';
import { rankingReads } from './reads/rankings';
import type { ReadServices } from './reads/rows';
import { statementReads } from './reads/statements';
import { type ApiHandler, implement, isFailure, serve, type ServeServices } from './serve';

export interface AssetServices extends ServeServices, ReadServices {
  readonly quotes: QuoteSource;
}

/** A price older than this is shown as stale: the delay of the free market data feed. */
const FRESH_SECONDS = 15 * 60;

/** Reads of assets: list, one, analysis, financials, rankings. */
export function makeHandler(services: AssetServices): ApiHandler {
  const { clock, quotes } = services;
  const assets = assetReads(services);
  const analyses = analysisReads(services);
  const financials = statementReads(services);
  const rankings = rankingReads(services);
  const unknown = (reference: string) => failure('not_found', `No asset has the id or symbol ${reference}`);

  const listAssets = implement(routes.listAssets, async (input) => {
    const { sort = 'symbol', query, status, exchange, sector } = input.query;
    const page = await assets.list({ query, status, exchange, sector }, sort, pageRequest(routes.listAssets, input));
    return isFailure(page) ? page : { body: page };
  });

  const getAsset = implement(routes.getAsset, async ({ parameters: { assetId } }) => {
    const asset = await assets.find(assetId);
    if (!asset) return unknown(assetId);
    return { body: { ...asset, price: priceOf(await quotes.latest(asset.symbol), clock()) } };
  });

  const getAnalysis = implement(routes.getAnalysis, async (input) => {
    const asset = await assets.find(input.parameters.assetId);
    if (!asset) return unknown(input.parameters.assetId);
    const page = pageRequest(routes.getAnalysis, input);
    if (input.query.history) {
      const earlier = await analyses.earlier(asset.asset_id, page);
      return isFailure(earlier) ? earlier : { body: earlier };
    }
    // Only the history has pages.
    if (page.after !== undefined) return invalidCursor();
    const latest = await analyses.latest(asset.asset_id);
    return latest ? { body: latest } : failure('not_analyzed', `${asset.symbol} has not been analysed yet`);
  });

  const getFinancials = implement(routes.getFinancials, async (input) => {
    const { assetId, statement } = input.parameters;
    const asset = await assets.find(assetId);
    if (!asset) return unknown(assetId);
    const page = pageRequest(routes.getFinancials, input);
    const rows =
      statement === 'overview'
        ? await financials.overview(asset.asset_id, page)
        : await financials.statements(asset.asset_id, statement, input.query.period, page);
    return isFailure(rows) ? rows : { body: rows };
  });

  const listRankings = implement(routes.listRankings, async (input) => {
    const { metric = 'rating', sector, order } = input.query;
    const page = await rankings.list({ metric, sector, order }, pageRequest(routes.listRankings, input));
    return isFailure(page) ? page : { body: page };
  });

  return serve([listAssets, getAsset, getAnalysis, getFinancials, listRankings], services);
}

function priceOf(quote: LatestQuote | null, now: Date): Asset['price'] {
  if (!quote) return null;
  const { price, currency, as_of, previous_close } = quote;
  // A trade stamped by a clock ahead of ours is not younger than now.
  const age_seconds = Math.max(0, Math.floor((now.getTime() - Date.parse(as_of)) / 1000));
  return {
    price,
    currency,
    as_of,
    age_seconds,
    stale: quote.stale === true || age_seconds > FRESH_SECONDS,
    previous_close,
  };
}

export const handler = onFirstCall('api-assets', (environment, aws) => {
  const quotes = createQuoteSource({
    ...aws,
    alpaca: alpacaOf(environment, aws, { timeoutMs: 1_500, maxAttempts: 1 }),
  });
  return makeHandler({ ...aws, quotes, consoleOrigin: environment.CONSOLE_ORIGIN });
});
