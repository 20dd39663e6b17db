import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { helpAsked } from '../../local/help';
import { seeded } from '../fault/random';
import { type Journal, newJournal } from './journal';
import { ask, holdingsOf, type LoadProps, type Portfolio, read, record, STOCK, write } from './load';
import { plans, suffer } from './outages';
import { MINUTE_MS, pacedClock } from './pace';
import type { Standing } from './programs/recorder';
import { readPublished } from './published';
import { report } from './report';
import { feed } from './trades';
import { type Evidence, readTables } from './verifier/evidence';
import { until, watch } from './watch';
import { startWorld, type World } from './world';

/**
 * The outage test: two processes of the portfolio service and the trade recorder under load, while the cache, the database,
 * the provider and the leading process fail in turn. The service must say so, serve what it honestly can, recover by
 * itself, and lose nothing; afterwards a verifier reads SQL and a journal of what was answered.
 * `npm run test:outage [-- <seed>]`; exit code 1 and every breach where something does not hold.
 */
const READERS = 3;
const WRITERS = 3;
/** Between two outages, so that nothing of one is taken for the other's. */
const CALM_MS = 600;
const QUIET_WITHIN_MS = 20_000;
const USERS = ['f4b8c2d6-0000-4000-8000-000000000001', 'f4b8c2d6-0000-4000-8000-000000000002'];
const METHODS = ['average', 'fifo', 'lifo', 'average'] as const;

const say = (line: string) => process.stdout.write(`${line}\n`);

async function main(): Promise<number> {
  if (helpAsked('usage: npm run test:outage -- [seed]   needs redis-server and openssl')) return 0;
  if (!isInstalled('redis-server') || !isInstalled('openssl')) {
    process.stderr.write(
      'test:outage: needs redis-server and openssl (Debian: apt-get install redis-server openssl)\n',
    );
    return 1;
  }
  const seed = Number(process.argv[2] ?? Math.floor(Math.random() * 2 ** 31));
  const folder = mkdtempSync(path.join(os.tmpdir(), 's9-outage-'));
  say(`seed ${seed}, kept in ${folder} while it runs`);
  const world = await startWorld(folder);
  let isGood = false;
  try {
    const evidence = await tested(world, seed);
    writeFileSync(path.join(folder, 'evidence.json'), JSON.stringify(evidence));
    isGood = report(evidence, say);
    say(`${((Date.now() - world.began) / 1000).toFixed(0)} s, seed ${seed}`);
  } finally {
    await world.stop();
    if (isGood) rmSync(folder, { recursive: true, force: true });
    else say(`kept for a look: ${folder}`);
  }
  return isGood ? 0 : 1;
}

async function tested(world: World, seed: number): Promise<Evidence> {
  const random = seeded(seed);
  const journal = newJournal();
  const { services: servers, recorder } = world;
  const portfolios = await open(world);
  world.watch(portfolios.map(({ portfolio_id }) => portfolio_id));
  const props: LoadProps = { servers, portfolios, journal, random, client: 'stock' };
  for (const portfolio of portfolios)
    for (const [n, row] of STOCK.entries()) await record(props, portfolio, row, `stock-${n}`);

  let isOver = false;
  const over = () => isOver;
  const streams = [
    ...portfolios.map(({ portfolio_id, owner }) => ({ user_id: owner.user_id, portfolio_id })),
    ...USERS.map((user_id) => ({ user_id, portfolio_id: null })),
  ];
  const deliver = (events: readonly Journal['trades'][number][]) => recorder.send({ kind: 'deliver', events });
  let isWatched = true;
  const looks = servers.map((server) => watch(server, journal, () => !isWatched));
  const load = [
    feed({ streams, journal, random: seeded(seed + 1), clock: pacedClock(world.began), deliver }, over),
    ...[...Array<typeof read>(READERS).fill(read), ...Array<typeof write>(WRITERS).fill(write)].map((client, n) =>
      client({ ...props, random: seeded(seed + 2 + n), client: `client-${n}` }, over),
    ),
  ];
  const outages = sufferAll(world, journal, random).finally(() => (isOver = true));
  await Promise.all([...load, outages]);

  const standing = await quiet(world);
  const holdings = await finalHoldings(world, journal, portfolios);
  isWatched = false;
  await Promise.all(looks);
  const db = new Client(world.database.address);
  await db.connect();
  const tables = await readTables(db);
  await db.end();
  const programs = [...servers, recorder, world.provider];
  return {
    ...journal,
    ...tables,
    ...readPublished(world.events),
    ...{ began: world.began, holdings, servers: servers.map(({ name }) => name) },
    ...{ watched: portfolios.map(({ portfolio_id }) => portfolio_id), failures: standing.failures },
    faults: [...programs.flatMap(({ gaveUp }) => gaveUp), ...standing.parked.map((one) => `given up: ${one}`)],
  };
}

