import { hash32, mix } from './random';
import { type Market, newYorkMidnight, type Session } from './market';
import { type Company } from './universe';
import { fairPrice, FIRST_DAY_MS } from './valuation';

const DAY_MS = 86_400_000;

/** Waves of 1/64 day to 256 days. */
const LEVELS = Array.from({ length: 15 }, (_, i) => 2 ** (i - 6));

/**
 * The market's price at any instant, US dollars, unrounded.
 *
 * A random walk that needs no history: value noise at every scale with the deviation of a walk of that length
 * (∝ √period), around what the business is worth. Any instant costs the same; the same instant has the same price.
 */
export function marketPrice(company: Company, instant: number): number {
  const days = (instant - FIRST_DAY_MS) / DAY_MS;
  const seed = mix(company.seed);
  const daily = 0.006 + (mix(company.seed ^ 0x5bd1e995) % 1000) / 100_000;
  let log = 0;
  LEVELS.forEach((period, level) => {
    log += daily * Math.sqrt(period) * noise(mix(seed + level * 0x9e3779b9), days / period);
  });
  return fairPrice(company, instant) * Math.exp(log);
}

/** −1 … 1, smooth between whole numbers. */
function noise(seed: number, x: number): number {
  const left = Math.floor(x);
  const t = x - left;
  const smooth = t * t * (3 - 2 * t);
  const at = (i: number) => mix(seed ^ Math.imul(i, 0x27d4eb2d)) / 2_147_483_648 - 1;
  return at(left) * (1 - smooth) + at(left + 1) * smooth;
}

/** As exchanges quote: cents from one dollar up, four decimals below. */
export function toTick(price: number): number {
  const ticks = price >= 1 ? 100 : 10_000;
  return Math.max(1, Math.round(price * ticks)) / ticks;
}

/** Alpaca's bar. */
export interface PriceBar {
  readonly t: string;
  readonly o: number;
  readonly h: number;
  readonly l: number;
  readonly c: number;
  readonly v: number;
  readonly n: number;
  readonly vw: number;
}

const SAMPLES = 8;

/** The bar from one instant to another; `label` is its `t`, where that differs from its first instant. */
export function barOf(company: Company, from: number, to: number, label = from): PriceBar {
  const prices = Array.from({ length: SAMPLES + 1 }, (_, i) =>
    toTick(marketPrice(company, from + ((to - from) * i) / SAMPLES)),
  );
  const [o = 0] = prices;
  const v = Math.round(((to - from) / DAY_MS) * dailyVolume(company, from)) + 1;
  return {
    t: rfc3339(label),
    o,
    h: Math.max(...prices),
    l: Math.min(...prices),
    c: prices[SAMPLES] ?? o,
    v,
    n: Math.ceil(v / 110),
    vw: Math.round((prices.reduce((a, b) => a + b, 0) / prices.length) * 1e6) / 1e6,
  };
}

/** The day's bar, of the day so far while it trades. Its `t` is midnight in New York. */
export function dailyBar(company: Company, session: Session, now: number): PriceBar {
  return barOf(company, session.open, Math.min(session.close, now), newYorkMidnight(session.date));
}

/** The close of the last session that is over: what a daily figure (market cap, P/E) is worked out with. */
export function lastClose(company: Company, market: Market, now: number): { price: number; session: Session } {
  const current = market.sessionAt(now);
  const session = current.close <= now ? current : market.back(current, 1);
  return { price: toTick(marketPrice(company, session.close)), session };
}

function dailyVolume(company: Company, instant: number): number {
  const size = 50_000 + (hash32(company.seed, 'volume') % 4_000_000);
  return size * (0.6 + (hash32(company.seed, 'volume', Math.floor(instant / DAY_MS)) % 1000) / 1250);
}

/** Whole seconds without decimals, like Alpaca's bars. */
export function rfc3339(instant: number): string {
  return new Date(instant).toISOString().replace('.000Z', 'Z');
}
