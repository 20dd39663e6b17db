import type { SQSEvent } from 'aws-lambda';
import { type EventId, events } from '../../../contract/events';
import { makeHandler as makeAnalysisWorker } from '../../../lambda/advisor/analysis-worker';
import { makeHandler as makePollinationWorker } from '../../../lambda/advisor/pollination-worker';
import type { AdvisorServices, WorkerServices } from '../../../lambda/advisor/services';
import { budgetedAlphaVantage, callBudget } from '../../../lambda/adapters/call-budget';
import type { LogFields, MetricName, ProviderPlan, PublishedEvent } from '../../../lambda/adapters/ports';
import { type AlpacaAsset, createAlpacaClient } from '../../../lambda/adapters/providers/alpaca';
import { type Sandbox, startSandbox } from '../../../local/sandbox/sandbox';
import { startDynamo, type TestDynamo } from '../../dynamo';

/** A weekday noon in New York. */
export const NOON = '2026-05-18T16:00:00.000Z';

export interface TestAdvisor {
  readonly services: AdvisorServices & WorkerServices;
  readonly dynamo: TestDynamo;
  readonly sandbox: Sandbox;
  readonly published: PublishedEvent[];
  readonly sentLater: { readonly body: string; readonly delay: number }[];
  readonly parked: { readonly body: string; readonly cause: string }[];
  readonly logged: { readonly level: string; readonly message: string; readonly fields?: LogFields }[];
  readonly counted: Partial<Record<MetricName, number>>;
  /** Every write that reached DynamoDB, by table. */
  readonly writes: () => Readonly<Record<string, number>>;
  forgetWrites(): void;
  now(): Date;
  pass(milliseconds: number): void;
  job(name: string, at?: string): { readonly job: string; readonly scheduled_time: string };
  stop(): Promise<void>;
}

const PLAN: ProviderPlan = { rps: 10, rpm: 600, rpd: null, timeZone: 'America/New_York' };

/** The advisor on a real engine and against the sandbox's providers; its clock moves only when told, or when it sleeps. */
export async function startAdvisor(
  options: {
    readonly env?: string;
    readonly universe?: number;
    readonly plan?: ProviderPlan;
    readonly sandboxPlan?: object;
  } = {},
): Promise<TestAdvisor> {
  let instant = Date.parse(NOON);
  const clock = () => new Date(instant);
  const sleep = async (milliseconds: number) => {
    instant += Math.max(0, milliseconds);
  };
  const env = options.env ?? 'test';
  const plan = options.plan ?? PLAN;
  const dynamo = await startDynamo();
  await dynamo.createTables(env);
  const sandbox = await startSandbox({
    universe: options.universe ?? 30,
    now: clock,
    ...(options.sandboxPlan ? { plan: options.sandboxPlan } : {}),
  });

  let written: Record<string, number> = {};
  const count = (table: string, by: number) => (written[table] = (written[table] ?? 0) + by);
  dynamo.documents.middlewareStack.add(
    (next) => async (args) => {
      const input = args.input as {
        TableName?: string;
        RequestItems?: Record<string, unknown[]>;
        UpdateExpression?: string;
        Item?: unknown;
      };
      const isBatchWrite = Object.values(input.RequestItems ?? {}).every((requests) => Array.isArray(requests));
      if (input.RequestItems && isBatchWrite) {
        for (const [table, requests] of Object.entries(input.RequestItems)) count(table, requests.length);
      } else if (input.TableName !== undefined && (input.Item !== undefined || input.UpdateExpression !== undefined)) {
        count(input.TableName, 1);
      }
      return next(args);
    },
    { step: 'initialize', name: 'countWrites' },
  );

  const published: PublishedEvent[] = [];
  const sentLater: { body: string; delay: number }[] = [];
  const parked: { body: string; cause: string }[] = [];
  const logged: { level: string; message: string; fields?: LogFields }[] = [];
  const counted: Partial<Record<MetricName, number>> = {};
  const line = (level: string) => (message: string, fields?: LogFields) => {
    logged.push({ level, message, ...(fields ? { fields } : {}) });
  };
  const log = { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') };
  const metrics = { count: (name: MetricName, value: number) => void (counted[name] = (counted[name] ?? 0) + value) };
  const ports = { fetch: globalThis.fetch, clock, sleep, random: () => 0.5 };
  const services: AdvisorServices & WorkerServices = {
    documents: dynamo.documents,
    env,
    clock,
    sleep,
    log,
    metrics,
    plan,
    bus: {
      publish: async (batch) => {
        for (const { event, detail } of batch) published.push({ event, detail: events[event].detail.parse(detail) });
      },
    },
    alpaca: createAlpacaClient({
      ...ports,
      baseUrl: sandbox.alpacaUrl,
      dataUrl: sandbox.alpacaUrl,
      credentials: async () => ({ keyId: 'sandbox', secretKey: 'sandbox' }),
    }),
    alphaVantage: budgetedAlphaVantage({
      ...ports,
      baseUrl: sandbox.alphaVantageUrl,
      apiKey: async () => 'sandbox',
      budget: callBudget({ documents: dynamo.documents, env, plan, clock, sleep, random: ports.random }),
      metrics,
      log,
    }),
    queue: {
      sendLater: async (body, delay) => void sentLater.push({ body, delay }),
      park: async (body, cause) => void parked.push({ body, cause }),
    },
    maxReceiveCount: 3,
  };

  return {
    services,
    dynamo,
    sandbox,
    published,
    sentLater,
    parked,
    logged,
    counted,
    writes: () => written,
    forgetWrites: () => void (written = {}),
    now: clock,
    pass: (milliseconds) => void (instant += milliseconds),
    job: (job, at = clock().toISOString()) => ({ job, scheduled_time: at }),
    stop: async () => {
      await sandbox.close();
      await dynamo.stop();
    },
  };
}

/** An event as a rule delivers it to a queue. */
export function delivery(
  event: EventId,
  detail: unknown,
  options: { time?: string; receiveCount?: number; id?: string } = {},
): SQSEvent {
  const { source, detailType } = events[event];
  const body = {
    version: '0',
    id: options.id ?? 'e-1',
    source,
    'detail-type': detailType,
    time: options.time ?? NOON,
    detail,
  };
  return message(JSON.stringify(body), options.receiveCount);
}

export function message(body: string, receiveCount = 1, messageId = 'm-1'): SQSEvent {
  const attributes = { ApproximateReceiveCount: String(receiveCount) };
  return { Records: [{ messageId, body, attributes } as unknown as SQSEvent['Records'][number]] };
}

/** Fetches and analyses one asset, as the two queues would. */
export async function pollinateAndAnalyse(
  advisor: TestAdvisor,
  asset: Pick<AlpacaAsset, 'asset_id' | 'symbol'>,
): Promise<void> {
  const requested_at = advisor.now().toISOString();
  const detail = { asset_id: asset.asset_id, symbol: asset.symbol, reason: 'test', requested_at };
  const fetched = await makePollinationWorker(advisor.services)(delivery('pollenationNeeded', detail));
  const analysed = await makeAnalysisWorker(advisor.services)(
    delivery('analysisNeeded', { asset_id: asset.asset_id, symbol: asset.symbol }, { time: requested_at }),
  );
  expect([fetched, analysed]).toEqual([{ batchItemFailures: [] }, { batchItemFailures: [] }]);
}
