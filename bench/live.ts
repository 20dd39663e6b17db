import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ulid } from 'ulid';
import { WebSocket, WebSocketServer } from 'ws';
import type { QueueId } from '../contract/events';
import type { LiveQuote, LiveValuation, ServerMessage } from '../contract/schemas/live';
import type { PortfolioRow } from '../lambda/adapters/portfolio/portfolios';
import type { Log, PublishedEvent } from '../lambda/adapters/ports';
import { createBus } from '../local/host/bus/bus';
import { createMemoryQueue } from '../local/host/bus/memory-queue';
import type { Queue } from '../local/host/bus/queue';
import { startHttp } from '../local/host/http/server';
import { signingKey } from '../local/host/identity/signing-key';
import { createTokens } from '../local/host/identity/tokens';
import { openLive } from '../local/host/live/live';

/**
 * A minute of the WebSocket API on one machine: as many clients as said in a process of their own, each of which watches
 * its own portfolio and ten symbols; then quotes of 500 symbols and a valuation of each portfolio, through bus, queue,
 * live-push and socket. Beside it a bare `ws` server that sends the same bytes, ready-made, to as many clients. Both in
 * processes of their own and in turns, after a warm-up; all share the machine. Times are from the burst's beginning to the
 * arrival of a client's valuation; memory is what the server's process grew by when the clients came, a client.
 * `npx tsx bench/live.ts [clients]`
 */
const CLIENTS = Math.max(1, Number(process.argv[2] ?? 2000));
const ROUNDS = 5;
const SYMBOLS = 500;
const WATCHED = 10;
const HOLDINGS = 20;
const SERVERS = ['platform', 'bare'] as const;
type ServerKind = (typeof SERVERS)[number];

const symbolOf = (n: number) => `S${n % SYMBOLS}`;
const watchedBy = (client: number) => Array.from({ length: WATCHED }, (_, n) => symbolOf(client * WATCHED + n));
const now = () => performance.timeOrigin + performance.now();

const quoteOf = (symbol: string, as_of: string): LiveQuote => ({
  symbol,
  price: '101.25',
  currency: 'USD',
  as_of,
  previous_close: '100.5',
  stale: false,
});
const valuationOf = (portfolio_id: string, as_of: string): LiveValuation => ({
  portfolio_id,
  user_id: 'bench',
  as_of,
  currency: 'USD',
  totals: {
    market_value: '123456.78',
    total_value: '133456.78',
    cost_basis: '100000',
    unrealized_pl: '23456.78',
    realized_pl: '120.5',
    cash: '10000',
    change_today: 0.0123,
    price_as_of: as_of,
    stale: false,
  },
  holdings: Array.from({ length: HOLDINGS }, (_, n) => ({
    symbol: symbolOf(n),
    qty: '12.5',
    current_price: '101.25',
    price_as_of: as_of,
    stale: false,
    market_value: '1265.63',
    unrealized_pl: '15.63',
    weight: 0.05,
  })),
  holdings_left_out: 0,
});

// What the three processes say to one another.
type Asked =
  | { readonly do: 'connect'; readonly url: string; readonly token: string }
  | { readonly do: 'burst' | 'listen' | 'grown' };
interface Told {
  readonly url?: string;
  readonly token?: string;
  readonly portfolios?: readonly string[];
  readonly began?: number;
  readonly arrived?: readonly number[];
  readonly rss?: number;
}
const tell = (message: Told) => process.send?.(message);
const hear = (answer: (asked: Asked) => Promise<Told>): void => {
  process.on('message', (asked: Asked) => void answer(asked).then(tell));
};
function rss(): number {
  globalThis.gc?.();
  return process.memoryUsage().rss;
}

const quiet = () => undefined;
const log: Log = { debug: quiet, info: quiet, warn: console.warn, error: console.error };

