import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type CloudFormationAnswer } from '../../../lambda/adapters/cloudformation-answer';
import { leaveAhead } from '../../../lambda/migration';
import { makeHandler } from '../../../lambda/trading/ledger-migration';

const request = (RequestType: 'Create' | 'Update' | 'Delete') => ({
  RequestType,
  ResponseURL: 'https://cloudformation-custom-resource-response.example.com/answer',
  StackId: 'arn:aws:cloudformation:us-east-1:111111111111:stack/Compute/1',
  RequestId: 'request-1',
  LogicalResourceId: 'Schema',
  ResourceType: 'Custom::LedgerSchema',
  ServiceToken: 'arn:aws:lambda:us-east-1:111111111111:function:migration',
  ResourceProperties: { Bundle: 'abc' },
});

/** As mysql2 says it. */
const lost = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED', fatal: true });
const refused = Object.assign(new Error('Access denied for user'), { errno: 1045, fatal: true });

/** A handler whose migration fails with the given errors first, then goes well, or hangs. The clock is the test's. */
function deployment({ failures = [], hangs = false }: { failures?: Error[]; hangs?: boolean } = {}) {
  const answers: (CloudFormationAnswer & { after: number })[] = [];
  const left = [...failures];
  const begun = Date.now();
  const migrate = jest.fn(() => {
    if (hangs) return new Promise<void>(() => undefined);
    const failure = left.shift();
    return failure ? Promise.reject(failure) : Promise.resolve();
  });
  const close = jest.fn(() => (hangs ? new Promise<void>(() => undefined) : Promise.resolve()));
  const handle = makeHandler({
    open: () => ({ migrate, close }),
    answer: (_, answer) => {
      answers.push({ ...answer, after: (Date.now() - begun) / 1000 });
      return Promise.resolve();
    },
    sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
    log: { debug: jest.fn(), info: jest.fn(), warn: jest.fn(), error: jest.fn() },
  });
  const handler = async (event: unknown): Promise<void> => {
    const handled = handle(event);
    handled.catch(() => undefined);
    await jest.advanceTimersByTimeAsync(600_000);
    await handled;
  };
  return { handler, migrate, close, answers };
}

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

describe('the migration of the ledger on deploy', () => {
  test.each(['Create', 'Update'] as const)('%s migrates, and tells CloudFormation', async (type) => {
    const { handler, migrate, close, answers } = deployment();
    await handler(request(type));
    expect(migrate).toHaveBeenCalledTimes(1);
    expect(close).toHaveBeenCalledTimes(1);
    const { StackId, RequestId, LogicalResourceId } = request(type);
    expect(answers).toMatchObject([
      { Status: 'SUCCESS', PhysicalResourceId: 'ledger-schema', StackId, RequestId, LogicalResourceId },
    ]);
  });

  test('deletion leaves the ledger as it is', async () => {
    const { handler, migrate, answers } = deployment();
    await handler(request('Delete'));
    expect(migrate).not.toHaveBeenCalled();
    expect(answers).toMatchObject([{ Status: 'SUCCESS', PhysicalResourceId: 'ledger-schema' }]);
  });

  test('a proxy that is not ready yet is asked again, and so is one that has no password yet', async () => {
    const { handler, migrate, answers } = deployment({ failures: [lost, lost, refused, lost, refused] });
    await handler(request('Create'));
    expect(migrate).toHaveBeenCalledTimes(6);
    expect(answers).toMatchObject([{ Status: 'SUCCESS', after: 100 }]);
  });

  test('a proxy that never gets ready is asked until the deadline, and not after it', async () => {
    const { handler, migrate, close, answers } = deployment({ failures: Array<Error>(99).fill(lost) });
    await handler(request('Create'));
    expect(migrate).toHaveBeenCalledTimes(14);
    expect(close).toHaveBeenCalledTimes(1);
    expect(answers).toMatchObject([{ Status: 'FAILED', after: 270 }]);
    expect(answers[0]!.Reason).toMatch(/not done after 270 seconds, last Error: connect ECONNREFUSED/);
  });

  test('a migration that fails fails the deployment at once, which says why and what to do', async () => {
    const failure = new Error("Table 'orders' already has a column 'fee'");
    const { handler, migrate, answers } = deployment({ failures: Array<Error>(9).fill(failure) });
    await handler(request('Update'));
    expect(migrate).toHaveBeenCalledTimes(1);
    expect(answers).toMatchObject([{ Status: 'FAILED', after: 0 }]);
    expect(answers[0]!.Reason).toMatch(
      /nothing that needs the new tables was deployed.*'fee'.*#ledger-migration-failed/,
    );
  });

  test('a migration that does not end is given up while there is time to say so, and its connection closed', async () => {
    const { handler, close, answers } = deployment({ hangs: true });
    await handler(request('Update'));
    expect(close).toHaveBeenCalledTimes(1);
    expect(answers).toMatchObject([{ Status: 'FAILED', after: 270 }]);
    expect(answers[0]!.Reason).toMatch(/not done after 270 seconds/);
  });

  test('what is no request of CloudFormation is refused', async () => {
    const { handler, migrate } = deployment();
    await expect(handler({ job: 'ledger-migration' })).rejects.toThrow();
    expect(migrate).not.toHaveBeenCalled();
  });

  test('a ledger ahead of the bundle, as after a rollback, is left as it is; any other error counts', () => {
    const words = (name: string) => `corrupted migrations: previously executed migration ${name} is missing`;
    // A release of Kysely that says it in other words must not go unnoticed.
    const migrator = join(dirname(require.resolve('kysely')), 'migration', 'migrator.js');
    expect(readFileSync(migrator, 'utf8')).toContain(words('${executed}'));
    expect(() => leaveAhead(new Error(words('0002-later')))).not.toThrow();
    expect(() => leaveAhead(new Error('access denied'))).toThrow('access denied');
  });
});
