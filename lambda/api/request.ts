import * as z from 'zod/mini';
import { PERSON_SCOPE, type Route, scopesOf } from '../../contract/route';
import { type Detail, failure, type Failure } from './answers';

const texts = z.nullish(z.record(z.string(), z.optional(z.string())));

/** What is read of API Gateway's event (REST, Lambda proxy). The local host builds exactly this from an HTTP request. */
export const proxyEvent = z.object({
  httpMethod: z.string(),
  /** The route's path as declared: /assets/{assetId}. */
  resource: z.string(),
  /** The path as asked for. */
  path: z.string(),
  headers: texts,
  pathParameters: texts,
  queryStringParameters: texts,
  multiValueQueryStringParameters: z.nullish(z.record(z.string(), z.optional(z.array(z.string())))),
  body: z.nullish(z.string()),
  isBase64Encoded: z.optional(z.boolean()),
  requestContext: z.object({
    requestId: z.string(),
    /** As the client addressed it, with the stage where there is one. */
    path: z.optional(z.string()),
    authorizer: z.nullish(z.looseObject({ claims: z.optional(z.record(z.string(), z.unknown())) })),
  }),
});
export type ProxyEvent = z.input<typeof proxyEvent>;

/** Who calls: a person signed in, or a machine with credentials of its own. */
export interface Caller {
  readonly sub: string;
  readonly scopes: readonly string[];
  readonly kind: 'person' | 'machine';
}

const claims = z.object({ sub: z.string().check(z.minLength(1)), scope: z._default(z.string(), '') });

type Parsed<R extends Route, Part extends 'parameters' | 'query' | 'body'> =
  R extends Readonly<Record<Part, infer S extends z.core.$ZodType>> ? z.output<S> : Readonly<Record<string, never>>;

/** A request as its route's schemas read it. */
export interface Input<R extends Route> {
  readonly parameters: Parsed<R, 'parameters'>;
  readonly query: Parsed<R, 'query'>;
  readonly body: Parsed<R, 'body'>;
  readonly headers: Readonly<Record<string, string>>;
  /** As asked for, with or without a slash at its end. */
  readonly path: string;
  /** The path as the client addressed it, stage included and without a slash at its end: what a Location begins with. */
  readonly address: string;
}

/** Undeclared means empty, not anything: a misspelt parameter must not be ignored in silence. */
const nothing = z.strictObject({});

/** Header names in lower case, as they may arrive in any. */
export const headersOf = (event: ProxyEvent): Record<string, string> =>
  Object.fromEntries(
    Object.entries(event.headers ?? {}).flatMap(([name, value]) =>
      value === undefined ? [] : [[name.toLowerCase(), value]],
    ),
  );

/**
 * The caller, if the route lets them in. API Gateway has verified the token; which scope it carries is checked here once
 * more, so that a route attached without its scopes does not stand open.
 *
 * @returns null on a public route.
 */
export function admit(route: Route, event: ProxyEvent): Caller | null | Failure {
  if (route.access === 'public') return null;
  const parsed = claims.safeParse(event.requestContext.authorizer?.claims);
  if (!parsed.success) return failure('unauthorized', 'A valid access token is required');
  const scopes = parsed.data.scope.split(' ').filter((scope) => scope !== '');
  if (!scopesOf(route.access).some((scope) => scopes.includes(scope))) {
    return failure('forbidden', 'The access token carries no scope that this route accepts');
  }
  return { sub: parsed.data.sub, scopes, kind: scopes.includes(PERSON_SCOPE) ? 'person' : 'machine' };
}

/** The request by the route's schemas, or everything that is wrong with it. */
export function readRequest<R extends Route>(route: R, event: ProxyEvent): Input<R> | Failure {
  const headers = headersOf(event);
  const repeated: Detail[] = [];
  const query = Object.fromEntries(
    queryEntries(event).map(([name, values]) => {
      if (values.length > 1) repeated.push({ path: name, message: 'must be given once' });
      return [name, values[0]];
    }),
  );
  const body = readBody(route, event, headers);
  if ('path' in body) return failure('invalid_request', `${body.path} ${body.message}`, [body]);

  const parts = {
    parameters: z.safeParse(route.parameters ?? nothing, pathEntries(event), { error: wordsFor }),
    query: z.safeParse(route.query ?? nothing, query, { error: wordsFor }),
    body: z.safeParse(route.body ?? nothing, body.value, { error: wordsFor }),
  };
  const details = [
    ...repeated,
    ...malformedText({ ...query, ...event.pathParameters }),
    ...Object.values(parts).flatMap(({ error }) => error?.issues.flatMap(detailsOf) ?? []),
  ];
  if (details.length > 0) {
    return failure('invalid_request', inWords(details), details);
  }
  // Each part was parsed by the schema that Input<R> infers its type from; the compiler cannot follow the index.
  return {
    parameters: parts.parameters.data,
    query: parts.query.data,
    body: parts.body.data,
    headers,
    path: event.path,
    address: (event.requestContext.path ?? event.path).replace(/\/+$/, ''),
  } as Input<R>;
}

