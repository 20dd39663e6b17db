import * as z from 'zod/mini';
import type { Route } from './route';
import { type RouteId, routes } from './routes';
import { type ErrorBody, errorBody } from './schemas/errors';

/**
 * A client typed by the contract: what a route takes and answers is inferred from its schemas, and every answer is parsed
 * by them. Nothing but `fetch` is needed, so it runs in a browser as in Node.
 */
export interface ClientProps {
  /** Where the API is, with its stage and without a slash at the end. */
  readonly baseUrl: string;
  /** The access token, or how to get one; none for what is public. */
  readonly token?: string | (() => Promise<string>);
  /** @default the platform's own */
  readonly fetch?: typeof globalThis.fetch;
}

type RouteOf<Id extends RouteId> = (typeof routes)[Id];
type In<R, Part extends string> =
  R extends Readonly<Record<Part, infer S extends z.core.$ZodType>> ? z.input<S> : never;
/** In a query everything is text; where any text will do, a number or a boolean is written as one. */
type Written<T> = { [K in keyof T]: string extends NonNullable<T[K]> ? T[K] | number | boolean : T[K] };

/** What a route is asked with: its path's parameters, its query, its body, and headers besides. */
export type RequestOf<Id extends RouteId> = Given<'parameters', In<RouteOf<Id>, 'parameters'>> &
  (In<RouteOf<Id>, 'query'> extends never ? unknown : { readonly query?: Written<In<RouteOf<Id>, 'query'>> }) &
  Given<'body', In<RouteOf<Id>, 'body'>> & { readonly headers?: Readonly<Record<string, string>> };
type Given<Name extends string, T> = [T] extends [never] ? unknown : Readonly<Record<Name, T>>;

/** The body of a success: as its schema parses it, text of another media type, nothing where there is none. */
export type BodyOf<Id extends RouteId> =
  RouteOf<Id>['success'] extends Readonly<Record<'body', infer S extends z.core.$ZodType>>
    ? z.output<S>
    : RouteOf<Id>['success'] extends Readonly<Record<'mediaType', string>>
      ? string
      : undefined;

/** An answer: of success, as it was (304), or a refusal with what was wrong. */
export type AnswerTo<Id extends RouteId> =
  | { readonly kind: 'success'; readonly status: number; readonly headers: Headers; readonly body: BodyOf<Id> }
  | { readonly kind: 'unchanged'; readonly status: 304; readonly headers: Headers }
  | {
      readonly kind: 'refusal';
      readonly status: number;
      readonly headers: Headers;
      readonly error: ErrorBody['error'];
    };

/** A request that no type has checked: what a test of refusals sends. */
export interface LooseRequest {
  readonly parameters?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Client {
  /**
   * Calls a route.
   * @throws ContractError where the answer is not what the contract says · TypeError where nobody answers
   */
  call<Id extends RouteId>(id: Id, request: RequestOf<Id>): Promise<AnswerTo<Id>>;
  /** The same with a request of any shape. */
  send<Id extends RouteId>(id: Id, request: LooseRequest): Promise<AnswerTo<Id>>;
}

/** The other side does not keep the contract. */
export class ContractError extends Error {
  override readonly name = 'ContractError';
}

export function createClient({ baseUrl, token, fetch = globalThis.fetch }: ClientProps): Client {
  async function send<Id extends RouteId>(id: Id, request: LooseRequest): Promise<AnswerTo<Id>> {
    const route: Route = routes[id];
    const bearer = typeof token === 'function' ? await token() : token;
    const response = await fetch(`${baseUrl}${addressOf(route, request)}`, {
      method: route.method,
      headers: {
        accept: 'application/json',
        ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
        ...(request.body !== undefined && { 'content-type': route.bodyMediaType ?? 'application/json' }),
        ...request.headers,
      },
      ...(request.body !== undefined && { body: written(route, request.body) }),
    });
    const { status, headers } = response;
    if (status === 304) return { kind: 'unchanged', status, headers };
    const text = await response.text();
    if (!response.ok) return { kind: 'refusal', status, headers, error: parsed(id, status, errorBody, text).error };
    const { body } = route.success;
    const value = body ? parsed(id, status, body, text) : route.success.mediaType === undefined ? undefined : text;
    // Parsed by the very schema that BodyOf<Id> is inferred from; the compiler cannot follow the index.
    return { kind: 'success', status, headers, body: value as BodyOf<Id> };
  }

  return { call: (id, request) => send(id, request as LooseRequest), send };
}

/** JSON, but for text of the route's own media type. */
const written = ({ bodyMediaType }: Route, body: unknown): string =>
  bodyMediaType !== undefined && typeof body === 'string' ? body : JSON.stringify(body);

function addressOf({ path }: Route, { parameters = {}, query = {} }: LooseRequest): string {
  const address = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(parameters[name] ?? ''));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value));
  return search.size > 0 ? `${address}?${search.toString()}` : address;
}

function parsed<S extends z.core.$ZodType>(id: RouteId, status: number, schema: S, text: string): z.output<S> {
  const json = jsonIn(text);
  const result = z.safeParse(schema, json);
  if (json !== undefined && result.success) return result.data;
  const where = result.error?.issues.map(({ path, code }) => `${path.map(String).join('.')}: ${code}`).join('; ');
  throw new ContractError(
    `${id} answered ${String(status)} with ${json === undefined ? 'no JSON' : `what breaks the contract at ${where ?? ''}`}`,
  );
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
