import net from 'node:net';
import type { Cache } from '../../../../lambda/adapters/market/cache';
import { valkeyCache, type ValkeyCacheProps } from '../../../../lambda/adapters/market/valkey-cache';
import { recordingLog } from '../../api/call';

/** What the cache does without a server; test/engines/valkey-cache.test.ts has one. */

const open: Cache[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((cache) => cache.close()));
});

function cacheAt(port: number, more: Partial<ValkeyCacheProps> = {}): Cache {
  const log = recordingLog();
  const credentials = async () => ({ username: 'signal9', password: 'password' });
  const cache = valkeyCache({ host: 'localhost', port, tls: false, credentials, log, restMs: 0, ...more });
  open.push(cache);
  return cache;
}

test('refuses at once, and says so', async () => {
  const cache = cacheAt(1);
  await expect(cache.getMany(['a'])).rejects.toThrow();
  await expect(cache.setMany([{ key: 'a', value: 'b' }], 1_000)).rejects.toThrow();
  expect(await cache.health()).toBe('unreachable');
});

test('does not wait for one that never answers', async () => {
  const silent = net.createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => silent.once('listening', resolve));
  const sockets: net.Socket[] = [];
  silent.on('connection', (socket) => sockets.push(socket));
  const cache = cacheAt((silent.address() as net.AddressInfo).port, {
    commandTimeoutMs: 50,
    credentials: async () => null,
  });
  await expect(cache.getMany(['a'])).rejects.toThrow(/timed out/i);
  expect(await cache.health()).toBe('unreachable');
  sockets.forEach((socket) => socket.destroy());
  await new Promise((resolve) => silent.close(resolve));
});

test('leaves it alone for a while where it has no credentials for it', async () => {
  let asked = 0;
  const credentials = () => {
    asked += 1;
    return Promise.reject(new Error('no such secret'));
  };
  const cache = cacheAt(1, { credentials, restMs: 60_000 });
  for (let i = 0; i < 3; i++) await expect(cache.getMany(['a'])).rejects.toThrow('no such secret');
  expect(asked).toBe(1);
});

test('is not opened again once it is closed', async () => {
  const cache = cacheAt(1);
  await cache.close();
  await expect(cache.getMany(['a'])).rejects.toThrow('closed');
});
