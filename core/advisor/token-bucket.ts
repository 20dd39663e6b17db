/**
 * The provider's call budget as a pure state transition: one state for the whole fleet, stored by conditional write.
 *
 * Calls are spaced evenly rather than let out in bursts: then no sliding window of the provider, wherever it starts,
 * holds more than the plan allows, and Alpha Vantage's burst guard has nothing to see.
 */

export type CallPurpose = 'fundamentals' | 'news' | 'earnings_calendar';

/** The plan's limits; null is no such limit. Alpha Vantage's free plan: 1 a second, 25 a day. */
export interface CallPlan {
  readonly rps: number;
  readonly rpm: number | null;
  readonly rpd: number | null;
}

export interface CallRequest {
  readonly calls: 1;
  readonly purpose: CallPurpose;
}

/** Plain JSON. Times are epoch milliseconds. */
export interface BucketState {
  /** The next free slot. */
  readonly next_at: number;
  /** No call before this: the provider said so. */
  readonly blocked_until: number;
  readonly blocked_by: 'rate' | 'day';
  /** The provider's calendar day that `used` counts. */
  readonly day_key: string;
  readonly used: Readonly<Record<CallPurpose, number>>;
}

export interface ReservationLimits {
  /** The longest a caller will wait for its slot. */
  readonly max_wait_ms: number;
  /** When the day of `dayKey` ends, epoch milliseconds. */
  readonly next_day_at: number;
}

export type Reservation =
  | { readonly granted: true; readonly at: number; readonly state: BucketState }
  | {
      readonly granted: false;
      readonly retry_at: number;
      readonly reason: 'rate' | 'day' | 'purpose_share';
      readonly state: BucketState;
    };

export interface CallUsage {
  readonly used: number;
  /** Null where the plan has no daily limit. */
  readonly remaining: number | null;
  readonly by_purpose: Readonly<Record<CallPurpose, number>>;
}

/** Two calls that leave evenly spaced may arrive closer by the network's jitter: 3 % more, at 97 % of the plan. */
const SPACING = 1.03;

/** News may take at most a fifth of the day, or a busy universe would leave nothing for fundamentals. */
const SHARES: Readonly<Partial<Record<CallPurpose, number>>> = { news: 1 / 5 };

/** A call sent this close to midnight may be counted on either side of it. */
const MIDNIGHT_GUARD_MS = 1000;

const NOTHING_USED: BucketState['used'] = { fundamentals: 0, news: 0, earnings_calendar: 0 };

/** Milliseconds between two calls. */
function interval({ rps, rpm }: CallPlan): number {
  return Math.max(1000 / rps, rpm === null ? 0 : 60_000 / rpm) * SPACING;
}

/** The state as of `dayKey`. A worker whose clock is late does not bring yesterday back: keys only move forward. */
function asOf(state: BucketState | null, dayKey: string): BucketState {
  if (state === null) return { next_at: 0, blocked_until: 0, blocked_by: 'rate', day_key: dayKey, used: NOTHING_USED };
  return dayKey > state.day_key ? { ...state, day_key: dayKey, used: NOTHING_USED } : state;
}

function total(used: BucketState['used']): number {
  return used.fundamentals + used.news + used.earnings_calendar;
}

/**
 * Takes the next slot for one call, or says when to ask again.
 *
 * @param state what was stored, null at first; store the answered `state` only if it has not changed meanwhile
 * @param now epoch milliseconds
 * @param dayKey the calendar day in the provider's time zone, YYYY-MM-DD
 * @returns `at`: when to send the call. Refused: `rate` when the slot lies further ahead than the caller waits or beyond
 * the day, `day` when the day is used up, `purpose_share` when the purpose is.
 */
export function reserve(
  state: BucketState | null,
  plan: CallPlan,
  { calls, purpose }: CallRequest,
  now: number,
  dayKey: string,
  { max_wait_ms: maxWait, next_day_at: nextDayAt }: ReservationLimits,
): Reservation {
  const current = asOf(state, dayKey);
  const refuse = (reason: 'rate' | 'day' | 'purpose_share', retryAt: number): Reservation => ({
    granted: false,
    retry_at: retryAt,
    reason,
    state: current,
  });
  const at = Math.max(now, current.next_at, current.blocked_until);

  if (plan.rpd !== null) {
    const share = SHARES[purpose];
    if (total(current.used) + calls > plan.rpd) return refuse('day', nextDayAt + MIDNIGHT_GUARD_MS);
    if (share !== undefined && current.used[purpose] + calls > Math.floor(plan.rpd * share)) {
      return refuse('purpose_share', nextDayAt + MIDNIGHT_GUARD_MS);
    }
  }
  if (current.blocked_until > now + maxWait) return refuse(current.blocked_by, current.blocked_until);
  if (at > now + maxWait) return refuse('rate', at - maxWait);
  // Counted today but sent tomorrow, it would be one too many tomorrow.
  if (plan.rpd !== null && at >= nextDayAt - MIDNIGHT_GUARD_MS) return refuse('rate', nextDayAt + MIDNIGHT_GUARD_MS);

  const used = { ...current.used, [purpose]: current.used[purpose] + calls };
  return { granted: true, at, state: { ...current, next_at: at + calls * interval(plan), used } };
}

/**
 * Records a throttle that the provider answered: `until` is the next day's start for a daily one (`by: 'day'`), now plus
 * the back-off for a burst. A later end that is already known stays.
 */
export function block(state: BucketState | null, until: number, by: 'rate' | 'day' = 'rate'): BucketState {
  const current = asOf(state, '');
  return until > current.blocked_until ? { ...current, blocked_until: until, blocked_by: by } : current;
}

/** What the day of `dayKey` has used so far. */
export function usage(state: BucketState | null, plan: CallPlan, dayKey: string): CallUsage {
  const { used } = asOf(state, dayKey);
  const spent = total(used);
  return { used: spent, remaining: plan.rpd === null ? null : Math.max(0, plan.rpd - spent), by_purpose: used };
}
