import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Context, SQSEvent } from 'aws-lambda';
import { functions } from '../../../contract/functions';
import { onFirstCall, parseEnvironment } from '../../../lambda/adapters/aws';
import { startSandbox, type Sandbox } from '../../../local/sandbox/sandbox';
import { startDynamo, type TestDynamo } from '../../dynamo';
import { delivery } from '../advisor/advisor';

/** EventBridge, SQS and Secrets Manager as far as the functions call them, all JSON with X-Amz-Target. */
interface AwsStub {
  readonly url: string;
  readonly calls: { target: string; body: Record<string, unknown> }[];
  refuse: boolean;
  secrets: Record<string, object>;
  close(): Promise<void>;
}

async function startAwsStub(): Promise<AwsStub> {
  const stub = { calls: [] as AwsStub['calls'], refuse: false, secrets: {} as Record<string, object> };
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const target = String(request.headers['x-amz-target']);
      const body = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>;
      stub.calls.push({ target, body });
      response.setHeader('content-type', 'application/x-amz-json-1.1');
      if (target.endsWith('PutEvents')) {
        const entries = (body.Entries as unknown[]).map((_, index) =>
          stub.refuse && index === 0 ? { ErrorCode: 'ThrottlingException' } : { EventId: 'e' },
        );
        response.end(JSON.stringify({ FailedEntryCount: stub.refuse ? 1 : 0, Entries: entries }));
      } else if (target.endsWith('GetSecretValue')) {
        response.end(JSON.stringify({ SecretString: JSON.stringify(stub.secrets[String(body.SecretId)] ?? {}) }));
      } else {
        // The client checks the digest of what it sent.
        const MD5OfMessageBody = createHash('md5').update(String(body.MessageBody)).digest('hex');
        response.end(JSON.stringify({ MessageId: 'm', MD5OfMessageBody }));
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return Object.assign(stub, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => void server.close(() => resolve()));
    },
  });
}

let dynamo: TestDynamo;
let stub: AwsStub;
let sandbox: Sandbox;
const before = { ...process.env };
const context = {
  awsRequestId: 'r-1',
  functionName: 'f',
  memoryLimitInMB: '128',
  invokedFunctionArn: 'arn',
} as unknown as Context;
const IDS = { asset_id: '00000000-0000-4000-8000-000000000000', symbol: 'NIX' };

beforeAll(async () => {
  [dynamo, stub, sandbox] = await Promise.all([
    startDynamo(),
    startAwsStub(),
    startSandbox({ universe: 30, now: () => new Date() }),
  ]);
  await dynamo.createTables('wired');
  stub.secrets = {
    'alpaca-secret': { key_id: 'k', secret_key: 's' },
    'av-secret': { api_key: 'k' },
    'empty-secret': { api_key: '' },
  };
  Object.assign(process.env, {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_ENDPOINT_URL_DYNAMODB: dynamo.endpoint,
    AWS_ENDPOINT_URL_EVENTBRIDGE: stub.url,
    AWS_ENDPOINT_URL_SQS: stub.url,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: stub.url,
    POWERTOOLS_DEV: 'true',
    LOG_LEVEL: 'ERROR',
    SIGNAL9_ENV: 'wired',
    SIGNAL9_VERSION: '0.0.0',
    SIGNAL9_TIME_ZONE: 'America/New_York',
    APCA_SECRET_ARN: 'alpaca-secret',
    APCA_API_BASE_URL: sandbox.alpacaUrl,
    APCA_API_DATA_URL: sandbox.alpacaUrl,
    ALPHAVANTAGE_SECRET_ARN: 'av-secret',
    ALPHAVANTAGE_BASE_URL: sandbox.alphaVantageUrl,
    ALPHAVANTAGE_RPS: '10',
    ALPHAVANTAGE_RPM: '600',
    ALPHAVANTAGE_RPD: 'none',
    QUEUE_URL: `${stub.url}/queue`,
    DLQ_URL: `${stub.url}/dlq`,
    MAX_RECEIVE_COUNT: '3',
    BENEISH_THRESHOLD: '-1.78',
  });
});
afterAll(async () => {
  process.env = before;
  await Promise.all([dynamo.stop(), stub.close(), sandbox.close()]);
});
beforeEach(() => {
  stub.calls.length = 0;
  stub.refuse = false;
  for (const level of ['error', 'log'] as const) jest.spyOn(console, level).mockImplementation(() => undefined);
});

type Handler = (event: unknown, context?: Context) => Promise<unknown>;
const entry = async (id: keyof typeof functions): Promise<Handler> => {
  const module = (await import(`../../../${functions[id].entry.replace(/\.ts$/, '')}`)) as { handler: Handler };
  return module.handler;
};
const job = (name: string, at = new Date().toISOString()) => ({ job: name, scheduled_time: at });

