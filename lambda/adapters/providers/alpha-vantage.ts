import * as z from 'zod/mini';
import { type EarningsCalendar, parseEarningsCalendar } from './alpha-vantage/earnings-calendar';
import { classifyFailure, type Failure, isInvalidInputs } from './alpha-vantage/failures';
import { EMPTY_NEWS, newsTime, type NewsPage, parseNews } from './alpha-vantage/news';
import { type Overview, parseOverview } from './alpha-vantage/overview';
import { type DailyPrice, type GlobalQuote, parseDailySeries, parseGlobalQuote } from './alpha-vantage/prices';
import { expectedKeys, parseStatement, type Statement, type StatementFunction } from './alpha-vantage/statements';
import { toAlpacaSymbol, toAlphaVantageSymbol } from './alpha-vantage/symbols';
import { createHttp, type HttpPolicy, type HttpPorts, type HttpResponse, parseJson, type Rejected } from './http';
import { ProviderError } from './provider-error';

export { type EarningsCalendar, type EarningsCalendarRow } from './alpha-vantage/earnings-calendar';
export { type NewsArticle, type NewsPage, type TickerSentiment } from './alpha-vantage/news';
export { type Overview } from './alpha-vantage/overview';
export { type DailyPrice, type GlobalQuote } from './alpha-vantage/prices';
export { type Statement, type StatementRow } from './alpha-vantage/statements';
export { toAlpacaSymbol, toAlphaVantageSymbol } from './alpha-vantage/symbols';

export interface AlphaVantageClientProps extends HttpPorts {
  /** `https://www.alphavantage.co`; a trailing `/` or `/query` is taken off. */
  readonly baseUrl: string;
  /** Asked for at each call, so that a rotated key is picked up; cache it on the other side. */
  readonly apiKey: () => Promise<string>;
  readonly http?: Omit<HttpPolicy, 'retryThrottle'>;
}

export interface NewsQuery {
  /** Alpaca's spelling. Several are an AND: the answer is their intersection, so don't batch a watchlist. */
  readonly tickers?: readonly string[];
  readonly topics?: readonly string[];
  readonly timeFrom?: Date;
  readonly timeTo?: Date;
  /** @default 'LATEST' */
  readonly sort?: 'LATEST' | 'EARLIEST' | 'RELEVANCE';
  /** 1–1000. @default 50 */
  readonly limit?: number;
}

/** Symbols go in and come out in Alpaca's spelling. */
export interface AlphaVantageClient {
  overview(symbol: string): Promise<Overview>;
  incomeStatement(symbol: string): Promise<Statement>;
  balanceSheet(symbol: string): Promise<Statement>;
  cashFlow(symbol: string): Promise<Statement>;
  earnings(symbol: string): Promise<Statement>;
  earningsCalendar(query?: {
    readonly horizon?: '3month' | '6month' | '12month';
    readonly symbol?: string;
  }): Promise<EarningsCalendar>;
  newsSentiment(query?: NewsQuery): Promise<NewsPage>;
  globalQuote(symbol: string): Promise<GlobalQuote>;
  /** The last 100 days, unadjusted. */
  timeSeriesDaily(symbol: string): Promise<{
    readonly symbol: string;
    readonly prices: readonly DailyPrice[];
    readonly rejected: readonly Rejected[];
  }>;
}

type Body = Readonly<Record<string, unknown>>;
const object = z.record(z.string(), z.unknown());

/**
 * Alpha Vantage's query API.
 *
 * Status 200 says nothing there: an answer is one that holds the key it should, everything else is classified by
 * DOMAIN.md §2. A throttle is thrown at once (`throttled`, with its scope): who holds the token bucket decides when to
 * come back. A retry after a network error or 5xx is a call that counts: take its token in `http.beforeAttempt`.
 *
 * @throws ProviderError from every method, also `symbol_mismatch` where the answer is about another symbol.
 */
