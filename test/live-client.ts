import { once } from 'node:events';
import { type ClientOptions, WebSocket } from 'ws';
import { type ServerMessage, serverMessage, SUBPROTOCOL } from '../contract/schemas/live';

/** A client of the WebSocket API that waits for what it is told. */
export interface LiveClient {
  readonly socket: WebSocket;
  readonly heard: readonly ServerMessage[];
  say(message: unknown): void;
  /** The next message of a type that has not been asked for yet. @throws Error where none comes in time, or the connection ends */
  next<T extends ServerMessage['type']>(type: T, withinMs?: number): Promise<Extract<ServerMessage, { type: T }>>;
  /** The code with which the connection ends. */
  ended(withinMs?: number): Promise<number>;
  close(): Promise<void>;
}

export interface Answered {
  readonly status: number;
}

/** Connects, with the token beside the subprotocol. @returns the status where the connection is refused */
export async function connectLive(
  url: string,
  token: string | undefined,
  options: ClientOptions & { readonly by?: 'subprotocol' | 'query' } = {},
): Promise<LiveClient | Answered> {
  const { by = 'subprotocol', ...more } = options;
  const isOffered = by === 'subprotocol' && token !== undefined;
  const address = by === 'query' && token !== undefined ? `${url}?token=${token}` : url;
  const socket = new WebSocket(address, isOffered ? [SUBPROTOCOL, token] : [], more);
  const client = clientOf(socket);
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve(client));
    socket.once('unexpected-response', (request, response) => {
      request.destroy();
      resolve({ status: response.statusCode ?? 0 });
    });
    socket.on('error', reject);
  });
}

/** @throws Error where it is refused */
export async function connected(...how: Parameters<typeof connectLive>): Promise<LiveClient> {
  const answer = await connectLive(...how);
  if ('status' in answer) throw new Error(`the connection was refused with ${answer.status}`);
  return answer;
}

function clientOf(socket: WebSocket): LiveClient {
  const heard: ServerMessage[] = [];
  const taken = new Set<ServerMessage>();
  const looks = new Set<() => void>();
  let code: number | undefined;
  const look = () => looks.forEach((one) => one());
  socket.on('message', (data: Buffer) => {
    heard.push(serverMessage.parse(JSON.parse(data.toString())));
    look();
  });
  socket.on('close', (closedWith) => {
    code = closedWith;
    look();
  });

  function until<T>(find: () => T | undefined, withinMs: number, what: string): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => done(new Error(`no ${what} within ${withinMs} ms`)), withinMs);
      const check = () => {
        const found = find();
        if (found !== undefined) done(undefined, found);
        else if (code !== undefined) done(new Error(`the connection ended with ${code} before ${what} came`));
      };
      function done(error: Error | undefined, found?: T): void {
        clearTimeout(timer);
        looks.delete(check);
        if (error) reject(error);
        else resolve(found as T);
      }
      looks.add(check);
      check();
    });
  }

  return {
    socket,
    heard,
    say: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    next: (type, withinMs = 5000) =>
      until(
        () => {
          const found = heard.find((message) => message.type === type && !taken.has(message));
          if (found) taken.add(found);
          return found as never;
        },
        withinMs,
        type,
      ),
    ended: (withinMs = 5000) => until(() => code, withinMs, 'end'),
    async close() {
      if (code !== undefined) return;
      socket.close();
      await once(socket, 'close');
    },
  };
}
