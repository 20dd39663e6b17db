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

test('names one key in each command: a serverless cache refuses a command whose keys are not of one hash slot', async () => {
  const commands: string[][] = [];
  const kept = new Map<string, string>();
  const answerTo = ([name = '', key = '', value = '']: readonly string[]): string => {
    if (name === 'set') kept.set(key, value);
    if (name !== 'get') return '+OK\r\n';
    const found = kept.get(key);
    return found === undefined ? '$-1\r\n' : `$${Buffer.byteLength(found)}\r\n${found}\r\n`;
  };
  const server = net.createServer((socket) => {
    let text = '';
    socket.on('data', (data) => {
      text += data.toString();
      for (;;) {
        // A command is an array of bulk strings, here without line breaks in them.
        const lines = text.split('\r\n');
        const words = Number(lines[0]?.slice(1));
        if (!(words > 0) || lines.length <= 2 * words + 1) return;
        const command = Array.from({ length: words }, (_, n) => lines[2 * n + 2] ?? '');
        text = lines.slice(2 * words + 1).join('\r\n');
        commands.push(command);
        socket.write(answerTo([command[0]!.toLowerCase(), ...command.slice(1)]));
      }
    });
    socket.on('error', () => undefined);
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as net.AddressInfo;
  const cache = cacheAt(port, { host: '127.0.0.1', credentials: async () => null, commandTimeoutMs: 5_000 });
  const entries = ['IBM', 'ACME'].map((key) => ({ key, value: `${key} price` }));
  await cache.setMany(entries, 1_000);
  expect(await cache.getMany(['ACME', 'NONE', 'IBM'])).toEqual(['ACME price', null, 'IBM price']);
  expect(commands.filter(([name]) => name !== 'client')).toEqual([
    ['set', 'IBM', 'IBM price', 'PX', '1000'],
    ['set', 'ACME', 'ACME price', 'PX', '1000'],
    ['get', 'ACME'],
    ['get', 'NONE'],
    ['get', 'IBM'],
  ]);
  await cache.close();
  await new Promise((resolve) => server.close(resolve));
});
