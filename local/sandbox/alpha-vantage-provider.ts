import { toAlpacaSymbol } from '../../lambda/adapters/providers/alpha-vantage/symbols';
import { earningsPayload, statementPayload } from './alpha-vantage-statements';
import { hasPrices } from './alpaca-payloads';
import { earningsCalendarCsv, hasFundamentals } from './earnings-calendar';
import { isoDate } from './fiscal-calendar';
import { type Market, newYorkDate } from './market';
import { type Misbehaviour } from './misbehaviour';
import { searchNews } from './news';
import { overviewPayload } from './overview';
import { dailyBar, type PriceBar } from './prices';
import { type Answer } from './provider-server';
import { createRateLimit, type LimitScope, type PlanLimits } from './rate-limit';
import { type Company, type Universe } from './universe';

export interface AlphaVantageProviderProps {
  readonly universe: Universe;
  readonly market: Market;
  readonly now: () => Date;
  readonly plan: PlanLimits;
}

const PREMIUM = 'https://www.alphavantage.co/premium/';
const DOCUMENTATION = 'https://www.alphavantage.co/documentation/';

/** Alpha Vantage's notices, in its words of 2026 and before. All are sent with status 200. */
const NOTICES = {
  day: (limit: number) => ({
    Information: `Thank you for using Alpha Vantage! Our standard API rate limit is ${limit} requests per day. Please subscribe to any of the premium plans at ${PREMIUM} to instantly remove all daily rate limits.`,
  }),
  second: (limit: number) => ({
    Information: `Burst pattern detected. Thank you for using Alpha Vantage! Please consider spreading out your API requests more sparingly (${limit} request per second). You may subscribe to any of the premium plans at ${PREMIUM} to raise the per-second burst limit, and instantly unlock all premium endpoints`,
  }),
  minute: (limit: number) => ({
    Note: `Thank you for using Alpha Vantage! Our standard API call frequency is ${limit} calls per minute. Please visit ${PREMIUM} if you would like to target a higher API call frequency.`,
  }),
  invalidKey: {
    'Error Message':
      'the parameter apikey is invalid or missing. Please claim your free API key on (https://www.alphavantage.co/support/#api-key). It should take less than 20 seconds.',
  },
  premium: {
    Information: `Thank you for using Alpha Vantage! This is a premium endpoint. You may subscribe to any of the premium plans at ${PREMIUM} to instantly unlock all premium endpoints`,
  },
  invalidInputs: {
    Information: `Invalid inputs. Please refer to the API documentation ${DOCUMENTATION}#newsapi and try again.`,
  },
  invalidCall: (name: string) => ({
    'Error Message': `Invalid API call. Please retry or visit the documentation (${DOCUMENTATION}) for ${name}.`,
  }),
};

const DAYS_AHEAD: Readonly<Record<string, number>> = { '3month': 92, '6month': 183, '12month': 366 };
const COMPACT = 100;

