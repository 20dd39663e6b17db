import { marketRoutes as routes } from '../../contract/routes/market';
import { DEFAULT_TIME_ZONE } from '../../contract/schedules';
import { onFirstCall } from '../adapters/aws';
import { type Failure, failure, isFailure, refusedParameter } from './answers';
import { assetReads } from './reads/assets';
import { earningsReads, type ReportDates } from './reads/earnings';
import { endOf, type NewsFilter, newsReads, startOf } from './reads/news';
import { pageRequest } from './reads/page';
import type { ReadServices } from './reads/rows';
import { type ApiHandler, implement, serve, type ServeServices } from './serve';

export type MarketServices = ServeServices & ReadServices;

const DAY_MS = 24 * 60 * 60 * 1000;
const DEFAULT_DAYS = 92;
const MOST_DAYS = 366;

/** Reads of news and of the earnings calendar. */
export function makeHandler(services: MarketServices): ApiHandler {
  const { clock } = services;
  const assets = assetReads(services);
  const news = newsReads(services);
  const earnings = earningsReads(services);

  const listNews = implement(routes.listNews, async (input) => {
    const filter = stretchOf(input.query);
    if (isFailure(filter)) return filter;
    const page = await news.all(filter, pageRequest(routes.listNews, input));
    return isFailure(page) ? page : { body: page };
  });

  const listAssetNews = implement(routes.listAssetNews, async (input) => {
    const filter = stretchOf(input.query);
    if (isFailure(filter)) return filter;
    const asset = await assets.find(input.parameters.assetId);
    if (!asset) return failure('not_found', `No asset has the id or symbol ${input.parameters.assetId}`);
    const page = await news.ofAsset(asset.asset_id, filter, pageRequest(routes.listAssetNews, input));
    return isFailure(page) ? page : { body: page };
  });

  const listEarnings = implement(routes.listEarnings, async (input) => {
    const dates = reportDates(input.query, clock());
    if (isFailure(dates)) return dates;
    const page = pageRequest(routes.listEarnings, input);
    const { symbol } = input.query;
    if (symbol === undefined) {
      const calendar = await earnings.calendar(dates, page);
      return isFailure(calendar) ? calendar : { body: calendar };
    }
    // The symbol filters: one that nobody trades under has no report dates, which is no error.
    const asset = await assets.find(symbol);
    const ofAsset = asset ? await earnings.ofAsset(asset.asset_id, dates, page) : { items: [], next_cursor: null };
    return isFailure(ofAsset) ? ofAsset : { body: ofAsset };
  });

  return serve([listNews, listAssetNews, listEarnings], services);
}

function stretchOf({ from, to, label }: NewsFilter): NewsFilter | Failure {
  const backwards = from !== undefined && to !== undefined && startOf(from) > endOf(to);
  return backwards ? refusedParameter('from', 'must not be after to') : { from, to, label };
}

/** From today where `from` is absent, and for 92 days where `to` is. */
function reportDates(query: { from?: string | undefined; to?: string | undefined }, now: Date): ReportDates | Failure {
  const from = query.from ?? todayAtTheExchange(now);
  const to = query.to ?? daysAfter(from, DEFAULT_DAYS);
  const days = (Date.parse(to) - Date.parse(from)) / DAY_MS;
  if (days < 0) return refusedParameter('from', 'must not be after to');
  if (days > MOST_DAYS) return refusedParameter('to', `must be at most ${MOST_DAYS} days after from`);
  return { from, to };
}

/** The calendar's dates are New York's: in its evening UTC is a day ahead, and today's reports after the close still count. */
const todayAtTheExchange = (now: Date): string =>
  // Sweden spells dates as ISO 8601 does.
  new Intl.DateTimeFormat('sv-SE', { timeZone: DEFAULT_TIME_ZONE, dateStyle: 'short' }).format(now);

function daysAfter(date: string, days: number): string {
  const later = new Date(Date.parse(date) + days * DAY_MS).toISOString();
  // Years of five digits are written with a sign, and sort before all others.
  return later.startsWith('+') ? '9999-12-31' : later.slice(0, 10);
}

export const handler = onFirstCall('api-market', (environment, aws) =>
  makeHandler({ ...aws, consoleOrigin: environment.CONSOLE_ORIGIN }),
);
