import * as z from 'zod/mini';
import { bodyExamples, examples } from './examples';
import {
  MARKET_SCOPE,
  isTagged,
  pathParameters,
  PERSON_SCOPE,
  RESPONSE_HEADERS,
  type Route,
  scopesOf,
  takesIfMatch,
} from './route';
import { routes } from './routes';
import { errorBody } from './schemas/errors';

/**
 * The OpenAPI 3.1 document, made of the routes and their schemas. Only the documentation's function imports this: the
 * generator is of no use to one that answers requests.
 */

type Json = Record<string, unknown>;
/** A JSON schema with the shared ones that it refers to. */
interface Described {
  readonly schema: Json;
  readonly shared: Json;
}

const TAGS = {
  assets: 'Assets, their analyses and their statements',
  market: 'News and the earnings calendar',
  users: 'The caller’s own profile and preferences',
  watchlists: 'The caller’s own lists of assets',
  trading: 'The caller’s own trades',
  portfolios: 'The caller’s own portfolios: transactions, holdings and returns',
  platform: 'Health and this documentation',
} as const;

const ERRORS: Readonly<Record<number, string>> = {
  400: 'Syntax, types, or something missing; `details` name the field',
  401: 'No valid access token',
  403: 'The token carries no scope that this route accepts',
  404: 'Absent, or not yours',
  409: 'The key was used with another body, or it exists already',
  412: '`If-Match` did not match',
  422: 'Valid, but refused by a rule',
  503: 'Cannot be answered at present; ask again, with the same Idempotency-Key if you sent one',
  429: 'Too many requests; try again later',
  500: 'Unexpected; the request id leads to the log',
};

/** @param about the platform's version, as GET /health tells it */
export function openApi({ version }: { readonly version: string }): Json {
  const all: readonly Route[] = Object.values(routes);
  const schemas: Json = {};
  const paths: Record<string, Json> = {};
  for (const route of all) {
    (paths[route.path] ??= {})[route.method.toLowerCase()] = operationOf(route, schemas);
  }
  const error = refTo(errorBody, 'output', schemas);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Signal9',
      version,
      description:
        'Assets with explainable scores, their statements, news and earnings. Lists answer `{items, next_cursor}`; ' +
        'money and quantities are decimal strings, ratios are fractions, times are RFC 3339 UTC; what is unknown is null, never 0.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    // Relative to this document, so that it is right under a stage, a domain or on one machine.
    servers: [{ url: '.', description: 'Where this document came from' }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      schemas,
      headers: {
        RequestId: { description: 'Leads to the log of this request', schema: { type: 'string' } },
        ...Object.fromEntries(
          Object.entries(RESPONSE_HEADERS).map(([name, description]) => [
            name,
            { description, schema: { type: 'string' } },
          ]),
        ),
        ETag: {
          description:
            'Send it as `If-None-Match` to be answered 304 while nothing changed, or as `If-Match` to change only what you saw',
          schema: { type: 'string' },
        },
      },
      responses: Object.fromEntries(
        Object.entries(ERRORS).map(([status, description]) => [
          `Error${status}`,
          {
            description,
            headers: { 'X-Request-Id': { $ref: '#/components/headers/RequestId' } },
            content: { 'application/json': { schema: error } },
          },
        ]),
      ),
      securitySchemes: {
        accessToken: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: `Cognito access token: a person's carries \`${PERSON_SCOPE}\`, a machine's \`${MARKET_SCOPE}\``,
        },
      },
    },
  };
}

function operationOf(route: Route, schemas: Json): Json {
  const parameters = [
    ...parametersOf('path', route.parameters, schemas),
    ...parametersOf('query', route.query, schemas),
    ...(takesIfMatch(route) ? [IF_MATCH] : []),
  ].sort((a, b) => rankOf(route, a) - rankOf(route, b));
  return {
    operationId: route.id,
    summary: route.summary,
    tags: [route.tag],
    // Any one of the scopes will do, so each is an alternative.
    security: scopesOf(route.access).map((scope) => ({ accessToken: [scope] })),
    ...(parameters.length > 0 && { parameters }),
    ...(route.body && {
      requestBody: {
        required: true,
        content: {
          [route.bodyMediaType ?? 'application/json']: {
            schema: refTo(route.body, 'input', schemas),
            example: bodyExamples[route.id as keyof typeof bodyExamples],
          },
        },
      },
    }),
    responses: responsesOf(route, schemas),
  };
}

