import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Valkey from 'iovalkey';

/** A Redis server of this machine that speaks TLS only and knows one user, as ElastiCache does. */
export interface Redis {
  readonly host: string;
  readonly port: number;
  /** PEM of the authority that signed the server's certificate. */
  readonly ca: string;
  readonly username: string;
  password(): string;
  /** Gives the user another password, and ends their connections. A server that is away has it when it is back. */
  rotate(): Promise<void>;
  /** Ends the server without a word. What it held is gone. */
  kill(): Promise<void>;
  /** Nothing where it runs. */
  start(): Promise<void>;
  /** The server holds still: it accepts and does not answer. */
  freeze(): void;
  thaw(): void;
  stop(): Promise<void>;
}

const HOST = '127.0.0.1';
const USER = 'portfolio';
/** Who may give users other passwords. */
const ADMIN = 'admin';
/** What the cache's user may do in AWS (lib/constructs): a command more, and a test here would not tell. */
const RULES = '~signal9:* -@all +mget +set +ping +auth';
const START_TIMEOUT_MS = 20_000;

/** @throws Error where Debian's redis-server is not installed */
export async function startRedis(): Promise<Redis> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 's9-redis-'));
  const file = (name: string) => path.join(folder, name);
  certify(folder);
  const port = await freePort();
  let rotations = 0;
  const password = () => `password-${rotations}`;
  let server: ChildProcess | undefined;

  const acl = () =>
    writeFileSync(
      file('users.acl'),
      ['user default off', `user ${USER} on >${password()} ${RULES}`, `user ${ADMIN} on >${ADMIN} +@all`, ''].join(
        '\n',
      ),
    );

  async function start(): Promise<void> {
    if (server) return;
    acl();
    const child = spawn(
      'redis-server',
      [
        ...['--port', '0', '--tls-port', String(port), '--bind', HOST, '--dir', folder, '--save', ''],
        ...['--tls-cert-file', file('server.crt'), '--tls-key-file', file('server.key')],
        ...['--tls-ca-cert-file', file('ca.crt'), '--tls-auth-clients', 'no', '--aclfile', file('users.acl')],
      ],
      { stdio: 'ignore' },
    );
    const failed = new Promise<never>((_, reject) => {
      child.once('error', reject);
      child.once('exit', (code) => reject(new Error(`redis-server ended with ${String(code)}`)));
    });
    failed.catch(() => undefined);
    server = child;
    await Promise.race([failed, answering(port)]);
  }

  async function kill(): Promise<void> {
    if (!server) return;
    const ended = new Promise((resolve) => server?.once('exit', resolve));
    server.kill('SIGKILL');
    await ended;
    server = undefined;
  }

  await start();
  return {
    host: HOST,
    port,
    ca: readFileSync(file('ca.crt'), 'utf8'),
    username: USER,
    password,
    async rotate() {
      rotations += 1;
      if (!server) return;
      const ca = readFileSync(file('ca.crt'), 'utf8');
      const admin = new Valkey({ host: HOST, port, username: ADMIN, password: ADMIN, tls: { ca } });
      await admin.call('ACL', 'SETUSER', USER, 'resetpass', `>${password()}`);
      await admin.call('CLIENT', 'KILL', 'USER', USER);
      admin.disconnect();
    },
    kill,
    start,
    freeze: () => void server?.kill('SIGSTOP'),
    thaw: () => void server?.kill('SIGCONT'),
    async stop() {
      server?.kill('SIGCONT');
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** An authority, and a certificate of its own for the server's address. */
function certify(folder: string): void {
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc'];
  openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.crt', '-days', '2', '-subj', '/CN=test authority');
  openssl('req', ...key, '-keyout', 'server.key', '-out', 'server.csr', '-subj', '/CN=cache');
  writeFileSync(path.join(folder, 'san.cnf'), `subjectAltName=IP:${HOST}\n`);
  openssl(
    ...['x509', '-req', '-in', 'server.csr', '-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial'],
    ...['-out', 'server.crt', '-days', '2', '-extfile', 'san.cnf'],
  );
  if (!existsSync(path.join(folder, 'server.crt'))) throw new Error('openssl made no certificate');
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = net.createServer();
    probe.once('error', reject);
    probe.listen(0, HOST, () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

async function answering(port: number): Promise<void> {
  for (const until = Date.now() + START_TIMEOUT_MS; ;) {
    if (await accepts(port)) return;
    if (Date.now() > until) throw new Error('redis-server does not answer');
    await sleep(20);
  }
}

const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = net.connect(port, HOST);
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', () => resolve(false));
  });
