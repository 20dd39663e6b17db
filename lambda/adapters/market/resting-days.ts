import type { Clock } from '../ports';

interface Days {
  readonly from: string;
  readonly to: string;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Entries kept; the one written longest ago goes first, and is asked for again a little earlier. */
const CAPACITY = 20_000;
const EVERY_DAY: Days = { from: '0000-01-01', to: '9999-12-31' };

/**
 * Days of symbols that were asked for in vain and are to be asked for again, though not at every request. Only in this
 * process: another one asks for itself.
 */
export function restingDays(clock: Clock) {
  const entries = new Map<string, Days & { readonly until: number }>();

  function rest(name: string, { from, to }: Days, ms: number): void {
    entries.delete(name);
    entries.set(name, { from, to, until: clock().getTime() + ms });
    const [oldest] = entries.keys();
    if (entries.size > CAPACITY && oldest !== undefined) entries.delete(oldest);
  }

  return {
    /** Market data refuses the symbol whatever day it is asked for. */
    refused: (name: string) => rest(name, EVERY_DAY, DAY_MS),
    /** A bar was there and could not be read. */
    unread: (name: string, days: Days) => rest(name, days, DAY_MS),
    /** No bar has come yet: of a day off none will, and one that is late may take an hour. */
    awaited: (name: string, days: Days) => rest(name, days, HOUR_MS),
    has(name: string, { from, to }: Days): boolean {
      const entry = entries.get(name);
      return entry !== undefined && clock().getTime() < entry.until && entry.from <= from && entry.to >= to;
    },
  };
}
