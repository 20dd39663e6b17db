import { Decimal } from 'decimal.js';
import * as z from 'zod/mini';
import { dateAt } from '../../../core/trading/trading-day';

/** An OHLC bar; prices and volume as decimal strings, `t` the start of the bar as Alpaca sent it. */
export interface Bar {
  readonly t: string;
  readonly o: string;
  readonly h: string;
  readonly l: string;
  readonly c: string;
  readonly v: string;
  /** Trades in the bar. */
  readonly n: number | null;
  readonly vw: string | null;
}

export interface Trade {
  readonly t: string;
  readonly p: string;
  readonly s: string;
}

/** `ap` or `bp` null: Alpaca writes 0 where nobody quotes. */
export interface Quote {
  readonly t: string;
  readonly ap: string | null;
  readonly as: string;
  readonly bp: string | null;
  readonly bs: string;
}

/** Every part may be missing: a stock that has not traded today has no daily bar. */
export interface Snapshot {
  readonly latestTrade: Trade | null;
  readonly latestQuote: Quote | null;
  readonly minuteBar: Bar | null;
  readonly dailyBar: Bar | null;
  readonly prevDailyBar: Bar | null;
}

/** Alpaca sends prices as JSON numbers; `String` of a double is its shortest exact spelling, but 1e-7 wants unfolding. */
const decimal = z.pipe(
  z.number().check(z.nonnegative()),
  z.transform((value: number) => new Decimal(String(value)).toFixed()),
);
const positive = z.pipe(
  z.number().check(z.positive()),
  z.transform((value: number) => new Decimal(String(value)).toFixed()),
);
const quoted = z.pipe(
  decimal,
  z.transform((value: string) => (value === '0' ? null : value)),
);
// RFC 3339 with up to nine decimals, which Date.parse reads and cuts to milliseconds.
const instant = z.string().check(z.refine((text) => !Number.isNaN(Date.parse(text)), 'not an RFC 3339 time'));

const trade = z.object({ t: instant, p: positive, s: decimal });
const quote = z.object({ t: instant, ap: quoted, as: decimal, bp: quoted, bs: decimal });
const barRow = z.object({
  t: instant,
  o: positive,
  h: positive,
  l: positive,
  c: positive,
  v: decimal,
  n: z.nullish(z.number()),
  vw: z.nullish(decimal),
});
const bar = z.pipe(
  barRow,
  z.transform((row: z.infer<typeof barRow>): Bar => ({ ...row, n: row.n ?? null, vw: row.vw ?? null })),
);

const snapshotRow = z.object({
  latestTrade: z.nullish(trade),
  latestQuote: z.nullish(quote),
  minuteBar: z.nullish(bar),
  dailyBar: z.nullish(bar),
  prevDailyBar: z.nullish(bar),
});

/** A snapshot, or why it is none. */
export function parseSnapshot(value: unknown): { readonly snapshot: Snapshot } | { readonly reason: string } {
  const parsed = snapshotRow.safeParse(value);
  if (!parsed.success) return { reason: reasonOf(parsed.error) };
  const { latestTrade, latestQuote, minuteBar, dailyBar, prevDailyBar } = parsed.data;
  return {
    snapshot: {
      latestTrade: latestTrade ?? null,
      latestQuote: latestQuote ?? null,
      minuteBar: minuteBar ?? null,
      dailyBar: dailyBar ?? null,
      prevDailyBar: prevDailyBar ?? null,
    },
  };
}

export function parseBar(value: unknown): { readonly bar: Bar } | { readonly reason: string } {
  const parsed = bar.safeParse(value);
  return parsed.success ? { bar: parsed.data } : { reason: reasonOf(parsed.error) };
}

/** One page of GET /v2/stocks/bars; `bars` is null where no symbol has any. */
export const barsPage = z.object({
  bars: z.nullish(z.record(z.string(), z.nullable(z.array(z.unknown())))),
  next_page_token: z.nullish(z.string()),
});

export interface SnapshotPrice {
  /** Decimal string in the asset's currency. */
  readonly price: string;
  /** RFC 3339 UTC: of the trade, else the start of the bar that the price closes. */
  readonly as_of: string;
  /** What the day's change is measured from; null where unknown. */
  readonly previous_close: string | null;
}

/**
 * The best price that a snapshot holds: latest trade, else today's close so far, else the previous close (DOMAIN.md §1).
 * In the last case there is no earlier close to compare with, so the change is unknown, not 0.
 * `previous_close` is the close of the trading day before the trade's.
 */
export function snapshotPrice({ latestTrade, dailyBar, prevDailyBar }: Snapshot): SnapshotPrice | null {
  const previous_close = prevDailyBar?.c ?? null;
  if (latestTrade) {
    const before = dailyBar && isOfLaterDay(latestTrade, dailyBar) ? dailyBar.c : previous_close;
    return { price: latestTrade.p, as_of: utc(latestTrade.t), previous_close: before };
  }
  if (dailyBar) return { price: dailyBar.c, as_of: utc(dailyBar.t), previous_close };
  if (prevDailyBar) return { price: prevDailyBar.c, as_of: utc(prevDailyBar.t), previous_close: null };
  return null;
}

/** Until the market opens, the daily bar is that of the trading day before, and the one before it two closes old. */
const isOfLaterDay = (trade: Trade, bar: Bar): boolean => dateAt(new Date(trade.t)) > dateAt(new Date(bar.t));

const utc = (t: string) => new Date(t).toISOString();

function reasonOf(error: z.core.$ZodError): string {
  return error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
}