describe('the entries, wired as in AWS', () => {
  test('a job fetches with the secret’s keys, stores, and tells the bus', async () => {
    const handler = await entry('asset-sync');
    await expect(handler(job('asset-sync'), context)).resolves.toMatchObject({ outcome: 'done' });
    const put = stub.calls.find(({ target }) => target === 'AWSEvents.PutEvents');
    expect(put?.body.Entries).toMatchObject([
      { EventBusName: 'signal9-wired', Source: 'signal9.advisor', DetailType: 'assetsSynced' },
    ]);
  });

  test.each(['earnings-sync', 'news-sync', 'earnings-pollination', 'regular-pollination'] as const)(
    '%s',
    async (id) => {
      await expect((await entry(id))(job(id), context)).resolves.toMatchObject({ outcome: 'done' });
    },
  );

  test('the planner publishes ten events a call', async () => {
    const handler = await entry('regular-pollination');
    const at = new Date(Date.now() + 3 * 86_400_000).toISOString();
    await handler(job('regular-pollination', at), context);
    for (const { body } of stub.calls.filter(({ target }) => target === 'AWSEvents.PutEvents'))
      expect((body.Entries as unknown[]).length).toBeLessThanOrEqual(10);
  });

  test.each(['pollination-worker', 'analysis-worker'] as const)(
    '%s parks a poison message with its cause',
    async (id) => {
      const event: SQSEvent = delivery(id === 'pollination-worker' ? 'pollenationNeeded' : 'analysisNeeded', {
        ...IDS,
        reason: 'x',
        requested_at: new Date().toISOString(),
      });
      await expect((await entry(id))(event, context)).resolves.toEqual({ batchItemFailures: [] });
      const sent = stub.calls.find(({ target }) => target === 'AmazonSQS.SendMessage');
      expect(sent?.body).toMatchObject({
        QueueUrl: `${stub.url}/dlq`,
        MessageAttributes: { cause: { StringValue: `PoisonMessage: no asset ${IDS.asset_id}` } },
      });
    },
  );

  test('the audit log', async () => {
    await expect((await entry('audit-log'))({ Records: [] }, context)).resolves.toEqual({ batchItemFailures: [] });
  });
});

test('events that the bus refused are an error, so that the caller repeats them', async () => {
  stub.refuse = true;
  const handler = await entry('asset-sync');
  await expect(handler(job('asset-sync', '2026-05-18T00:00:00Z'), context)).rejects.toThrow(
    'the bus refused 1 of 1 events: ThrottlingException',
  );
});

test('a wrong environment is one error that names the variable', () => {
  expect(() =>
    parseEnvironment('asset-sync', { SIGNAL9_ENV: 'x', APCA_SECRET_ARN: 'a', APCA_API_BASE_URL: 'nowhere' }),
  ).toThrow(/the environment of asset-sync is wrong: APCA_API_BASE_URL: .*; APCA_API_DATA_URL/);
});

test('it is wired once a container, at the first call', async () => {
  const wire = jest.fn(() => async (event: number) => event + 1);
  const handler = onFirstCall('audit-log', wire);
  expect(wire).not.toHaveBeenCalled();
  expect([await handler(1), await handler(2, context)]).toEqual([2, 3]);
  expect(wire).toHaveBeenCalledTimes(1);
});

test('a secret that nobody has filled in says so', async () => {
  process.env.ALPHAVANTAGE_SECRET_ARN = 'empty-secret';
  await jest.isolateModulesAsync(async () => {
    const { handler } = (await import('../../../lambda/advisor/news-sync')) as { handler: Handler };
    await expect(handler(job('news-sync', '2026-05-18T01:00:00Z'), context)).rejects.toThrow(
      'secret empty-secret: api_key is empty',
    );
  });
  process.env.ALPHAVANTAGE_SECRET_ARN = 'av-secret';
});

test('what is to be done at the end of a call is done before its answer leaves, whatever came of it', async () => {
  process.env.SIGNAL9_ENV = 'end';
  const done: string[] = [];
  const handler = onFirstCall('audit-log', (_, { atEnd, remainingMs }) => {
    atEnd(async () => void done.push('closed'));
    atEnd(() => Promise.reject(new Error('could not be closed')));
    return async (event: string) => {
      done.push(`${event} with ${remainingMs()} ms`);
      if (event === 'bad') throw new Error('it failed');
      return 'answer';
    };
  });
  const withTime = (ms: number) => ({ ...context, getRemainingTimeInMillis: () => ms }) as unknown as Context;
  expect(await handler('good', withTime(900))).toBe('answer');
  await expect(handler('bad', withTime(500))).rejects.toThrow('it failed');
  expect(await handler('good')).toBe('answer');
  expect(done).toEqual(['good with 900 ms', 'closed', 'bad with 500 ms', 'closed', 'good with Infinity ms', 'closed']);
});
