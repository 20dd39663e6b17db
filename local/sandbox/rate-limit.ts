/** A plan's limits; null is no limit. */
export interface PlanLimits {
  /** Requests a second. */
  readonly rps: number | null;
  readonly rpm: number | null;
  /** A calendar day. */
  readonly rpd: number | null;
  /** Where that day begins, IANA name. @default 'America/New_York' */
  readonly timeZone?: string;
}

export type LimitScope = 'second' | 'minute' | 'day';

export interface Verdict {
  /** The limit that is used up, or null: the call was let in and counts. */
  readonly exceeded: LimitScope | null;
  readonly remaining: number;
  /** When the minute window next lets a call in, epoch milliseconds. */
  readonly reset: number;
}

/**
 * Judges calls by the log of those that it let in: windows that slide, as the providers' do, so a client that spends
 * its minute at 11:59:59 and again at 12:00:00 is refused.
 */
export function createRateLimit(limits: PlanLimits): (now: number) => Verdict {
  let accepted: number[] = [];
  let today = { day: '', count: 0 };
  // en-CA writes YYYY-MM-DD.
  const calendar = new Intl.DateTimeFormat('en-CA', { timeZone: limits.timeZone ?? 'America/New_York' });
  return (now) => {
    accepted = accepted.filter((at) => at > now - 60_000);
    const day = calendar.format(now);
    if (today.day !== day) today = { day, count: 0 };
    const inSecond = accepted.filter((at) => at > now - 1_000).length;
    const exceeded = over(today.count, limits.rpd)
      ? 'day'
      : over(inSecond, limits.rps)
        ? 'second'
        : over(accepted.length, limits.rpm)
          ? 'minute'
          : null;
    if (exceeded === null) {
      accepted.push(now);
      today.count += 1;
    }
    return {
      exceeded,
      remaining: Math.max(0, (limits.rpm ?? 0) - accepted.length),
      reset: (accepted[0] ?? now) + 60_000,
    };
  };
}

function over(count: number, limit: number | null): boolean {
  return limit !== null && count >= limit;
}
