import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type CloudFormationAnswer } from '../../../lambda/adapters/cloudformation-answer';
import { leaveAhead, makeHandler } from '../../../lambda/trading/ledger-migration';

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

/** A handler whose migration fails with the given errors first, and where time passes at once but for the deadline. */
function deployment({ failures = [], hangs = false }: { failures?: Error[]; hangs?: boolean } = {}) {
  const answers: CloudFormationAnswer[] = [];
  const left = [...failures];
  const migrate = jest.fn(() => {
    if (hangs) return new Promise<void>(() => undefined);
    const failure = left.shift();
    return failure ? Promise.reject(failure) : Promise.resolve();
  });
  const handler = makeHandler({
    migrate,
    answer: (_, answer) => {
      answers.push(answer);
      return Promise.resolve();
    },
    sleep: (milliseconds) => (milliseconds <= 20_000 || hangs ? Promise.resolve() : new Promise<void>(() => undefined)),
    log: { debug: jest.fn(), info: jest.fn(), warn: jest.fn(), error: jest.fn() },
  });
  return { handler, migrate, answers };
}

describe('the migration of the ledger on deploy', () => {
  test.each(['Create', 'Update'] as const)('%s migrates, and tells CloudFormation', async (type) => {
    const { handler, migrate, answers } = deployment();
    await handler(request(type));
    expect(migrate).toHaveBeenCalledTimes(1);
    const { StackId, RequestId, LogicalResourceId } = request(type);
    expect(answers).toEqual([
      { Status: 'SUCCESS', PhysicalResourceId: 'ledger-schema', StackId, RequestId, LogicalResourceId },
    ]);
  });

  test('deletion leaves the ledger as it is', async () => {
    const { handler, migrate, answers } = deployment();
    await handler(request('Delete'));
    expect(migrate).not.toHaveBeenCalled();
    expect(answers).toMatchObject([{ Status: 'SUCCESS', PhysicalResourceId: 'ledger-schema' }]);
  });

  test('a proxy that is not ready yet is asked again', async () => {
    const { handler, migrate, answers } = deployment({ failures: [new Error('ECONNREFUSED'), new Error('ETIMEDOUT')] });
    await handler(request('Create'));
    expect(migrate).toHaveBeenCalledTimes(3);
    expect(answers).toMatchObject([{ Status: 'SUCCESS' }]);
  });

  test('a migration that fails fails the deployment, which says why and what to do', async () => {
    const failure = new Error("Table 'orders' already has a column 'fee'");
    const { handler, migrate, answers } = deployment({ failures: Array<Error>(9).fill(failure) });
    await handler(request('Update'));
    expect(migrate).toHaveBeenCalledTimes(4);
    expect(answers).toHaveLength(1);
    expect(answers[0]!.Status).toBe('FAILED');
    expect(answers[0]!.Reason).toMatch(
      /nothing that needs its new tables was deployed.*'fee'.*#ledger-migration-failed/,
    );
  });

  test('a migration that does not end is given up while there is time to say so', async () => {
    const { handler, answers } = deployment({ hangs: true });
    await handler(request('Update'));
    expect(answers).toMatchObject([{ Status: 'FAILED' }]);
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
