import { setTimeout as sleep } from 'node:timers/promises';
import { between } from '../fault/random';
import type { Journal, Look, Outage, Victim } from './journal';
import { MINUTE_MS } from './pace';
import { readPublished } from './published';
import { seenAfter, until } from './watch';
import type { World } from './world';

/** Answers about holdings that an outage lasts for at least. */
const ANSWERS = 12;
const ANSWERED_WITHIN_MS = 12_000;
/** Within this, both processes say so. The provider is asked once a minute, and has as long to answer. */
export const SAID_WITHIN_MS: Readonly<Record<Victim, number>> = {
  ...{ cache: 3_000, database: 4_000, provider: 8_000, leader: 8_000 },
};
/** Without a restart. The cache is tried again every five seconds at the least. */
export const RECOVERED_WITHIN_MS = 12_000;

export interface Plan {
  readonly name: string;
  readonly victim: Victim;
  /** @returns the process that was killed */
  readonly begin: (world: World, journal: Journal) => Promise<string | null>;
  readonly end: (world: World, killed: string | null) => Promise<void>;
}

const FOREVER = 1_000_000;

async function misbehave({ provider }: World, rule: object): Promise<null> {
  const response = await fetch(`${provider.url}/_sandbox/misbehave`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ provider: 'alpaca', times: FOREVER, ...rule }),
  });
  if (!response.ok) throw new Error(`the provider does not misbehave: ${await response.text()}`);
  return null;
}

const behave = async ({ provider }: World): Promise<void> => {
  await fetch(`${provider.url}/_sandbox/misbehave`, { method: 'DELETE' });
};

const nothing = async (work: Promise<void>): Promise<null> => {
  await work;
  return null;
};

export const plans: readonly Plan[] = [
  {
    ...{ name: 'cache killed', victim: 'cache' },
    begin: ({ cache }) => nothing(cache.kill()),
    end: ({ cache }) => cache.start(),
  },
  {
    ...{ name: 'cache frozen', victim: 'cache' },
    begin: async ({ cache }) => {
      cache.freeze();
      return null;
    },
    end: async ({ cache }) => {
      cache.thaw();
    },
  },
  {
    ...{ name: 'database killed', victim: 'database' },
    begin: async ({ database }) => {
      database.kill();
      return null;
    },
    end: ({ database }) => database.start(),
  },
  {
    ...{ name: 'provider answers 500', victim: 'provider' },
    begin: (world) => misbehave(world, { kind: 'html_500' }),
    end: behave,
  },
  {
    ...{ name: 'provider hangs', victim: 'provider' },
    begin: (world) => misbehave(world, { kind: 'slow', delay_ms: 60_000 }),
    end: behave,
  },
  {
    ...{ name: 'provider killed', victim: 'provider' },
    begin: ({ provider }) => nothing(provider.kill()),
    end: ({ provider }) => provider.start(),
  },
  { name: 'leader killed', victim: 'leader', begin: killLeader, end: startAgain },
];

/** Which one leads is seen from what was published last. */
async function killLeader({ services, events }: World, { deaths }: Journal): Promise<string> {
  const last = readPublished(events).valuations.at(-1);
  const leader = services.find((one) => one.pid() === last?.pid);
  if (!leader) throw new Error('nobody leads who could be killed');
  const pid = leader.pid();
  await leader.kill();
  deaths.push({ pid, at: Date.now() });
  return leader.name;
}

async function startAgain({ services }: World, killed: string | null): Promise<void> {
  await services.find(({ name }) => name === killed)?.start();
}

/** Lets one thing fail, waits until it is said, and some time more; mends it, and waits until all is well. */
export async function suffer(plan: Plan, world: World, journal: Journal, random: () => number): Promise<Outage> {
  const { name, victim } = plan;
  const servers = world.services;
  const from = Date.now();
  const killed = await plan.begin(world, journal);
  const said = await until(isSaid, SAID_WITHIN_MS[victim]);
  const since = victim === 'provider' ? from + STALE_AFTER_MS : victim === 'database' ? (said ?? from) : from;
  await until(() => answersSince(since) >= ANSWERS, ANSWERED_WITHIN_MS);
  await sleep(between(random, 0, 700));
  const to = Date.now();
  await plan.end(world, killed);
  const repaired = Date.now();
  const recovered = await until(() => servers.every((one) => isWell(one.name, repaired)), RECOVERED_WITHIN_MS);
  return { name, victim, from, said, to, recovered, killed };

  function isSaid(): boolean {
    if (victim !== 'leader')
      return servers.every(({ name: server }) => names(seenAfter(journal, server, from), victim));
    const { valuations } = readPublished(world.events);
    return valuations.some(
      ({ pid, at }) => at > from && servers.some((one) => one.name !== killed && one.pid() === pid),
    );
  }

  function answersSince(moment: number): number {
    return journal.requests.filter((one) => one.route === 'holdings' && one.process !== killed && one.from >= moment)
      .length;
  }

  function isWell(server: string, since: number): boolean {
    if (seenAfter(journal, server, since)?.says !== 'ok') return false;
    const read = journal.requests.findLast((one) => one.process === server && one.route === 'holdings');
    return read !== undefined && read.from >= since && (read.prices?.every(({ stale }) => stale === false) ?? false);
  }
}

/** From the beginning of the provider's absence: a minute for which a price is fresh, and two seconds that an answer may take. */
export const STALE_AFTER_MS = MINUTE_MS + 2_500;

/** Whether a look says that this is what fails. */
export const names = (look: Look | undefined, victim: Victim): boolean =>
  look?.status === 200 && look.says === 'degraded' && (look.checks[victim] ?? 'ok') !== 'ok';
