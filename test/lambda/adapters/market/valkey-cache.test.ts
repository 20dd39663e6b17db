import net from 'node:net';
import type { Cache } from '../../../../lambda/adapters/market/cache';
import { valkeyCache, type ValkeyCacheProps } from '../../../../lambda/adapters/market/valkey-cache';
import { recordingLog } from '../../api/call';
import { type RedisServer, serverBinary, startRedis, USER } from './redis-server';

const binary = serverBinary();
const open: Cache[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((cache) => cache.close()));
});

function cacheAt(port: number, more: Partial<ValkeyCacheProps> = {}): Cache {
  const log = recordingLog();
  const credentials = async () => USER;
  const cache = valkeyCache({ host: 'localhost', port, tls: false, credentials, log, restMs: 0, ...more });
  open.push(cache);
  return cache;
}

/** Looks until it is so; the cache reconnects in its own time. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 20));
}

describe('without a server', () => {
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
});

(binary === undefined ? describe.skip : describe)('with a server that speaks TLS and knows its users', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedis(binary ?? '');
  });
  afterAll(() => server.stop());
  const cacheHere = (more: Partial<ValkeyCacheProps> = {}) =>
    cacheAt(server.port, { tls: { ca: server.ca }, commandTimeoutMs: 2_000, ...more });
  const entries = (count: number) =>
    Array.from({ length: count }, (_, i) => ({ key: `signal9:{quotes}:S${i}`, value: `v${i}` }));

  test('keeps what is written, for its time', async () => {
    const cache = cacheHere();
    expect(await cache.health()).toBe('ok');
    const many = entries(2_500);
    await cache.setMany(many, 60_000);
    const read = await cache.getMany([...many.map(({ key }) => key), 'signal9:{quotes}:NONE']);
    expect(read).toEqual([...many.map(({ value }) => value), null]);
    const left = await server.admin.pttl('signal9:{quotes}:S0');
    expect(left > 0 && left <= 60_000).toBe(true);
  });

  test('believes no certificate of an authority that it does not know', async () => {
    await expect(cacheHere({ tls: {} }).getMany(['signal9:a'])).rejects.toThrow();
  });

  test('fails where its user may not write', async () => {
    await expect(cacheHere().setMany([{ key: 'other', value: 'x' }], 1_000)).rejects.toThrow(/NOPERM/);
  });

  test('fails while the server is killed, and works again by itself', async () => {
    const cache = cacheHere();
    await cache.setMany(entries(1), 60_000);
    await server.kill();
    await expect(cache.getMany(['signal9:a'])).rejects.toThrow();
    expect(await cache.health()).toBe('unreachable');
    await server.start();
    await until(async () => (await cache.health()) === 'ok');
    expect(await cache.getMany(['signal9:{quotes}:S0'])).toEqual([null]);
  });

  test('asks for its password again where the one it has no longer holds', async () => {
    let password = USER.password;
    const cache = cacheHere({ credentials: async () => ({ ...USER, password }) });
    expect(await cache.health()).toBe('ok');
    await until(async () => server.admin.status === 'ready');
    await server.admin.call('ACL', 'SETUSER', USER.username, 'resetpass', '>second-password');
    await server.admin.call('CLIENT', 'KILL', 'USER', USER.username);
    password = 'second-password';
    await until(async () => (await cache.health()) === 'ok');
  });
});
