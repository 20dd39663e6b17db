import { hash32, randomOf } from './random';
import { type Market, newYorkMidnight, newYorkTime } from './market';
import { barOf, dailyBar, marketPrice, type PriceBar, rfc3339, toTick } from './prices';
import { type Company } from './universe';

const MINUTE_MS = 60_000;

/** A row of /v2/assets. */
export function assetRow(company: Company): Record<string, unknown> {
  const random = randomOf(company.seed, 'asset');
  const easy = random.chance(0.85);
  const { trait, active } = company;
  return {
    id: company.asset_id,
    class: 'us_equity',
    exchange: company.exchange,
    symbol: company.symbol,
    name: `${company.name}${trait === 'noFundamentals' ? '' : ' Common Stock'}`,
    status: active ? 'active' : 'inactive',
    tradable: active,
    marginable: active,
    shortable: active && easy,
    fractionable: active && random.chance(0.9),
    // Deprecated 2026-06-22, sunset 2026-09-22: one company is past it already.
    ...(trait === 'noEasyToBorrow'
      ? {}
      : { easy_to_borrow: active && easy, borrow_status: easy ? 'easy_to_borrow' : 'hard_to_borrow' }),
    maintenance_margin_requirement: easy ? 30 : 100,
    margin_requirement_long: easy ? '30' : '100',
    margin_requirement_short: easy ? '30' : '100',
    cusip: random.chance(0.9) ? hash32(company.seed, 'cusip').toString(36).toUpperCase().padStart(9, '0') : null,
    attributes:
      trait === 'unknownExchange'
        ? ['telepathic_settlement', 'has_options']
        : random.chance(0.6)
          ? ['fractional_eh_enabled', 'has_options']
          : [],
  };
}

/** Whether market data knows the symbol: an inactive asset has none. */
export function hasPrices(company: Company): boolean {
  return company.active;
}

export function latestTrade(company: Company, market: Market, now: number): Record<string, unknown> | null {
  if (company.trait === 'thinlyTraded') return null;
  // Trades come in whole seconds; nanoseconds are spelt out, as Alpaca does.
  const at = Math.floor(market.lastTraded(now) / 1000) * 1000;
  const random = randomOf(company.seed, 'trade', at);
  return {
    t: new Date(at).toISOString().replace('.000Z', `.${String(random.int(0, 999_999_999)).padStart(9, '0')}Z`),
    x: 'V',
    p: toTick(marketPrice(company, market.lastTraded(now))),
    s: random.int(1, 400),
    c: ['@'],
    i: random.int(1, 9_999_999),
    z: 'C',
  };
}

export function latestQuote(company: Company, market: Market, now: number): Record<string, unknown> {
  const at = market.lastTraded(now);
  const t = rfc3339(at);
  if (company.trait === 'thinlyTraded') return { t, ax: 'V', ap: 0, as: 0, bx: 'V', bp: 0, bs: 0, c: ['R'], z: 'C' };
  const price = toTick(marketPrice(company, at));
  const half = Math.max(price >= 1 ? 0.01 : 0.0001, price * 0.0002);
  const random = randomOf(company.seed, 'quote', Math.floor(at / 1000));
  return {
    t,
    ax: 'V',
    ap: toTick(price + half),
    as: random.int(1, 9) * 100,
    bx: 'V',
    bp: toTick(Math.max(0.0001, price - half)),
    bs: random.int(1, 9) * 100,
    c: ['R'],
    z: 'C',
  };
}

export function snapshot(company: Company, market: Market, now: number): Record<string, unknown> {
  const session = market.sessionAt(now);
  const traded = market.lastTraded(now);
  const minute = Math.floor((traded - 1) / MINUTE_MS) * MINUTE_MS;
  const thin = company.trait === 'thinlyTraded';
  return {
    latestTrade: latestTrade(company, market, now),
    latestQuote: latestQuote(company, market, now),
    minuteBar: thin ? null : barOf(company, minute, traded),
    ...(thin ? {} : { dailyBar: dailyBar(company, session, now) }),
    prevDailyBar: dailyBar(company, market.back(session, 1), now),
  };
}

export interface BarsRequest {
  readonly companies: readonly Company[];
  readonly timeframe: string;
  readonly start: number;
  readonly end: number;
  readonly limit: number;
  readonly pageToken: string | undefined;
  readonly descending: boolean;
}

/**
 * A page of /v2/stocks/bars: the limit counts bars over all symbols, which come one after another.
 * @returns null where the timeframe is none.
 */
