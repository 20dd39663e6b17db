import { randomUUID } from 'node:crypto';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { EXPOSED_HEADERS, type Route } from '../../contract/route';
import { MAX_IMPORT_BYTES } from '../../contract/schemas/portfolios';
import { errorFields } from '../../lambda/adapters/log-fields';
import type { Log } from '../../lambda/adapters/ports';
import type { ApiHandler } from '../../lambda/api/serve';
import type { AccessToken, TokenVerifier } from '../services';
import { proxyEvent } from './proxy-event';
import { type Refusal, refuse, withRetryAfter } from './refusal';

export interface ServerProps {
  readonly routes: readonly Route[];
  readonly handle: ApiHandler;
  readonly tokens: TokenVerifier;
  readonly log: Log;
  /** Origin of the console, the only one that a browser may read answers from. */
  readonly consoleOrigin?: string | undefined;
}

/** Of a JSON body; the largest that the contract can describe is far below. */
const BODY_LIMIT = 100_000;
/** API Gateway gives up after 29 seconds. */
const HANDLER_TIMEOUT_MS = 25_000;
/** Longer than the load balancer keeps an idle connection (60 s), so that it never writes to one that we just closed. */
const KEEP_ALIVE_MS = 75_000;

/** A name and nothing else: it is logged and answered. */
const REQUEST_ID = /^[A-Za-z0-9-]{8,64}$/;

/** API Gateway's own id, by which its log and ours are read together; another one for who did not come by it. */
const requestIdOf = (header: string | string[] | undefined): string =>
  typeof header === 'string' && REQUEST_ID.test(header) ? header : randomUUID();

/** The contract's routes over HTTP: each request as the event of a function, its token verified here. */
export function createServer({ routes, handle, tokens, log, consoleOrigin }: ServerProps): FastifyInstance {
  /** Refusals too: without it a browser shows the console no error at all. */
  function letConsoleRead(reply: FastifyReply): void {
    if (consoleOrigin === undefined || reply.hasHeader('access-control-allow-origin')) return;
    reply.header('access-control-allow-origin', consoleOrigin);
    reply.header('access-control-expose-headers', EXPOSED_HEADERS.join(', '));
  }

  const server = fastify({
    bodyLimit: BODY_LIMIT,
    requestTimeout: 30_000,
    handlerTimeout: HANDLER_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    exposeHeadRoutes: false,
    genReqId: ({ headers }) => requestIdOf(headers['x-request-id']),
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 2048 },
    frameworkErrors: (_error, _request, reply) => {
      // No hook sees what the router cannot read.
      letConsoleRead(reply);
      void refuse(reply, 'invalid_request');
    },
  });
  // The routes' own schemas say what a body must be.
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  server.addHook('onSend', async (_request, reply) => letConsoleRead(reply));
  server.setNotFoundHandler((_request, reply) => refuse(reply, 'not_found'));
  server.setErrorHandler((error, request, reply) => refuse(reply, refusalOf(error, request, log)));

  /** @returns 'unknown' where nobody can tell whether the token is good */
  async function tokenOf({ headers, id }: FastifyRequest): Promise<AccessToken | null | 'unknown'> {
    const [, token] = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '') ?? [];
    if (token === undefined) return null;
    try {
      return await tokens.verify(token);
    } catch (thrown) {
      log.error('a token cannot be verified', { request_id: id, ...errorFields(thrown) });
      return 'unknown';
    }
  }

  for (const route of routes) {
    server.route({
      method: route.method,
      url: route.path.replace(/\{([A-Za-z]+)\}/g, ':$1'),
      ...(route.bodyMediaType !== undefined && { bodyLimit: MAX_IMPORT_BYTES }),
      handler: async (request, reply) => {
        const token = await tokenOf(request);
        if (token === 'unknown') return refuse(reply, 'unavailable');
        return answer(reply, await handle(proxyEvent(route, request, token)));
      },
    });
  }
  return server;
}

function answer(reply: FastifyReply, result: Awaited<ReturnType<ApiHandler>>): FastifyReply {
  const { statusCode, headers, body, isBase64Encoded } = result;
  return withRetryAfter(reply, statusCode)
    .code(statusCode)
    .headers(headers)
    .send(isBase64Encoded ? Buffer.from(body, 'base64') : body);
}

function refusalOf(error: unknown, request: FastifyRequest, log: Log): Refusal {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return 'payload_too_large';
  if (code === 'FST_ERR_HANDLER_TIMEOUT') {
    log.error('the answer took too long', { request_id: request.id, method: request.method });
    return 'unavailable';
  }
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  if (typeof status === 'number' && status >= 400 && status < 500) return 'invalid_request';
  log.error('the request failed', { request_id: request.id, method: request.method, ...errorFields(error) });
  return 'internal_error';
}
