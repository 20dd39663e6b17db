import { offsetIn } from '../time/zone';

/** A row of Alpaca's calendar: wall times of the exchange, early closes included, no row for a day without trading. */
export interface CalendarDay {
  /** `YYYY-MM-DD` */
  readonly date: string;
  /** `09:30` */
  readonly open: string;
  /** `16:00`, `13:00` on an early close; `24:00` is the end of the day. */
  readonly close: string;
}

/** A day's trading, in RFC 3339 UTC with milliseconds. */
export interface TradingSession {
  readonly date: string;
  readonly opens_at: string;
  /** The first moment that is not of it. */
  readonly closes_at: string;
}

/** Of the exchanges that Alpaca trades at. */
export const EXCHANGE_TIME_ZONE = 'America/New_York';

/** The sessions of a calendar, in order of time. @throws RangeError for a date or a time that is none */
export function sessionsOf(
  calendar: readonly CalendarDay[],
  timeZone: string = EXCHANGE_TIME_ZONE,
): readonly TradingSession[] {
  return calendar
    .map(({ date, open, close }) => ({
      date,
      opens_at: new Date(wallTime(date, open, timeZone)).toISOString(),
      closes_at: new Date(wallTime(date, close, timeZone)).toISOString(),
    }))
    .sort((a, b) => (a.opens_at < b.opens_at ? -1 : 1));
}

/** The session that an order placed at a moment belongs to: the running one, else the next; null past the calendar's end. */
export function sessionFor(sessions: readonly TradingSession[], now: Date): TradingSession | null {
  return sessions.find(({ closes_at }) => Date.parse(closes_at) > now.getTime()) ?? null;
}

export function isOpenAt(sessions: readonly TradingSession[], now: Date): boolean {
  const session = sessionFor(sessions, now);
  return session !== null && Date.parse(session.opens_at) <= now.getTime();
}

/**
 * When the running session began: the first of those that follow each other without a pause, for a market that never
 * closes has no opening at midnight. @returns RFC 3339; null while the market is closed
 */
export function sessionStart(sessions: readonly TradingSession[], now: Date): string | null {
  if (!isOpenAt(sessions, now)) return null;
  let began = sessionFor(sessions, now)?.opens_at ?? null;
  for (const { opens_at, closes_at } of [...sessions].reverse()) if (closes_at === began) began = opens_at;
  return began;
}

/** When a `day` order placed now expires. @returns RFC 3339; null past the calendar's end */
export const sessionEnd = (sessions: readonly TradingSession[], now: Date): string | null =>
  sessionFor(sessions, now)?.closes_at ?? null;

/** The trading day that an order placed now is of. @returns `YYYY-MM-DD`; null past the calendar's end */
export const tradingDate = (sessions: readonly TradingSession[], now: Date): string | null =>
  sessionFor(sessions, now)?.date ?? null;

/** The calendar date that a moment has at the exchange, `YYYY-MM-DD`. */
export const dateAt = (now: Date, timeZone: string = EXCHANGE_TIME_ZONE): string =>
  // en-CA writes dates so.
  new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(now);

/** The calendar day before a moment's, in a zone: `YYYY-MM-DD`, and [from, to) in RFC 3339 UTC; 23 to 25 hours. */
export function dayBefore(
  now: Date,
  timeZone: string,
): { readonly date: string; readonly from: string; readonly to: string } {
  const to = wallTime(dateAt(now, timeZone), '00:00', timeZone);
  const date = dateAt(new Date(to - 1), timeZone);
  return {
    date,
    from: new Date(wallTime(date, '00:00', timeZone)).toISOString(),
    to: new Date(to).toISOString(),
  };
}

const DATE = /^\d{4}-\d{2}-\d{2}$/;
const TIME = /^(\d{2}):(\d{2})$/;

/**
 * The instant at which clocks of a zone show a time, epoch milliseconds. Where they show it twice or never, on a night
 * when they change, the one that the offset of the other side of the change gives; no exchange opens or closes then.
 */
export function wallTime(date: string, time: string, timeZone: string = EXCHANGE_TIME_ZONE): number {
  const [, hours = '', minutes = ''] = TIME.exec(time) ?? [];
  const midnight = DATE.test(date) ? Date.parse(`${date}T00:00:00Z`) : Number.NaN;
  if (hours === '' || Number.isNaN(midnight)) throw new RangeError(`${date} ${time} is no date and time`);
  const shown = midnight + (Number(hours) * 60 + Number(minutes)) * 60_000;
  const offset = offsetIn(timeZone);
  const guess = shown - offset(shown);
  // The offset was read at the wrong instant, hours away from the right one: read it again there.
  return shown - offset(guess);
}
