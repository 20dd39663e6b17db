import * as z from 'zod/mini';
import { LIVE_ROUTES, SUBPROTOCOL } from '../../../contract/schemas/live';

const texts = z.optional(z.nullable(z.record(z.string(), z.optional(z.string()))));

/** What API Gateway's WebSocket API hands to its authorizer. */
export const authorizerEvent = z.object({
  methodArn: z.string(),
  headers: texts,
  queryStringParameters: texts,
});

/** What the authorizer found, which API Gateway keeps as text. */
const admission = z.object({
  user_id: z.string(),
  /** Epoch seconds; past where the token had expired. */
  token_expires_at: z.coerce.number(),
});

/** What it hands to the routes' function. */
export const routeEvent = z.object({
  requestContext: z.object({
    routeKey: z.enum(LIVE_ROUTES),
    connectionId: z.string(),
    /** Epoch milliseconds. */
    connectedAt: z.number(),
    authorizer: z.optional(admission),
  }),
  headers: texts,
  body: z.optional(z.nullable(z.string())),
});
export type RouteEvent = z.infer<typeof routeEvent>;

export interface RouteAnswer {
  readonly statusCode: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The subprotocols that a client offers, in its order. */
export function offeredProtocols(headers: z.infer<typeof texts>): string[] {
  // Names come in the casing that the client sent.
  const offered = Object.entries(headers ?? {}).find(([name]) => name.toLowerCase() === 'sec-websocket-protocol');
  return (offered?.[1] ?? '').split(',').flatMap((protocol) => protocol.trim() || []);
}

/** The token: what is offered beside `signal9`, since a browser's WebSocket can send no header of its own; or `?token=`. */
export function tokenOf({ headers, queryStringParameters }: z.infer<typeof authorizerEvent>): string | undefined {
  const protocols = offeredProtocols(headers);
  const offered = protocols.includes(SUBPROTOCOL) ? protocols.find((one) => one !== SUBPROTOCOL) : undefined;
  return offered ?? queryStringParameters?.token;
}
