import type { FastifyReply } from 'fastify';
import type { ErrorBody } from '../../contract/schemas/errors';

/** What is answered before a route is reached, or where one never answered. */
export const refusals = {
  invalid_request: { status: 400, message: 'The request is malformed' },
  not_found: { status: 404, message: 'No such route' },
  payload_too_large: { status: 413, message: 'The body is larger than this route takes' },
  internal_error: { status: 500, message: 'Something went wrong on our side' },
  unavailable: { status: 503, message: 'The answer cannot be given at present; ask again' },
} as const;
export type Refusal = keyof typeof refusals;

/** Seconds that a client is asked to wait where something that we stand on is away. */
const RETRY_AFTER_SECONDS = 5;

/** An error in the contract's one shape. */
export function refuse(reply: FastifyReply, code: Refusal): FastifyReply {
  const { status, message } = refusals[code];
  const body: ErrorBody = { error: { code, message, request_id: reply.request.id } };
  return withRetryAfter(reply, status)
    .code(status)
    .headers({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', 'x-request-id': reply.request.id })
    .type('application/json; charset=utf-8')
    .send(JSON.stringify(body));
}

/** Says when to ask again, where the answer is a 503. */
export const withRetryAfter = (reply: FastifyReply, status: number): FastifyReply =>
  status === refusals.unavailable.status ? reply.header('retry-after', String(RETRY_AFTER_SECONDS)) : reply;
