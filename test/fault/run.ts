import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client as PgClient } from 'pg';
import { ulid } from 'ulid';
import { helpAsked } from '../../local/help';
import { createClient } from './client';
import type { Kill } from './killer';
import { type Load, marketOf, sellTwice, trade, type Traded } from './load';
import { clusterOf, postmasterOf } from './postmaster';
import { seeded } from './random';
import { supervise, type Supervisor } from './supervisor';
import { catches } from './verifier/doctored';
import { checks, verify } from './verifier/checks';
import { type Evidence, readEvents, readTables } from './verifier/evidence';

/**
 * The fault test: 2,000 trades from 32 clients with repeats, and 200 pairs of concurrent sells, while another process kills
 * the platform with `kill -9`. Afterwards the verifier reads the SQL tables and the persisted events, not the
 * application. `npm run test:fault [-- <seed>]`; exit code 1 and every breach where something does not agree.
 */
const TRADES = 2_000;
const CLIENTS = 32;
const PAIRS = 200;
/** Clients that send the pairs, among the 32. */
const PAIR_CLIENTS = 8;
const KILLS = 10;
/** Then the load may end in peace: more kills find less and take longer. */
const MOST_KILLS = 16;
const PORTFOLIOS = 6;
/** The sweeper comes every minute, for what is older than ten seconds. */
const SWEPT_WITHIN_MS = 150_000;
const MAX_LOAD_MS = 180_000;

const say = (line: string) => process.stdout.write(`${line}\n`);

interface Fallen {
  readonly kind: Kill;
  /** Requests under way at that moment. */
  readonly inFlight: number;
}

async function main(): Promise<number> {
  if (helpAsked('usage: npm run test:fault -- [seed]')) return 0;
  const seed = Number(process.argv[2] ?? Math.floor(Math.random() * 2 ** 31));
  const folder = mkdtempSync(path.join(os.tmpdir(), 's9-fault-'));
  const dataDir = path.join(folder, 'data');
  say(`seed ${seed}, data in ${dataDir}`);
  const platform = await supervise(folder, dataDir);
  try {
    const isGood = await tested(platform, folder, dataDir, seed);
    if (isGood) rmSync(folder, { recursive: true, force: true });
    else say(`kept for a look: ${folder}`);
    return isGood ? 0 : 1;
  } finally {
    await platform.kill();
    await stopDatabase(dataDir);
  }
}

