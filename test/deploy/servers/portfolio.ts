import { chmodSync, copyFileSync, chownSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import * as z from 'zod';
import { PORTFOLIO_PORT } from '../../../lib/constructs/portfolio-access';
import { startPostgres } from '../../../local/host/engine/postgres';
import { serverAccount } from '../../../local/host/engine/postgres-account';
import type { Certificate } from '../certificate';
import type { Server } from './server';

/** What the stack asks of its RDS instance. */
const instance = z.object({ MasterUsername: z.string(), MasterUserPassword: z.string(), DBName: z.string() });

/** A PostgreSQL in the place of RDS's, with TLS, and with the instance's user and database. */
export async function startPortfolio(properties: unknown, certificate: Certificate): Promise<Server> {
  const { MasterUsername: user, MasterUserPassword: password, DBName: database } = instance.parse(properties);
  const folder = mkdtempSync(path.join(os.tmpdir(), 's9-pg-'));
  const server = await startPostgres({
    folder,
    durable: false,
    maxConnections: 100,
    overTcp: { port: PORTFOLIO_PORT },
  });
  const keys = await handOver(certificate, path.join(folder, 'data'));
  const admin = new Client(server.connection);
  await admin.connect();
  await admin.query(`ALTER SYSTEM SET ssl_cert_file = ${admin.escapeLiteral(keys.certificate)}`);
  await admin.query(`ALTER SYSTEM SET ssl_key_file = ${admin.escapeLiteral(keys.key)}`);
  await admin.query('ALTER SYSTEM SET ssl = on');
  await admin.query('SELECT pg_reload_conf()');
  await admin.query(`CREATE ROLE ${admin.escapeIdentifier(user)} LOGIN PASSWORD ${admin.escapeLiteral(password)}`);
  await admin.query(`CREATE DATABASE ${admin.escapeIdentifier(database)} OWNER ${admin.escapeIdentifier(user)}`);
  await admin.end();
  return {
    async stop() {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
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
