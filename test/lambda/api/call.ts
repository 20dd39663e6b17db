import { MARKET_SCOPE, PERSON_SCOPE, type Route } from '../../../contract/route';
import type { Log, LogFields } from '../../../lambda/adapters/ports';
import type { ApiHandler, ProxyEvent, ProxyResult } from '../../../lambda/api/serve';

export const person = { sub: 'f4b8c2d6-0000-4000-8000-000000000001', scope: `${PERSON_SCOPE} openid` };
export const stranger = { sub: 'f4b8c2d6-0000-4000-8000-000000000002', scope: PERSON_SCOPE };
export const machine = { sub: 'a-machine', scope: MARKET_SCOPE };

export interface Asked {
  readonly parameters?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | readonly string[]>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** null: no token. @default a person */
  readonly claims?: Readonly<Record<string, unknown>> | null;
  readonly path?: string;
  /** The stage before the path, as API Gateway's own name has one. */
  readonly stage?: string;
}

/** The event that API Gateway would send for such a request. */
export function eventOf(route: Pick<Route, 'method' | 'path'>, asked: Asked = {}): ProxyEvent {
  const many = Object.entries(asked.query ?? {}).map(([name, value]): [string, string[]] => [
    name,
    typeof value === 'string' ? [value] : [...value],
  ]);
  const path = asked.path ?? route.path.replace(/\{(\w+)\}/g, (_, name: string) => asked.parameters?.[name] ?? '');
  const claims = asked.claims === undefined ? person : asked.claims;
  return {
    httpMethod: route.method,
    resource: route.path,
    path,
    headers: asked.headers ?? null,
    pathParameters: asked.parameters ?? null,
    queryStringParameters:
      many.length === 0 ? null : Object.fromEntries(many.map(([name, all]) => [name, all.at(-1)!])),
    multiValueQueryStringParameters: many.length === 0 ? null : Object.fromEntries(many),
    body: asked.body ?? null,
    isBase64Encoded: false,
    requestContext: {
      requestId: 'request-1',
      path: `${asked.stage ?? ''}${path}`,
      authorizer: claims === null ? null : { claims },
    },
  };
}

export interface Answered<Body> extends ProxyResult {
  readonly json: Body;
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a test reads what it expects
export async function call<Body = any>(
  handler: ApiHandler,
  route: Pick<Route, 'method' | 'path'>,
  asked?: Asked,
): Promise<Answered<Body>> {
  const answer = await handler(eventOf(route, asked));
  const isJson = answer.headers['content-type']?.startsWith('application/json') && answer.body !== '';
  return { ...answer, json: (isJson ? JSON.parse(answer.body) : undefined) as Body };
}

interface Listed<Item> {
  readonly items: Item[];
  readonly next_cursor: string | null;
}

/** Every item of a list, page by page, with how many each page held. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- says what the test expects of the items
export async function everyPage<Item>(
  handler: ApiHandler,
  route: Pick<Route, 'method' | 'path'>,
  asked: Asked,
): Promise<{ readonly items: Item[]; readonly sizes: number[] }> {
  const items: Item[] = [];
  const sizes: number[] = [];
  let cursor: Listed<Item>['next_cursor'] = null;
  do {
    const { statusCode, json, body }: Answered<Listed<Item>> = await call(handler, route, {
      ...asked,
      query: cursor === null ? (asked.query ?? {}) : { ...asked.query, cursor },
    });
    if (statusCode !== 200) throw new Error(`page ${sizes.length + 1}: ${statusCode} ${body}`);
    items.push(...json.items);
    sizes.push(json.items.length);
    cursor = json.next_cursor;
  } while (cursor !== null && sizes.length < 1000);
  return { items, sizes };
}

export interface Line {
  readonly level: keyof Log;
  readonly message: string;
  readonly fields: LogFields;
}

/** A log that keeps its lines. */
export function recordingLog(): Log & { readonly lines: Line[] } {
  const lines: Line[] = [];
  const at =
    (level: keyof Log) =>
    (message: string, fields: LogFields = {}) => {
      lines.push({ level, message, fields });
    };
  return { lines, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}
