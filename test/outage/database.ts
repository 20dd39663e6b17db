import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectPostgres } from '../../lambda/adapters/ledger/connect-postgres';
import { migratePortfolios } from '../../lambda/adapters/portfolio/migrations/migrate';
import type { PortfolioTables } from '../../lambda/adapters/portfolio/schema';
import { serverAccount } from '../../local/host/engine/postgres-account';
import { postgresBinaries, run } from '../../local/host/engine/postgres-binaries';
import { type PostgresAddress, startPostgres } from '../../local/host/engine/postgres';
import { clusterOf, postmasterOf } from '../fault/postmaster';

export interface Database {
  readonly address: PostgresAddress;
  /** kill -9 of the postmaster; its children end when they notice. */
  kill(): void;
  /** At the same port as before. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

const START_WITHIN_MS = 30_000;

/** PostgreSQL over TCP with the portfolios' tables, in a process of its own. */
export async function startDatabase(folder: string): Promise<Database> {
  // Where the helpers that find a postmaster by its files look for it.
  const engine = await startPostgres({
    folder: path.join(folder, 'sandbox', 'ledger'),
    within: folder,
    database: 'signal9_portfolios',
    maxConnections: 60,
    overTcp: true,
  });
  const db = connectPostgres<PortfolioTables>({ ...engine.connection, connections: 1 });
  await migratePortfolios(db);
  await db.destroy();
  const account = await serverAccount();
  const { pg_ctl } = postgresBinaries(account);
  const { data } = clusterOf(folder);

  return {
    address: engine.connection,
    kill() {
      const pid = postmasterOf(folder);
      if (pid === undefined) throw new Error('there is no postmaster to kill');
      process.kill(pid, 'SIGKILL');
    },
    async start() {
      const args = ['start', '-D', data, '-l', path.join(path.dirname(data), 'postgres.log'), '-w', '-t', '30'];
      // A child of the killed one that has not noticed yet holds the memory that the new one wants.
      for (const until = Date.now() + START_WITHIN_MS; ;) {
        const { code, output } = await run(pg_ctl, args, account);
        if (code === 0) return;
        if (Date.now() > until) throw new Error(`PostgreSQL does not start again: ${output}`);
        await sleep(100);
      }
    },
    stop: () => engine.stop(),
  };
}
