import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { LIVE_ROUTES } from '../../../contract/schemas/live';
import type { Admission } from '../../../lambda/portfolio/live-authorizer';

/** A connection as API Gateway's WebSocket API knows it. */
export interface Opened {
  readonly connectionId: string;
  /** Epoch milliseconds. */
  readonly connectedAt: number;
  readonly admission: Admission;
}

export const newConnectionId = (): string => randomBytes(12).toString('base64url');
export const CONNECT_ARN = 'arn:aws:execute-api:local:000000000000:live/local/$connect';

/** What API Gateway hands to the authorizer of $connect. */
export const authorizerEventOf = (request: IncomingMessage, url: URL) => ({
  type: 'REQUEST',
  methodArn: CONNECT_ARN,
  headers: headersOf(request),
  queryStringParameters: Object.fromEntries(url.searchParams),
});

/** What it hands to the function of a route. */
export const routeEventOf = (
  routeKey: (typeof LIVE_ROUTES)[number],
  { connectionId, connectedAt, admission: { principalId, context } }: Opened,
  more: { readonly body?: string; readonly headers?: Readonly<Record<string, string>> } = {},
) => ({
  requestContext: {
    routeKey,
    connectionId,
    connectedAt,
    authorizer: context && {
      principalId,
      user_id: context.user_id,
      token_expires_at: String(context.token_expires_at),
    },
  },
  ...more,
});

/** One text a header, as API Gateway gives them. */
export const headersOf = ({ headers }: IncomingMessage): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, typeof value === 'string' ? value : value.join(', ')]],
    ),
  );
