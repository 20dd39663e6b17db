import fc from 'fast-check';
import { validateHeaderValue } from 'node:http';
import { bodyExamples } from '../../../contract/examples';
import { pathParameters, type Route } from '../../../contract/route';
import type { RouteId } from '../../../contract/routes';
import { accepted, acceptedProperties } from './arbitrary';
import { nastyBody, nastyText } from './nasty';
import { mediaTypeOf } from './samples';
import { encoded, type Sent } from './wire';

/** What requests are made of, beside chance. */
export interface Material {
  /** Values for Authorization. */
  readonly authorizations: readonly (string | undefined)[];
  /** Ids of things that are there, whosoever. */
  readonly ids: readonly string[];
  readonly meaningful: Readonly<Record<string, unknown>>;
}

const often = <T>(arbitrary: fc.Arbitrary<T>) => ({ arbitrary, weight: 6 });
const rarely = <T>(arbitrary: fc.Arbitrary<T>) => ({ arbitrary, weight: 1 });

/** A request to a route: each of its parts may be what the contract asks for, or anything else. */
export function requestTo(route: Route, material: Material): fc.Arbitrary<Sent> {
  return fc
    .record({
      method: fc.oneof(often(fc.constant<string>(route.method)), rarely(anyMethod())),
      path: pathTo(route, material),
      query: queryTo(route, material),
      headers: headersTo(route, material),
      body: bodyTo(route, material),
    })
    .map(({ method, path, query, headers, body }) => ({
      method,
      path: query === '' ? path : `${path}?${query}`,
      headers: { ...headers, ...(body !== undefined && { 'content-length': String(Buffer.byteLength(body)) }) },
      body,
    }));
}

const anyMethod = () => fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS', 'TRACE');

function pathTo(route: Route, { ids, meaningful }: Material): fc.Arbitrary<string> {
  const valid = acceptedProperties(route.parameters);
  const values = Object.fromEntries(
    pathParameters(route.path).map((name) => [
      name,
      fc.oneof(
        often(fc.oneof(valid[name] ?? fc.string(), ...(name in meaningful ? [fc.constant(meaningful[name])] : [])))
          .arbitrary,
        fc.constantFrom('me', ...ids),
        nastyText(ids),
      ),
    ]),
  );
  return fc
    .record({
      values: fc.record(values),
      isRaw: fc.oneof(often(fc.constant(false)), rarely(fc.constant(true))),
      slash: fc.boolean(),
    })
    .map(({ values: drawn, isRaw, slash }) => {
      const spelt = (name: string) => (isRaw ? rawInPath : encoded)(String((drawn as Record<string, unknown>)[name]));
      const path = pathParameters(route.path).reduce(
        (so, name) => so.replace(`{${name}}`, () => spelt(name)),
        route.path,
      );
      return slash && isRaw ? `${path}/` : path;
    });
}

/** As it is, where the client lets it pass: a stray % or a slash must not confuse anyone. */
const rawInPath = (text: string): string =>
  text.replaceAll(/[^\x21-\x7e]/gu, (char) => encoded(char)).replaceAll(/[?#]/g, encoded);

function queryTo(route: Route, { ids }: Material): fc.Arbitrary<string> {
  const valid = acceptedProperties(route.query);
  const names = Object.keys(valid);
  const known = names.map((name) => fc.tuple(fc.constant(name), fc.oneof(often(valid[name]!), rarely(nastyText(ids)))));
  const unknown = fc.tuple(nastyText(), nastyText(ids));
  const pair = known.length === 0 ? unknown : fc.oneof(often(fc.oneof(...known)), rarely(unknown));
  return fc
    .oneof(
      // By name once each, so that most are let in; and any pairs at all.
      often(fc.subarray(known).chain((chosen) => fc.tuple(...chosen))),
      rarely(fc.array(pair, { maxLength: 4 })),
    )
    .map((pairs) => pairs.map(([name, value]) => `${encoded(name)}=${encoded(String(value))}`).join('&'));
}

function headersTo(route: Route, { authorizations, ids }: Material): fc.Arbitrary<Record<string, string>> {
  const value = nastyText(ids).filter(isHeaderValue);
  const optional = {
    'content-type': fc.oneof(
      often(fc.constant(mediaTypeOf(route))),
      rarely(fc.constantFrom('text/plain', 'application/json; charset=utf-16', 'multipart/form-data')),
      rarely(value),
    ),
    'if-none-match': fc.oneof(fc.constant('*'), value),
    'if-match': fc.oneof(fc.constant('*'), value),
    'idempotency-key': value,
    accept: fc.constantFrom('*/*', 'text/html', 'application/xml'),
    'accept-encoding': fc.constantFrom('gzip, br', 'identity'),
    'x-request-id': value,
    'x-forwarded-for': fc.constantFrom('1.2.3.4', '::1'),
    'x-amzn-trace-id': value,
    range: fc.constantFrom('bytes=0-1', 'bytes=-1'),
    'x-http-method-override': anyMethod(),
  };
  const [own, ...others] = authorizations;
  return fc
    .record({
      authorization: fc.oneof(often(fc.constant(own)), rarely(fc.constantFrom(...others)), rarely(value)),
      rest: fc.record(optional, { requiredKeys: [] }),
      isBare: fc.oneof(often(fc.constant(false)), often(fc.constant(true))),
    })
    .map(({ authorization, rest, isBare }) => ({
      'content-type': mediaTypeOf(route),
      ...(!isBare && (rest as Record<string, string>)),
      ...(authorization !== undefined && { authorization }),
    }));
}

function bodyTo(route: Route, { meaningful, ids }: Material): fc.Arbitrary<string | undefined> {
  if (!route.body) return fc.oneof(often(fc.constant(undefined)), rarely(nastyBody()));
  if (route.bodyMediaType !== undefined)
    return fc.oneof(fc.constant(String(bodyExamples[route.id as RouteId])), nastyText(ids), nastyBody());
  const example = bodyExamples[route.id as RouteId] as Record<string, unknown>;
  // Of fields that go together by their type, chance draws few that do: the contract's own example is one of the valid.
  const drawn = accepted(route.body).map((body) => ({ ...(body as Record<string, unknown>) }));
  const valid = fc.oneof(often(drawn), rarely(fc.constant(example)));
  const sensible = valid.map((body) => ({
    ...body,
    ...Object.fromEntries(Object.entries(meaningful).filter(([name]) => name in body)),
  }));
  const spoilt = fc
    .record({
      body: sensible,
      at: fc.nat(),
      value: fc.oneof(nastyText(), fc.jsonValue({ maxDepth: 2 })),
      id: fc.constantFrom('me', ...ids),
      isNew: fc.boolean(),
    })
    .map(({ body, at, value, id, isNew }) => {
      const names = Object.keys(body);
      const name = isNew || names.length === 0 ? 'surprise' : names[at % names.length]!;
      // Another's id where an id belongs only: in a text of his own it would be kept, and be his to read.
      return { ...body, [name]: name.endsWith('_id') ? id : value };
    });
  return fc.oneof(
    fc.oneof(sensible, valid, spoilt).map((body) => JSON.stringify(body)),
    fc.oneof(sensible, spoilt).map((body) => JSON.stringify(body)),
    nastyBody(),
  );
}

function isHeaderValue(value: string): boolean {
  try {
    validateHeaderValue('x', value);
    return true;
  } catch {
    return false;
  }
}
