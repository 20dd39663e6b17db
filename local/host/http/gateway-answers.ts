import type { FastifyReply } from 'fastify';
import type { ErrorBody } from '../../../contract/schemas/errors';

/** What is answered before or instead of a handler, shaped as API Gateway's gateway responses are. */
export const refusals = {
  unauthorized: { status: 401, message: 'A valid access token is required' },
  forbidden: { status: 403, message: 'The access token carries no scope that this route accepts' },
  foreign_host: { status: 403, message: 'This host answers to 127.0.0.1 and localhost only' },
  foreign_origin: { status: 403, message: 'Pages of another origin may not call this host' },
  invalid_request: { status: 400, message: 'The request is malformed' },
  not_found: { status: 404, message: 'No such route' },
  payload_too_large: { status: 413, message: 'The body is larger than 1 MB' },
  internal_error: { status: 500, message: 'Something went wrong on our side' },
  timeout: { status: 504, message: 'The answer took too long' },
} as const;
export type Refusal = keyof typeof refusals;

export function refuse(reply: FastifyReply, code: Refusal): FastifyReply {
  const { status, message } = refusals[code];
  const body: ErrorBody = { error: { code, message, request_id: reply.request.id } };
  if (code === 'unauthorized') reply.header('www-authenticate', 'Bearer');
  return reply
    .code(status)
    .headers({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', 'x-request-id': reply.request.id })
    .type('application/json; charset=utf-8')
    .send(JSON.stringify(body));
}
