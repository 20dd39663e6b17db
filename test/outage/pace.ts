import type { Clock } from '../../lambda/adapters/ports';
import type { Timers } from '../../service/timers';

/**
 * The platform's time runs so much faster than the machine's, for all processes alike: a minute of the leader's loop, and
 * the minute for which a price is fresh, last a second and a half. What the platform counts by the machine's time (how long an
 * answer may take, how often a leader looks at its connection) stays as it is.
 */
export const PACE = 40;
/** A Wednesday, ten in the morning in New York: no run lasts until another day. */
const BEGINS = Date.parse('2026-05-20T14:00:00.000Z');
export const DAY = '2026-05-20';
export const MINUTE_MS = 60_000 / PACE;

/** @param began when the run began, epoch milliseconds of the machine's time */
export const pacedTime = (began: number, at: number): number => BEGINS + (at - began) * PACE;

export const pacedClock =
  (began: number): Clock =>
  () =>
    new Date(pacedTime(began, Date.now()));

export const pacedTimers: Timers = {
  after(milliseconds, run) {
    // One more, since a timer may be early by a part of a millisecond, which is a good part of a second here.
    const timer = setTimeout(run, Math.ceil(milliseconds / PACE) + 1);
    return () => clearTimeout(timer);
  },
};
