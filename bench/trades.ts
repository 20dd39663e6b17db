import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { ulid } from 'ulid';
import { clusterOf } from '../test/fault/postmaster';

/**
 * Throughput and latency of POST /trade: `npm start` in a process of its own, called over HTTP by as many clients as the
 * concurrency says, each with a portfolio of its own. Beside it a bare transaction that writes the same rows (key, order,
 * execution, outbox, stream, position) into the same tables of the same server with the same durability, over as many
 * connections. Both in turns, after a warm-up; the callers share the machine with what they measure.
 *
 * The platform's trade is more than the transaction: it checks the token, the asset, the market and the price, and answers
 * when the event too is on disk and crossed off.
 * `npx tsx bench/trades.ts [trades a round, at least 200]`
 */
const TRADES = Math.max(200, Number(process.argv[2] ?? 400));
const ROUNDS = 3;
const WARM_UP = 300;
const CONCURRENCIES = [1, 8, 32] as const;
const ROOT = path.resolve(__dirname, '..');

async function main(): Promise<void> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 's9-bench-'));
  const { url, stop } = await startPlatform(folder);
  try {
    await measure(url, folder);
  } finally {
    await stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(url: string, folder: string): Promise<void> {
  const token = readFileSync(path.join(folder, 'demo-token'), 'utf8').trim();
  const answer = await fetch(`${url}/assets?limit=50&status=active`, { headers: { authorization: `Bearer ${token}` } });
  const { items } = (await answer.json()) as { items: { symbol: string; tradable: boolean; fractionable: boolean }[] };
  const listed = items.filter(({ tradable, fractionable }) => tradable && fractionable);

  const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });
  const clients = Array.from({ length: Math.max(...CONCURRENCIES) }, () => ({ portfolio_id: ulid() }));
  let sent = 0;
  const order = (symbol: string, portfolio_id: string | undefined) =>
    post(agent, `${url}/trade`, token, JSON.stringify({ symbol, quantity: '1.5', portfolio_id }));
  const symbols: string[] = [];
  // One that hardly trades has too old a price.
  for (const { symbol } of listed) if ((await order(symbol, ulid())) === 200) symbols.push(symbol);
  const symbolOf = (n: number) => symbols[n % symbols.length] ?? '';
  const trade = async (at: number): Promise<void> => {
    const status = await order(symbolOf(sent++), clients[at]?.portfolio_id);
    if (status !== 200) throw new Error(`POST /trade answered ${status}`);
  };

  const { host, port, password } = clusterOf(folder);
  const connections = await Promise.all(
    clients.map(async () => {
      const db = new Client({ host, port, password, user: 'signal9', database: 'signal9_ledger' });
      await db.connect();
      return { db, portfolio_id: ulid() };
    }),
  );
  let written = 0;
  const bare = async (at: number): Promise<void> => {
    const connection = connections[at];
    if (connection) await transaction(connection.db, connection.portfolio_id, symbolOf(written++));
  };

  console.log(
    `POST /trade on one machine beside a bare transaction of the same rows, ${ROUNDS} rounds of ${TRADES} each in turns, Node.js ${process.version}, ${os.cpus().length} cores`,
  );
  await run(8, WARM_UP, trade);
  await run(8, WARM_UP, bare);
  console.log(
    ['clients', 'trades/s', 'p50 ms', 'p99 ms', 'bare tx/s', 'p50 ms', 'p99 ms', '/ tx/s', '× p50', '× p99']
      .map((head) => head.padStart(9))
      .join(' '),
  );
  for (const concurrency of CONCURRENCIES) {
    const taken = { platform: none(), bare: none() };
    for (let round = 0; round < ROUNDS; round++) {
      add(taken.platform, await run(concurrency, TRADES, trade));
      add(taken.bare, await run(concurrency, TRADES, bare));
    }
    const [ours, theirs] = [figures(taken.platform), figures(taken.bare)];
    const cells = [
      String(concurrency),
      ours.rate.toFixed(0),
      ours.p50.toFixed(1),
      ours.p99.toFixed(1),
      theirs.rate.toFixed(0),
      theirs.p50.toFixed(1),
      theirs.p99.toFixed(1),
      (ours.rate / theirs.rate).toFixed(2),
      (ours.p50 / theirs.p50).toFixed(2),
      (ours.p99 / theirs.p99).toFixed(2),
    ];
    console.log(cells.map((cell) => cell.padStart(9)).join(' '));
  }
  agent.destroy();
  await Promise.all(connections.map(({ db }) => db.end()));
}