/** The host's parts from the bus to the socket; portfolios are whatever is asked for. */
async function platform(): Promise<void> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 's9-bench-'));
  const clock = () => new Date();
  const tokens = createTokens(await signingKey(path.join(folder, 'key.pem')), clock);
  rmSync(folder, { recursive: true });
  const queue = createMemoryQueue({ name: 'live', batchSize: 10, timeoutSeconds: 30, capacity: 5000, clock, log });
  const queues = { live: queue } as unknown as Readonly<Record<QueueId, Pick<Queue, 'sendAll'>>>;
  const elsewhere = { sendAll: () => Promise.resolve() };
  const bus = createBus({
    queues: new Proxy(queues, { get: (target, id: QueueId) => (id === 'live' ? target.live : elsewhere) }),
    archive: { append: () => Promise.resolve() },
    clock,
    log,
  });
  const portfolios = new Set<string>();
  const live = openLive({
    store: {
      find: (_, portfolio_id) => {
        portfolios.add(portfolio_id);
        return Promise.resolve({ portfolio_id } as PortfolioRow);
      },
      touch: () => Promise.resolve(),
    },
    bus,
    queue,
    clock,
    log,
    metrics: { count: quiet },
  });
  await queue.start(live.push);
  const server = live.serve(tokens);
  const http = await startHttp({ port: 0, routes: [], functions: {}, tokens, clock, log, doors: [], live: server });
  const token = await tokens.accessToken({ sub: 'bench', username: 'bench', email: 'bench@example.com' }, 3600);
  hear(async (asked) => {
    if (asked.do === 'grown') return { rss: rss() };
    const as_of = new Date().toISOString();
    const quotes = Array.from({ length: SYMBOLS }, (_, n) => quoteOf(symbolOf(n), as_of));
    const events: PublishedEvent[] = [
      { event: 'quotesUpdated', detail: { quotes } },
      ...[...portfolios].map((id) => ({ event: 'valuationUpdated' as const, detail: valuationOf(id, as_of) })),
    ];
    const began = now();
    await bus.publish(events);
    return { began };
  });
  tell({ url: `${http.url.replace('http:', 'ws:')}/ws`, token, rss: rss() });
}

