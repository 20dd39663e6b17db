import { Agent, type IncomingHttpHeaders, request as httpRequest } from 'node:http';

/** A request as it goes over the wire: fetch would tidy the path up. */
export interface Sent {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body parsed, where it says that it is JSON. */
  readonly json: unknown;
}

/** Nothing may take longer, whatever was sent. */
export const HANG_MS = 10_000;

const agent = new Agent({ keepAlive: true, maxSockets: 32 });
export const closeConnections = () => agent.destroy();

/** @throws Error when no answer came within the bound, or the connection was cut */
export function send(url: string, { method, path, headers, body }: Sent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const request = httpRequest({ agent, hostname, port, method, path, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        clearTimeout(bound);
        const text = Buffer.concat(chunks).toString('utf8');
        const isJson = response.headers['content-type']?.includes('json') === true && text !== '';
        const status = response.statusCode ?? 0;
        resolve({ status, headers: response.headers, text, json: isJson ? (JSON.parse(text) as unknown) : undefined });
      });
    });
    const bound = setTimeout(() => request.destroy(new Error(`no answer within ${HANG_MS} ms`)), HANG_MS);
    request.on('error', (error) => {
      clearTimeout(bound);
      reject(error);
    });
    request.end(body);
  });
}

/** Percent-encodes everything but unreserved characters, lone surrogates too. */
export const encoded = (text: string): string =>
  [...Buffer.from(text)]
    .map((byte) =>
      /[A-Za-z0-9._~-]/.test(String.fromCharCode(byte))
        ? String.fromCharCode(byte)
        : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
    )
    .join('');
