import type { CloudFormationAnswer } from '../../../lambda/adapters/cloudformation-answer';
import { migratePortfolios } from '../../../lambda/adapters/portfolio/migrations/migrate';
import { makeHandler } from '../../../lambda/portfolio/portfolio-migration';
import { startPortfolios, type TestPortfolios } from '../../portfolio';
import { recordingLog } from '../api/call';

let portfolios: TestPortfolios;
beforeAll(async () => {
  portfolios = await startPortfolios();
});
afterAll(() => portfolios.stop());

const request = {
  RequestType: 'Create',
  ResponseURL: 'https://cloudformation-custom-resource-response.example.com/answer',
  StackId: 'arn:aws:cloudformation:us-east-1:111111111111:stack/Compute/1',
  RequestId: 'request-1',
  LogicalResourceId: 'Schema',
};

async function deployed(migrate: () => Promise<unknown>) {
  const answers: CloudFormationAnswer[] = [];
  let waited = 0;
  // The deadline is the one wait that the test does not let pass.
  const sleep = (milliseconds: number) =>
    milliseconds > 60_000 ? new Promise<void>(() => undefined) : Promise.resolve(void (waited += milliseconds));
  await makeHandler({
    open: () => ({ migrate, close: async () => undefined }),
    answer: async (_, answer) => void answers.push(answer),
    sleep,
    log: recordingLog(),
  })(request);
  return { answers, waited };
}

it('makes the tables once a database that was being made is there, and tells CloudFormation', async () => {
  const connect = await portfolios.emptyDatabase();
  const db = connect();
  const errors = [
    Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }),
    Object.assign(new Error('password authentication failed'), { code: '28P01' }),
    Object.assign(new Error('the database system is starting up'), { code: '57P03' }),
  ];
  const { answers, waited } = await deployed(async () => {
    const error = errors.shift();
    if (error) throw error;
    return migratePortfolios(db);
  });
  expect(answers).toMatchObject([{ Status: 'SUCCESS', PhysicalResourceId: 'portfolio-schema' }]);
  expect(waited).toBe(60_000);
  expect(await migratePortfolios(db)).toEqual([]);
});

it('fails the deployment at once where the tables are wrong', async () => {
  const { answers } = await deployed(() => Promise.reject(new Error('relation "closes" already exists')));
  expect(answers).toMatchObject([{ Status: 'FAILED' }]);
  expect(answers[0]!.Reason).toMatch(
    /^The portfolios' database could not be migrated.*"closes".*#portfolio-migration-failed/,
  );
});
