import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { examples } from '../../contract/examples';
import { openApi } from '../../contract/openapi';
import { MARKET_SCOPE, PERSON_SCOPE, type Route } from '../../contract/route';
import { type RouteId, routes } from '../../contract/routes';

const every: readonly Route[] = Object.values(routes);

interface Operation {
  readonly operationId: string;
  readonly security: unknown;
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required: boolean;
    readonly schema: Record<string, unknown>;
  }[];
  readonly responses: Readonly<
    Record<
      string,
      {
        readonly headers?: object;
        readonly content?: Readonly<Record<string, { readonly schema: unknown; readonly example?: unknown }>>;
      }
    >
  >;
}
const document = openApi({ version: '1.2.3' }) as {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, unknown>>; readonly responses: object };
};
const operation = (route: Route) => document.paths[route.path]![route.method.toLowerCase()]!;

/** The validator is published as ES modules only and jest runs CommonJS, so it runs beside. */
const VALIDATE = `
  import { Validator } from '@seriousme/openapi-schema-validator';
  import { readFileSync } from 'node:fs';
  console.log(JSON.stringify(await new Validator().validate(JSON.parse(readFileSync(0, 'utf8')))));
`;

test('is a valid OpenAPI 3.1 document', () => {
  const validate = (input: unknown) =>
    JSON.parse(
      execFileSync(process.execPath, ['--input-type=module', '--eval', VALIDATE], {
        cwd: join(__dirname, '../..'),
        input: JSON.stringify(input),
        encoding: 'utf8',
      }),
    ) as { readonly valid: boolean; readonly errors?: unknown };
  expect(validate(document)).toEqual({ valid: true });
  expect(validate({ ...document, paths: [] }).valid).toBe(false);
  expect(document.openapi).toMatch(/^3\.1\./);
});

test('resolves every reference, and defines no schema that nothing refers to', () => {
  const text = JSON.stringify(document);
  const references = [...text.matchAll(/"\$ref":"([^"]+)"/g)].map(([, reference]) => reference!);
  for (const reference of references) {
    const found = reference
      .replace('#/', '')
      .split('/')
      .reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], document);
    expect([reference, found]).toEqual([reference, expect.anything()]);
  }
  const used = new Set(references.map((reference) => reference.split('/').at(-1)));
  expect(Object.keys(document.components.schemas).filter((name) => !used.has(name))).toEqual([]);
  expect(text).not.toContain('$defs');
});

test.each(every.map((route) => [route.id, route] as const))(
  '%s: parameters, security and answers are the route’s',
  (id, route) => {
    const { operationId, parameters = [], security, responses } = operation(route);
    expect(operationId).toBe(id);
    expect(parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name)).toEqual(
      [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name),
    );
    for (const parameter of parameters) expect(parameter.required).toBe(parameter.in === 'path');
    const scopes = { public: [], market: [PERSON_SCOPE, MARKET_SCOPE], person: [PERSON_SCOPE] }[route.access];
    expect(security).toEqual(scopes.map((scope) => ({ accessToken: [scope] })));
    const expected = [
      route.success.status,
      ...route.errors,
      ...(route.method === 'GET' ? [304] : []),
      ...(route.success.repeated === undefined ? [] : [200]),
      429,
      500,
      ...(route.access === 'public' ? [] : [401, 403]),
    ];
    expect(Object.keys(responses).map(Number).sort()).toEqual([...new Set(expected)].sort());
  },
);

test('shows a number in a query as the number it is', () => {
  const limit = operation(routes.listAssets).parameters?.find(({ name }) => name === 'limit');
  expect(limit).toEqual({
    name: 'limit',
    in: 'query',
    required: false,
    description: 'Most items to return',
    schema: { type: 'integer', minimum: 1, maximum: 200, default: 50 },
  });
});

test('names the header by which a change is made only to what was seen', () => {
  const named = (route: Route) => operation(route).parameters?.filter((parameter) => parameter.in === 'header');
  expect(named(routes.replaceWatchlist)).toEqual([expect.objectContaining({ name: 'If-Match', required: false })]);
  expect(named(routes.getWatchlist)).toEqual([]);
});

test('tells of the headers that an answer carries', () => {
  const headersOf = (route: Route, status: number) => operation(route).responses[String(status)]?.headers;
  expect(headersOf(routes.createUser, 201)).toHaveProperty('Location');
  expect(headersOf(routes.createUser, 200)).toHaveProperty('Location');
  expect(headersOf(routes.deleteUser, 204)).toHaveProperty('X-Signal9-Removed');
  expect(headersOf(routes.replaceUser, 200)).toHaveProperty('ETag');
});

test('leaves room for new fields in every answer', () => {
  expect(JSON.stringify(document.components.schemas)).not.toContain('"additionalProperties":false');
});

test('shows an example for every JSON answer, which its schema accepts', () => {
  for (const route of every.filter(({ success }) => success.body)) {
    const example = examples[route.id as RouteId];
    expect([route.id, z.safeParse(route.success.body!, example).error]).toEqual([route.id, undefined]);
    expect(operation(route).responses[String(route.success.status)]?.content?.['application/json']?.example).toEqual(
      example,
    );
  }
});