/** `ws` and nothing else: the bytes that the platform sends, made before the burst. */
async function bare(): Promise<void> {
  const http = createServer();
  const wss = new WebSocketServer({ server: http, perMessageDeflate: false });
  const clients: { readonly socket: WebSocket; readonly portfolio_id: string; readonly symbols: readonly string[] }[] =
    [];
  wss.on('connection', (socket) => {
    socket.once('message', (data: Buffer) => {
      const { portfolio_id, symbols } = JSON.parse(data.toString()) as { portfolio_id: string; symbols: string[] };
      clients.push({ socket, portfolio_id, symbols });
      socket.send(JSON.stringify({ type: 'ack', action: 'subscribe', portfolio_id, symbols }));
    });
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  hear(async (asked) => {
    if (asked.do === 'grown') return { rss: rss() };
    const as_of = new Date().toISOString();
    const ready = clients.map(({ socket, portfolio_id, symbols }) => {
      const { user_id: _, ...valuation } = valuationOf(portfolio_id, as_of);
      const quotes = symbols.map((symbol) => quoteOf(symbol, as_of));
      const messages: ServerMessage[] = [
        { type: 'quote', quotes },
        { type: 'valuation', ...valuation },
      ];
      return { socket, texts: messages.map((message) => JSON.stringify(message)) };
    });
    const began = now();
    for (const { socket, texts } of ready) for (const text of texts) socket.send(text);
    return { began };
  });
  tell({ url: `ws://127.0.0.1:${(http.address() as AddressInfo).port}`, token: 'none', rss: rss() });
}

/** The clients of one server: when each has its valuation. */
function clients(): void {
  let arrived: number[] = [];
  let allArrived: () => void = quiet;
  const connect = (url: string, token: string, n: number) =>
    new Promise<void>((resolve, reject) => {
      const socket = new WebSocket(url, token === 'none' ? [] : ['signal9', token], { perMessageDeflate: false });
      socket.once('error', reject);
      socket.once('open', () =>
        socket.send(JSON.stringify({ action: 'subscribe', portfolio_id: ulid(), symbols: watchedBy(n) })),
      );
      socket.on('message', (data: Buffer) => {
        const at = now();
        // The type comes first; parsing would measure the clients.
        const type = data.subarray(9, 12).toString();
        if (type === 'ack') resolve();
        if (type !== 'val') return;
        arrived.push(at);
        if (arrived.length === CLIENTS) allArrived();
      });
    });
  hear(async (asked) => {
    if (asked.do === 'connect') {
      const { url, token } = asked;
      for (let n = 0; n < CLIENTS; n += 50) {
        await Promise.all(Array.from({ length: Math.min(50, CLIENTS - n) }, (_, k) => connect(url, token, n + k)));
      }
      return {};
    }
    arrived = [];
    await Promise.race([new Promise<void>((resolve) => (allArrived = resolve)), sleep(60_000)]);
    return { arrived };
  });
  tell({});
}

/** A process of this file in another part. */
function play(part: string): ChildProcess {
  return fork(__filename, [String(CLIENTS), part], { execArgv: ['--import', 'tsx', '--expose-gc'] });
}
async function told(process: ChildProcess): Promise<Told> {
  const [message] = (await once(process, 'message')) as [Told];
  return message;
}
function ask(process: ChildProcess, asked: Asked): Promise<Told> {
  const answer = told(process);
  process.send(asked);
  return answer;
}

interface Stage {
  readonly kind: ServerKind;
  readonly server: ChildProcess;
  readonly audience: ChildProcess;
  readonly bytesAClient: number;
  readonly rounds: number[][];
}

async function stageOf(kind: ServerKind): Promise<Stage> {
  const [server, audience] = [play(kind), play('clients')];
  const [{ url = '', token = '', rss: before = 0 }] = await Promise.all([told(server), told(audience)]);
  await ask(audience, { do: 'connect', url, token });
  const { rss: after = 0 } = await ask(server, { do: 'grown' });
  return { kind, server, audience, bytesAClient: (after - before) / CLIENTS, rounds: [] };
}

/** @returns milliseconds from the burst's beginning, ascending */
async function burst({ server, audience }: Stage): Promise<number[]> {
  const listening = ask(audience, { do: 'listen' });
  // Both are told by pipes of their own: the audience is to have heard first.
  await sleep(500);
  const { began = 0 } = await ask(server, { do: 'burst' });
  const { arrived = [] } = await listening;
  if (arrived.length < CLIENTS) throw new Error(`only ${arrived.length} of ${CLIENTS} clients have their valuation`);
  return arrived.map((at) => at - began).sort((a, b) => a - b);
}

const quantile = (sorted: readonly number[], share: number) => sorted[Math.ceil(sorted.length * share) - 1] ?? NaN;
function medianOf(rounds: readonly number[][], figure: (sorted: readonly number[]) => number): number {
  const figures = rounds.map(figure).sort((a, b) => a - b);
  return figures[Math.floor(figures.length / 2)] ?? NaN;
}

async function main(): Promise<void> {
  console.log(
    `${CLIENTS} clients, ${SYMBOLS} quotes and ${CLIENTS} valuations of ${HOLDINGS} holdings a burst, median of ${ROUNDS} bursts in turns, Node.js ${process.version}, ${os.cpus().length} cores`,
  );
  const stages: Stage[] = [];
  try {
    for (const kind of SERVERS) stages.push(await stageOf(kind));
    for (const stage of stages) await burst(stage);
    for (let round = 0; round < ROUNDS; round += 1) for (const stage of stages) stage.rounds.push(await burst(stage));
    const rows = stages.map(({ rounds, bytesAClient }) => [
      medianOf(rounds, (sorted) => quantile(sorted, 0.5)),
      medianOf(rounds, (sorted) => quantile(sorted, 0.99)),
      medianOf(rounds, (sorted) => quantile(sorted, 1)),
      bytesAClient / 1024,
    ]);
    const line = (name: string, cells: readonly string[]) =>
      console.log(name.padEnd(10) + cells.map((cell) => cell.padStart(12)).join(''));
    line('', ['p50 ms', 'p99 ms', 'last ms', 'KB a client']);
    rows.forEach((row, at) =>
      line(
        SERVERS[at] ?? '',
        row.map((figure) => figure.toFixed(1)),
      ),
    );
    const [ours = [], theirs = []] = rows;
    line(
      'ratio',
      ours.map((figure, at) => (figure / (theirs[at] ?? NaN)).toFixed(2)),
    );
  } finally {
    for (const { server, audience } of stages) for (const one of [server, audience]) one.kill();
  }
}

const fail = (error: unknown) => {
  console.error(error);
  process.exit(1);
};
const part = process.argv[3];
if (part === 'platform') platform().catch(fail);
else if (part === 'bare') bare().catch(fail);
else if (part === 'clients') clients();
else main().catch(fail);
