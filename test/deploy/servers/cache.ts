import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import * as z from 'zod';
import { CACHE_PORT } from '../../../lib/constructs/cache-access';
import { accepting } from '../../accepting';
import type { Certificate } from '../../certificate';
import { spawnRedis } from '../../redis-server';
import type { Server } from './server';

/** What the stack asks of a user of its cache. */
const cacheUser = z.object({
  UserName: z.string(),
  AccessString: z.string(),
  AuthenticationMode: z.object({ Passwords: z.tuple([z.string()]) }),
});
export type CacheUser = z.infer<typeof cacheUser>;
export const parseCacheUser = (properties: unknown): CacheUser => cacheUser.parse(properties);

/** A Redis in the place of ElastiCache: over TLS only, with the users of the stack and what they may do. */
export async function startCache(users: readonly CacheUser[], certificate: Certificate): Promise<Server> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 's9-cache-'));
  const acl = path.join(folder, 'users.acl');
  const lines = users.map(
    ({ UserName, AccessString, AuthenticationMode: { Passwords } }) =>
      `user ${UserName} >${Passwords[0]} ${AccessString}\n`,
  );
  writeFileSync(acl, lines.join(''), { mode: 0o600 });
  const server = spawnRedis({ port: CACHE_PORT, folder, certificate, users: acl });
  const ended = once(server, 'exit');
  const stop = async () => {
    if (server.exitCode === null && server.kill()) await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await accepting(CACHE_PORT, ended);
  } catch (error) {
    await stop();
    throw error;
  }
  return { stop };
}
