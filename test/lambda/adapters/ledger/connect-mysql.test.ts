import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { sql } from 'kysely';
import { createServer as createMysqlServer } from 'mysql2';
import { attempts } from '../../../../lambda/adapters/ledger/attempts';
import { type MysqlConnection, restingMysql } from '../../../../lambda/adapters/ledger/connect-mysql';
import { mysql } from '../../../../lambda/adapters/ledger/dialect';
import { LedgerUnavailable } from '../../../../lambda/adapters/ledger/ledger';

/** Connecting to a server that resumes, as far as the wire goes: mysql2's own server side answers. */

/** What becomes of a new connection: it is cut, left without a word, turned away, or let in after a while. */
type Reception = 'cut' | 'silent' | 'turned away' | { readonly afterMs: number };

interface FakeServer {
  readonly port: number;
  /** Connections so far. */
  readonly accepted: () => number;
  readonly open: () => number;
  readonly stop: () => Promise<void>;
}
let server: FakeServer | undefined;
// mysql2's server says once that it counts packets on from the handshake, which its client does not mind.
beforeEach(() => void jest.spyOn(console, 'error').mockImplementation(() => undefined));
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

async function serve(receptions: readonly Reception[]): Promise<FakeServer> {
  const sockets = new Set<Socket>();
  let accepted = 0;
  const listener = createMysqlServer(() => undefined) as unknown as {
    _handleConnection(socket: Socket): void;
  } & Server;
  listener.on('connection', (connection: MysqlServerConnection) => {
    const reception = receptions[Math.min(accepted - 1, receptions.length - 1)] ?? 'silent';
    connection.on('error', () => undefined);
    if (reception === 'silent' || reception === 'cut') return;
    /** An answer is numbered 1, and the next question 0 again; mysql2's server goes on counting. */
    const answer = (write: () => void) => {
      connection.sequenceId = 1;
      write();
      connection.sequenceId = 0;
    };
    if (reception === 'turned away') {
      connection.writeError({ code: 1130, message: 'Host is not allowed to connect' });
      return;
    }
    const column = { catalog: 'def', schema: '', table: '', orgTable: '', name: 'one', orgName: 'one' };
    const shape = { characterSet: 33, columnLength: 1, columnType: 253, flags: 0, decimals: 0 };
    connection.on('query', () => answer(() => connection.writeTextResult([{ one: '1' }], [{ ...column, ...shape }])));
    // As mysql2's server hands a `set …` over.
    connection.on('stmt_prepare', () => answer(() => connection.writeOk()));
    connection.on('quit', () => connection.close());
    setTimeout(() => {
      connection.serverHandshake({
        protocolVersion: 10,
        serverVersion: '8.0.39',
        connectionId: accepted,
        statusFlags: 2,
        characterSet: 45,
        capabilityFlags: 0xffffff ^ 0x800,
      });
    }, reception.afterMs);
  });
  const front = createServer((socket) => {
    accepted += 1;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
    const reception = receptions[Math.min(accepted - 1, receptions.length - 1)];
    if (reception === 'cut') socket.destroy();
    else listener._handleConnection(socket);
  });
  front.listen(0, '127.0.0.1');
  await once(front, 'listening');
  const { port } = front.address() as AddressInfo;
  server = {
    port,
    accepted: () => accepted,
    open: () => sockets.size,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => void front.close(() => resolve()));
    },
  };
  return server;
}
interface MysqlServerConnection {
  sequenceId: number;
  on(event: string, listener: (text: string) => void): void;
  serverHandshake(options: object): void;
  writeError(options: object): void;
  writeTextResult(rows: readonly object[], columns: readonly object[]): void;
  writeOk(): void;
  close(): void;
}

const connectTo = ({ port }: Pick<FakeServer, 'port'>, change: Partial<MysqlConnection> = {}) =>
  restingMysql({
    at: { host: '127.0.0.1', port },
    database: 'ledger',
    credentials: async () => ({ user: 'signal9', password: '' }),
    ...change,
  });
