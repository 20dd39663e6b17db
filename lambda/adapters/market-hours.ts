import {
  dateAt,
  isOpenAt,
  sessionEnd,
  sessionFor,
  sessionsOf,
  sessionStart,
  type TradingSession,
} from '../../core/trading/trading-day';
import type { Clock, Log } from './ports';
import type { AlpacaTrading, MarketClock } from './providers/alpaca-trading';
import { ProviderError } from './providers/provider-error';

/** The market as an order placed now finds it. */
export interface MarketNow {
  readonly is_open: boolean;
  /** When a `day` order placed now expires, RFC 3339 UTC: the end of the running session, else of the next. */
  readonly day_ends: string;
  /** When the running session began, by the calendar; null while the market is closed, or the calendar is not known. */
  readonly opened_at: string | null;
  /** When the next session begins; null while one is running. */
  readonly opens_at: string | null;
}

export interface MarketHours {
  /** @throws MarketHoursUnknown where nobody can tell; "open" is never guessed */
  now(): Promise<MarketNow>;
}

/** Neither the clock nor the calendar could be asked. */
export class MarketHoursUnknown extends Error {
  override readonly name = 'MarketHoursUnknown';
  constructor() {
    super('whether the market is open is not known at present');
  }
}

export interface MarketHoursProps {
  /** Should itself give up soon: a request waits for it. */
  readonly alpaca: Pick<AlpacaTrading, 'clock' | 'calendar'>;
  readonly clock: Clock;
  readonly log: Log;
  /** How long the clock's word serves, where nothing changes before. @default 60000 */
  readonly keepMs?: number;
  /** How long Alpaca is left alone after a failure, so that not every order waits for it. @default 5000 */
  readonly restMs?: number;
}

const DAY_MS = 86_400_000;
/** Sessions known ahead: over any holiday, and over an outage of some days. */
const AHEAD_MS = 14 * DAY_MS;

/** The market's hours by Alpaca's clock, by its calendar while the clock cannot be asked; remembered in this process. */
export function createMarketHours({
  alpaca,
  clock,
  log,
  keepMs = 60_000,
  restMs = 5_000,
}: MarketHoursProps): MarketHours {
  let told: { readonly market: Omit<MarketNow, 'opened_at'>; readonly until: number } | null = null;
  let calendar: { readonly sessions: readonly TradingSession[]; readonly fetchedAt: number } | null = null;
  let clockRestsUntil = 0;
  let calendarRestsUntil = 0;
  let flight: Promise<void> | null = null;

  const time = () => clock().getTime();

  async function askClock(): Promise<void> {
    if (time() < clockRestsUntil) return;
    try {
      const answer = await alpaca.clock();
      const { is_open, next_open, next_close } = answer;
      told = { market: { is_open, day_ends: next_close, opens_at: is_open ? null : next_open }, until: endOf(answer) };
    } catch (thrown) {
      clockRestsUntil = time() + restMs;
      failed('the clock', thrown);
    }
  }

  /** The word of a clock is good until the market opens or closes. */
  function endOf({ next_open, next_close }: MarketClock): number {
    return Math.min(time() + keepMs, Date.parse(next_open), Date.parse(next_close));
  }

  async function askCalendar(): Promise<void> {
    const now = time();
    if (now < calendarRestsUntil || (calendar && now - calendar.fetchedAt < DAY_MS)) return;
    try {
      const days = await alpaca.calendar({
        start: dateAt(new Date(now - DAY_MS)),
        end: dateAt(new Date(now + AHEAD_MS)),
      });
      calendar = { sessions: sessionsOf(days), fetchedAt: now };
    } catch (thrown) {
      calendarRestsUntil = now + restMs;
      failed('the calendar', thrown);
    }
  }

  function failed(what: string, thrown: unknown): void {
    const reason = thrown instanceof ProviderError ? thrown.kind : 'unexpected';
    log.warn(`${what} of the market could not be asked`, { provider: 'alpaca', reason });
  }

  function byCalendar(): Omit<MarketNow, 'opened_at'> | null {
    const now = clock();
    const day_ends = calendar && sessionEnd(calendar.sessions, now);
    if (!calendar || day_ends === null) return null;
    const is_open = isOpenAt(calendar.sessions, now);
    return { is_open, day_ends, opens_at: is_open ? null : (sessionFor(calendar.sessions, now)?.opens_at ?? null) };
  }

  const isTold = () => told !== null && time() < told.until;

  return {
    async now() {
      if (!isTold()) {
        // The calendar comes along while all is well, for when it is not.
        flight ??= Promise.all([askClock(), askCalendar()])
          .then(() => undefined)
          .finally(() => (flight = null));
        await flight;
      }
      const market = told !== null && isTold() ? told.market : byCalendar();
      if (market === null) throw new MarketHoursUnknown();
      return { ...market, opened_at: market.is_open && calendar ? sessionStart(calendar.sessions, clock()) : null };
    },
  };
}
