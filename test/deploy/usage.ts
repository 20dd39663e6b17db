import { ok, equal } from 'node:assert/strict';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetScheduleCommand, paginateListSchedules, SchedulerClient } from '@aws-sdk/client-scheduler';
import { GetSecretValueCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { type Client, createClient } from '../../contract/client';
import { type ScheduleId, schedules } from '../../contract/schedules';
import { bodyIn } from '../conformance/cases';
import { connected } from '../live-client';
import type { Deployment } from './deployment';
import type { People } from './people';
import { until } from './until';

/** Who uses what was deployed. */
export interface User {
  readonly deployment: Deployment;
  readonly people: People;
}

/** A thing that somebody does with the platform. */
export interface Use {
  readonly says: string;
  /** @returns what was seen @throws Error where it is not as it should be */
  readonly run: (user: User) => Promise<string>;
}

const KEYS = {
  AlpacaSecretArn: { key_id: 'sandbox', secret_key: 'sandbox' },
  AlphaVantageSecretArn: { api_key: 'sandbox' },
};
const DAY = ['earnings-sync', 'news-sync', 'earnings-pollination', 'regular-pollination'] as const;
const BEFORE: readonly ScheduleId[] = ['asset-sync', ...DAY, 'universe-ranking'];
/** Of the sandbox's 25 companies, funds and the like have no statements and no analysis. */
const ANALYSED = 5;

const output = ({ deployment }: User, name: string): string => z.string().parse(deployment.outputs[name]);
const person = ({ deployment, people }: User): Client =>
  createClient({ baseUrl: deployment.restUrl, token: people.person });

/** What is in a place of the table of analyses. */
async function analysesOf(user: User, asset_id: string): Promise<readonly Record<string, unknown>[]> {
  const { Items = [] } = await DynamoDBDocumentClient.from(new DynamoDBClient({})).send(
    new QueryCommand({
      TableName: output(user, 'AssetAnalysisTableName'),
      IndexName: 'by-asset',
      KeyConditionExpression: 'asset_id = :asset',
      ExpressionAttributeValues: { ':asset': asset_id },
    }),
  );
  return Items;
}

/** Runs what a schedule would start, with what the schedule would say. @returns the run's report */
async function runSchedule(job: ScheduleId): Promise<unknown> {
  const client = new SchedulerClient({});
  for await (const { Schedules = [] } of paginateListSchedules({ client }, {})) {
    for (const { Name, GroupName } of Schedules) {
      const { Target, Description } = await client.send(new GetScheduleCommand({ Name, GroupName }));
      if (Description?.startsWith(`${job}:`) !== true) continue;
      const input = z.string().parse(Target?.Input);
      const { FunctionError, Payload } = await new LambdaClient({}).send(
        new InvokeCommand({
          FunctionName: Target?.Arn,
          Payload: Buffer.from(input.replace('<aws.scheduler.scheduled-time>', new Date().toISOString())),
        }),
      );
      const said = Payload?.transformToString() ?? '';
      equal(FunctionError, undefined, said);
      return JSON.parse(said);
    }
  }
  throw new Error(`no schedule starts ${job}`);
}

export const uses: readonly Use[] = [
  {
    says: 'puts the providers’ keys into their secrets, and reads one back',
    async run(user) {
      const secrets = new SecretsManagerClient({});
      for (const [name, value] of Object.entries(KEYS))
        await secrets.send(
          new PutSecretValueCommand({ SecretId: output(user, name), SecretString: JSON.stringify(value) }),
        );
      const SecretId = output(user, 'AlpacaSecretArn');
      const { SecretString = '' } = await secrets.send(new GetSecretValueCommand({ SecretId }));
      const fields = Object.keys(z.record(z.string(), z.string()).parse(JSON.parse(SecretString)));
      return `${SecretId} has ${fields.join(' and ')}`;
    },
  },
  {
    says: 'runs the target of the schedule asset-sync with the schedule’s own input',
    run: async () => JSON.stringify(await runSchedule('asset-sync')),
  },
  {
    says: 'reads assets over the deployed REST API, and is refused without a token',
    async run(user) {
      const { items } = bodyIn(await person(user).call('listAssets', { query: { limit: 100 } }));
      ok(items.length >= 20, `${items.length} assets`);
      const refused = await createClient({ baseUrl: user.deployment.restUrl }).send('listAssets', {});
      equal(refused.status, 401);
      return `${items.length} assets; without a token ${refused.status}`;
    },
  },
  {
    says: 'sends an event to the bus, and finds the row that the workers wrote',
    async run(user) {
      const { items } = bodyIn(await person(user).call('listAssets', { query: { limit: 100 } }));
      const [asset] = items;
      ok(asset);
      equal((await analysesOf(user, asset.asset_id)).length, 0, 'there is no row yet');
      const { Entries = [] } = await new EventBridgeClient({}).send(
        new PutEventsCommand({
          Entries: [
            {
              EventBusName: output(user, 'EventBusName'),
              Source: 'signal9.advisor',
              DetailType: 'pollenationNeeded',
              Detail: JSON.stringify({
                asset_id: asset.asset_id,
                symbol: asset.symbol,
                reason: 'verification',
                requested_at: new Date().toISOString(),
              }),
            },
          ],
        }),
      );
      const row = await until(
        `an analysis of ${asset.symbol}`,
        async () => (await analysesOf(user, asset.asset_id))[0],
      );
      return `event ${Entries[0]?.EventId ?? ''} → ${String(row.analysis_id)} of ${asset.symbol}`;
    },
  },
  {
    says: 'lives through the rest of the advisor’s day',
    async run(user) {
      for (const job of DAY) await runSchedule(job);
      const client = person(user);
      const rated = async () => {
        const { items } = bodyIn(await client.call('listAssets', { query: { sort: 'rating', limit: 100 } }));
        const found = items.filter(({ rating }) => rating !== null);
        return found.length >= ANALYSED && found;
      };
      const found = await until(`${ANALYSED} rated companies`, rated, 180);
      await runSchedule('universe-ranking');
      return `${found.length} companies rated, the best is ${found[0]?.symbol ?? ''}`;
    },
  },
  {
    says: 'keeps a profile over the REST API: writes it, reads it',
    async run(user) {
      const client = person(user);
      bodyIn(await client.call('createUser', { body: { display_name: 'Ada' } }));
      const read = bodyIn(await client.call('getUser', { parameters: { userId: 'me' } }));
      equal(read.display_name, 'Ada');
      return `user ${read.user_id} is ${read.display_name}`;
    },
  },
  {
    says: 'books a trade, sees it in the portfolio’s holdings, and is told over the WebSocket API',
    async run(user) {
      const client = person(user);
      const { portfolio_id } = bodyIn(await client.call('createPortfolio', { body: { name: 'Deployed' } }));
      const live = await connected(user.deployment.liveUrl, user.people.person);
      live.say({ action: 'subscribe', portfolio_id });
      await live.next('valuation', 20_000);
      const rated = bodyIn(await client.call('listAssets', { query: { sort: 'rating', limit: 1 } })).items[0];
      const symbol = rated?.symbol ?? '';
      const order = { symbol, quantity: '2.5', portfolio_id };
      const { trade_id } = bodyIn(await client.call('bookTrade', { body: order }));
      const told = await live.next('trade', 60_000);
      equal(told.trade_id, trade_id);
      const held = await until('the holding', async () => {
        const { items } = bodyIn(await client.call('getHoldings', { parameters: { portfolioId: portfolio_id } }));
        return items.find((item) => item.symbol === symbol);
      });
      await live.close();
      return `${trade_id}: ${held.qty} ${held.symbol}, told over the WebSocket`;
    },
  },
  {
    says: 'runs the target of every other schedule',
    async run() {
      const left = (Object.keys(schedules) as ScheduleId[]).filter((job) => !BEFORE.includes(job));
      for (const job of left) await runSchedule(job);
      return left.join(', ');
    },
  },
  {
    says: 'finds the console’s config.json in its bucket, written by the deployment',
    async run(user) {
      const s3 = new S3Client({ forcePathStyle: true });
      const { Body } = await s3.send(
        new GetObjectCommand({ Bucket: output(user, 'ConsoleBucketName'), Key: 'config.json' }),
      );
      const { user_pool_id } = z
        .object({ user_pool_id: z.string() })
        .parse(JSON.parse((await Body?.transformToString()) ?? ''));
      equal(user_pool_id, user.deployment.userPoolId);
      return `names the user pool ${user_pool_id}`;
    },
  },
];