export function createAlphaVantageClient(props: AlphaVantageClientProps): AlphaVantageClient {
  const get = createHttp('alpha_vantage', props, { ...props.http, retryThrottle: false });
  const host = props.baseUrl.replace(/\/+$/, '').replace(/\/query$/, '');

  function failed(operation: string, failure: Failure): ProviderError {
    return new ProviderError({ provider: 'alpha_vantage', operation, ...failure });
  }

  async function request(operation: string, query: Readonly<Record<string, string | undefined>>) {
    const search = new URLSearchParams({ function: operation });
    for (const [key, value] of Object.entries(query)) if (value !== undefined) search.set(key, value);
    search.set('apikey', await props.apiKey());
    const response = await get({ operation, url: `${host}/query?${search.toString()}` });
    if (response.status === 200) return response;
    const kind = response.status === 401 || response.status === 403 ? 'auth' : 'invalid_request';
    throw new ProviderError({
      kind: response.status < 400 ? 'unavailable' : kind,
      provider: 'alpha_vantage',
      operation,
      status: response.status,
    });
  }

  function objectOf(operation: string, response: HttpResponse): Body {
    const body = object.safeParse(parseJson('alpha_vantage', operation, response));
    if (body.success) return body.data;
    throw failed(operation, { kind: 'malformed', detail: 'the body is no object' });
  }

  async function answer(operation: string, symbol: string, keys: readonly string[]): Promise<Body> {
    const body = objectOf(operation, await request(operation, { symbol: toAlphaVantageSymbol(symbol) }));
    if (keys.some((key) => Object.hasOwn(body, key))) return body;
    throw failed(operation, classifyFailure(body));
  }

  /** What is stored under a symbol must be about it: caches and proxies have answered with a neighbour's body. */
  function sameSymbol(operation: string, asked: string, answered: unknown): string {
    if (typeof answered !== 'string') throw failed(operation, { kind: 'malformed', detail: 'no symbol in the answer' });
    const symbol = toAlpacaSymbol(answered.trim());
    if (symbol === toAlpacaSymbol(asked)) return symbol;
    throw failed(operation, { kind: 'symbol_mismatch', detail: 'the answer is about another symbol' });
  }

  async function statement(operation: StatementFunction, asked: string): Promise<Statement> {
    const body = await answer(operation, asked, expectedKeys(operation));
    const symbol = sameSymbol(operation, asked, body.symbol);
    const parsed = parseStatement(operation, body);
    if (parsed) return { symbol, ...parsed };
    throw failed(operation, { kind: 'malformed', detail: 'the reports are no list' });
  }

  return {
    async overview(asked) {
      const body = await answer('OVERVIEW', asked, ['Symbol']);
      const symbol = sameSymbol('OVERVIEW', asked, body.Symbol);
      const figures = parseOverview(body);
      if (typeof figures !== 'string') return { symbol, figures };
      throw failed('OVERVIEW', { kind: 'malformed', detail: `field ${figures}` });
    },
    incomeStatement: (symbol) => statement('INCOME_STATEMENT', symbol),
    balanceSheet: (symbol) => statement('BALANCE_SHEET', symbol),
    cashFlow: (symbol) => statement('CASH_FLOW', symbol),
    earnings: (symbol) => statement('EARNINGS', symbol),

    async earningsCalendar({ horizon = '3month', symbol } = {}) {
      const operation = 'EARNINGS_CALENDAR';
      const asked = symbol === undefined ? undefined : toAlphaVantageSymbol(symbol);
      const response = await request(operation, { symbol: asked, horizon });
      // CSV when all is well, JSON when it is not.
      if (response.body.trimStart().startsWith('{')) {
        throw failed(operation, classifyFailure(objectOf(operation, response)));
      }
      const calendar = parseEarningsCalendar(response.body);
      if (typeof calendar !== 'string') return calendar;
      throw failed(operation, { kind: 'malformed', detail: calendar });
    },

    async newsSentiment({ tickers = [], topics = [], timeFrom, timeTo, sort = 'LATEST', limit = 50 } = {}) {
      const operation = 'NEWS_SENTIMENT';
      const response = await request(operation, {
        tickers: tickers.length === 0 ? undefined : tickers.map(toAlphaVantageSymbol).join(','),
        topics: topics.length === 0 ? undefined : topics.join(','),
        time_from: timeFrom && newsTime(timeFrom),
        time_to: timeTo && newsTime(timeTo),
        sort,
        limit: String(limit),
      });
      const body = objectOf(operation, response);
      if (Object.hasOwn(body, 'feed')) {
        const page = parseNews(body.feed);
        if (page) return page;
        throw failed(operation, { kind: 'malformed', detail: 'the feed is no list' });
      }
      const failure = classifyFailure(body);
      if (failure.kind === 'invalid_request' && isInvalidInputs(body)) return EMPTY_NEWS;
      throw failed(operation, failure);
    },

    async globalQuote(asked) {
      const operation = 'GLOBAL_QUOTE';
      const body = await answer(operation, asked, ['Global Quote']);
      const quote = object.safeParse(body['Global Quote']);
      if (!quote.success) throw failed(operation, { kind: 'malformed', detail: 'the quote is no object' });
      if (Object.keys(quote.data).length === 0) {
        throw failed(operation, { kind: 'unknown_symbol', detail: 'an empty quote' });
      }
      const symbol = sameSymbol(operation, asked, quote.data['01. symbol']);
      const parsed = parseGlobalQuote(quote.data);
      if (typeof parsed !== 'string') return { symbol, ...parsed };
      throw failed(operation, { kind: 'malformed', detail: `field ${parsed}` });
    },

    async timeSeriesDaily(asked) {
      const operation = 'TIME_SERIES_DAILY';
      const body = await answer(operation, asked, ['Time Series (Daily)']);
      const symbol = sameSymbol(operation, asked, object.safeParse(body['Meta Data']).data?.['2. Symbol']);
      const parsed = parseDailySeries(body['Time Series (Daily)']);
      if (parsed) return { symbol, ...parsed };
      throw failed(operation, { kind: 'malformed', detail: 'the series is no map of days' });
    },
  };
}
