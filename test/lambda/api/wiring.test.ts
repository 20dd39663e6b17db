import { dirname } from 'node:path';
import { routes } from '../../../contract/routes';
import { handler as assets } from '../../../lambda/api/assets';
import { handler as docs } from '../../../lambda/api/docs';
import { handler as health } from '../../../lambda/api/health';
import { handler as market } from '../../../lambda/api/market';
import { handler as users } from '../../../lambda/api/users';
import { handler as watchlists } from '../../../lambda/api/watchlists';
import { startDynamo, type TestDynamo } from '../../dynamo';
import { call } from './call';

/** The functions as Lambda runs them: wired from the environment alone, here with DynamoDB's endpoint in it. */

let dynamo: TestDynamo;
const before = { ...process.env };

beforeAll(async () => {
  dynamo = await startDynamo();
  await dynamo.createTables('wired');
  Object.assign(process.env, {
    LEDGER_PAUSES: 'false',
    AWS_ENDPOINT_URL_DYNAMODB: dynamo.endpoint,
    AWS_REGION: 'us-east-2',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    LAMBDA_TASK_ROOT: dirname(require.resolve('swagger-ui-dist/package.json')),
    LOG_LEVEL: 'ERROR',
    CONSOLE_ORIGIN: 'https://console.example',
    SIGNAL9_ENV: 'wired',
    SIGNAL9_VERSION: '1.2.3',
    SIGNAL9_TIME_ZONE: 'America/New_York',
    ALPHAVANTAGE_RPS: '1',
    ALPHAVANTAGE_RPM: 'none',
    ALPHAVANTAGE_RPD: '25',
    APCA_SECRET_ARN: 'arn:aws:secretsmanager:us-east-2:111122223333:secret:alpaca',
    APCA_API_BASE_URL: 'https://paper-api.alpaca.markets',
    APCA_API_DATA_URL: 'https://data.alpaca.markets',
  });
});
afterAll(async () => {
  process.env = before;
  await dynamo.stop();
});

test('health tells the region, the version and what is left of the plan', async () => {
  const { json, headers } = await call(health, routes.getHealth, { claims: null });
  expect(json).toMatchObject({
    status: 'ok',
    version: '1.2.3',
    env: 'wired',
    region: 'us-east-2',
    providers: { alpha_vantage: { used_today: 0, remaining_today: 25 } },
  });
  expect(Object.keys(json.providers.alpha_vantage as object).sort()).toEqual(['day', 'remaining_today', 'used_today']);
  expect(headers['access-control-allow-origin']).toBe('https://console.example');
});

test('the documentation reads its files beside the bundle', async () => {
  const { statusCode, body } = await call(docs, routes.getDocsAsset, { parameters: { asset: 'swagger-ui.css' } });
  expect([statusCode, body.length > 10_000]).toEqual([200, true]);
});

test('what is the caller’s is kept in its tables', async () => {
  expect((await call(users, routes.getUser, { parameters: { userId: 'me' } })).statusCode).toBe(404);
  expect((await call(watchlists, routes.listWatchlists)).json).toEqual({ items: [], next_cursor: null });
});

test('the reads read their tables', async () => {
  expect((await call(assets, routes.listAssets)).json).toEqual({ items: [], next_cursor: null });
  expect((await call(market, routes.listNews)).json).toEqual({ items: [], next_cursor: null });
});
