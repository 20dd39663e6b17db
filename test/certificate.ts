import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';

/** An authority of this run, and a certificate of its own for the name under which the local servers are reached. */
export interface Certificate {
  /** File of the authority's certificate. */
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
}

export const HOST = 'localhost';

/** @throws Error where openssl is not installed */
export function certify(folder: string): Certificate {
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.crt', '-days', '2', '-subj', '/CN=Signal9 test');
  openssl('req', ...key, '-keyout', 'server.key', '-out', 'server.csr', '-subj', `/CN=${HOST}`);
  writeFileSync(path.join(folder, 'san.cnf'), `subjectAltName=DNS:${HOST},IP:127.0.0.1\n`);
  openssl(
    ...['x509', '-req', '-in', 'server.csr', '-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial'],
    ...['-out', 'server.crt', '-days', '2', '-extfile', 'san.cnf'],
  );
  const file = (name: string) => path.join(folder, name);
  return { authority: file('ca.crt'), certificate: file('server.crt'), key: file('server.key') };
}
