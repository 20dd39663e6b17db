import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import type { Aws } from '../../../../lambda/adapters/aws';
import * as connecting from '../../../../lambda/adapters/ledger/connect-mysql';
import { lookingLedgerOf } from '../../../../lambda/adapters/ledger/from-environment';
import { makeHandler as makeExpiry } from '../../../../lambda/trading/order-expiry';
import { makeHandler as makeFollower } from '../../../../lambda/trading/venue-follower';
import { recordingLog } from '../../api/call';

jest.mock('@aws-lambda-powertools/parameters/secrets', () => ({
  getSecret: async () => ({ username: 'signal9', password: 'not a real one' }),
}));

const environment = {
  LEDGER_SECRET_ARN: 'arn:aws:secretsmanager:us-east-1:111111111111:secret:ledger',
  LEDGER_WRITER_HOST: '127.0.0.1',
  LEDGER_READER_HOST: '127.0.0.1',
  LEDGER_PORT: 1,
  LEDGER_DATABASE: 'ledger',
  LEDGER_PAUSES: 'true',
} as const;

const NOW = '2026-05-18T15:00:00.000Z';
const BUSY = '2026-05-18T14:00:00.000Z';
const word = { while: BUSY, about: '', before: null };
const asleep = { busy_until: BUSY, 'idle_order-expiry': word, 'idle_venue-follower': word };

function awsWith(row: object | undefined): Aws & { readonly lasts: (() => Promise<void>)[] } {
  const lasts: (() => Promise<void>)[] = [];
  return {
    env: 'test',
    documents: { send: async () => (row === undefined ? {} : { Item: row }) } as never,
    clock: () => new Date(NOW),
    sleep: async () => undefined,
    random: () => 0,
    log: recordingLog(),
    metrics: { count: () => undefined },
    remainingMs: () => 4_200,
    atEnd: (work) => void lasts.push(work),
    lasts,
  };
}

it('asleep, the jobs open no connection to the ledger; awake, they do', async () => {
  let accepted = 0;
  const server = createServer((socket) => {
    accepted += 1;
    socket.on('error', () => undefined);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const at = { ...environment, LEDGER_PORT: (server.address() as AddressInfo).port };
  const run = (row: object | undefined) => {
    const aws = awsWith(row);
    const services = { ...aws, ...lookingLedgerOf(at, aws) };
    const venue = { name: 'alpaca' } as never;
    const job = (name: string) => ({ job: name, scheduled_time: NOW });
    return {
      end: () => Promise.all(aws.lasts.map((last) => last())),
      outcomes: Promise.allSettled([
        makeExpiry(services)(job('order-expiry')),
        makeFollower({ ...services, bus: { publish: async () => undefined }, venue })(job('venue-follower')),
      ]),
    };
  };
  const resting = run(asleep);
  expect(await resting.outcomes).toMatchObject([{ value: { outcome: 'asleep' } }, { value: { outcome: 'asleep' } }]);
  expect(accepted).toBe(0);
  const looking = run({ busy_until: '2026-05-18T15:10:00.000Z' });
  expect(await looking.outcomes).toMatchObject([{ status: 'rejected' }, { status: 'rejected' }]);
  expect(accepted).toBeGreaterThan(0);
  await looking.end();
  await new Promise<void>((resolve) => void server.close(() => resolve()));
});

describe('a connection', () => {
  const opened = (pauses: 'true' | 'false') => {
    const spied = jest.spyOn(connecting, 'restingMysql');
    const aws = awsWith(undefined);
    lookingLedgerOf({ ...environment, LEDGER_PAUSES: pauses }, aws);
    const asked = spied.mock.calls.map(([connection]) => connection);
    spied.mockRestore();
    return { asked, lasts: aws.lasts };
  };

  it('trusts the authorities of RDS, which sign clusters, and Amazon’s, which sign proxies, and no others', () => {
    const names = (opened('true').asked[0]!.authorities ?? []).map((pem) => new X509Certificate(pem).subject);
    for (const name of ['Amazon RDS us-east-1 Root CA RSA2048 G1', 'Amazon Root CA 1'])
      expect(names.some((subject) => subject.includes(name))).toBe(true);
    expect(names.every((subject) => /Amazon|Starfield/.test(subject))).toBe(true);
  });

  it('is waited for while a ledger resumes, and ended with each invocation, where the ledger pauses', () => {
    const { asked, lasts } = opened('true');
    expect(asked.map(({ connectPatienceMs }) => connectPatienceMs)).toEqual([20_000, 20_000]);
    expect(lasts).toHaveLength(2);
  });

  it('is kept, and waited for as briefly as ever, where it does not', () => {
    const { asked, lasts } = opened('false');
    expect(asked.map(({ connectPatienceMs }) => connectPatienceMs)).toEqual([undefined, undefined]);
    expect(lasts).toEqual([]);
  });
});