const IF_MATCH = {
  name: 'If-Match',
  in: 'header',
  required: false,
  description: 'The ETag of what you saw; where it changed since, the answer is 412 and nothing is changed',
  schema: { type: 'string' },
};

/** Path parameters in the path's order, then the others as declared. */
const rankOf = (route: Route, { in: place, name }: Json): number =>
  place === 'path' ? pathParameters(route.path).indexOf(String(name)) : Number.MAX_SAFE_INTEGER;

function parametersOf(place: 'path' | 'query', shape: z.core.$ZodType | undefined, schemas: Json): Json[] {
  if (!shape) return [];
  const { schema, shared } = described(shape, 'input');
  Object.assign(schemas, shared);
  const required = new Set((schema.required as string[] | undefined) ?? []);
  return Object.entries(schema.properties as Record<string, Json>).map(([name, { description, ...rest }]) => ({
    name,
    in: place,
    required: place === 'path' || required.has(name),
    ...(description !== undefined && { description }),
    schema: rest,
  }));
}

function responsesOf(route: Route, schemas: Json): Json {
  const { status, description, body, mediaType, repeated, headers: own = [] } = route.success;
  const example = examples[route.id as keyof typeof examples];
  const content = body
    ? { 'application/json': { schema: refTo(body, 'output', schemas), ...(example !== undefined && { example }) } }
    : mediaType !== undefined && {
        [mediaType]: { schema: mediaType.endsWith('json') ? { type: 'object' } : { type: 'string' } },
      };
  const headers = {
    'X-Request-Id': { $ref: '#/components/headers/RequestId' },
    ...(isTagged(route) && { ETag: { $ref: '#/components/headers/ETag' } }),
    ...Object.fromEntries(own.map((name) => [name, { $ref: `#/components/headers/${name}` }])),
  };
  const expected = [...route.errors, ...(route.access === 'public' ? [] : [401, 403]), 429, 500];
  return {
    [String(status)]: { description, headers, ...(content && { content }) },
    ...(repeated !== undefined && { '200': { description: repeated, headers, ...(content && { content }) } }),
    ...(route.method === 'GET' && { '304': { description: 'As it was when the tag in `If-None-Match` was given' } }),
    ...Object.fromEntries(
      [...new Set(expected)].sort().map((error) => [String(error), { $ref: `#/components/responses/Error${error}` }]),
    ),
  };
}

/** The schema, or a reference to it where it has an id; what it refers to goes to the components. */
function refTo(shape: z.core.$ZodType, io: 'input' | 'output', schemas: Json): Json {
  const { schema, shared } = described(shape, io);
  Object.assign(schemas, shared);
  return schema;
}

function described(shape: z.core.$ZodType, io: 'input' | 'output'): Described {
  const {
    $schema: _,
    $defs,
    ...schema
  } = z.toJSONSchema(shape, {
    io,
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      // zod leaves the default of a parsed parameter out, as it is of another type than the text; it is what OpenAPI means.
      const told = z.globalRegistry.get(zodSchema)?.default;
      if (told !== undefined) jsonSchema.default = told;
      // Answers may gain fields: a client must not be told to refuse them.
      if (io === 'output' && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
      // A number in a query is written as text, whose pattern says nothing of a number.
      if (jsonSchema.type === 'integer' || jsonSchema.type === 'boolean') delete jsonSchema.pattern;
    },
  });
  return JSON.parse(
    JSON.stringify({ schema, shared: $defs ?? {} }).replaceAll('"#/$defs/', '"#/components/schemas/'),
  ) as Described;
}
