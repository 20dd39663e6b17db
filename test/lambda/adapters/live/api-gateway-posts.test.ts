import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApiGatewayManagementApiClient } from '@aws-sdk/client-apigatewaymanagementapi';
import { apiGatewayPosts } from '../../../../lambda/adapters/live/api-gateway-posts';
import type { Posts } from '../../../../lambda/adapters/live/connections';

/** As API Gateway's management API answers. */
const answers: Record<string, readonly [status: number, error?: string]> = {
  'open=': [200],
  'gone=': [410, 'GoneException'],
  'busy=': [429, 'LimitExceededException'],
};
const asked: { readonly method: string; readonly path: string; readonly body: string }[] = [];
let server: Server;
let client: ApiGatewayManagementApiClient;
let posts: Posts;

beforeAll(async () => {
  server = createServer((request: IncomingMessage, response) => {
    let body = '';
    request.on('data', (data: Buffer) => (body += data.toString()));
    request.on('end', () => {
      const { method = '', url: path = '' } = request;
      asked.push({ method, path, body });
      const [status, error] = answers[decodeURIComponent(path).split('/').at(-1)!]!;
      response.writeHead(status, error === undefined ? {} : { 'x-amzn-errortype': error }).end(error && '{}');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  client = new ApiGatewayManagementApiClient({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/dev`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });
  posts = apiGatewayPosts(client);
});
afterAll(() => {
  client.destroy();
  server.close();
});
beforeEach(() => (asked.length = 0));

it('posts a message to a connection of the stage', async () => {
  expect(await posts.post('open=', '{"type":"pong"}')).toBe('sent');
  expect(asked).toEqual([{ method: 'POST', path: '/dev/@connections/open%3D', body: '{"type":"pong"}' }]);
});

it('says who is gone', async () => {
  expect(await posts.post('gone=', '{}')).toBe('gone');
});

it('throws where a connection takes no more for now: it is not gone', async () => {
  await expect(posts.post('busy=', '{}')).rejects.toMatchObject({ name: 'LimitExceededException' });
});

it('ends a connection, and minds no other that has ended', async () => {
  await posts.end('open=');
  await posts.end('gone=');
  expect(asked.map(({ method }) => method)).toEqual(['DELETE', 'DELETE']);
  await expect(posts.end('busy=')).rejects.toMatchObject({ name: 'LimitExceededException' });
});
