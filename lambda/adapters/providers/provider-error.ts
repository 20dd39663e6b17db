/** What went wrong, in the words that a caller acts on (DOMAIN.md §1 and §2). */
export type ProviderErrorKind =
  | 'throttled'
  | 'auth'
  | 'not_entitled'
  | 'invalid_request'
  | 'unknown_symbol'
  | 'malformed'
  | 'symbol_mismatch'
  | 'unavailable'
  | 'timeout';

/** Which of the plan's limits was hit: a `day` throttle is over tomorrow, the others within a minute. */
export type ThrottleScope = 'second' | 'minute' | 'day';

export type ProviderName = 'alpaca' | 'alpha_vantage';

export interface ProviderFailure {
  readonly kind: ProviderErrorKind;
  readonly provider: ProviderName;
  /** The provider's function or path, without its query. */
  readonly operation: string;
  readonly scope?: ThrottleScope;
  /** HTTP status, where there was an answer. */
  readonly status?: number;
  /** When the provider says that it will answer again. */
  readonly retry_at?: Date;
  /** Our own words. Never the provider's text: Alpha Vantage repeats the API key in its throttle notices. */
  readonly detail?: string;
}

/**
 * The one error that the provider clients throw.
 *
 * It carries no URL (Alpha Vantage takes its key in the query), no response text and no `cause`
 * (loggers print causes, and undici's may hold the URL), so it can be logged as it is.
 */
export class ProviderError extends Error implements ProviderFailure {
  override readonly name = 'ProviderError';
  readonly kind: ProviderErrorKind;
  readonly provider: ProviderName;
  readonly operation: string;
  readonly scope?: ThrottleScope;
  readonly status?: number;
  readonly retry_at?: Date;

  constructor(failure: ProviderFailure) {
    const { kind, provider, operation, scope, status, retry_at, detail } = failure;
    super(
      `${provider} ${operation}: ${kind}${scope === undefined ? '' : ` (${scope})`}${detail === undefined ? '' : `, ${detail}`}`,
    );
    this.kind = kind;
    this.provider = provider;
    this.operation = operation;
    if (scope !== undefined) this.scope = scope;
    if (status !== undefined) this.status = status;
    if (retry_at !== undefined) this.retry_at = retry_at;
  }
}
