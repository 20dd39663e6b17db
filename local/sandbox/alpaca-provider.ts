import { createOrderBook } from './alpaca-orders';
import { assetRow, barsPage, calendar, clock, hasPrices, latestQuote, latestTrade, snapshot } from './alpaca-payloads';
import { isoDate } from './fiscal-calendar';
import { type Market } from './market';
import { type Misbehaviour } from './misbehaviour';
import { type Answer, type Asked } from './provider-server';
import { createRateLimit } from './rate-limit';
import { type Company, type Universe } from './universe';

export interface AlpacaProviderProps {
  readonly universe: Universe;
  readonly market: Market;
  readonly now: () => Date;
  readonly plan: { readonly rpm: number };
}

const TOO_MANY = { message: 'too many requests.' };
/** Symbols a request, by way of the real host's limit on the length of a URI. */
const MAX_URI = 8_000;
/** How `failure` tells `answer` of a partial fill. */
const PARTIALLY = 'sandbox_partially';

/** Alpaca's trading and market data APIs on one host, each with its own limit as in reality. */
export function createAlpacaProvider({ universe, market, now, plan }: AlpacaProviderProps) {
  const limits = { rps: null, rpm: plan.rpm, rpd: null };
  const tradingLimit = createRateLimit(limits);
  const dataLimit = createRateLimit(limits);
  const orders = createOrderBook({ universe, market });
  const rows = universe.companies.map((company) => ({ company, row: assetRow(company) }));

  function answer(url: URL, { headers, method, body }: Asked): Answer {
    if (!headers['apca-api-key-id'] || !headers['apca-api-secret-key']) return unauthorized();
    if (url.href.length > MAX_URI) return { status: 414, body: { message: 'URI too large' } };
    const instant = now().getTime();
    const verdict = (url.pathname.startsWith('/v2/stocks') ? dataLimit : tradingLimit)(instant);
    const rate = rateHeaders(plan.rpm, verdict.remaining, verdict.reset);
    if (verdict.exceeded) return { status: 429, body: TOO_MANY, headers: rate, throttled: verdict.exceeded };
    const answered =
      method === 'POST'
        ? orders.submit(body, instant, { partially: url.searchParams.has(PARTIALLY) })
        : route(url, instant);
    return { ...answered, headers: rate };
  }

  function route(url: URL, instant: number): Answer {
    const { pathname, searchParams } = url;
    if (pathname === '/v2/assets') return assets(searchParams);
    if (pathname.startsWith('/v2/assets/')) return oneAsset(decodeURIComponent(pathname.slice('/v2/assets/'.length)));
    if (pathname === '/v2/clock') return { status: 200, body: clock(market, instant) };
    if (pathname === '/v2/calendar') {
      const start = searchParams.get('start') ?? isoDate(instant);
      return {
        status: 200,
        body: calendar(market, start, searchParams.get('end') ?? isoDate(instant + 30 * 86_400_000)),
      };
    }
    if (pathname === '/v2/orders:by_client_order_id') {
      return orders.byClientOrderId(searchParams.get('client_order_id') ?? '', instant);
    }
    if (pathname.startsWith('/v2/orders/')) {
      return orders.byId(decodeURIComponent(pathname.slice('/v2/orders/'.length)), instant);
    }
    if (!pathname.startsWith('/v2/stocks/')) return { status: 404, body: { code: 40410000, message: 'not found' } };
    const symbols = searchParams.get('symbols')?.split(',').filter(Boolean) ?? [];
    if (symbols.length === 0) return { status: 400, body: { message: 'symbols is required' } };
    const companies = symbols.flatMap((symbol) => universe.bySymbol(symbol) ?? []).filter(hasPrices);
    return stocks(pathname, companies, searchParams, instant);
  }

  function assets(query: URLSearchParams): Answer {
    const status = query.get('status');
    const exchange = query.get('exchange');
    const assetClass = query.get('asset_class') ?? 'us_equity';
    const listed = rows.filter(
      ({ row }) =>
        assetClass === 'us_equity' && (!status || row.status === status) && (!exchange || row.exchange === exchange),
    );
    return { status: 200, body: listed.map(({ row }) => row) };
  }

  function oneAsset(key: string): Answer {
    const company = universe.bySymbol(key) ?? universe.byId(key);
    if (!company) return { status: 404, body: { code: 40410000, message: `asset not found for ${key}` } };
    return { status: 200, body: assetRow(company) };
  }

  function stocks(pathname: string, companies: readonly Company[], query: URLSearchParams, instant: number): Answer {
    const map = (of: (company: Company) => unknown) =>
      Object.fromEntries(
        companies.flatMap((company) => {
          const value = of(company);
          return value === null ? [] : [[company.symbol, value]];
        }),
      );
    switch (pathname) {
      case '/v2/stocks/snapshots':
        return { status: 200, body: map((company) => snapshot(company, market, instant)) };
      case '/v2/stocks/quotes/latest':
        return { status: 200, body: { quotes: map((company) => latestQuote(company, market, instant)) } };
      case '/v2/stocks/trades/latest':
        return { status: 200, body: { trades: map((company) => latestTrade(company, market, instant)) } };
      case '/v2/stocks/bars':
        return bars(companies, query, instant);
      default:
        return { status: 404, body: { message: 'endpoint not found.' } };
    }
  }

  function bars(companies: readonly Company[], query: URLSearchParams, instant: number): Answer {
    const limit = Number(query.get('limit') ?? 1000);
    const start = startOf(query.get('start'), instant);
    const end = endOf(query.get('end'), instant);
    if (!Number.isInteger(limit) || limit < 1 || limit > 10_000 || Number.isNaN(start) || Number.isNaN(end)) {
      return { status: 400, body: { message: 'invalid limit, start or end' } };
    }
    const request = {
      companies,
      timeframe: query.get('timeframe') ?? '',
      start,
      end,
      limit,
      pageToken: query.get('page_token') ?? undefined,
      descending: query.get('sort') === 'desc',
    };
    const page = barsPage(request, market, instant);
    return page ? { status: 200, body: page } : { status: 400, body: { message: 'invalid timeframe' } };
  }

  function failure(rule: Misbehaviour, url: URL): Answer | null {
    if (rule.kind === 'unauthorized') return unauthorized();
    if (rule.kind === '429') {
      const reset = now().getTime() + 2_000;
      return { status: 429, body: TOO_MANY, headers: rateHeaders(plan.rpm, 0, reset) };
    }
    // A page may be short though more follow: half of what was asked for, and the token.
    if (rule.kind === 'short_page') {
      const limit = Number(url.searchParams.get('limit') ?? 1000);
      url.searchParams.set('limit', String(Math.max(1, Math.floor(limit / 2))));
    }
    if (rule.kind === 'partial_fill') url.searchParams.set(PARTIALLY, '');
    return null;
  }

  return { answer, failure, posts: ['/v2/orders'] };
}

/** Alpaca answers 401 before it counts: without rate headers. */
function unauthorized(): Answer {
  return { status: 401, body: { message: 'unauthorized.' }, refused: true };
}

function rateHeaders(limit: number, remaining: number, reset: number): Record<string, string> {
  return {
    'X-RateLimit-Limit': String(limit),
    'X-RateLimit-Remaining': String(remaining),
    'X-RateLimit-Reset': String(Math.ceil(reset / 1000)),
  };
}

/** A date, or an instant; the day's beginning by default. */
function startOf(text: string | null, now: number): number {
  return Date.parse(text ?? isoDate(now));
}

/** A date means that whole day. */
function endOf(text: string | null, now: number): number {
  if (text === null) return now;
  return /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(text) + 86_399_999 : Date.parse(text);
}
