import type { FastifyRequest } from 'fastify';
import { pathParameters, type Route } from '../../contract/route';
import type { ProxyEvent } from '../../lambda/api/serve';
import type { AccessToken } from '../services';

/**
 * The event that API Gateway would have made of the request for a function, with the claims of a token that was verified
 * here: so the service's routes are parsed, refused and answered by the same code as the functions'.
 */
export function proxyEvent(route: Route, request: FastifyRequest, token: AccessToken | null): ProxyEvent {
  const [path = '/', ...search] = (request.raw.url ?? '/').split('?');
  return {
    httpMethod: route.method,
    resource: route.path,
    path,
    headers: Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
    ),
    pathParameters: parametersOf(route.path, path),
    multiValueQueryStringParameters: grouped(new URLSearchParams(search.join('?'))),
    body: Buffer.isBuffer(request.body) ? request.body.toString('utf8') : null,
    isBase64Encoded: false,
    requestContext: {
      requestId: request.id,
      path,
      authorizer: token && { claims: { sub: token.sub, scope: token.scope } },
    },
  };
}

/** Path values as they were spelt in the URL, still encoded: API Gateway hands them over so. */
function parametersOf(template: string, path: string): Record<string, string> {
  const names = pathParameters(template);
  const segments = path.split('/');
  return Object.fromEntries(
    template.split('/').flatMap((part, index) => {
      const name = names.find((one) => part === `{${one}}`);
      return name === undefined ? [] : [[name, segments[index] ?? '']];
    }),
  );
}

function grouped(search: URLSearchParams): Record<string, string[]> {
  const values = new Map<string, string[]>();
  for (const [name, value] of search) values.set(name, [...(values.get(name) ?? []), value]);
  return Object.fromEntries(values);
}
