import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import Redis from 'iovalkey';

const FOLDERS = [...(process.env.PATH ?? '').split(path.delimiter), '/usr/sbin', '/usr/local/sbin'];

/** A Redis or Valkey server of this machine; undefined where there is none. CACHE_ENGINE=redis says that there must be. */
export function serverBinary(): string | undefined {
  const found = ['valkey-server', 'redis-server']
    .flatMap((name) => FOLDERS.map((folder) => path.join(folder, name)))
    .find((file) => existsSync(file));
  if (found === undefined && process.env.CACHE_ENGINE === 'redis')
    throw new Error('No Redis or Valkey server found. Install one (Debian: apt-get install redis-server)');
  return found;
}

export const USER = { username: 'signal9', password: 'first-password' };

export interface RedisServer {
  readonly port: number;
  /** The authority that signed the server's certificate. */
  readonly ca: string;
  /** As the server's own user, who may do anything. */
  readonly admin: Redis;
  kill(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** A server with TLS and a user who may do what the service does, in a temporary folder. */
export async function startRedis(binary: string): Promise<RedisServer> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 's9-redis-'));
  const [key, cert, acl] = ['key.pem', 'cert.pem', 'users.acl'].map((name) => path.join(folder, name)) as [
    string,
    string,
    string,
  ];
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      key,
      '-out',
      cert,
      '-days',
      '2',
      '-subj',
      '/CN=localhost',
    ].concat(['-addext', 'subjectAltName=DNS:localhost']),
    { stdio: 'ignore' },
  );
  writeFileSync(
    acl,
    [
      `user ${USER.username} on >${USER.password} ~signal9:* -@all +ping +mget +set`,
      'user default off',
      'user admin on >admin ~* +@all',
    ].join('\n'),
  );
  const port = await freePort();
  const ca = readFileSync(cert, 'utf8');
  const tls = ['--tls-port', String(port), '--tls-cert-file', cert, '--tls-key-file', key, '--tls-ca-cert-file', cert];
  const rest = ['--port', '0', '--bind', '127.0.0.1', '--tls-auth-clients', 'no', '--aclfile', acl, '--dir', folder];
  let child: ChildProcess;

  async function start(): Promise<void> {
    child = spawn(binary, [...tls, ...rest, '--save', '', '--appendonly', 'no'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await new Promise<void>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code) => reject(new Error(`the server ended with ${code ?? 'a signal'}`)));
      child.stdout?.on('data', (text: Buffer) => {
        if (text.toString().includes('Ready to accept connections')) resolve();
      });
    });
  }
  async function kill(): Promise<void> {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  }

  await start();
  const admin = new Redis({ host: 'localhost', port, username: 'admin', password: 'admin', tls: { ca } });
  admin.on('error', () => undefined);
  return {
    ...{ port, ca, admin, kill, start },
    async stop() {
      admin.disconnect();
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as net.AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
