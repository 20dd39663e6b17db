import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { sql } from 'kysely';
import { connectPostgres } from '../../../lambda/adapters/ledger/connect-postgres';
import { startPostgres } from '../../../local/host/engine/postgres';
import { give, serverAccount } from '../../../local/host/engine/postgres-account';
import { eventually } from './temporary';

// In /tmp: a socket's path has room for about a hundred bytes.
const folder = mkdtempSync(path.join(os.tmpdir(), 's9-pg-'));
const start = () => startPostgres({ folder, durable: false });
const stops: (() => unknown)[] = [];
afterAll(async () => {
  for (const stop of stops.reverse()) await stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('the ledger’s database on one machine', () => {
  it('starts again after a kill -9, though its lock names a process id that somebody else has by now', async () => {
    const first = await start();
    const [pid = ''] = readFileSync(path.join(folder, 'data', 'postmaster.pid'), 'utf8').split('\n');
    const lock = path.join(first.connection.host, '.s.PGSQL.5432.lock');
    const note = readFileSync(lock, 'utf8');
    process.kill(Number(pid), 'SIGKILL');

    const account = await serverAccount();
    const somebody = spawn('sleep', ['60'], { ...account, cwd: '/', stdio: 'ignore' });
    stops.push(() => somebody.kill());
    writeFileSync(lock, note.replace(pid, String(somebody.pid)));
    give(lock, account);

    const second = await start();
    stops.push(() => second.stop());
    const db = connectPostgres(second.connection);
    await expect(sql`select 1 as one`.execute(db)).resolves.toMatchObject({ rows: [{ one: 1 }] });
    await db.destroy();
  }, 60_000);

  it('that closes a connection in the midst of a transaction fails the transaction, not the process', async () => {
    const server = await start();
    const db = connectPostgres({ ...server.connection, connections: 2 });
    const lost = db.transaction().execute(async (tx) => {
      const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(tx);
      await sql`select pg_terminate_backend(${rows[0]?.pid})`.execute(db);
      // No query is under way when the server's word of it arrives.
      await eventually(async () => {
        const left = await sql<{
          n: string;
        }>`select count(*) as n from pg_stat_activity where pid = ${rows[0]?.pid}`.execute(db);
        return left.rows[0]?.n === '0';
      });
      await new Promise((resolve) => setTimeout(resolve, 50));
      await sql`select 1`.execute(tx);
    });
    await expect(lost).rejects.toThrow(/terminat|not queryable|closed/i);
    await expect(sql`select 1 as one`.execute(db)).resolves.toMatchObject({ rows: [{ one: 1 }] });
    await db.destroy();
  }, 60_000);
});
