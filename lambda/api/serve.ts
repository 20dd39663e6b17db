import { EXPOSED_HEADERS, isTagged, type Route } from '../../contract/route';
import type { ErrorBody } from '../../contract/schemas/errors';
import { errorFields } from '../adapters/log-fields';
import type { Clock, Log } from '../adapters/ports';
import { Unavailable } from '../adapters/unavailable';
import {
  type AnswerOf,
  type ContentAnswer,
  type Failure,
  failure,
  isFailure,
  type JsonAnswer,
  statusOf,
} from './answers';
import { entityTag, isUnchanged, jsonOf } from './entity-tag';
import { admit, type Caller, headersOf, type Input, proxyEvent, type ProxyEvent, readRequest } from './request';

export { type Failure, failure, isFailure } from './answers';
export type { Caller, Input, ProxyEvent } from './request';

/** What API Gateway makes an HTTP response of. */
export interface ProxyResult {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly isBase64Encoded: boolean;
}

/** A handler as Lambda and the local host call it. */
export type ApiHandler = (event: ProxyEvent) => Promise<ProxyResult>;

/** A shared answer is one for every caller, so its route is not even told who calls. */
export type CallerOf<R extends Route> = R['cache'] extends 'shared'
  ? null
  : R['access'] extends 'public'
    ? null
    : Caller;

type Answer = Partial<JsonAnswer<unknown> & ContentAnswer>;

/** A route with what answers it, made by `implement`. */
export interface Implementation {
  readonly route: Route;
  readonly answer: (input: Input<Route>, caller: Caller | null) => Promise<Answer | Failure>;
}

/** Binds a function to its route: parameters, query, body, caller and answer have the types that the route's schemas say. */
export const implement = <const R extends Route>(
  route: R,
  answer: (input: Input<R>, caller: CallerOf<R>) => Promise<AnswerOf<R> | Failure>,
): Implementation => ({
  route,
  // Forgets R: serve parses by this same route, so what it passes is what the function asks for.
  answer: answer as unknown as Implementation['answer'],
});

export interface ServeServices {
  readonly clock: Clock;
  readonly log: Log;
  /** Origin of the console, the only one that a browser may read answers from. */
  readonly consoleOrigin?: string | undefined;
}

const SECURITY_HEADERS = {
  'strict-transport-security': 'max-age=63072000; includeSubDomains',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
} as const;

/** How long a shared answer may be shown again. The sources change at most hourly. */
const SHARED_SECONDS = 60;

/**
 * The one way from API Gateway's event to a route and back: finds the route, admits the caller, parses the request, and
 * checks the answer against the contract before it leaves.
 */
export function serve(implementations: readonly Implementation[], services: ServeServices): ApiHandler {
  const { clock, log, consoleOrigin } = services;
  const byAddress = new Map(
    implementations.map((implementation) => [
      addressOf(implementation.route.method, implementation.route.path),
      implementation,
    ]),
  );

  async function answerTo(event: ProxyEvent, implementation: Implementation | undefined): Promise<Reply> {
    if (!implementation) return refusal(failure('not_found', 'No such route'));
    const { route } = implementation;
    const caller = admit(route, event);
    if (caller && isFailure(caller)) return refusal(caller);
    const input = readRequest(route, event);
    if (isFailure(input)) return refusal(input);
    const answer = await implementation.answer(input, route.cache === 'shared' ? null : caller);
    return isFailure(answer) ? refusal(answer) : success(route, answer, headersOf(event)['if-none-match']);
  }

  return async function handle(rawEvent) {
    const started = clock().getTime();
    const event = proxyEvent.parse(rawEvent);
    const request_id = event.requestContext.requestId;
    const implementation = byAddress.get(addressOf(event.httpMethod, event.resource));
    const about = { request_id, method: event.httpMethod, route: implementation?.route.id ?? 'none' };
    const reply = await answerTo(event, implementation).catch((thrown: unknown) => {
      if (thrown instanceof Unavailable) {
        log.warn('the request could not be answered yet', { ...about, ...errorFields(thrown) });
        return refusal(unavailable(thrown));
      }
      log.error('the request failed', { ...about, ...errorFields(thrown) });
      return UNEXPECTED;
    });
    log.info('answered', { ...about, status: reply.status, duration_ms: clock().getTime() - started });
    return {
      statusCode: reply.status,
      headers: {
        ...SECURITY_HEADERS,
        'cache-control': 'no-store',
        ...(consoleOrigin !== undefined && {
          'access-control-allow-origin': consoleOrigin,
          'access-control-expose-headers': EXPOSED_HEADERS.join(', '),
        }),
        ...reply.headers,
        'x-request-id': request_id,
      },
      ...('error' in reply ? textual(JSON.stringify(errorBody(reply.error, request_id))) : carried(reply.body)),
    };
  };
}

type Reply = { readonly status: number; readonly headers: Readonly<Record<string, string>> } & (
  { readonly body: string | Buffer } | { readonly error: Omit<ErrorBody['error'], 'request_id'> }
);

const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' } as const;

/** Says nothing of its cause: the log has it, under the request id. */
const UNEXPECTED: Reply = {
  status: 500,
  headers: JSON_TYPE,
  error: { code: 'internal_error', message: 'Something went wrong on our side' },
};

const addressOf = (method: string, path: string) => `${method} ${path}`;
const textual = (body: string) => ({ body, isBase64Encoded: false });
const carried = (body: string | Buffer) =>
  typeof body === 'string' ? textual(body) : { body: body.toString('base64'), isBase64Encoded: true };

const errorBody = (error: Omit<ErrorBody['error'], 'request_id'>, request_id: string): ErrorBody => ({
  error: { code: error.code, message: error.message, request_id, ...(error.details && { details: error.details }) },
});

/** Its own words stay in the log: they may name what they should not. */
const unavailable = ({ retryAfterSeconds }: Unavailable): Failure => ({
  ...failure(
    'unavailable',
    'This cannot be answered at present; ask again, with the same Idempotency-Key if you sent one',
  ),
  retryAfterSeconds,
});

/** Seconds that a client is asked to wait where nobody knows better. */
const RETRY_AFTER_SECONDS = 5;

function refusal({ failure: code, message, details, retryAfterSeconds = RETRY_AFTER_SECONDS }: Failure): Reply {
  const headers = {
    ...JSON_TYPE,
    ...(code === 'unauthorized' && { 'www-authenticate': 'Bearer' }),
    ...(code === 'unavailable' && { 'retry-after': String(retryAfterSeconds) }),
  };
  return { status: statusOf[code], headers, error: { code, message, ...(details && { details: [...details] }) } };
}

function success(route: Route, answer: Answer, ifNoneMatch: string | undefined): Reply {
  const body = answer.content ?? jsonOf(route, answer.body);
  const status = answer.status ?? route.success.status;
  const headers = {
    ...(answer.mediaType !== undefined && { 'content-type': answer.mediaType }),
    ...(route.success.body && JSON_TYPE),
    ...(route.method === 'GET' && { 'cache-control': cacheControl(route) }),
    ...(isTagged(route) && { etag: entityTag(body) }),
    ...answer.headers,
  };
  const isRepeat = route.method === 'GET' && headers.etag !== undefined && isUnchanged(ifNoneMatch, headers.etag);
  return isRepeat ? { status: 304, headers, body: '' } : { status, headers, body };
}

/** `private` where a token is needed: a cache between us and the caller must not hand the answer to one without. */
function cacheControl({ cache, access }: Route): string {
  if (cache === 'none') return 'no-store';
  return `${access === 'public' ? 'public' : 'private'}, max-age=${SHARED_SECONDS}`;
}
