import type * as z from 'zod/mini';
import type { FunctionId } from './functions';

/**
 * Who may call a route.
 * public: anyone · market: a person's token, or a machine's with `signal9/market.read` · person: a person's token only.
 */
export type Access = 'public' | 'market' | 'person';

/** Scope of Cognito's own that every person's access token carries. */
export const PERSON_SCOPE = 'aws.cognito.signin.user.admin';
/** Scope of a machine that may read the market. */
export const MARKET_SCOPE = 'signal9/market.read';
/** Scopes of which a caller must have one. */
export const scopesOf = (access: Access): readonly string[] =>
  access === 'public' ? [] : access === 'market' ? [PERSON_SCOPE, MARKET_SCOPE] : [PERSON_SCOPE];

type Shape = z.core.$ZodType;

/** A service behind the REST API that is no function: a program of its own, which API Gateway passes requests on to. */
export type ServiceId = 'portfolio';

export type Route = RouteDefinition &
  (
    | {
        /** The function behind it. */
        readonly function: FunctionId;
        readonly service?: undefined;
      }
    | {
        /** The service behind it. */
        readonly service: ServiceId;
        readonly function?: undefined;
      }
  );

interface RouteDefinition {
  readonly id: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** With parameters as API Gateway and OpenAPI write them: /assets/{assetId}. */
  readonly path: string;
  readonly summary: string;
  readonly tag: string;
  readonly access: Access;
  /** 'shared' where the answer is the same for every caller, so that prod may cache it; never for one that depends on who asks. */
  readonly cache: 'shared' | 'none';
  readonly parameters?: Shape;
  readonly query?: Shape;
  readonly body?: Shape;
  /** What the body is written in. @default JSON */
  readonly bodyMediaType?: 'text/csv';
  /** Status of success and the shape of its body. Non-JSON answers state their media type instead. */
  readonly success: {
    readonly status: 200 | 201 | 204;
    readonly body?: Shape;
    readonly mediaType?: string;
    readonly description: string;
    /** What the 200 of a creation says that had been done before. */
    readonly repeated?: string;
    /** Headers of the answer, besides those that every answer has. */
    readonly headers?: readonly ResponseHeader[];
  };
  /** The errors that a caller should expect beside 401 (with a token), 429 and 500. */
  readonly errors: readonly (400 | 403 | 404 | 409 | 412 | 422 | 503)[];
}

/** Headers that some answers carry, and what they say. */
export const RESPONSE_HEADERS = {
  Location: 'Where the new thing is, relative to the address of this API',
  'X-Signal9-Removed': 'What was removed and how many of each: `profile=1, watchlists=2, items=31, preferences=1`',
} as const;
export type ResponseHeader = keyof typeof RESPONSE_HEADERS;

/** What a page of another origin may read of an answer's headers. */
export const EXPOSED_HEADERS: readonly string[] = [
  'Content-Disposition',
  'ETag',
  'Location',
  'Retry-After',
  'X-Request-Id',
  'X-Signal9-Removed',
];

/** Whether the answer carries an ETag: it shows the thing at the address. */
export const isTagged = ({ method, success }: Pick<Route, 'method' | 'success'>): boolean =>
  method === 'GET' || (method === 'PUT' && success.body !== undefined);

/** Whether the route takes `If-Match`, so that two who change one thing do not undo each other's work unseen. */
export const takesIfMatch = ({ errors }: Pick<Route, 'errors'>): boolean => errors.includes(412);

/** Names of the parameters in a path, in order. */
export const pathParameters = (path: string): readonly string[] =>
  [...path.matchAll(/\{([A-Za-z]+)\}/g)].map((match) => match[1] ?? '');