async function tested(platform: Supervisor, folder: string, dataDir: string, seed: number): Promise<boolean> {
  const began = Date.now();
  const seconds = () => `${((Date.now() - began) / 1000).toFixed(0)} s`;
  await platform.serving();
  const token = readFileSync(path.join(dataDir, 'demo-token'), 'utf8').trim();
  const market = await listedMarket(platform.url, token);

  const random = seeded(seed);
  const client = createClient(platform.url, token, random);
  const load: Load = { repeated: 0, doubled: 0, misused: 0, trades: 0, pairs: [] };
  const portfolios = Array.from({ length: PORTFOLIOS }, () => ulid());
  const props = { client, random, market, portfolios, newPortfolio: () => ulid(), load };

  const fallen: Fallen[] = [];
  const killer = startKiller(dataDir, platform.pidFile, seed, (kind) => {
    fallen.push({ kind, inFlight: client.counts.inFlight });
    if (fallen.length >= MOST_KILLS && isEnough()) killer.kill('SIGKILL');
  });
  const loadBegan = Date.now();
  const isEnough = () =>
    fallen.filter(({ inFlight }) => inFlight > 0).length >= KILLS || Date.now() - loadBegan > MAX_LOAD_MS;
  await Promise.all([
    ...Array.from({ length: CLIENTS - PAIR_CLIENTS }, () => trade(props, () => load.trades >= TRADES && isEnough())),
    ...Array.from({ length: PAIR_CLIENTS }, () => sellTwice(props, () => load.pairs.length >= PAIRS && isEnough())),
  ]);
  killer.kill('SIGKILL');
  const loadSeconds = (Date.now() - loadBegan) / 1000;
  say(`${load.trades} trades and ${load.pairs.length} pairs answered after ${fallen.length} kills, ${seconds()}`);

  await platform.kill();
  platform.start();
  await platform.serving();
  const db = await connect(dataDir);
  const owed = await sweptUntilQuiet(platform, db);
  say(`the outbox is swept, ${owed} events were owed after the last kill, ${seconds()}`);

  await db.query('begin isolation level repeatable read read only');
  const tables = await readTables(db);
  await db.query('commit');
  const evidence: Evidence = {
    ...tables,
    ...readEvents(path.join(dataDir, 'sandbox', 'events')),
    asked: client.book.map(({ key, body, replies }) => ({ key, body: { ...body }, replies })),
    pairs: load.pairs.map(({ keys }) => keys),
  };
  writeFileSync(path.join(folder, 'asked.json'), JSON.stringify({ asked: evidence.asked, pairs: evidence.pairs }));
  const breached = verify(evidence);
  const doctored = await catches(db, evidence);
  await db.end();

  const inLoad = fallen.filter(({ inFlight }) => inFlight > 0).length;
  const violations = [
    ...breached.flatMap(({ check, breaches }) => breaches.map((breach) => `${check.says}. Not so: ${breach}`)),
    ...doctored.believed.map((lie) => `the verifier believed that ${lie}`),
    ...checks.filter(({ id }) => !doctored.checks.has(id)).map(({ id }) => `no lie was told about ${id}`),
    ...platform.gaveUp.map((last) => `the platform gave up by itself, ${last}`),
    ...(client.counts.failures.get(500) ? [`${client.counts.failures.get(500) ?? 0} answers were 500`] : []),
    ...(inLoad < KILLS ? [`only ${inLoad} kills under load`] : []),
    ...(load.trades < TRADES || load.pairs.length < PAIRS ? ['too few trades or pairs'] : []),
  ];
  say('');
  for (const [what, count] of summary(evidence, client.counts, load, fallen, platform, owed, loadSeconds))
    say(`${what.padEnd(58)} ${String(count).padStart(9)}`);
  say('');
  const bad = new Set(breached.map(({ check }) => check.id));
  for (const { id, says } of checks) say(`${bad.has(id) ? 'FAIL' : 'ok  '}  ${says}`);
  say(
    `${doctored.believed.length > 0 ? 'FAIL' : 'ok  '}  the verifier saw through ${doctored.told - doctored.believed.length} of ${doctored.told} doctored ledgers`,
  );
  for (const violation of violations) say(`VIOLATION  ${violation}`);
  say(`${violations.length} violations, ${seconds()}, seed ${seed}`);
  return violations.length === 0;
}

async function listedMarket(url: string, token: string): Promise<readonly Traded[]> {
  for (let look = 0; look < 100; look++) {
    const market = await marketOf(url, token).catch(() => []);
    if (market.length >= 15) return market;
    await sleep(200);
  }
  throw new Error('the platform lists no assets');
}

