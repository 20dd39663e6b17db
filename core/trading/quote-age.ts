/** When the market made a price, and whether its source could not be asked again since. */
export interface DatedQuote {
  /** RFC 3339 */
  readonly as_of: string;
}

/** Age of a price in seconds; a clock that runs behind the market's makes none negative. */
export function quoteAge({ as_of }: DatedQuote, now: Date): number {
  return Math.max(0, (now.getTime() - Date.parse(as_of)) / 1000);
}

/** Whether a price is too old to trade at. A time that cannot be read is of no age that is young enough. */
export function isTooOld(quote: DatedQuote, now: Date, maxAgeSeconds: number): boolean {
  return !(quoteAge(quote, now) <= maxAgeSeconds);
}

/**
 * Whether a price is of the running session: one made before the opening is what the market was, not what it is.
 * @param openedAt RFC 3339; null where the opening is not known, and the price's age alone decides
 */
export function isOfSession({ as_of }: DatedQuote, openedAt: string | null): boolean {
  return openedAt === null || Date.parse(as_of) >= Date.parse(openedAt);
}
