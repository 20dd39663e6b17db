import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { type WebSocket, WebSocketServer } from 'ws';
import { MAX_CONNECTION_SECONDS, MAX_MESSAGE_BYTES } from '../../../contract/schemas/live';
import { errorFields } from '../../../lambda/adapters/log-fields';
import type { Clock, Log } from '../../../lambda/adapters/ports';
import type { RouteAnswer } from '../../../lambda/portfolio/live/gateway-event';
import type { Admission } from '../../../lambda/portfolio/live-authorizer';
import { foreignness } from '../http/own-origin';
import { authorizerEventOf, CONNECT_ARN, headersOf, newConnectionId, type Opened, routeEventOf } from './live-events';
import type { Sockets } from './sockets';

export interface LiveServerProps {
  /** The handler of live-authorizer. */
  readonly authorize: (event: unknown) => Promise<Admission>;
  /** The handler of live. */
  readonly route: (event: unknown) => Promise<RouteAnswer>;
  readonly sockets: Sockets;
  readonly clock: Clock;
  readonly log: Log;
}

export interface LiveServer {
  /** For the HTTP server's event of this name. */
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  /** Cuts off who has not answered since the last beat, and ends who has been here as long as API Gateway allows. */
  beat(): void;
  /** Ends all connections and resolves when their $disconnect is done. */
  close(): Promise<void>;
}

export const LIVE_PATH = '/ws';
const BEAT_MS = 30_000;
/** How long a client may take to say goodbye. */
const FAREWELL_MS = 1000;
const GOING_AWAY = 1001;

/** What a WebSocket was opened as. */
interface Served {
  readonly opened: Opened;
  isAlive: boolean;
}

/** API Gateway's WebSocket API on one machine: the same functions, called with the same events in the same order. */
export function createLiveServer({ authorize, route, sockets, clock, log }: LiveServerProps): LiveServer {
  const protocols = new WeakMap<IncomingMessage, string>();
  const served = new Map<WebSocket, Served>();
  const underWay = new Set<Promise<void>>();
  const wss = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
    handleProtocols: (_offered, request) => protocols.get(request) ?? false,
  });
  let isClosing = false;
  const beats = setInterval(beat, BEAT_MS);
  beats.unref();

  function follow(work: Promise<void>): void {
    const followed = work
      .catch((error: unknown) => log.error('a connection failed', { operation: 'live', ...errorFields(error) }))
      .finally(() => underWay.delete(followed));
    underWay.add(followed);
  }

  /** @returns the status with which the connection is refused */
  async function admitted(request: IncomingMessage): Promise<Admission | number> {
    const url = new URL(request.url ?? '/', 'http://localhost');
    if (url.pathname !== LIVE_PATH) return 404;
    if (isClosing) return 503;
    if (foreignness(request)) return 403;
    try {
      const admission = await authorize(authorizerEventOf(request, url));
      return admission.policyDocument.Statement.some(
        ({ Effect, Resource }) => Effect === 'Allow' && Resource === CONNECT_ARN,
      )
        ? admission
        : 403;
    } catch (error) {
      if (error instanceof Error && error.message === 'Unauthorized') return 401;
      log.error('nobody can be let in', { operation: 'live', ...errorFields(error) });
      return 500;
    }
  }

  async function open(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const admission = await admitted(request);
    if (typeof admission === 'number') {
      refuse(socket, admission);
      return;
    }
    const opened: Opened = { connectionId: newConnectionId(), connectedAt: clock().getTime(), admission };
    let settle: (ws?: WebSocket) => void = () => undefined;
    sockets.add(opened.connectionId, new Promise((resolve) => (settle = resolve)));
    let messages = () => Promise.resolve();
    // The TCP connection's end, so that a handshake that comes to nothing is forgotten too.
    socket.once('close', () => {
      settle();
      follow(messages().then(() => forget(opened)));
    });
    const answer = await connect(request, opened);
    if (socket.destroyed) {
      // It may have been forgotten before it was opened.
      settle();
      return forget(opened);
    }
    if (answer.statusCode !== 200 || isClosing) {
      refuse(socket, isClosing ? 503 : answer.statusCode);
      return;
    }
    const protocol = answer.headers?.['Sec-WebSocket-Protocol'];
    if (protocol !== undefined) protocols.set(request, protocol);
    wss.handleUpgrade(request, socket, head, (ws) => {
      messages = serve(ws, opened);
      settle(ws);
    });
  }

  async function connect(request: IncomingMessage, opened: Opened): Promise<RouteAnswer> {
    try {
      return await route(routeEventOf('$connect', opened, { headers: headersOf(request) }));
    } catch (error) {
      log.error('a connection was not opened', { operation: 'live', ...errorFields(error) });
      return { statusCode: 500 };
    }
  }

  /** One message of a connection after the other; while one is worked on, no more are read. @returns the end of those heard */
  function serve(ws: WebSocket, opened: Opened): () => Promise<void> {
    const state: Served = { opened, isAlive: true };
    let turn = Promise.resolve();
    let waiting = 0;
    served.set(ws, state);
    ws.on('pong', () => (state.isAlive = true));
    ws.on('error', ({ name }) => log.debug('a connection broke', { operation: 'live', error_name: name }));
    ws.on('close', () => served.delete(ws));
    ws.on('message', (data: Buffer) => {
      ws.pause();
      waiting += 1;
      turn = turn
        .then(() => hear(opened, data.toString()))
        .finally(() => {
          waiting -= 1;
          if (waiting === 0) ws.resume();
        });
    });
    return () => turn;
  }

  async function hear(opened: Opened, body: string): Promise<void> {
    try {
      await route(routeEventOf('$default', opened, { body }));
    } catch (error) {
      log.error('a message failed', { operation: 'live', ...errorFields(error) });
    }
  }

  async function forget(opened: Opened): Promise<void> {
    sockets.remove(opened.connectionId);
    await route(routeEventOf('$disconnect', opened));
  }

  function beat(): void {
    for (const [ws, state] of served) {
      if (!state.isAlive) ws.terminate();
      else if (clock().getTime() - state.opened.connectedAt >= MAX_CONNECTION_SECONDS * 1000) ws.close(GOING_AWAY);
      else {
        state.isAlive = false;
        ws.ping();
      }
    }
  }

  return {
    upgrade(request, socket, head) {
      socket.on('error', () => socket.destroy());
      follow(open(request, socket, head));
    },
    beat,
    async close() {
      isClosing = true;
      clearInterval(beats);
      const ends = [...served.keys()].map((ws) => {
        const end = new Promise((resolve) => ws.once('close', resolve));
        ws.close(GOING_AWAY);
        return end;
      });
      await Promise.race([Promise.all(ends), sleep(FAREWELL_MS, undefined, { ref: false })]);
      for (const ws of served.keys()) ws.terminate();
      await Promise.all(ends);
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
}

function refuse(socket: Duplex, status: number): void {
  const reason = STATUS_CODES[status] ?? '';
  socket.end(`HTTP/1.1 ${status} ${reason}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`, () => socket.destroy());
}
