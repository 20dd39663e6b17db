import type { IncomingMessage } from 'node:http';
import type { Refusal } from './gateway-answers';

/**
 * Loopback is open to every page in the owner's browser. A name that an attacker's DNS points at 127.0.0.1 shows in Host,
 * a call from another page in Origin; neither is let in.
 */
export function foreignness(request: Pick<IncomingMessage, 'headers' | 'socket'>): Refusal | undefined {
  const own = [`127.0.0.1:${request.socket.localPort ?? 0}`, `localhost:${request.socket.localPort ?? 0}`];
  if (!own.includes((request.headers.host ?? '').toLowerCase())) return 'foreign_host';
  const { origin } = request.headers;
  if (origin !== undefined && !own.some((host) => origin.toLowerCase() === `http://${host}`)) return 'foreign_origin';
  return undefined;
}
