import { ProviderError, type ProviderName } from './provider-error';

/** The part of `fetch` that the clients use; `globalThis.fetch` is one. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** What the clients need from outside, so that a test owns time, chance and the network. */
export interface HttpPorts {
  readonly fetch: Fetch;
  readonly clock: () => Date;
  readonly sleep: (ms: number) => Promise<void>;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

export interface HttpPolicy {
  /** Per attempt, the body included. @default 10000 */
  readonly timeoutMs?: number;
  /** The first one included. @default 3 */
  readonly maxAttempts?: number;
  /** Full jitter: an attempt waits a random part of `baseDelayMs · 2^n`, at most `maxDelayMs`. @default 500 */
  readonly baseDelayMs?: number;
  /** @default 8000 */
  readonly maxDelayMs?: number;
  /** A 429 that asks for a longer wait than this is thrown, not slept through. @default 60000 */
  readonly maxThrottleWaitMs?: number;
  /** Whether a 429 is retried here; false where a token bucket's owner decides. @default true */
  readonly retryThrottle?: boolean;
  /**
   * Called before every attempt, retries too: a retry is a call that the provider counts, so a token bucket takes its
   * token here. What it throws is passed on as it is.
   */
  readonly beforeAttempt?: (attempt: { readonly operation: string; readonly attempt: number }) => Promise<void>;
}

export interface HttpRequest {
  /** Names the call in errors; must hold nothing secret. */
  readonly operation: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON to send: the request is then a POST. Retried as a GET is, so it must be harmless to send twice. */
  readonly json?: unknown;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

type Outcome =
  | { readonly response: HttpResponse }
  | { readonly error: ProviderError; readonly retry: boolean; readonly notBefore?: Date };

/**
 * GET, or POST where there is something to send, with a time-out per attempt and bounded retries on network errors, 5xx and 429 (Alpaca's official SDK retries
 * 429 and 504 three times).
 *
 * @returns a function that resolves with any answer below 500 but 429; redirects are answers too, not followed, since
 *   a redirect would carry the key headers to another host.
 * @throws ProviderError `throttled`, `unavailable` or `timeout` from that function when the attempts are used up.
 */
export function createHttp(provider: ProviderName, ports: HttpPorts, policy: HttpPolicy = {}) {
  const {
    timeoutMs = 10_000,
    maxAttempts = 3,
    baseDelayMs = 500,
    maxDelayMs = 8_000,
    maxThrottleWaitMs = 60_000,
    retryThrottle = true,
    beforeAttempt,
  } = policy;

  async function attemptOnce({ operation, url, headers, json }: HttpRequest): Promise<Outcome> {
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(), timeoutMs);
    try {
      const answer = await ports.fetch(url, {
        ...(json === undefined
          ? { headers }
          : {
              method: 'POST',
              headers: { ...headers, 'content-type': 'application/json' },
              body: JSON.stringify(json),
            }),
        signal: controller.signal,
        redirect: 'manual',
      });
      const response = { status: answer.status, headers: answer.headers, body: await answer.text() };
      if (response.status === 429) return throttled(operation, response);
      if (response.status >= 500) {
        const error = new ProviderError({ kind: 'unavailable', provider, operation, status: response.status });
        return { error, retry: true };
      }
      return { response };
    } catch (thrown) {
      const error = controller.signal.aborted
        ? new ProviderError({ kind: 'timeout', provider, operation, detail: `no answer within ${timeoutMs} ms` })
        : new ProviderError({ kind: 'unavailable', provider, operation, detail: networkCode(thrown) });
      return { error, retry: true };
    } finally {
      clearTimeout(timer);
    }
  }

  function throttled(operation: string, { status, headers }: HttpResponse): Outcome {
    const notBefore = rateLimitReset(headers);
    const retry_at = notBefore === undefined ? {} : { retry_at: notBefore };
    const error = new ProviderError({ kind: 'throttled', scope: 'minute', provider, operation, status, ...retry_at });
    const wait = notBefore === undefined ? 0 : notBefore.getTime() - ports.clock().getTime();
    return { error, retry: retryThrottle && wait <= maxThrottleWaitMs, ...(notBefore && { notBefore }) };
  }

  function delayMs(attempt: number, notBefore: Date | undefined): number {
    const backoff = ports.random() * Math.min(maxDelayMs, baseDelayMs * 2 ** attempt);
    const untilReset = notBefore === undefined ? 0 : notBefore.getTime() - ports.clock().getTime();
    // Reset is in whole seconds and every waiting client sees the same one: jitter on top keeps them apart.
    return Math.max(0, untilReset) + backoff;
  }

  return async function ask(request: HttpRequest): Promise<HttpResponse> {
    for (let attempt = 1; ; attempt += 1) {
      await beforeAttempt?.({ operation: request.operation, attempt });
      const outcome = await attemptOnce(request);
      if ('response' in outcome) return outcome.response;
      if (!outcome.retry || attempt >= maxAttempts) throw outcome.error;
      await ports.sleep(delayMs(attempt, outcome.notBefore));
    }
  };
}

/** `X-RateLimit-Reset`, UNIX epoch **seconds** (DOMAIN.md §1); `Headers` already ignores case, which varies. */
function rateLimitReset(headers: Headers): Date | undefined {
  const seconds = Number(headers.get('x-ratelimit-reset') ?? Number.NaN);
  return Number.isFinite(seconds) && seconds > 0 ? new Date(seconds * 1000) : undefined;
}

/** The system's code (`ECONNREFUSED`) alone: the message of a failed fetch may repeat the URL. */
function networkCode(thrown: unknown): string {
  const { cause } = thrown instanceof Error ? thrown : {};
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  return typeof code === 'string' && /^[A-Z0-9_]+$/.test(code) ? code : 'network error';
}

/** A body as JSON. @throws ProviderError `malformed` */
export function parseJson(provider: ProviderName, operation: string, { body, status }: HttpResponse): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new ProviderError({ kind: 'malformed', provider, operation, status, detail: 'the body is not JSON' });
  }
}

/** A row of an otherwise good payload that was left out, and why. */
export interface Rejected {
  /** Where in the payload, e.g. `annualReports[3]`. */
  readonly path: string;
  readonly reason: string;
}
