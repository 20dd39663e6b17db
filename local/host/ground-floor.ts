import { setTimeout as sleep } from 'node:timers/promises';
import type { QueueId } from '../../contract/events';
import { tableName, type TableId, tables } from '../../contract/tables';
import type { Clock, Log } from '../../lambda/adapters/ports';
import type { Settings } from '../settings';
import { connectPostgres } from '../../lambda/adapters/ledger/connect-postgres';
import { postgres } from '../../lambda/adapters/ledger/dialect';
import { announcedLedger, type LedgerActivity, ledgerActivity } from '../../lambda/adapters/ledger/activity';
import type { Ledger } from '../../lambda/adapters/ledger/ledger';
import { migrate } from '../../lambda/adapters/ledger/migrations/migrate';
import { createSqlLedger } from '../../lambda/adapters/ledger/sql-ledger';
import type { ObjectStore } from '../../lambda/adapters/object-store';
import type { PortfolioStore } from '../../lambda/adapters/portfolio/portfolios';
import { openArchive } from './bus/archive';
import { type Bus, createBus } from './bus/bus';
import { QUEUE_TABLE, queueTable } from './bus/message-store';
import type { Queue } from './bus/queue';
import type { Closers } from './closers';
import { type DataDirectory, openDataDirectory, refuseSecondHost } from './data-directory';
import { type Engine, startEngine } from './engine/dynalite';
import { type PostgresEngine, startPostgres } from './engine/postgres';
import { folderStore } from './folder-store';
import { ensureTables } from './engine/tables';
import { LOCAL_ENV } from './ground';
import { type Live, openLive } from './live/live';
import { openLogFile } from './log-file';
import { loggedMetrics } from './logged-metrics';
import { openPortfolios } from './portfolios';
import { type Providers, startProviders } from './providers';
import { createQueues, type QueueNews } from './queues';

/** What everything else stands on. */
export interface GroundFloor {
  readonly directory: DataDirectory;
  readonly log: Log;
  readonly engine: Engine;
  readonly providers: Providers;
  readonly queues: Readonly<Record<QueueId, Queue>>;
  readonly bus: Bus;
  readonly ledger: Ledger;
  readonly activity: LedgerActivity;
  readonly artifacts: ObjectStore;
  readonly portfolios: PortfolioStore;
  readonly history: ObjectStore;
  /** The WebSocket API, not open yet. */
  readonly live: Live;
  /** Tells what becomes of messages. @returns how to stop being told */
  readonly onQueueNews: (listener: (news: QueueNews) => void) => () => void;
}

/** @throws HostError when the directory is in use, or holds tables of another shape */
export async function openGroundFloor(settings: Settings, clock: Clock, closers: Closers): Promise<GroundFloor> {
  const directory = openDataDirectory(settings.dataDir, settings.providers.mode);
  await refuseSecondHost(directory);
  const logFile = openLogFile(directory.log, clock);
  const { log } = logFile;
  closers.add(() => logFile.close());

  const engine = await startEngine(directory.database, directory.socket);
  closers.add(() => engine.stop());
  // The directory is ours from here on: whoever else serves it would have been answering on the engine's socket.
  const opening = openDatabases(directory, log, closers);
  const tablesMade = ensureTables(engine.client, tablesOfThisMachine(), directory.mode);
  // Both to their ends, whichever fails: closing the engine under the other's feet would end the process with another error.
  await Promise.allSettled([opening, tablesMade]);
  const [{ ledger, portfolios }] = await Promise.all([opening, tablesMade]);
  const archive = openArchive(directory.events, clock);
  closers.add(() => archive.close());

  const providers = await startProviders(settings, clock, log);
  closers.add(() => providers.close());

  const listeners = new Set<(news: QueueNews) => void>();
  const queues = createQueues(engine.documents, clock, log, (news) => {
    for (const listener of listeners) listener(news);
  });
  const bus = createBus({ queues, archive, clock, log });
  const metrics = loggedMetrics(log);
  // As where it pauses: the database of one machine does not, but what lets it is the same code.
  const activity = ledgerActivity({ documents: engine.documents, env: LOCAL_ENV, clock, log, pauses: true });
  return {
    directory,
    log,
    engine,
    providers,
    queues,
    bus,
    ledger: announcedLedger(ledger, activity),
    activity,
    artifacts: folderStore(directory.artifacts),
    portfolios,
    history: folderStore(directory.history),
    live: openLive({ store: portfolios, bus, queue: queues.live, clock, log, metrics }),
    onQueueNews(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** One server for the ledger and the portfolios, each in its database. */
async function openDatabases({ root, ledger }: DataDirectory, log: Log, closers: Closers) {
  const server = await startPostgres({ folder: ledger, within: root });
  closers.add(() => server.stop());
  return { ledger: await openLedger(server, log, closers), portfolios: await openPortfolios(server, log, closers) };
}

/** The same ledger as in AWS, on PostgreSQL: reader and writer are one server here. */
async function openLedger(server: PostgresEngine, log: Log, closers: Closers): Promise<Ledger> {
  const db = connectPostgres({
    ...server.connection,
    onError: ({ name, message }) =>
      log.warn('a connection to the ledger ended', { error_name: name, error_message: message }),
  });
  closers.add(() => db.destroy());
  await migrate(db, postgres);
  return createSqlLedger({
    dialect: postgres,
    writer: db,
    reader: db,
    random: Math.random,
    sleep: (milliseconds) => sleep(milliseconds),
  });
}

/** The platform's tables, and the one that stands in for SQS. */
function tablesOfThisMachine() {
  const contract = Object.entries(tables) as [TableId, (typeof tables)[TableId]][];
  return {
    ...Object.fromEntries(contract.map(([id, definition]) => [tableName(LOCAL_ENV, id), definition])),
    [QUEUE_TABLE]: queueTable,
  };
}
