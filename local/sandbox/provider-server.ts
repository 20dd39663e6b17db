import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import {
  type Misbehaviour,
  type MisbehaviourQueue,
  parseMisbehaviour,
  type SandboxProvider,
  spoil,
} from './misbehaviour';
import { type LimitScope } from './rate-limit';

/** A call that a sandbox provider saw. Keys are not kept. */
export interface SandboxCall {
  readonly at: string;
  readonly provider: SandboxProvider;
  readonly method: string;
  readonly path: string;
  /** Without `apikey`. */
  readonly query: Readonly<Record<string, string>>;
  readonly status: number;
  /** `ok`, `refused`, `throttled:<scope>` or `misbehaved:<kind>`. */
  readonly outcome: string;
}

export interface Answer {
  readonly status: number;
  /** An object is sent as JSON, a string as it is. */
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly contentType?: string;
  readonly throttled?: LimitScope;
  readonly refused?: boolean;
}

/** What a call is besides its address. */
export interface Asked {
  readonly method: 'GET' | 'POST';
  readonly headers: IncomingMessage['headers'];
  /** The JSON of a POST; null where it is none. */
  readonly body: unknown;
}

export interface ProviderBehaviour {
  readonly provider: SandboxProvider;
  readonly port: number;
  readonly now: () => Date;
  readonly misbehaviours: MisbehaviourQueue;
  readonly log: SandboxCall[];
  readonly print?: (line: string) => void;
  /** Paths that take a POST. @default none */
  readonly posts?: readonly string[];
  /** The good answer, throttles and refusals included. */
  answer(url: URL, asked: Asked): Answer;
  /** The provider's own way to fail, for the kinds that are not the transport's; null leaves it to `answer`. */
  failure(rule: Misbehaviour, url: URL): Answer | null;
}

/** Calls remembered; older ones are forgotten (the limits keep their own count). */
const MAX_LOG = 20_000;
const LARGEST_COMMAND = 10_000;

/** An HTTP server on loopback that speaks for a provider, with the sandbox's own door `/_sandbox/` beside it. */
export async function startProvider(behaviour: ProviderBehaviour): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    handle(behaviour, request, response).catch((error: unknown) => {
      behaviour.print?.(`sandbox ${behaviour.provider}: ${error instanceof Error ? error.message : 'failed'}`);
      if (!response.headersSent) send(response, { status: 500, body: { message: 'the sandbox itself failed' } });
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(behaviour.port, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, close: () => closed(server) };
}

async function closed(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

async function handle(behaviour: ProviderBehaviour, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  if (url.pathname.startsWith('/_sandbox/')) {
    send(response, await admin(behaviour, url, request));
    return;
  }
  const { method } = request;
  if (method !== 'GET' && !(method === 'POST' && behaviour.posts?.includes(url.pathname))) {
    send(response, { status: 405, body: { message: 'read only' } });
    return;
  }
  const body = method === 'POST' ? await jsonBody(request) : null;

  // What is posted is told like a query, so that a rule may match it and the log shows it.
  const posted = typeof body === 'object' && body !== null ? Object.entries(body) : [];
  const query = Object.fromEntries(
    [...url.searchParams, ...posted.map(([name, value]): [string, string] => [name, String(value)])].filter(
      ([name]) => name !== 'apikey',
    ),
  );
  const call = `${url.pathname}?${Object.entries(query)
    .map(([name, value]) => `${name}=${value}`)
    .join('&')}`;
  const rule = behaviour.misbehaviours.take(behaviour.provider, call);
  const record = (status: number, outcome: string) => {
    const { provider, log } = behaviour;
    log.push({
      at: behaviour.now().toISOString(),
      provider,
      method,
      path: url.pathname,
      query,
      status,
      outcome,
    });
    if (log.length > MAX_LOG) log.splice(0, log.length - MAX_LOG);
  };

  if (rule?.kind === 'drop') {
    record(0, 'misbehaved:drop');
    request.socket.destroy();
    return;
  }
  if (rule?.kind === 'slow') await sleepUntilGone(rule.delay_ms ?? 5_000, request);
  const failure = rule && (transportFailure(rule) ?? behaviour.failure(rule, url));
  const good = failure ?? behaviour.answer(url, { method, headers: request.headers, body });
  const answer = rule && !failure && good.status === 200 ? { ...good, body: spoil(rule.kind, good.body) } : good;
  if (rule?.kind === 'taken_unanswered') {
    record(0, 'misbehaved:taken_unanswered');
    request.socket.destroy();
    return;
  }
  record(answer.status, outcomeOf(rule, answer));
  send(response, answer, rule?.kind === 'truncated');
}

function outcomeOf(rule: Misbehaviour | null, answer: Answer): string {
  if (rule) return `misbehaved:${rule.kind}`;
  if (answer.throttled) return `throttled:${answer.throttled}`;
  return answer.refused || answer.status >= 400 ? 'refused' : 'ok';
}

function transportFailure({ kind }: Misbehaviour): Answer | null {
  if (kind !== 'html_500') return null;
  return { status: 500, body: '<html><body><h1>Internal Server Error</h1></body></html>', contentType: 'text/html' };
}

/** Waits, but not for a client that has hung up. */
async function sleepUntilGone(ms: number, request: IncomingMessage): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    request.socket.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

function send(response: ServerResponse, answer: Answer, truncated = false): void {
  const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
  const body = truncated ? text.slice(0, Math.floor(text.length / 2)) : text;
  const type = answer.contentType ?? (typeof answer.body === 'string' ? 'text/plain' : 'application/json');
  response.writeHead(answer.status, { 'content-type': type, ...answer.headers });
  response.end(body);
}

/** `POST /_sandbox/misbehave`, `DELETE /_sandbox/misbehave`, `GET /_sandbox/log`. */
async function admin(behaviour: ProviderBehaviour, url: URL, request: IncomingMessage): Promise<Answer> {
  const route = `${request.method ?? ''} ${url.pathname}`;
  if (route === 'GET /_sandbox/log') return { status: 200, body: behaviour.log };
  if (route === 'DELETE /_sandbox/misbehave') {
    behaviour.misbehaviours.clear();
    return { status: 200, body: { cleared: true } };
  }
  if (route !== 'POST /_sandbox/misbehave') return { status: 404, body: { message: 'not found' } };
  // A web page can post a form to loopback, but not JSON without asking first.
  if (!request.headers['content-type']?.startsWith('application/json')) {
    return { status: 415, body: { message: 'application/json, please' } };
  }
  const rule = parseMisbehaviour(await jsonBody(request));
  if (typeof rule === 'string') return { status: 400, body: { message: rule } };
  behaviour.misbehaviours.add(rule);
  return { status: 200, body: rule };
}

async function jsonBody(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const chunk of request) {
    text += String(chunk);
    if (text.length > LARGEST_COMMAND) return null;
  }
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
