import { isoDate } from './fiscal-calendar';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** New York without daylight saving time: the sandbox stays at UTC−4 the year round. */
const OFFSET_MS = 4 * HOUR_MS;

/** `around_the_clock`: every day is a trading day from midnight to midnight; `exchange_hours`: weekdays, 09:30–16:00. */
export type MarketHours = 'around_the_clock' | 'exchange_hours';

export interface Session {
  /** `YYYY-MM-DD` in New York. */
  readonly date: string;
  readonly open: number;
  readonly close: number;
}

/** When the sandbox trades. Holidays are not known to it. */
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

export function newYorkDate(instant: number): string {
  return isoDate(instant - OFFSET_MS);
}

/** `2026-05-15T09:30:00-04:00`, as /v2/clock writes it. */
export function newYorkTime(instant: number): string {
  return `${new Date(instant - OFFSET_MS).toISOString().slice(0, 19)}-04:00`;
}

export function createMarket(hours: MarketHours): Market {
  function sessionOf(date: string): Session | null {
    const midnight = Date.parse(`${date}T00:00:00Z`) + OFFSET_MS;
    if (hours === 'around_the_clock') return { date, open: midnight, close: midnight + DAY_MS };
    const weekday = new Date(`${date}T00:00:00Z`).getUTCDay();
    if (weekday === 0 || weekday === 6) return null;
    return { date, open: midnight + 9.5 * HOUR_MS, close: midnight + 16 * HOUR_MS };
  }

  function search(from: number, step: number, accept: (session: Session) => boolean): Session {
    for (let instant = from; ; instant += step * DAY_MS) {
      const session = sessionOf(newYorkDate(instant));
      if (session && accept(session)) return session;
    }
  }

  const sessionAt = (instant: number) => search(instant, -1, ({ open }) => open <= instant);
  const noonOf = ({ date }: Session) => Date.parse(`${date}T12:00:00Z`) + OFFSET_MS;
  return {
    hours,
    sessionOf,
    sessionAt,
    back: (session, count) => {
      let found = session;
      for (let i = 0; i < count; i += 1) found = search(noonOf(found) - DAY_MS, -1, () => true);
      return found;
    },
    nextSession: (instant) => search(instant, 1, ({ open }) => open > instant),
    isOpen: (instant) => instant < sessionAt(instant).close,
    lastTraded: (instant) => Math.min(instant, sessionAt(instant).close),
  };
}
