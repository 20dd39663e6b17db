import { getSecret } from '@aws-lambda-powertools/parameters/secrets';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod/mini';
import type { Aws } from './aws';
import { budgetedAlphaVantage, callBudget } from './call-budget';
import { eventBridgePublisher } from './event-publisher';
import type { EventPublisher, ProviderPlan, WorkerQueue } from './ports';
import { type AlpacaClient, type AlpacaCredentials, createAlpacaClient } from './providers/alpaca';
import type { AlphaVantageClient } from './providers/alpha-vantage';
import type { HttpPolicy } from './providers/http';
import { sqsWorkerQueue } from './worker-queue';

/** A rotated key is picked up within this time. */
const SECRET_MAX_AGE_SECONDS = 300;

const alpacaSecret = z.object({ key_id: z.string(), secret_key: z.string() });
const alphaVantageSecret = z.object({ api_key: z.string() });

/** A provider's secret. @throws Error where nobody has filled it in yet (docs/deploy.md#provider-keys-and-passwords) */
async function secretOf<S extends z.ZodMiniType<Record<string, string>>>(arn: string, schema: S): Promise<z.infer<S>> {
  const secret = schema.safeParse(await getSecret(arn, { maxAge: SECRET_MAX_AGE_SECONDS, transform: 'json' }));
  if (!secret.success) throw new Error(`secret ${arn} lacks ${secret.error.issues[0]?.path.join('.') ?? 'its fields'}`);
  const empty = Object.entries(secret.data).find(([, value]) => value === '');
  if (empty) throw new Error(`secret ${arn}: ${empty[0]} is empty, put the provider's key there`);
  return secret.data;
}

/** The plan as the environment states it. */
export const planOf = (environment: {
  readonly ALPHAVANTAGE_RPS: number;
  readonly ALPHAVANTAGE_RPM: number | null;
  readonly ALPHAVANTAGE_RPD: number | null;
  readonly SIGNAL9_TIME_ZONE: string;
}): ProviderPlan => ({
  rps: environment.ALPHAVANTAGE_RPS,
  rpm: environment.ALPHAVANTAGE_RPM,
  rpd: environment.ALPHAVANTAGE_RPD,
  timeZone: environment.SIGNAL9_TIME_ZONE,
});

export const busOf = ({ env }: Pick<Aws, 'env'>): EventPublisher =>
  eventBridgePublisher(new EventBridgeClient({ maxAttempts: 5 }), env);

export const queueOf = (environment: {
  readonly QUEUE_URL: string;
  readonly DLQ_URL: string;
  readonly MAX_RECEIVE_COUNT: number;
}): { readonly queue: WorkerQueue; readonly maxReceiveCount: number } => ({
  queue: sqsWorkerQueue(new SQSClient({ maxAttempts: 5 }), environment.QUEUE_URL, environment.DLQ_URL),
  maxReceiveCount: environment.MAX_RECEIVE_COUNT,
});

/** Alpaca's keys, read from their secret at each call. */
export const alpacaCredentialsOf =
  ({ APCA_SECRET_ARN }: { readonly APCA_SECRET_ARN: string }) =>
  async (): Promise<AlpacaCredentials> => {
    const { key_id, secret_key } = await secretOf(APCA_SECRET_ARN, alpacaSecret);
    return { keyId: key_id, secretKey: secret_key };
  };

export const alpacaOf = (
  environment: {
    readonly APCA_SECRET_ARN: string;
    readonly APCA_API_BASE_URL: string;
    readonly APCA_API_DATA_URL: string;
  },
  { clock, sleep, random }: Pick<Aws, 'clock' | 'sleep' | 'random'>,
  /** A reader that waits briefly says so; a job takes the client's defaults. */
  http: HttpPolicy = {},
): AlpacaClient =>
  createAlpacaClient({
    baseUrl: environment.APCA_API_BASE_URL,
    dataUrl: environment.APCA_API_DATA_URL,
    credentials: alpacaCredentialsOf(environment),
    fetch: globalThis.fetch,
    clock,
    sleep,
    random,
    http,
  });

export const alphaVantageOf = (
  environment: Parameters<typeof planOf>[0] & {
    readonly ALPHAVANTAGE_SECRET_ARN: string;
    readonly ALPHAVANTAGE_BASE_URL: string;
  },
  aws: Aws,
): AlphaVantageClient =>
  budgetedAlphaVantage({
    baseUrl: environment.ALPHAVANTAGE_BASE_URL,
    apiKey: async () => (await secretOf(environment.ALPHAVANTAGE_SECRET_ARN, alphaVantageSecret)).api_key,
    fetch: globalThis.fetch,
    clock: aws.clock,
    sleep: aws.sleep,
    random: aws.random,
    metrics: aws.metrics,
    log: aws.log,
    budget: callBudget({ ...aws, plan: planOf(environment) }),
  });