export function barsPage(
  request: BarsRequest,
  market: Market,
  now: number,
): { readonly bars: Record<string, PriceBar[]>; readonly next_page_token: string | null } | null {
  const spans = timeframeSpans(request, market, now);
  if (!spans) return null;
  const first = request.pageToken === undefined ? 0 : Number(Buffer.from(request.pageToken, 'base64').toString('utf8'));
  const total = spans.length * request.companies.length;
  const last = Math.min(total, first + request.limit);
  const bars: Record<string, PriceBar[]> = {};
  for (let n = first; n < last; n += 1) {
    const company = request.companies[Math.floor(n / spans.length)];
    const span = spans[n % spans.length];
    if (company && span) (bars[company.symbol] ??= []).push(barOf(company, span.from, span.to, span.label));
  }
  return { bars, next_page_token: last < total ? Buffer.from(String(last)).toString('base64') : null };
}

interface Span {
  readonly from: number;
  readonly to: number;
  readonly label: number;
}

/** The stretches of trading time that the bars cover, in the order asked for; null for an unknown timeframe. */
function timeframeSpans(request: BarsRequest, market: Market, now: number): Span[] | null {
  const match = /^(\d{0,2})(Min|T|Hour|H|Day|D|Week|W|Month|M)$/.exec(request.timeframe);
  if (!match) return null;
  const count = Number(match[1]) || 1;
  const unit = match[2] ?? '';
  const spans = /^(?:Min|T|Hour|H)$/.test(unit)
    ? intradaySpans(request, market, now, count * (/^[MT]/.test(unit) ? MINUTE_MS : 60 * MINUTE_MS))
    : sessionSpans(request, market, now, unit.startsWith('D') ? dayOf : unit.startsWith('W') ? weekOf : monthOf);
  return request.descending ? spans.reverse() : spans;
}

const dayOf = (date: string) => date;
const monthOf = (date: string) => `${date.slice(0, 7)}-01`;
/** The Monday of the week. */
const weekOf = (date: string) => {
  const day = new Date(`${date}T00:00:00Z`);
  return new Date(day.getTime() - ((day.getUTCDay() + 6) % 7) * 86_400_000).toISOString().slice(0, 10);
};

function sessionSpans(
  { start, end }: BarsRequest,
  market: Market,
  now: number,
  group: (date: string) => string,
): Span[] {
  const spans = new Map<string, Span>();
  for (let at = start; at <= end + 86_400_000; at += 86_400_000) {
    const session = market.sessionOf(new Date(at).toISOString().slice(0, 10));
    if (!session || session.open >= now) continue;
    const key = group(session.date);
    const label = newYorkMidnight(key);
    if (label < start || label > end) continue;
    const from = spans.get(key)?.from ?? session.open;
    spans.set(key, { from, to: Math.min(session.close, now), label });
  }
  return [...spans.values()];
}

function intradaySpans({ start, end }: BarsRequest, market: Market, now: number, step: number): Span[] {
  const spans: Span[] = [];
  for (let from = Math.ceil(start / step) * step; from <= end && from < now; from += step) {
    if (market.isOpen(from)) spans.push({ from, to: Math.min(from + step, now), label: from });
  }
  return spans;
}

/** /v2/clock. */
export function clock(market: Market, now: number): Record<string, unknown> {
  const current = market.sessionAt(now);
  const next = market.nextSession(now);
  return {
    timestamp: newYorkTime(now),
    is_open: market.isOpen(now),
    next_open: newYorkTime(next.open),
    next_close: newYorkTime(market.isOpen(now) ? current.close : next.close),
  };
}

/** /v2/calendar, at most a year of it. */
export function calendar(market: Market, start: string, end: string): Record<string, unknown>[] {
  const days: Record<string, unknown>[] = [];
  const last = Math.min(Date.parse(end), Date.parse(start) + 366 * 86_400_000);
  for (let at = Date.parse(start); at <= last; at += 86_400_000) {
    const session = market.sessionOf(new Date(at).toISOString().slice(0, 10));
    if (!session) continue;
    const open = newYorkTime(session.open).slice(11, 16);
    // Midnight of the next day is written 24:00, for "00:00" would be before the open.
    const close = newYorkTime(session.close).slice(11, 16).replace('00:00', '24:00');
    days.push({
      date: session.date,
      open,
      close,
      session_open: open.replace(':', ''),
      session_close: close.replace(':', ''),
      settlement_date: new Date(at + 86_400_000).toISOString().slice(0, 10),
    });
  }
  return days;
}