/** What the ledger writes of a filled market order, in the order in which it locks. */
async function transaction(db: Client, portfolio: string, symbol: string): Promise<void> {
  const now = new Date();
  const time = now.toISOString();
  const trade_id = `TRADE-${ulid(now.getTime())}`;
  const execution_id = ulid(now.getTime());
  const event_id = ulid(now.getTime());
  const user = 'bench';
  const stream = `portfolio#${portfolio}`;
  const answer = JSON.stringify({ trade_id, note: 'as long as an order is'.repeat(30) });
  const write = (name: string, text: string, values: readonly unknown[]) =>
    db.query<Record<string, string>>({ name, text, values: [...values] });
  await db.query('begin');
  await write('key', 'insert into idempotency_keys values ($1, $2, $3, $4, $5, $6)', [
    user,
    trade_id,
    randomBytes(32).toString('hex'),
    trade_id,
    answer,
    time,
  ]);
  await write('stream', 'insert into streams values ($1, $2, $3, 0, null, $4) on conflict (stream_id) do nothing', [
    stream,
    portfolio,
    user,
    time,
  ]);
  const locked = await write('lock', 'select last_sequence from streams where stream_id = $1 for update', [stream]);
  const sequence = Number(locked.rows[0]?.last_sequence) + 1;
  await write('position', 'select qty from positions where portfolio_id = $1 and symbol = $2 for update', [
    portfolio,
    symbol,
  ]);
  await write(
    'order',
    `insert into orders values ($1, $2, $1, $1, null, $3, $4, $5, 'buy', 'market', 'day', 1.5, null, 'USD', 'internal', 'local',
      'local', 'filled', null, 1.5, 100.25, 0, $6, $6, $6, $6, $6)`,
    [trade_id, user, portfolio, 'b9288ceb-1571-4509-a062-b9e3b65af6da', symbol, time],
  );
  await write('execution', 'insert into executions values ($1, $2, $3, $4, 1.5, 100.25, 0, $5, $5)', [
    execution_id,
    trade_id,
    stream,
    sequence,
    time,
  ]);
  // Crossed off already, so that the platform's sweeper leaves it alone.
  await write('outbox', 'insert into outbox values ($1, $2, $3, $3)', [event_id, execution_id, time]);
  await write('number', 'update streams set last_sequence = $2, last_event_id = $3 where stream_id = $1', [
    stream,
    sequence,
    event_id,
  ]);
  await write(
    'hold',
    `insert into positions values ($1, $2, 1.5, 0, 0, $3)
      on conflict (portfolio_id, symbol) do update set qty = positions.qty + 1.5, updated_at = $3`,
    [portfolio, symbol, time],
  );
  await db.query('commit');
}

interface Taken {
  readonly ms: number[];
  seconds: number;
}
const none = (): Taken => ({ ms: [], seconds: 0 });
const add = (into: Taken, more: Taken): void => {
  into.ms.push(...more.ms);
  into.seconds += more.seconds;
};

/** So many calls by so many callers, each of whom waits for his answer before he asks again. */
async function run(concurrency: number, calls: number, one: (caller: number) => Promise<void>): Promise<Taken> {
  const ms: number[] = [];
  let left = calls;
  const began = performance.now();
  await Promise.all(
    Array.from({ length: concurrency }, async (_, caller) => {
      while (left-- > 0) {
        const start = performance.now();
        await one(caller);
        ms.push(performance.now() - start);
      }
    }),
  );
  return { ms, seconds: (performance.now() - began) / 1000 };
}

function figures({ ms, seconds }: Taken) {
  const sorted = [...ms].sort((a, b) => a - b);
  const quantile = (share: number) => sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? NaN;
  return { rate: ms.length / seconds, p50: quantile(0.5), p99: quantile(0.99) };
}

/** fetch costs its caller more than the server needs to answer: on one machine that would be measured too. */
function post(agent: http.Agent, url: string, token: string, body: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = http.request(
      url,
      {
        agent,
        method: 'POST',
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          'idempotency-key': randomBytes(12).toString('hex'),
        },
      },
      (response) => {
        response.resume();
        response.once('end', () => resolve(response.statusCode ?? 0));
      },
    );
    request.once('error', reject);
    request.end(body);
  });
}

async function startPlatform(folder: string): Promise<{ url: string; stop: () => Promise<void> }> {
  const { PATH = '', HOME = '' } = process.env;
  const options = (process.env.BENCH_NODE_OPTIONS ?? '').split(' ').filter((option) => option !== '');
  const child = spawn(process.execPath, [...options, '--import', 'tsx', path.join(ROOT, 'local', 'main.ts')], {
    cwd: ROOT,
    env: { PATH, HOME, PORT: '0', SIGNAL9_DATA_DIR: folder, SIGNAL9_UNIVERSE: '25' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (data: Buffer) => (output += data.toString()));
  const stop = () => ended(child);
  for (let look = 0; !output.includes('Signal9 is ready'); look++) {
    if (look > 600 || child.exitCode !== null) throw new Error(`the platform did not start:\n${output}`);
    await sleep(100);
  }
  // The first day's work would be measured too.
  await sleep(10_000);
  const { url } = JSON.parse(readFileSync(path.join(folder, 'host.json'), 'utf8')) as { url: string };
  return { url, stop };
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('close', () => resolve());
    child.kill('SIGINT');
  });
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
