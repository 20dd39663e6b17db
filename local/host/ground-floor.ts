import type { QueueId } from '../../contract/events';
import { tableName, type TableId, tables } from '../../contract/tables';
import type { Clock, Log } from '../../lambda/adapters/ports';
import type { Settings } from '../settings';
import { type Bus, createBus } from './bus/bus';
import { QUEUE_TABLE, queueTable } from './bus/message-store';
import type { Queue } from './bus/queue';
import type { Closers } from './closers';
import { type DataDirectory, openDataDirectory, refuseSecondHost } from './data-directory';
import { type Engine, startEngine } from './engine/dynalite';
import { ensureTables } from './engine/tables';
import { LOCAL_ENV } from './ground';
import { openLogFile } from './log-file';
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
  await ensureTables(engine.client, tablesOfThisMachine(), directory.mode);

  const providers = await startProviders(settings, clock, log);
  closers.add(() => providers.close());

  const listeners = new Set<(news: QueueNews) => void>();
  const queues = createQueues(engine.documents, clock, log, (news) => {
    for (const listener of listeners) listener(news);
  });
  return {
    directory,
    log,
    engine,
    providers,
    queues,
    bus: createBus({ queues, clock, log }),
    onQueueNews(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
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