/** What is wrong in one sentence; what is missing comes first, by name. */
function inWords(details: readonly Detail[]): string {
  const missing = details.filter(({ message }) => message === REQUIRED).map(({ path }) => path);
  const others = details.filter(({ message }) => message !== REQUIRED).map(({ path, message }) => `${path} ${message}`);
  return [...(missing.length > 0 ? [`Missing required fields: ${missing.join(', ')}`] : []), ...others].join('; ');
}

function queryEntries(event: ProxyEvent): [string, readonly string[]][] {
  const many = Object.entries(event.multiValueQueryStringParameters ?? {});
  if (many.length > 0) return many.map(([name, values]) => [name, values ?? []]);
  return Object.entries(event.queryStringParameters ?? {}).map(([name, value]) => [name, [value ?? '']]);
}

/** API Gateway hands a path value over as it was spelt in the URL, `BRK%2EB`; no valid value holds a % of its own. */
function pathEntries(event: ProxyEvent): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(event.pathParameters ?? {}).map(([name, value]) => {
      try {
        return [name, value === undefined ? value : decodeURIComponent(value)];
      } catch {
        return [name, value];
      }
    }),
  );
}

/** Half a surrogate pair is no text: DynamoDB refuses it, so it is refused here with its name. */
function malformedText(values: Readonly<Record<string, string | undefined>>): Detail[] {
  return Object.entries(values).flatMap(([path, value]) =>
    /\p{Surrogate}/u.test(value ?? '') ? [{ path, message: 'must be well-formed Unicode' }] : [],
  );
}

function readBody(
  route: Route,
  event: ProxyEvent,
  headers: Readonly<Record<string, string>>,
): { readonly value: unknown } | Detail {
  // A GET's body has no meaning (RFC 9110 §9.3.1); a route without a body schema ignores one.
  if (!route.body) return { value: {} };
  const text = event.isBase64Encoded ? Buffer.from(event.body ?? '', 'base64').toString('utf8') : (event.body ?? '');
  return route.bodyMediaType === 'text/csv' ? readCsvBody(text, headers) : readJsonBody(text, headers);
}

/** Browsers and scripts disagree on what a CSV file is called; a form is none, whatever is in it. */
const CSV_TYPES = /^(text\/csv|application\/csv|text\/plain)\s*(;|$)/i;

function readCsvBody(text: string, headers: Readonly<Record<string, string>>): { readonly value: string } | Detail {
  if (text.trim() === '') return { path: 'body', message: 'must be a CSV file' };
  const mediaType = headers['content-type'];
  if (mediaType !== undefined && !CSV_TYPES.test(mediaType))
    return { path: 'Content-Type', message: 'must be text/csv' };
  return { value: text };
}

function readJsonBody(text: string, headers: Readonly<Record<string, string>>): { readonly value: object } | Detail {
  if (text.trim() === '') return { path: 'body', message: 'must be a JSON object' };
  const mediaType = headers['content-type'];
  if (mediaType !== undefined && !/^application\/([\w.-]+\+)?json\s*(;|$)/i.test(mediaType)) {
    return { path: 'Content-Type', message: 'must be application/json' };
  }
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? { value } : { path: 'body', message: 'must be a JSON object' };
  } catch {
    return { path: 'body', message: 'must be valid JSON' };
  }
}

const REQUIRED = 'is required';

/** zod/mini ships without sentences; these are in the voice of the contract's own ("must be …"). */
function wordsFor(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? REQUIRED : `must be ${article(issue.expected)}`;
    case 'invalid_value':
      return `must be one of ${issue.values.map(String).join(', ')}`;
    case 'too_small':
      return issue.origin === 'string'
        ? `must have at least ${String(issue.minimum)} characters`
        : `must be at least ${String(issue.minimum)}`;
    case 'too_big':
      return issue.origin === 'string'
        ? `must have at most ${String(issue.maximum)} characters`
        : `must be at most ${String(issue.maximum)}`;
    case 'invalid_union':
      // The union's own words are the first that its members offer: of an instant or a date, how an instant is spelt.
      return firstMessage(issue) ?? 'is not valid';
    default:
      return 'is not valid';
  }
}

const article = (type: string) => `${/^[aeio]/.test(type) ? 'an' : 'a'} ${type}`;

function firstMessage({ errors }: z.core.$ZodRawIssue<z.core.$ZodIssueInvalidUnion>): string | undefined {
  const messages = errors.flatMap((issues) => issues.slice(0, 1).map(({ message }) => message));
  return messages.length === 0 ? undefined : [...new Set(messages)].join(' or ');
}

function detailsOf(issue: z.core.$ZodIssue): Detail[] {
  const path = issue.path.map(String).join('.');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: path === '' ? key : `${path}.${key}`, message: 'is not known here' }));
  }
  return [{ path: path === '' ? 'body' : path, message: issue.message }];
}