function startKiller(dataDir: string, pidFile: string, seed: number, onKill: (kill: Kill) => void): ChildProcess {
  const program = path.join(__dirname, 'killer.ts');
  const killer = spawn(process.execPath, ['--import', 'tsx', program, dataDir, pidFile, String(seed)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  killer.on('message', (kill) => onKill(kill as Kill));
  return killer;
}

async function connect(dataDir: string): Promise<PgClient> {
  const { host, port, password } = clusterOf(dataDir);
  const db = new PgClient({ host, port, password, user: 'signal9', database: 'signal9_ledger' });
  // The server may end before the client does.
  db.on('error', () => undefined);
  await db.connect();
  return db;
}

const owedNow = async (db: PgClient): Promise<number> => {
  const { rows } = await db.query<{ n: number }>('select count(*)::int as n from outbox where published_at is null');
  return rows[0]?.n ?? 0;
};

/**
 * Waits until nothing is owed, then kills the platform and not its database: what the verifier reads stands still.
 * @returns how many events were owed at first
 */
async function sweptUntilQuiet(platform: Supervisor, db: PgClient): Promise<number> {
  const first = await owedNow(db);
  const until = Date.now() + SWEPT_WITHIN_MS;
  while ((await owedNow(db)) > 0 && Date.now() < until) await sleep(250);
  await platform.kill();
  // What is owed now stays owed, and the verifier says so.
  return first;
}

async function stopDatabase(dataDir: string): Promise<void> {
  const pid = postmasterOf(dataDir);
  if (pid === undefined) return;
  // A fast shutdown.
  process.kill(pid, 'SIGINT');
  for (let look = 0; look < 100 && postmasterOf(dataDir) !== undefined; look++) await sleep(100);
}

function summary(
  { orders, executions, outbox, events, torn, keys, streams, positions, asked }: Evidence,
  counts: ReturnType<typeof createClient>['counts'],
  load: Load,
  fallen: readonly Fallen[],
  platform: Supervisor,
  owed: number,
  loadSeconds: number,
): (readonly [string, number | string])[] {
  const replies = asked.map((one) => one.replies.length);
  const answered = replies.reduce((total, n) => total + n, 0);
  const deliveries = new Map<unknown, number>();
  for (const { detail } of events) deliveries.set(detail.execution_id, (deliveries.get(detail.execution_id) ?? 0) + 1);
  const kinds = (who: Kill['who'], when: Kill['when']) =>
    fallen.filter(({ kind }) => kind.who === who && kind.when === when).length;
  const booked = new Map(asked.map(({ key, replies: [first] }) => [key, first?.text.includes('"status":"accepted"')]));
  const late = orders.filter((one) => one.status === 'filled' && booked.get(one.client_order_id) === true);
  return [
    ['trades asked for by 24 clients', load.trades],
    ['pairs of sells of one position by 8 clients', load.pairs.length],
    ['requests sent', counts.requests],
    ['  cut by a kill, or refused while the platform was down', counts.cut],
    ...[...counts.failures].map(([status, n]) => [`  answered ${status}, asked again`, n] as const),
    ['  answered', answered + load.misused],
    ['  of these repeats: the key was answered before', answered - replies.filter((n) => n > 0).length],
    ['    asked again on purpose', load.repeated],
    ['    sent twice at the same moment', load.doubled],
    ['  of these 409: the key was used with another body', load.misused],
    ['longest wait for an answer, s', (counts.longestMs / 1000).toFixed(1)],
    ['seconds under load', loadSeconds.toFixed(0)],
    ['kills', fallen.length],
    ['  with requests under way', fallen.filter(({ inFlight }) => inFlight > 0).length],
    ['  of the platform while it served', kinds('platform', 'serving')],
    ['  of the platform while it started', kinds('platform', 'starting')],
    ['  of platform and database while it served', kinds('platform and database', 'serving')],
    ['  of platform and database while it started', kinds('platform and database', 'starting')],
    ['restarts', platform.starts() - 1],
    ['keys booked', keys.length],
    ['keys refused (422)', asked.filter((one) => !one.replies.some(({ status }) => status === 200)).length],
    ['orders', orders.length],
    ...['filled', 'accepted', 'canceled', 'expired']
      .map((status) => [`  ${status}`, orders.filter((one) => one.status === status).length] as const)
      .filter(([, n]) => n > 0),
    ['  that rested and were filled later', late.length],
    ['executions', executions.length],
    ['rows of the outbox', outbox.length],
    ['  owed after the last kill', owed],
    ['streams', streams.length],
    ['positions', positions.length],
    ['events tradeBooked in the archive', events.length],
    ['  executions delivered more than once', [...deliveries.values()].filter((n) => n > 1).length],
    ['  lines cut short', torn],
  ];
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`test:fault: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exitCode = 1;
  },
);
