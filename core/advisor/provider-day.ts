/** A provider counts its daily limit by calendar days of its own time zone. */
export interface ProviderDay {
  /** YYYY-MM-DD in the zone. */
  readonly key: string;
  /** When the next day begins there, epoch milliseconds. */
  readonly nextDayAt: number;
}

const HOUR_MS = 3_600_000;

/**
 * The calendar day that `now` falls on in `timeZone`.
 * @param now epoch milliseconds
 * @param timeZone IANA name
 * @throws RangeError for a zone that does not exist
 */
export function providerDay(now: number, timeZone: string): ProviderDay {
  const format = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  const key = format.format(now);
  // A day has 23 to 25 hours where clocks change, so the next midnight is looked for, not computed: by hours, then by halves.
  let before = now;
  let after = now + HOUR_MS;
  while (format.format(after) === key) {
    before = after;
    after += HOUR_MS;
  }
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (format.format(middle) === key) before = middle;
    else after = middle;
  }
  return { key, nextDayAt: after };
}