async function sufferAll(world: World, journal: Journal, random: () => number): Promise<void> {
  await until(() => readPublished(world.events).valuations.length > 0, QUIET_WITHIN_MS);
  const order = plans.map((plan) => ({ plan, at: random() })).sort((a, b) => a.at - b.at);
  for (const { plan } of order) {
    await sleep(CALM_MS);
    journal.outages.push(await suffer(plan, world, journal, random));
  }
  // Longer than valuations may keep silent.
  await sleep(5 * MINUTE_MS);
}

/** Two portfolios of each user. */
async function open(world: World): Promise<readonly Portfolio[]> {
  const opened: Portfolio[] = [];
  const [server] = world.services;
  for (const [n, cost_basis] of METHODS.entries()) {
    const user_id = USERS[n % USERS.length] ?? '';
    const owner = { user_id, token: await world.tokenOf(user_id) };
    const answer = await fetch(`${server?.url ?? ''}/portfolios`, {
      method: 'POST',
      headers: { authorization: `Bearer ${owner.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ name: `Portfolio ${n}`, cost_basis }),
    });
    if (answer.status !== 201) throw new Error(`no portfolio: ${await answer.text()}`);
    const { portfolio_id } = (await answer.json()) as { portfolio_id: string };
    opened.push({ portfolio_id, owner });
  }
  return opened;
}

/** Waits until the queue is empty and the minute after it is valued. */
async function quiet({ recorder, events }: World): Promise<Standing> {
  for (const end = Date.now() + QUIET_WITHIN_MS; ;) {
    await sleep(100);
    const next = recorder.next('standing');
    recorder.send({ kind: 'ask' });
    const standing = (await next) as Standing;
    if (standing.open > 0 && Date.now() < end) continue;
    const now = Date.now();
    // A whole minute of the loop: what is published before its end is of all that was recorded.
    await until(() => readPublished(events).valuations.some(({ at }) => at > now + MINUTE_MS), QUIET_WITHIN_MS);
    await sleep(500);
    return standing;
  }
}

async function finalHoldings(
  world: World,
  journal: Journal,
  portfolios: readonly Portfolio[],
): Promise<Evidence['holdings']> {
  const db = new Client(world.database.address);
  await db.connect();
  const { rows } = await db.query<{ portfolio_id: string; user_id: string }>(
    'select portfolio_id, user_id from portfolios where portfolio_id <> all($1)',
    [portfolios.map(({ portfolio_id }) => portfolio_id)],
  );
  await db.end();
  const defaults = await Promise.all(
    rows.map(async ({ portfolio_id, user_id }) => ({
      portfolio_id,
      owner: { user_id, token: await world.tokenOf(user_id) },
    })),
  );
  const answers = [...portfolios, ...defaults].flatMap(({ portfolio_id, owner }) =>
    world.services.map(async (server) => {
      const { body } = await ask(journal, server, 'holdings', holdingsOf(portfolio_id, owner));
      return { process: server.name, portfolio_id, body: body as Evidence['holdings'][number]['body'] };
    }),
  );
  return Promise.all(answers);
}

function isInstalled(program: string): boolean {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' });
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ENOENT';
  }
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`test:outage: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exit(1);
  },
);
