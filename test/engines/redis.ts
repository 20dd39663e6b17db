import { type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import Valkey from 'iovalkey';
import { freePort } from '../../local/host/engine/free-port';
import { accepting } from '../accepting';
import { certify } from '../certificate';
import { spawnRedis } from '../redis-server';

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
const RULES = '~signal9:* -@all +get +set +ping +auth';
const START_TIMEOUT_MS = 20_000;

/** @throws Error where Debian's redis-server is not installed */
export async function startRedis(): Promise<Redis> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 's9-redis-'));
  const certificate = certify(folder);
  const users = path.join(folder, 'users.acl');
  const port = await freePort();
  let rotations = 0;
  const password = () => `password-${rotations}`;
  let server: ChildProcess | undefined;

  const acl = () =>
    writeFileSync(
      users,
      ['user default off', `user ${USER} on >${password()} ${RULES}`, `user ${ADMIN} on >${ADMIN} +@all`, ''].join(
        '\n',
      ),
    );

  async function start(): Promise<void> {
    if (server) return;
    acl();
    server = spawnRedis({ port, folder, certificate, users });
    await accepting(port, once(server, 'exit'), START_TIMEOUT_MS);
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
    ca: readFileSync(certificate.authority, 'utf8'),
    username: USER,
    password,
    async rotate() {
      rotations += 1;
      if (!server) return;
      const ca = readFileSync(certificate.authority, 'utf8');
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
