import type * as z from 'zod/mini';
import type { Route } from '../../contract/route';

/** Every failure that a route may answer with, and its status: the one map from errors to HTTP. */
export const statusOf = {
  invalid_request: 400,
  invalid_cursor: 400,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  not_analyzed: 404,
  conflict: 409,
  precondition_failed: 412,
  unprocessable: 422,
  too_many_requests: 429,
  unavailable: 503,
} as const;
export type FailureCode = keyof typeof statusOf;

/** One thing that is wrong, and where: `path` is a parameter's name, or a dotted path into the body. */
export interface Detail {
  readonly path: string;
  readonly message: string;
}

/** A failure as a value: what went wrong in words that the caller may read. */
export interface Failure {
  readonly failure: FailureCode;
  readonly message: string;
  readonly details?: readonly Detail[];
  /** When to ask again, of what is unavailable. @default 5 */
  readonly retryAfterSeconds?: number;
}

export const failure = (code: FailureCode, message: string, details?: readonly Detail[]): Failure => ({
  failure: code,
  message,
  ...(details && { details }),
});

export const isFailure = (value: object): value is Failure => 'failure' in value;

/** A parameter that is well spelt and still cannot be: `from` after `to`. */
export const refusedParameter = (path: string, message: string): Failure =>
  failure('invalid_request', `${path} ${message}`, [{ path, message }]);

/** A body that is well spelt and refused by a rule: a symbol that nobody trades under. */
export const refusedBody = (path: string, message: string): Failure =>
  failure('unprocessable', message, [{ path, message }]);

/** A JSON answer; its status is the route's unless it says otherwise. */
export interface JsonAnswer<Body> {
  readonly body: Body;
  readonly status?: 200 | 201;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Anything but JSON made by a schema. A Buffer leaves as base64, for API Gateway carries bytes no other way. */
export interface ContentAnswer {
  readonly content: string | Buffer;
  readonly mediaType: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a route must answer with on success. */
export type AnswerOf<R extends Route> = R['success'] extends { readonly body: infer Body extends z.core.$ZodType }
  ? JsonAnswer<z.input<Body>>
  : R['success'] extends { readonly mediaType: string }
    ? ContentAnswer
    : { readonly headers?: Readonly<Record<string, string>> };
