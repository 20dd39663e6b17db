import type { Connections, WatchedTopics } from '../../../lambda/adapters/live/connections';
import { memoryConnections } from '../../../lambda/adapters/live/memory-connections';
import type { Clock, EventPublisher, Log, Metrics, WorkerQueue } from '../../../lambda/adapters/ports';
import { type LiveServices, makeHandler as routesOf } from '../../../lambda/portfolio/live';
import { makeHandler as authorizerOf } from '../../../lambda/portfolio/live-authorizer';
import { makeHandler as pushOf } from '../../../lambda/portfolio/live-push';
import { judgeBy } from '../../../lambda/portfolio/live/verdict';
import type { Worker } from '../bus/queue';
import type { Tokens } from '../identity/tokens';
import { createLiveServer, type LiveServer } from './live-server';
import { createSockets } from './sockets';

export interface Live {
  /** What is watched, for the portfolio service. */
  readonly topics: WatchedTopics;
  readonly connections: Connections;
  /** The worker of the queue `live`. */
  readonly push: Worker;
  /** Opens the door, once it is known by whose tokens. */
  serve(tokens: Pick<Tokens, 'verify'>): LiveServer;
}

export interface LiveProps {
  readonly store: LiveServices['store'];
  readonly bus: EventPublisher;
  /** The queue `live`. */
  readonly queue: WorkerQueue;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** The WebSocket API of one machine: the platform's functions over its own sockets and memory. */
export function openLive(props: LiveProps): Live {
  const connections = memoryConnections();
  const sockets = createSockets();
  const services = { ...props, connections, posts: sockets };
  return {
    topics: connections,
    connections,
    push: pushOf(services),
    serve: (tokens) =>
      createLiveServer({
        ...props,
        sockets,
        authorize: authorizerOf({ judge: judgeBy((token) => tokens.verify(token)) }),
        route: routesOf(services),
      }),
  };
}
