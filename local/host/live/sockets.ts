import { WebSocket } from 'ws';
import type { Posts } from '../../../lambda/adapters/live/connections';

/** The open connections of this machine by their ids; posts to them as API Gateway's management API does. */
export interface Sockets extends Posts {
  /** @param opening resolves to undefined where the connection came to nothing; posts wait for it */
  add(connectionId: string, opening: Promise<WebSocket | undefined>): void;
  remove(connectionId: string): void;
}

/** What may wait for a client that does not read; one that falls behind further is cut off and may connect again. */
export const MAX_BUFFERED_BYTES = 1_048_576;

/** The server ends the connection; the client may connect again with a better token. */
const POLICY = 1008;

export function createSockets(): Sockets {
  const sockets = new Map<string, Promise<WebSocket | undefined>>();
  return {
    add: (connectionId, opening) => void sockets.set(connectionId, opening),
    remove: (connectionId) => void sockets.delete(connectionId),
    async post(connectionId, message) {
      const socket = await sockets.get(connectionId);
      if (socket?.readyState !== WebSocket.OPEN) return 'gone';
      if (socket.bufferedAmount + Buffer.byteLength(message) > MAX_BUFFERED_BYTES) {
        socket.terminate();
        return 'gone';
      }
      // Without a callback ws would throw what it can also tell by closing the connection.
      socket.send(message, () => undefined);
      return 'sent';
    },
    async end(connectionId) {
      (await sockets.get(connectionId))?.close(POLICY);
    },
  };
}
