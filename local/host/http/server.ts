import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { APIGatewayProxyEvent } from 'aws-lambda';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { type FunctionId, functions } from '../../../contract/functions';
import { type Route, scopesOf, type ServiceId } from '../../../contract/route';
import { MAX_IMPORT_BYTES } from '../../../contract/schemas/portfolios';
import type { Clock, Log } from '../../../lambda/adapters/ports';
import { HostError } from '../host-error';
import type { AccessClaims, Tokens } from '../identity/tokens';
import { errorFields } from '../../../lambda/adapters/log-fields';
import { refuseUnreadable } from './client-errors';
import { type Refusal, refuse } from './gateway-answers';
import type { LiveServer } from '../live/live-server';
import { gatewayEvent } from './gateway-event';
import { foreignness } from './own-origin';

/** What a handler answers to API Gateway. */
export interface GatewayResult {
  readonly statusCode: number;
  readonly headers?: Readonly<Record<string, string | number | boolean>> | undefined;
  readonly multiValueHeaders?: Readonly<Record<string, readonly (string | number | boolean)[]>> | undefined;
  readonly body: string;
  readonly isBase64Encoded?: boolean | undefined;
}
export type ApiFunction = (event: APIGatewayProxyEvent) => Promise<GatewayResult>;

export interface HttpProps {
  readonly routes: readonly Route[];
  readonly functions: Readonly<Partial<Record<FunctionId, ApiFunction>>>;
  /** Where the routes of a service go. @default no service */
  readonly services?: Readonly<Record<ServiceId, Pick<FastifyInstance, 'inject'>>>;
  readonly tokens: Pick<Tokens, 'verify'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Doors of the host itself, beside the contract's routes. */
  readonly doors: readonly ((server: FastifyInstance) => void)[];
  /** Takes the connections that become WebSockets. */
  readonly live?: Pick<LiveServer, 'upgrade' | 'close'>;
}

export interface HttpServer {
  /** `http://127.0.0.1:4000` */
  readonly url: string;
  /** Cuts the connections and resolves when no handler runs any more. */
  close(): Promise<void>;
}

const BODY_LIMIT = 1_000_000;

/**
 * API Gateway on one machine: the contract's routes on 127.0.0.1.
 *
 * @throws HostError when the port is taken
 */
export async function startHttp(props: HttpProps & { readonly port: number }): Promise<HttpServer> {
  const underWay = new Set<Promise<unknown>>();
  const server = fastify({
    bodyLimit: BODY_LIMIT,
    requestTimeout: 30_000,
    forceCloseConnections: true,
    exposeHeadRoutes: false,
    genReqId: () => randomUUID(),
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 2048 },
    clientErrorHandler: refuseUnreadable,
    frameworkErrors: (_error, _request, reply) => {
      void refuse(reply, 'invalid_request');
    },
  });
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  server.addHook('onRequest', async (request, reply) => {
    const foreign = foreignness(request);
    if (foreign) await refuse(reply, foreign);
  });
  server.setNotFoundHandler((_request, reply) => refuse(reply, 'not_found'));
  server.setErrorHandler((error, request, reply) => refuse(reply, refusalOf(error, request, props.log)));
  for (const route of props.routes) serve(server, route, props, underWay);
  for (const door of props.doors) door(server);
  if (props.live) server.server.on('upgrade', props.live.upgrade);

  try {
    await server.listen({ host: '127.0.0.1', port: props.port });
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'EADDRINUSE' || error.code === 'EACCES')) {
      const why = error.code === 'EADDRINUSE' ? 'is taken by another program' : 'may not be used without more rights';
      throw new HostError(`PORT ${props.port} ${why}: set PORT to another one`);
    }
    throw error;
  }
  const { port } = server.server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      // An upgraded connection is no longer the HTTP server's to cut, yet it would wait for it.
      await props.live?.close();
      await server.close();
      await Promise.allSettled(underWay);
    },
  };
}

