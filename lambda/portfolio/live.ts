import { MAX_CONNECTION_SECONDS, SUBPROTOCOL } from '../../contract/schemas/live';
import { onFirstCall } from '../adapters/aws';
import { busOf } from '../adapters/aws-clients';
import type { Posts } from '../adapters/live/connections';
import { liveOf } from '../adapters/live/from-environment';
import { portfolioStoreOf } from '../adapters/portfolio/from-environment';
import type { Clock, EventPublisher } from '../adapters/ports';
import { converse, type ConversationServices } from './live/conversation';
import { offeredProtocols, type RouteAnswer, type RouteEvent, routeEvent } from './live/gateway-event';
import { createSpeaker } from './live/speaker';

export interface LiveServices extends ConversationServices {
  readonly posts: Posts;
  readonly bus: EventPublisher;
  readonly clock: Clock;
}

/** What a connection's row outlives it by: time for its $disconnect to arrive. */
const SLACK_SECONDS = 600;

/** The routes of the WebSocket API: who is connected, and what each watches. */
export function makeHandler(services: LiveServices) {
  const { connections, clock, bus } = services;
  const speaker = createSpeaker(services);
  const hasExpired = (tokenExpiresAt: number) => tokenExpiresAt * 1000 <= clock().getTime();

  async function connect({ requestContext, headers }: RouteEvent): Promise<RouteAnswer> {
    const { connectionId: connection_id, connectedAt, authorizer } = requestContext;
    if (!authorizer) return { statusCode: 401 };
    const expires_at = Math.floor(connectedAt / 1000) + MAX_CONNECTION_SECONDS + SLACK_SECONDS;
    await connections.open({ connection_id, ...authorizer, expires_at });
    // Nothing can be posted before this function has returned: whoever hears of this event posts it. Should that be too
    // early still, the client's first message is answered so.
    if (hasExpired(authorizer.token_expires_at)) {
      await bus.publish([{ event: 'tokenExpired', detail: { connection_id } }]);
    }
    const headersBack = offeredProtocols(headers).includes(SUBPROTOCOL)
      ? { headers: { 'Sec-WebSocket-Protocol': SUBPROTOCOL } }
      : {};
    return { statusCode: 200, ...headersBack };
  }

  async function hear({ requestContext: { connectionId }, body }: RouteEvent): Promise<void> {
    const connection = await connections.find(connectionId, clock());
    // Forgotten, since it was found gone or is past its time: it would never be told anything again.
    if (!connection) return services.posts.end(connectionId);
    if (hasExpired(connection.token_expires_at)) return speaker.dismiss(connectionId);
    await converse(services, speaker, connection, body ?? '');
  }

  return async (event: unknown): Promise<RouteAnswer> => {
    const request = routeEvent.parse(event);
    const { routeKey, connectionId } = request.requestContext;
    if (routeKey === '$connect') return connect(request);
    if (routeKey === '$disconnect') await connections.close(connectionId);
    else await hear(request);
    return { statusCode: 200 };
  };
}

export const handler = onFirstCall('live', (environment, aws) =>
  makeHandler({
    ...aws,
    ...liveOf(environment, aws),
    bus: busOf(aws),
    store: portfolioStoreOf(environment, aws, { connections: 1 }),
  }),
);
