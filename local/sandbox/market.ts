import { EXCHANGE_TIME_ZONE, wallTime } from '../../core/trading/trading-day';

const DAY_MS = 86_400_000;

/**
 * `open`: around the clock, every day from midnight to midnight · `closed`: today, like a holiday; tomorrow it opens, and
 * when tomorrow comes that is closed too · `calendar`: weekdays from 09:30 to 16:00, like the exchange's without its
 * holidays but Thanksgiving, whose Friday ends at 13:00.
 */
export const MARKET_HOURS = ['open', 'closed', 'calendar'] as const;
export type MarketHours = (typeof MARKET_HOURS)[number];

export interface Session {
  /** `YYYY-MM-DD` in New York. */
  readonly date: string;
  readonly open: number;
  readonly close: number;
}

/** When the sandbox trades. */
export interface Market {
  readonly hours: MarketHours;
  /** The session of a day, null where there is none. */
  sessionOf(date: string): Session | null;
  /** The latest session that has begun. */
  sessionAt(instant: number): Session;
  /** A number of sessions back from a session; 0 is the session itself. */
  back(session: Session, count: number): Session;
  nextSession(instant: number): Session;
  isOpen(instant: number): boolean;
  /** The latest moment of trading, `instant` itself while the market is open. */
  lastTraded(instant: number): number;
}

// Made once: a formatter costs more than all that it is used for in a call.
const day = new Intl.DateTimeFormat('sv-SE', { timeZone: EXCHANGE_TIME_ZONE, dateStyle: 'short' });
const shown = new Intl.DateTimeFormat('sv-SE', {
  timeZone: EXCHANGE_TIME_ZONE,
  dateStyle: 'short',
  timeStyle: 'medium',
});

export const newYorkDate = (instant: number): string => day.format(instant);

const midnights = new Map<string, number>();

/** When a day begins in New York, epoch milliseconds. */
export function newYorkMidnight(date: string): number {
  const midnight = midnights.get(date) ?? wallTime(date, '00:00');
  midnights.set(date, midnight);
  return midnight;
}

/** `2026-05-15T09:30:00-04:00`, as /v2/clock writes it; -05:00 in winter. */
export function newYorkTime(instant: number): string {
  const wall = shown.format(instant).replace(' ', 'T');
  const hours = Math.round((instant - Date.parse(`${wall}Z`)) / 3_600_000);
  return `${wall}-0${hours}:00`;
}

/** @param now which day `closed` is about */
export function createMarket(hours: MarketHours, now: () => Date): Market {
  const known = new Map<string, Session | null>();

  function sessionOf(date: string): Session | null {
    if (hours === 'closed' && date === newYorkDate(now().getTime())) return null;
    const before = known.get(date);
    if (before !== undefined) return before;
    const [open, close] = wallTimesOf(hours, date) ?? [];
    const session =
      open === undefined || close === undefined
        ? null
        : { date, open: wallTime(date, open), close: wallTime(date, close) };
    known.set(date, session);
    return session;
  }

  /** Noon is on the same date in every zone of America, whatever its clocks do. */
  const noonOf = (date: string) => Date.parse(`${date}T17:00:00Z`);

  function search(from: number, step: number, accept: (session: Session) => boolean): Session {
    for (let noon = noonOf(newYorkDate(from)); ; noon += step * DAY_MS) {
      const session = sessionOf(new Date(noon).toISOString().slice(0, 10));
      if (session && accept(session)) return session;
    }
  }

  const sessionAt = (instant: number) => search(instant, -1, ({ open }) => open <= instant);
  return {
    hours,
    sessionOf,
    sessionAt,
    back: (session, count) => {
      let found = session;
      for (let i = 0; i < count; i += 1) found = search(noonOf(found.date) - DAY_MS, -1, () => true);
      return found;
    },
    nextSession: (instant) => search(instant, 1, ({ open }) => open > instant),
    isOpen: (instant) => instant < sessionAt(instant).close,
    lastTraded: (instant) => Math.min(instant, sessionAt(instant).close),
  };
}

function wallTimesOf(hours: MarketHours, date: string): readonly [string, string] | null {
  if (hours === 'open') return ['00:00', '24:00'];
  if (hours === 'closed') return ['09:30', '16:00'];
  const day = new Date(`${date}T00:00:00Z`);
  const weekday = day.getUTCDay();
  if (weekday === 0 || weekday === 6) return null;
  const isInNovember = day.getUTCMonth() === 10;
  if (isInNovember && weekday === 4 && day.getUTCDate() >= 22 && day.getUTCDate() <= 28) return null;
  const isDayAfterThanksgiving = isInNovember && weekday === 5 && day.getUTCDate() >= 23 && day.getUTCDate() <= 29;
  return ['09:30', isDayAfterThanksgiving ? '13:00' : '16:00'];
}