function serve(server: FastifyInstance, route: Route, props: HttpProps, underWay: Set<Promise<unknown>>): void {
  const { ask, timeoutSeconds } = backendOf(route, props);

  server.route({
    method: route.method,
    url: route.path.replace(/\{([A-Za-z]+)\}/g, ':$1'),
    ...(route.bodyMediaType !== undefined && { bodyLimit: MAX_IMPORT_BYTES }),
    handler: async (request, reply) => {
      const caller = await admit(route, request, props.tokens);
      if (typeof caller === 'string') return refuse(reply, caller);
      const work = ask(request, caller?.claims);
      underWay.add(work);
      void work.catch(() => undefined).finally(() => underWay.delete(work));
      const answered = new AbortController();
      const late = sleep(timeoutSeconds * 1000, 'late' as const, { signal: answered.signal });
      const result = await Promise.race([work, late]).finally(() => answered.abort());
      return result === 'late' ? refuse(reply, 'timeout') : answer(reply, result);
    },
  });
}

interface Backend {
  readonly ask: (request: FastifyRequest, claims: AccessClaims | undefined) => Promise<GatewayResult>;
  readonly timeoutSeconds: number;
}

/** API Gateway waits no longer for what it passes on. */
const GATEWAY_TIMEOUT_SECONDS = 29;

/** What answers a route: its function, asked with an event, or its service, asked with the request as it came. */
function backendOf(route: Route, { functions: handlers, services, clock }: HttpProps): Backend {
  if (route.service !== undefined) {
    const service = services?.[route.service];
    if (!service) throw new Error(`${route.id} names the service ${route.service}, which the host does not run`);
    return { ask: (request) => passOn(service, request), timeoutSeconds: GATEWAY_TIMEOUT_SECONDS };
  }
  const handler = handlers[route.function];
  if (!handler) throw new Error(`${route.id} names the function ${route.function}, which the host does not run`);
  return {
    ask: (request, claims) => handler(gatewayEvent(route, request, claims, clock())),
    timeoutSeconds: functions[route.function].timeoutSeconds,
  };
}

/** What a proxy integration does, without a wire between. */
async function passOn(service: Pick<FastifyInstance, 'inject'>, request: FastifyRequest): Promise<GatewayResult> {
  const { statusCode, headers, rawPayload } = await service.inject({
    method: request.method as 'GET' | 'POST' | 'PUT' | 'DELETE',
    url: request.raw.url ?? '/',
    headers: request.headers,
    ...(typeof request.body === 'string' && { payload: request.body }),
  });
  const told = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined || HOP_BY_HOP.has(name) ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]],
  );
  return {
    statusCode,
    headers: Object.fromEntries(told) as Record<string, string | number>,
    body: rawPayload.toString('base64'),
    isBase64Encoded: true,
  };
}

/** Of one connection, and not of the answer (RFC 9110 §7.6.1); the length is counted anew. */
const HOP_BY_HOP: ReadonlySet<string> = new Set(['connection', 'keep-alive', 'transfer-encoding', 'content-length']);

/** What the Cognito authorizer does: who calls, and whether their scopes open the route. */
async function admit(
  route: Route,
  request: FastifyRequest,
  tokens: Pick<Tokens, 'verify'>,
): Promise<Refusal | { readonly claims: AccessClaims } | undefined> {
  if (route.access === 'public') return undefined;
  const [, token] = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '') ?? [];
  if (token === undefined) return 'unauthorized';
  const claims = await tokens.verify(token).catch(() => undefined);
  if (!claims) return 'unauthorized';
  const scopes = claims.scope.split(' ');
  return scopesOf(route.access).some((scope) => scopes.includes(scope)) ? { claims } : 'forbidden';
}

function answer(reply: FastifyReply, result: GatewayResult): FastifyReply {
  const { statusCode, headers = {}, multiValueHeaders = {}, body, isBase64Encoded = false } = result;
  reply.code(statusCode);
  for (const [name, value] of Object.entries(headers)) reply.header(name, value);
  for (const [name, values] of Object.entries(multiValueHeaders)) reply.header(name, values.map(String));
  if (!reply.hasHeader('content-type')) reply.type('application/json');
  return reply.send(isBase64Encoded ? Buffer.from(body, 'base64') : body);
}

function refusalOf(error: unknown, request: FastifyRequest, log: Log): Refusal {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return 'payload_too_large';
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  if (typeof status === 'number' && status >= 400 && status < 500) return 'invalid_request';
  log.error('the request failed', { request_id: request.id, method: request.method, ...errorFields(error) });
  return 'internal_error';
}
