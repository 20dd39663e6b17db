import { createConnection } from 'mysql2/promise';
import * as z from 'zod';
import { startMariadb } from '../../engines/mariadb';
import { LEDGER_PORT } from '../../../lib/constructs/ledger-access';
import type { Certificate } from '../../certificate';
import type { Server } from './server';

/** What the stack asks of its Aurora cluster, with the password that RDS made (test/deploy/emulator.py). */
const cluster = z.object({
  MasterUsername: z.string(),
  MasterUserPassword: z.string(),
  DatabaseName: z.string(),
});

/** A MariaDB in the place of Aurora: over TLS only, with the cluster's user and database. */
export async function startLedger(properties: unknown, certificate: Certificate): Promise<Server> {
  const { MasterUsername: user, MasterUserPassword: password, DatabaseName: database } = cluster.parse(properties);
  const server = await startMariadb({ tcp: { port: LEDGER_PORT, ...certificate } });
  try {
    const root = await createConnection({ socketPath: server.socketPath, user: 'root' });
    await root.query('CREATE DATABASE ??', [database]);
    await root.query('CREATE USER ?@? IDENTIFIED BY ? REQUIRE SSL', [user, '%', password]);
    await root.query('GRANT ALL ON ??.* TO ?@?', [database, user, '%']);
    await root.end();
    return server;
  } catch (error) {
    await server.stop();
    throw error;
  }
}
