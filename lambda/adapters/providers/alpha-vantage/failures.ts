import { type ProviderErrorKind, type ThrottleScope } from '../provider-error';

export interface Failure {
  readonly kind: ProviderErrorKind;
  readonly scope?: ThrottleScope;
  readonly detail: string;
}

/** `Note` became `Information` over the years, and some refusals are an `Error Message`. */
const NOTICE_KEYS = ['Information', 'Note', 'Error Message'];

const THROTTLE =
  /rate limit|requests? per (?:second|minute|day)|calls? per (?:minute|day)|call frequency|spreading out|burst pattern|minute-level/i;

/**
 * What a body without the expected key means. Alpha Vantage sends all of these with status 200.
 *
 * The order matters: throttle notices also speak of the "API key" and of "premium endpoints", so they are matched
 * first (TauricResearch/TradingAgents #991). Wording changes; these are loose phrases on purpose.
 *
 * @see DOMAIN.md §2, the table of failure bodies
 */
export function classifyFailure(body: Readonly<Record<string, unknown>>): Failure {
  const notice = NOTICE_KEYS.map((key) => body[key])
    .filter((text) => typeof text === 'string')
    .join(' ');
  if (notice === '') {
    return Object.keys(body).length === 0
      ? { kind: 'unknown_symbol', detail: 'an empty object' }
      : { kind: 'malformed', detail: 'the expected key is missing' };
  }
  if (THROTTLE.test(notice)) return { kind: 'throttled', scope: throttleScope(notice), detail: 'throttle notice' };
  if (/premium/i.test(notice)) return { kind: 'not_entitled', detail: 'premium only' };
  if (/api ?key/i.test(notice)) return { kind: 'auth', detail: 'the API key was refused' };
  if (/invalid (?:inputs|api call)/i.test(notice)) return { kind: 'invalid_request', detail: 'function or inputs' };
  // An unknown notice has so far always been a passing condition: to be tried again later, not stored.
  return { kind: 'unavailable', detail: 'a notice of unknown wording' };
}

/** The burst notice names the daily limit too, and the old notice both minute and day: the shortest one was hit. */
function throttleScope(notice: string): ThrottleScope {
  if (/spreading out|burst pattern|per second/i.test(notice)) return 'second';
  if (/minute/i.test(notice)) return 'minute';
  return /per day|daily/i.test(notice) ? 'day' : 'minute';
}

/** NEWS_SENTIMENT says "Invalid inputs" also where nothing matches. */
export function isInvalidInputs(body: Readonly<Record<string, unknown>>): boolean {
  return NOTICE_KEYS.some((key) => typeof body[key] === 'string' && /invalid inputs/i.test(body[key]));
}
