import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type QueueId, queues as queueDefinitions } from '../../contract/events';
import { routes } from '../../contract/routes';
import { DEFAULT_TIME_ZONE } from '../../contract/schedules';
import type { Log } from '../../lambda/adapters/ports';
import type { Settings } from '../settings';
import { createBootstrap } from './bootstrap';
import { type Closers, createClosers } from './closers';
import type { DataDirectory } from './data-directory';
import { type HostFunctions, LOCAL_ENV, LOCAL_REGION } from './ground';
import { type GroundFloor, openGroundFloor } from './ground-floor';
import { cognitoDoor } from './http/cognito-door';
import { jobDoor } from './http/job-door';
import { oauthDoor } from './http/oauth-door';
import { startHttp } from './http/server';
import { openIdentity } from './identity/identity';
import { runJobs } from './jobs';
import { loggedMetrics } from './logged-metrics';
import { closesOf, portfolioServiceOf } from './portfolios';
import { createJobRunner } from './schedule/job-runner';
import { createScheduler } from './schedule/scheduler';
import { writePrivately } from './state-file';
import { VERSION } from './version';

export interface Host {
  /** `http://127.0.0.1:4000` */
  readonly url: string;
  readonly directory: DataDirectory;
  readonly log: Log;
  /** The first day, or what was left of it; see Bootstrap. */
  readonly firstDay: Promise<void>;
  /** How far the first day is; empty when it is done. */
  standing(): string;
  /** Hands out no more work, waits a few seconds for what is under way, and closes everything. */
  stop(): Promise<void>;
}

export interface HostProps {
  readonly functions: HostFunctions;
  /** Lines for the person at the console. */
  readonly say: (line: string) => void;
}

/** What is under way may end in so many seconds; a kill -9 loses nothing either, so longer is not worth the wait. */
const DRAIN_MS = 5000;
const clock = () => new Date();

/**
 * The platform on one machine: the functions of contract/functions.ts over an engine, a bus, a scheduler, a sign-in and an
 * HTTP server of this process.
 *
 * @throws HostError for what its owner can put right
 */
export async function startHost(settings: Settings, props: HostProps): Promise<Host> {
  const closers = createClosers();
  try {
    const floor = await openGroundFloor(settings, clock, closers);
    return await furnish(settings, props, floor, closers);
  } catch (error) {
    await closers.closeAll();
    throw error;
  }
}

async function furnish(settings: Settings, props: HostProps, floor: GroundFloor, closers: Closers): Promise<Host> {
  const { directory, log, queues, bus } = floor;
  const { mode } = settings.providers;
  const functions = props.functions({
    ...floor,
    documents: floor.engine.documents,
    env: LOCAL_ENV,
    region: LOCAL_REGION,
    version: VERSION,
    clock,
    sleep: (milliseconds) => sleep(milliseconds),
    metrics: loggedMetrics(log),
    plan: settings.plan,
    trading: settings.trading,
    closes: closesOf(floor, clock),
    push: floor.live.push,
  });
  const runner = createJobRunner({ jobs: functions.jobs, clock, log });
  const { http, service } = await openDoors(settings, props, floor, functions.api, runner, closers);

  const bootstrap = createBootstrap({
    mode,
    universe: settings.providers.mode === 'sandbox' ? settings.providers.universe : null,
    file: directory.bootstrap,
    runner,
    bus,
    pending: () => queues.pollination.size() + queues.analysis.size(),
    say: props.say,
    log,
  });
  const scheduler = createScheduler({ runner, clock, log, timeZone: DEFAULT_TIME_ZONE, file: directory.schedule });
  for (const id of Object.keys(queueDefinitions) as QueueId[]) await queues[id].start(functions.workers[id]);
  service.start();
  const firstDay = bootstrap.run();
  const settled = firstDay.then(() => bootstrap.settle());
  void firstDay.then(() => scheduler.start());
  log.info('host started', { details: [VERSION, mode, http.url] });

  async function drain(): Promise<true> {
    const working = Object.values(queues).map((queue) => queue.stop());
    await Promise.all([http.close(), service.stop(), settled, runner.settled(), ...working]);
    return true;
  }

  return {
    url: http.url,
    directory,
    log,
    firstDay,
    standing: () => bootstrap.standing(),
    async stop() {
      scheduler.stop();
      bootstrap.stop();
      rmSync(directory.host, { force: true });
      const isQuiet = await Promise.race([drain(), sleep(DRAIN_MS, false, { ref: false })]);
      log.info(isQuiet ? 'host stopped' : 'host stopped with work under way, which the next start hands out again');
      // Closing the engine under somebody's feet makes dynalite throw; being cut off is safe.
      if (isQuiet) await closers.closeAll();
    },
  };
}

/** HTTP, the sign-in behind it, and the file by which `npm run job` finds this host. */
async function openDoors(
  settings: Settings,
  { say }: HostProps,
  floor: GroundFloor,
  functions: Parameters<typeof startHttp>[0]['functions'],
  runner: ReturnType<typeof createJobRunner>,
  closers: Closers,
) {
  const { directory, log, bus, onQueueNews } = floor;
  const identity = await openIdentity({ directory, clock, log, mfa: settings.mfa, say });
  closers.add(() => identity.close());
  const api = async (path: string) => {
    const token = await identity.ownToken();
    const response = await fetch(`${http.url}${path}`, { headers: { authorization: `Bearer ${token}` } });
    const body: unknown = await response.json();
    return { status: response.status, body };
  };
  const service = portfolioServiceOf(floor, identity.tokens, clock);
  await service.ready();
  const secret = randomBytes(32).toString('base64url');
  const http = await startHttp({
    port: settings.port,
    routes: Object.values(routes),
    functions,
    services: { portfolio: service.app },
    live: floor.live.serve(identity.tokens),
    tokens: identity.tokens,
    clock,
    log,
    doors: [
      cognitoDoor(identity.cognito, identity.key, log),
      oauthDoor(identity.machine, identity.tokens),
      jobDoor(secret, (request) => runJobs(request, { runner, bus, api, onQueueNews, clock }), log),
    ],
  });
  closers.add(() => http.close());
  writePrivately(directory.host, `${JSON.stringify({ url: http.url, pid: process.pid, secret }, null, 2)}\n`);
  return { http, service };
}
