import type { APIGatewayProxyEvent } from 'aws-lambda';
import type { FastifyRequest } from 'fastify';
import { pathParameters, type Route } from '../../../contract/route';
import type { AccessClaims } from '../identity/tokens';

/** The event that API Gateway's REST API with a Cognito authorizer makes of a request. */
export function gatewayEvent(
  route: Route,
  request: FastifyRequest,
  claims: AccessClaims | undefined,
  now: Date,
): APIGatewayProxyEvent {
  const url = request.raw.url ?? '/';
  const [path, search] = splitOnce(url, '?');
  const headers = groupedHeaders(request.raw.rawHeaders);
  const query = grouped(new URLSearchParams(search));
  return {
    resource: route.path,
    path,
    httpMethod: route.method,
    headers: lastOf(headers) ?? {},
    multiValueHeaders: headers,
    queryStringParameters: lastOf(query),
    multiValueQueryStringParameters: Object.keys(query).length > 0 ? query : null,
    pathParameters: parametersOf(route.path, path),
    stageVariables: null,
    body: typeof request.body === 'string' && request.body !== '' ? request.body : null,
    isBase64Encoded: false,
    requestContext: {
      accountId: '000000000000',
      apiId: 'local',
      authorizer: claims && { claims: asTexts(claims) },
      domainName: request.host,
      httpMethod: route.method,
      identity: { ...NOBODY, sourceIp: request.ip, userAgent: request.headers['user-agent'] ?? null },
      path,
      protocol: 'HTTP/1.1',
      requestId: request.id,
      requestTimeEpoch: now.getTime(),
      resourceId: route.id,
      resourcePath: route.path,
      stage: 'local',
    },
  };
}

const NOBODY = {
  accessKey: null,
  accountId: null,
  apiKey: null,
  apiKeyId: null,
  caller: null,
  clientCert: null,
  cognitoAuthenticationProvider: null,
  cognitoAuthenticationType: null,
  cognitoIdentityId: null,
  cognitoIdentityPoolId: null,
  principalOrgId: null,
  user: null,
  userArn: null,
};

/** API Gateway coerces all claims into strings. */
const asTexts = (claims: AccessClaims) =>
  Object.fromEntries(Object.entries(claims).map(([name, value]) => [name, String(value)]));

/** Path values as they were spelt in the URL, still encoded: API Gateway hands them over so. */
function parametersOf(template: string, path: string): Record<string, string> | null {
  const names = pathParameters(template);
  if (names.length === 0) return null;
  const segments = path.split('/');
  return Object.fromEntries(
    template.split('/').flatMap((part, index) => {
      const name = names.find((one) => part === `{${one}}`);
      return name === undefined ? [] : [[name, segments[index] ?? '']];
    }),
  );
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

/** Names in the casing that the client sent. */
function groupedHeaders(raw: readonly string[]): Record<string, string[]> {
  const pairs: [string, string][] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) pairs.push([raw[index] ?? '', raw[index + 1] ?? '']);
  return grouped(pairs);
}

function grouped(pairs: Iterable<[string, string]>): Record<string, string[]> {
  const values = new Map<string, string[]>();
  for (const [name, value] of pairs) values.set(name, [...(values.get(name) ?? []), value]);
  return Object.fromEntries(values);
}

function lastOf(groups: Record<string, string[]>): Record<string, string> | null {
  const entries = Object.entries(groups).map(([name, values]) => [name, values.at(-1) ?? ''] as const);
  return entries.length > 0 ? Object.fromEntries(entries) : null;
}