export function createAlphaVantageProvider({ universe, market, now, plan }: AlphaVantageProviderProps) {
  const limit = createRateLimit(plan);

  function answer(url: URL): Answer {
    const query = url.searchParams;
    if (url.pathname !== '/query') return { status: 404, body: 'Not Found' };
    if (!query.get('apikey')) return { status: 200, body: NOTICES.invalidKey, refused: true };
    const instant = now().getTime();
    const { exceeded } = limit(instant);
    if (exceeded) return { status: 200, body: throttleNotice(exceeded), throttled: exceeded };
    return { status: 200, body: dispatch(query, instant) };
  }

  function throttleNotice(scope: LimitScope): unknown {
    return NOTICES[scope]({ second: plan.rps, minute: plan.rpm, day: plan.rpd }[scope] ?? 0);
  }

  function dispatch(query: URLSearchParams, instant: number): unknown {
    const name = query.get('function') ?? '';
    const company = universe.bySymbol(toAlpacaSymbol(query.get('symbol') ?? ''));
    const day = newYorkDate(instant);
    switch (name) {
      case 'OVERVIEW':
        return known(company) ? overviewPayload(company, market, day, instant) : {};
      case 'INCOME_STATEMENT':
      case 'BALANCE_SHEET':
      case 'CASH_FLOW':
        return known(company) ? statementPayload(name, company, day) : {};
      case 'EARNINGS':
        return known(company) ? earningsPayload(company, day) : {};
      case 'EARNINGS_CALENDAR': {
        const until = isoDate(Date.parse(day) + (DAYS_AHEAD[query.get('horizon') ?? '3month'] ?? 92) * 86_400_000);
        const listed = query.has('symbol') ? (company ? [company] : []) : universe.companies;
        return earningsCalendarCsv(listed, day, until);
      }
      case 'NEWS_SENTIMENT':
        return news(query, instant);
      case 'GLOBAL_QUOTE':
        return { 'Global Quote': company && hasPrices(company) ? quote(company, instant) : {} };
      case 'TIME_SERIES_DAILY':
        if (query.get('outputsize') === 'full') return NOTICES.premium;
        return company && hasPrices(company) ? daily(company, instant) : NOTICES.invalidCall(name);
      default:
        return NOTICES.invalidCall(name);
    }
  }

  function news(query: URLSearchParams, instant: number): unknown {
    const list = (name: string) => query.get(name)?.split(',').filter(Boolean) ?? [];
    const tickers = list('tickers');
    const from = newsInstant(query.get('time_from'));
    const to = newsInstant(query.get('time_to'));
    const unknown = tickers.some((ticker) => !universe.bySymbol(toAlpacaSymbol(ticker)));
    if (unknown || Number.isNaN(from) || Number.isNaN(to)) return NOTICES.invalidInputs;
    const request = {
      tickers,
      topics: list('topics'),
      from,
      to,
      sort: query.get('sort') ?? 'LATEST',
      limit: Math.min(1000, Math.max(1, Number(query.get('limit') ?? 50) || 50)),
    };
    const feed = searchNews(universe, request, instant).map(({ payload }) => payload);
    if (feed.length === 0) return NOTICES.invalidInputs;
    return {
      items: String(feed.length),
      sentiment_score_definition:
        'x <= -0.35: Bearish; -0.35 < x <= -0.15: Somewhat-Bearish; -0.15 < x < 0.15: Neutral; 0.15 <= x < 0.35: Somewhat_Bullish; x >= 0.35: Bullish',
      relevance_score_definition: '0 < x <= 1, with a higher score indicating higher relevance.',
      feed,
    };
  }

  function quote(company: Company, instant: number): Record<string, string> {
    const session = market.sessionAt(instant);
    const today = dailyBar(company, session, instant);
    const before = dailyBar(company, market.back(session, 1), instant).c;
    return {
      '01. symbol': toSpelling(company),
      '02. open': today.o.toFixed(4),
      '03. high': today.h.toFixed(4),
      '04. low': today.l.toFixed(4),
      '05. price': today.c.toFixed(4),
      '06. volume': String(today.v),
      '07. latest trading day': session.date,
      '08. previous close': before.toFixed(4),
      '09. change': (today.c - before).toFixed(4),
      '10. change percent': `${(((today.c - before) / before) * 100).toFixed(4)}%`,
    };
  }

  function daily(company: Company, instant: number): Record<string, unknown> {
    const days: [string, Record<string, string>][] = [];
    let session = market.sessionAt(instant);
    while (days.length < COMPACT) {
      days.push([session.date, dayOf(dailyBar(company, session, instant))]);
      session = market.back(session, 1);
    }
    return {
      'Meta Data': {
        '1. Information': 'Daily Prices (open, high, low, close) and Volumes',
        '2. Symbol': toSpelling(company),
        '3. Last Refreshed': days[0]?.[0] ?? '',
        '4. Output Size': 'Compact',
        '5. Time Zone': 'US/Eastern',
      },
      'Time Series (Daily)': Object.fromEntries(days),
    };
  }

  function failure({ kind }: Misbehaviour): Answer | null {
    const notice = {
      throttle_burst: NOTICES.second(plan.rps ?? 1),
      throttle_minute: NOTICES.minute(plan.rpm ?? 5),
      throttle_daily: NOTICES.day(plan.rpd ?? 25),
      invalid_key: NOTICES.invalidKey,
      premium: NOTICES.premium,
      invalid_request: NOTICES.invalidCall('TIME_SERIES_DAILY'),
      empty: {},
    };
    if (kind === '429') return { status: 429, body: { message: 'too many requests.' } };
    return kind in notice ? { status: 200, body: notice[kind as keyof typeof notice] } : null;
  }

  return { answer, failure };
}

function known(company: Company | undefined): company is Company {
  return company !== undefined && hasFundamentals(company);
}

function toSpelling({ symbol }: Company): string {
  return symbol.replace('.', '-');
}

function dayOf({ o, h, l, c, v }: PriceBar): Record<string, string> {
  return {
    '1. open': o.toFixed(4),
    '2. high': h.toFixed(4),
    '3. low': l.toFixed(4),
    '4. close': c.toFixed(4),
    '5. volume': String(v),
  };
}

/** `YYYYMMDDTHHMM[SS]`; null where not given, NaN where it is none. */
function newsInstant(text: string | null): number | null {
  if (text === null) return null;
  return Date.parse(text.replace(/^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})\d{0,2}$/, '$1-$2-$3T$4:$5:00Z'));
}
