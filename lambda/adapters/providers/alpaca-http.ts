import type * as z from 'zod/mini';
import { createHttp, type HttpPolicy, type HttpPorts, type HttpResponse, parseJson } from './http';
import { ProviderError, type ProviderErrorKind } from './provider-error';

export interface AlpacaCredentials {
  readonly keyId: string;
  readonly secretKey: string;
}

/** What every client of Alpaca is given. */
export interface AlpacaHttpProps extends HttpPorts {
  /** Asked for at each call, so that a rotated key is picked up; cache it on the other side. */
  readonly credentials: () => Promise<AlpacaCredentials>;
  readonly http?: HttpPolicy;
}

type Query = Readonly<Record<string, string | undefined>>;

/** Calls to Alpaca's hosts, with the keys that both of its APIs want in headers. */
export function createAlpacaHttp(props: AlpacaHttpProps) {
  const ask = createHttp('alpaca', props, props.http);

  /** @param body sent as JSON in a POST; without one the call is a GET */
  async function request(url: string, operation: string, query: Query = {}, body?: unknown): Promise<HttpResponse> {
    const { keyId, secretKey } = await props.credentials();
    const search = new URLSearchParams();
    for (const [key, value] of Object.entries(query)) if (value !== undefined) search.set(key, value);
    const suffix = search.size === 0 ? '' : `?${search.toString()}`;
    return ask({
      operation,
      url: `${url}${suffix}`,
      headers: { 'APCA-API-KEY-ID': keyId, 'APCA-API-SECRET-KEY': secretKey, accept: 'application/json' },
      ...(body !== undefined && { json: body }),
    });
  }

  /** The body of a 200. @throws ProviderError for any other answer, and for what is not JSON */
  async function json(url: string, operation: string, query?: Query): Promise<unknown> {
    const response = await request(url, operation, query);
    if (response.status !== 200) throw refused(operation, response);
    return parseJson('alpaca', operation, response);
  }

  return { request, json };
}

/** @throws ProviderError `malformed` where a body is not of the documented shape */
export function parsed<T extends z.ZodMiniType>(operation: string, schema: T, value: unknown): z.infer<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new ProviderError({ kind: 'malformed', provider: 'alpaca', operation, detail: 'not the documented shape' });
}

/** The error that a failing answer stands for. */
export function refused(operation: string, { status, body }: HttpResponse): ProviderError {
  return new ProviderError({ kind: kindOf(status, body), provider: 'alpaca', operation, status });
}

/** Market data answers 403 both to a bad key ("forbidden.") and to a feed outside the subscription. */
function kindOf(status: number, body: string): ProviderErrorKind {
  if (status === 401) return 'auth';
  if (status === 403) return /subscription|not permit/i.test(body) ? 'not_entitled' : 'auth';
  return status >= 400 ? 'invalid_request' : 'unavailable';
}

/** A host without what every path begins with. */
export function hostOf(url: string): string {
  return url.replace(/\/+$/, '').replace(/\/v2$/, '');
}
