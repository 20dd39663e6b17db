import { type ChildProcess, spawn } from 'node:child_process';
import type { Certificate } from './certificate';

export interface RedisServerProps {
  readonly port: number;
  /** Where it runs; it writes nothing there. */
  readonly folder: string;
  readonly certificate: Certificate;
  /** File with its users and what each may do. */
  readonly users: string;
}

/** A Redis server of this machine, on loopback and over TLS only, as ElastiCache is. */
export const spawnRedis = ({ port, folder, certificate, users }: RedisServerProps): ChildProcess =>
  spawn(
    'redis-server',
    [
      ...['--port', '0', '--tls-port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', ''],
      ...['--tls-cert-file', certificate.certificate, '--tls-key-file', certificate.key],
      ...['--tls-ca-cert-file', certificate.authority, '--tls-auth-clients', 'no', '--aclfile', users],
    ],
    { stdio: 'ignore' },
  );