const ask = ({ db }: ReturnType<typeof restingMysql>) => sql`select 1 as one`.execute(db).then(({ rows }) => rows);
const until = async (isTrue: () => boolean) => {
  for (let n = 0; n < 200 && !isTrue(); n += 1) await new Promise((resolve) => setTimeout(resolve, 10));
};
async function timed<T>(work: Promise<T>): Promise<{ outcome: T | Error; ms: number }> {
  const began = performance.now();
  const outcome = await work.catch((error: unknown) => error as Error);
  return { outcome, ms: performance.now() - began };
}

it('waits for a server that resumes, longer than it used to', async () => {
  const ledger = connectTo(await serve([{ afterMs: 700 }]), { connectPatienceMs: 5_000 });
  expect(await ask(ledger)).toEqual([{ one: '1' }]);
  await ledger.rest();
});

it('tries again while the server cuts connections, turns hosts away or is not there yet', async () => {
  const fake = await serve(['cut', 'turned away', 'cut', { afterMs: 0 }]);
  const ledger = connectTo(fake, { connectPatienceMs: 10_000 });
  expect(await ask(ledger)).toEqual([{ one: '1' }]);
  expect(fake.accepted()).toBe(4);
  await ledger.rest();
});

it.each([
  ['says nothing', ['silent'] as const],
  ['cuts every connection', ['cut'] as const],
])('gives up in time where the server %s, and says that the ledger is unavailable', async (_, receptions) => {
  const ledger = connectTo(await serve(receptions), { connectPatienceMs: 600 });
  const { outcome, ms } = await timed(ask(ledger));
  expect(outcome).toBeInstanceOf(LedgerUnavailable);
  expect(ms).toBeLessThan(3_000);
  await ledger.rest();
});

it('gives up in time where nobody listens', async () => {
  const { port, stop } = await serve(['cut']);
  await stop();
  const ledger = connectTo({ port }, { connectPatienceMs: 600 });
  expect((await timed(ask(ledger))).outcome).toMatchObject({
    name: 'LedgerUnavailable',
    message: expect.stringContaining('ECONNREFUSED') as unknown,
    retryAfterSeconds: 15,
  });
});

it('waits no longer than whoever asked: an answer leaves before the function is ended', async () => {
  const fake = await serve(['silent']);
  const left = connectTo(fake, { connectPatienceMs: 20_000, remainingMs: () => 4_400 });
  const { outcome, ms } = await timed(ask(left));
  expect(outcome).toBeInstanceOf(LedgerUnavailable);
  expect(ms).toBeLessThan(3_000);
  const none = connectTo(fake, { connectPatienceMs: 20_000, remainingMs: () => 3_999 });
  expect((await timed(ask(none))).outcome).toBeInstanceOf(LedgerUnavailable);
  expect(fake.accepted()).toBe(1);
  await left.rest();
});

it('at rest holds no connection, not even one that was still being made; the next query makes another', async () => {
  const fake = await serve([{ afterMs: 0 }, 'silent', { afterMs: 0 }]);
  const ledger = connectTo(fake, { connectPatienceMs: 500 });
  await ask(ledger);
  expect(fake.open()).toBe(1);
  await ledger.rest();
  await until(() => fake.open() === 0);
  expect(fake.open()).toBe(0);
  expect((await timed(ask(ledger))).outcome).toBeInstanceOf(LedgerUnavailable);
  await ledger.rest();
  await until(() => fake.open() === 0);
  expect(fake.open()).toBe(0);
  expect(await ask(ledger)).toEqual([{ one: '1' }]);
  expect(fake.accepted()).toBe(3);
  await ledger.rest();
  await ledger.rest();
});

describe('attempts', () => {
  const ports = { dialect: mysql, random: () => 0, sleep: async () => undefined };
  const lost = Object.assign(new Error('cut'), { code: 'ECONNRESET', fatal: true });
  const away = new LedgerUnavailable('away');

  it('are not repeated where there is no connection: the time for that was taken already', async () => {
    const work = jest.fn(() => Promise.reject(away));
    await expect(attempts(ports, work)).rejects.toBe(away);
    expect(work).toHaveBeenCalledTimes(1);
  });

  it('tell nobody that nothing was done, where an attempt before may have been committed', async () => {
    await expect(attempts(ports, (attempt) => Promise.reject(attempt === 1 ? lost : away))).rejects.toBe(lost);
  });
});
