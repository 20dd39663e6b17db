import * as z from 'zod/mini';
import { dateCell, numericCell } from './figures';
import { type Rejected } from '../http';

/** GLOBAL_QUOTE; prices as decimal strings, null where the provider has none. */
export interface GlobalQuote {
  readonly symbol: string;
  readonly open: string | null;
  readonly high: string | null;
  readonly low: string | null;
  readonly price: string | null;
  readonly volume: string | null;
  readonly latest_trading_day: string | null;
  readonly previous_close: string | null;
  readonly change: string | null;
  /** Percent without its sign: "0.4207%" is "0.4207". */
  readonly change_percent: string | null;
}

export interface DailyPrice {
  readonly date: string;
  readonly open: string;
  readonly high: string;
  readonly low: string;
  readonly close: string;
  readonly volume: string;
}

const record = z.record(z.string(), z.unknown());

/** @returns the quote without its symbol, or the name of the first malformed field. */
export function parseGlobalQuote(quote: Readonly<Record<string, unknown>>): Omit<GlobalQuote, 'symbol'> | string {
  const bad: string[] = [];
  const cell = (key: string, parse: typeof numericCell = numericCell): string | null => {
    const parsed = parse(quote[key]);
    if (!parsed.ok) bad.push(key);
    return parsed.ok ? parsed.value : null;
  };
  const percent: typeof numericCell = (value) =>
    numericCell(typeof value === 'string' ? value.trim().replace(/%$/, '') : value);
  const parsed = {
    open: cell('02. open'),
    high: cell('03. high'),
    low: cell('04. low'),
    price: cell('05. price'),
    volume: cell('06. volume'),
    latest_trading_day: cell('07. latest trading day', dateCell),
    previous_close: cell('08. previous close'),
    change: cell('09. change'),
    change_percent: cell('10. change percent', percent),
  };
  return bad[0] ?? parsed;
}

/** TIME_SERIES_DAILY's map of days, newest first; null where it is no map. */
export function parseDailySeries(
  series: unknown,
): { readonly prices: readonly DailyPrice[]; readonly rejected: readonly Rejected[] } | null {
  const days = record.safeParse(series);
  if (!days.success) return null;
  const prices: DailyPrice[] = [];
  const rejected: Rejected[] = [];
  for (const [date, value] of Object.entries(days.data)) {
    const day = record.safeParse(value);
    const cells = ['1. open', '2. high', '3. low', '4. close', '5. volume'].map((key) => numericCell(day.data?.[key]));
    const [open, high, low, close, volume] = cells.map((cell) => (cell.ok ? cell.value : null));
    const known = dateCell(date);
    if (known.ok && known.value !== null && open && high && low && close && volume) {
      prices.push({ date, open, high, low, close, volume });
    } else {
      rejected.push({ path: date, reason: 'not a day of prices' });
    }
  }
  return { prices: prices.sort((a, b) => b.date.localeCompare(a.date)), rejected };
}
