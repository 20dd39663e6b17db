import type { CloudFormationAnswer } from '../../../lambda/adapters/cloudformation-answer';
import { makeHandler } from '../../../lambda/api/console-config';

const CONTENT = JSON.stringify({ env: 'dev', api_url: 'https://api.example.com/v1' });
const request = (RequestType: 'Create' | 'Update' | 'Delete', ResourceProperties: object = { Content: CONTENT }) => ({
  RequestType,
  ResponseURL: 'https://cloudformation-custom-resource-response.example.com/answer',
  StackId: 'arn:aws:cloudformation:us-east-1:111111111111:stack/Api/1',
  RequestId: 'request-1',
  LogicalResourceId: 'ConsoleConfigWritten',
  ResourceType: 'Custom::ConsoleConfig',
  ResourceProperties: { ServiceToken: 'arn:aws:lambda:us-east-1:111111111111:function:writer', ...ResourceProperties },
});

function deployment({ broken = false } = {}) {
  const files = new Map<string, string>();
  const answers: CloudFormationAnswer[] = [];
  const handler = makeHandler({
    files: {
      put: (key, body, contentType) =>
        broken
          ? Promise.reject(new Error('Access Denied'))
          : Promise.resolve(void files.set(key, `${contentType} ${Buffer.from(body).toString()}`)),
    },
    answer: (_, answer) => Promise.resolve(void answers.push(answer)),
    log: { debug: jest.fn(), info: jest.fn(), warn: jest.fn(), error: jest.fn() },
  });
  return { handler, files, answers };
}

describe("the console's config.json", () => {
  test.each(['Create', 'Update'] as const)(
    '%s writes what the deployment says, and tells CloudFormation',
    async (type) => {
      const { handler, files, answers } = deployment();
      await handler(request(type));
      expect([...files]).toEqual([['config.json', `application/json ${CONTENT}`]]);
      const { StackId, RequestId, LogicalResourceId } = request(type);
      expect(answers).toEqual([
        { Status: 'SUCCESS', PhysicalResourceId: 'config.json', StackId, RequestId, LogicalResourceId },
      ]);
    },
  );

  test('deletion leaves the file as it is: it goes, or stays, with its bucket', async () => {
    const { handler, files, answers } = deployment();
    await handler(request('Delete'));
    expect(files.size).toBe(0);
    expect(answers).toMatchObject([{ Status: 'SUCCESS', PhysicalResourceId: 'config.json' }]);
  });

  test('a file that cannot be written fails the deployment, which says why', async () => {
    const { handler, answers } = deployment({ broken: true });
    await handler(request('Update'));
    expect(answers).toMatchObject([
      { Status: 'FAILED', Reason: "The console's config.json could not be written: Access Denied" },
    ]);
  });

  test('a request without content fails the deployment too, and writes nothing', async () => {
    const { handler, files, answers } = deployment();
    await handler(request('Create', {}));
    expect(files.size).toBe(0);
    expect(answers).toMatchObject([{ Status: 'FAILED', Reason: expect.stringContaining('Content') as string }]);
  });
});
