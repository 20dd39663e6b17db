import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type QueueId, queues as queueDefinitions } from '../../contract/events';
import { routes } from '../../contract/routes';
import { DEFAULT_TIME_ZONE } from '../../contract/schedules';
import { tableName, type TableId, tables } from '../../contract/tables';
import type { Log, LogFields, Metrics } from '../../lambda/adapters/ports';
import type { Settings } from '../settings';
import { createBootstrap } from './bootstrap';
import { createBus } from './bus/bus';
import { QUEUE_TABLE, queueTable } from './bus/message-store';
import { type DataDirectory, openDataDirectory, refuseSecondHost } from './data-directory';
import { startEngine } from './engine/dynalite';
import { ensureTables } from './engine/tables';
import { type HostFunctions, LOCAL_ENV, LOCAL_REGION } from './ground';
import { cognitoDoor } from './http/cognito-door';
import { jobDoor } from './http/job-door';
import { startHttp } from './http/server';
import { openIdentity } from './identity/identity';
import { runJobs } from './jobs';
import { errorFields, openLogFile } from './log-file';
import { startProviders } from './providers';
import { createQueues, type QueueIncident } from './queues';
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
export async function startHost(settings: Settings, { functions, say }: HostProps): Promise<Host> {
  const closers: (() => Promise<void> | void)[] = [];
  const close = async () => {
    for (const closer of closers.reverse()) await closer();
  };
  try {
    return await open(settings, functions, say, closers, close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function open(
  settings: Settings,
  hostFunctions: HostFunctions,
  say: (line: string) => void,
  closers: (() => Promise<void> | void)[],
  close: () => Promise<void>,
): Promise<Host> {
  const { providers: wanted, plan } = settings;
  const directory = openDataDirectory(settings.dataDir, wanted.mode);
  await refuseSecondHost(directory);
  const { log, close: closeLog } = openLogFile(directory.log, clock);
  closers.push(closeLog);

  const engine = await startEngine(directory.database, directory.socket);
  closers.push(() => engine.stop());
  await ensureTables(engine.client, tablesOfThisMachine(), directory.mode);

  const providers = await startProviders(settings, clock, log);
  closers.push(() => providers.close());

  const incidents = new Set<(incident: QueueIncident) => void>();
  const queues = createQueues(engine.documents, clock, log, (incident) => {
    for (const listener of incidents) listener(incident);
  });
  const bus = createBus({ queues, clock, log });
  const functions = hostFunctions({
    documents: engine.documents,
    env: LOCAL_ENV,
    region: LOCAL_REGION,
    version: VERSION,
    clock,
    sleep: (milliseconds) => sleep(milliseconds),
    log,
    metrics: loggedMetrics(log.debug),
    bus,
    plan,
    queues,
    providers,
  });
  const runner = createJobRunner({ jobs: functions.jobs, clock, log });
  const identity = await openIdentity(directory, clock, log, say);
  closers.push(identity.close);

  const secret = randomBytes(32).toString('base64url');
  const api = async (path: string) => {
    const token = await identity.ownToken();
    const response = await fetch(`${http.url}${path}`, { headers: { authorization: `Bearer ${token}` } });
    return { status: response.status, body: (await response.json()) as unknown };
  };
  const onIncident = (listener: (incident: QueueIncident) => void) => {
    incidents.add(listener);
    return () => incidents.delete(listener);
  };
  const http = await startHttp({
    port: settings.port,
    routes: Object.values(routes),
    functions: functions.api,
    tokens: identity.tokens,
    clock,
    log,
    doors: [
      cognitoDoor(identity.cognito, identity.key),
      jobDoor(secret, (request) => runJobs(request, { runner, bus, api, onIncident, clock }), log),
    ],
  });
  closers.push(() => http.close());
  writePrivately(directory.host, `${JSON.stringify({ url: http.url, pid: process.pid, secret }, null, 2)}\n`);

  const bootstrap = createBootstrap({
    mode: wanted.mode,
    universe: wanted.mode === 'sandbox' ? wanted.universe : null,
    file: directory.bootstrap,
    runner,
    bus,
    pending: () => queues.pollination.size() + queues.analysis.size(),
    say,
    log,
  });
  for (const id of Object.keys(queueDefinitions) as QueueId[]) await queues[id].start(functions.workers[id]);
  const scheduler = createScheduler({ runner, clock, log, timeZone: DEFAULT_TIME_ZONE, file: directory.schedule });
  const firstDay = bootstrap.run();
  void firstDay.then(() => scheduler.start());
  log.info('host started', { details: [wanted.mode, http.url] });

  const quiet = async () => {
    await Promise.all([firstDay, runner.settled(), ...Object.values(queues).map((queue) => queue.stop())]);
    return true;
  };
  return {
    url: http.url,
    directory,
    log,
    firstDay,
    standing: bootstrap.standing,
    async stop() {
      scheduler.stop();
      bootstrap.stop();
      const isQuiet = await Promise.race([quiet(), sleep(DRAIN_MS, false, { ref: false })]);
      if (isQuiet) return close();
      // Closing the engine under somebody's feet makes dynalite throw; it is safe to be cut off instead.
      log.warn('stopped with work under way; the next start hands it out again');
      await http.close();
    },
  };
}

/** The platform's tables, and the one that stands in for SQS. */
function tablesOfThisMachine() {
  const contract = Object.entries(tables) as [TableId, (typeof tables)[TableId]][];
  return {
    ...Object.fromEntries(contract.map(([id, definition]) => [tableName(LOCAL_ENV, id), definition])),
    [QUEUE_TABLE]: queueTable,
  };
}

/** CloudWatch is not here; the log keeps the counts. */
function loggedMetrics(debug: (message: string, fields: LogFields) => void): Metrics {
  return { count: (name, value) => debug('metric', { counts: { [name]: value } }) };
}
