import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import type { ErrorBody } from '../../../contract/schemas/errors';

/** Answers what could not be read as HTTP: it reaches no route, so nobody else gives it the shape of every error. */
export function refuseUnreadable(error: NodeJS.ErrnoException, socket: Socket): void {
  // Gone already, or cut by us.
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, code, message] =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? ['431 Request Header Fields Too Large', 'headers_too_large', 'The address and headers are larger than 16 KB']
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? ['408 Request Timeout', 'timeout', 'The request took too long to arrive']
        : ['400 Bad Request', 'invalid_request', 'The request is malformed'];
  const request_id = randomUUID();
  const body = JSON.stringify({ error: { code, message, request_id } } satisfies ErrorBody);
  const headers = [
    `HTTP/1.1 ${status}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    `x-request-id: ${request_id}`,
    'cache-control: no-store',
    'connection: close',
  ];
  // A keep-alive connection is of no more use: where the next request begins is not known.
  socket.end(`${headers.join('\r\n')}\r\n\r\n${body}`);
}
