import { chmodSync, copyFileSync, chownSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import * as z from 'zod';
import { PORTFOLIO_PORT } from '../../../lib/constructs/portfolio-access';
import { type PostgresEngine, startPostgres } from '../../../local/host/engine/postgres';
import { serverAccount } from '../../../local/host/engine/postgres-account';
import type { Certificate } from '../../certificate';
import type { Server } from './server';

/** What the stack asks of its RDS instance, with the password that RDS made (test/deploy/emulator.py). */
const instance = z.object({ MasterUsername: z.string(), MasterUserPassword: z.string(), DBName: z.string() });

/** A PostgreSQL in the place of RDS's: over TLS only, as the stack's parameters say, with the instance's user and database. */
export async function startPortfolio(properties: unknown, certificate: Certificate): Promise<Server> {
  const asked = instance.parse(properties);
  const folder = mkdtempSync(path.join(os.tmpdir(), 's9-pg-'));
  const server = await startPostgres({
    folder,
    durable: false,
    maxConnections: 100,
    overTcp: { port: PORTFOLIO_PORT },
  });
  const stop = async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await prepare(server, asked, certificate);
  } catch (error) {
    await stop();
    throw error;
  }
  return { stop };
}

async function prepare(
  { connection }: PostgresEngine,
  { MasterUsername: user, MasterUserPassword: password, DBName: database }: z.infer<typeof instance>,
  certificate: Certificate,
): Promise<void> {
  const admin = new Client(connection);
  await admin.connect();
  try {
    const { rows } = await admin.query<{ data_directory: string }>('SHOW data_directory');
    const data = z.string().parse(rows[0]?.data_directory);
    const keys = await handOver(certificate, data);
    await admin.query(`ALTER SYSTEM SET ssl_cert_file = ${admin.escapeLiteral(keys.certificate)}`);
    await admin.query(`ALTER SYSTEM SET ssl_key_file = ${admin.escapeLiteral(keys.key)}`);
    await admin.query('ALTER SYSTEM SET ssl = on');
    await admin.query(`CREATE ROLE ${admin.escapeIdentifier(user)} LOGIN PASSWORD ${admin.escapeLiteral(password)}`);
    await admin.query(`CREATE DATABASE ${admin.escapeIdentifier(database)} OWNER ${admin.escapeIdentifier(user)}`);
    const rules = path.join(data, 'pg_hba.conf');
    writeFileSync(rules, readFileSync(rules, 'utf8').replaceAll(/^host\b/gm, 'hostssl'));
    await admin.query('SELECT pg_reload_conf()');
  } finally {
    await admin.end();
  }
}

/** Copies that only the server's account may read, as PostgreSQL demands. */
async function handOver(from: Certificate, folder: string): Promise<Pick<Certificate, 'certificate' | 'key'>> {
  const account = await serverAccount();
  const copy = (file: string): string => {
    const own = path.join(folder, path.basename(file));
    copyFileSync(file, own);
    chmodSync(own, 0o600);
    if (account) chownSync(own, account.uid, account.gid);
    return own;
  };
  return { certificate: copy(from.certificate), key: copy(from.key) };
}
