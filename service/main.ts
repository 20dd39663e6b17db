import { getSecret } from '@aws-lambda-powertools/parameters/secrets';
import { getParameter } from '@aws-lambda-powertools/parameters/ssm';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { type ServiceEnvironment, serviceEnvironment } from '../contract/service';
import { EXCHANGE_TIME_ZONE } from '../core/trading/trading-day';
import { alpacaOf, busOf } from '../lambda/adapters/aws-clients';
import { dynamoTopics } from '../lambda/adapters/live/dynamo-connections';
import { errorFields } from '../lambda/adapters/log-fields';
import { createCloseSource } from '../lambda/adapters/market/close-source';
import { createMarketData } from '../lambda/adapters/market/market-data';
import { valkeyCache } from '../lambda/adapters/market/valkey-cache';
import { portfolioStoreOf } from '../lambda/adapters/portfolio/from-environment';
import { createService } from './app';
import { serviceLog } from './logs';
import { cognitoTokens } from './tokens';

/**
 * How long a stopping process goes on answering: the load balancer asks for health every ten seconds, and sends nobody
 * here any more after two refusals. With the grace for requests under way it stays below systemd's patience (lib).
 */
const DRAIN_MS = 25_000;
const GRACE_MS = 10_000;
/** A rotated password is picked up within this time. */
const SECRET_MAX_AGE_SECONDS = 300;
/** A read does not wait for a second attempt: it shows the last price as stale. */
const QUOTES_POLICY = { timeoutMs: 2_000, maxAttempts: 1 } as const;
const CLOSES_POLICY = { timeoutMs: 5_000, maxAttempts: 2 } as const;

const cacheUser = z.object({ username: z.string(), password: z.string() });

/** @throws Error naming the variables that are missing or wrong */
function environmentOf(variables: Readonly<Record<string, string | undefined>>): ServiceEnvironment {
  const parsed = serviceEnvironment.safeParse(variables);
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new Error(`the environment of the portfolio service is wrong: ${wrong.join('; ')}`);
}

/** The service on EC2, until it is told to stop. */
async function main(): Promise<void> {
  const environment = environmentOf(process.env);
  const log = serviceLog(environment.LOG_LEVEL);
  const ports = {
    env: environment.SIGNAL9_ENV,
    log,
    clock: () => new Date(),
    sleep: (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds)),
    random: Math.random,
  };
  const timeZone = EXCHANGE_TIME_ZONE;
  const store = portfolioStoreOf(environment, ports, { connections: environment.PORTFOLIO_CONNECTIONS });
  const cache = valkeyCache({
    host: environment.CACHE_HOST,
    port: environment.CACHE_PORT,
    tls: {},
    credentials: async () =>
      cacheUser.parse(
        await getSecret(environment.CACHE_SECRET_ARN, { maxAge: SECRET_MAX_AGE_SECONDS, transform: 'json' }),
      ),
    log,
  });
  const documents = DynamoDBDocumentClient.from(new DynamoDBClient({ maxAttempts: 3 }));
  const service = createService(
    {
      ...ports,
      region: environment.AWS_REGION,
      version: environment.SIGNAL9_VERSION,
      timeZone,
      consoleOrigin: environment.CONSOLE_ORIGIN,
      store,
      market: createMarketData({ ...ports, alpaca: alpacaOf(environment, ports, QUOTES_POLICY), cache }),
      closes: createCloseSource({ ...ports, alpaca: alpacaOf(environment, ports, CLOSES_POLICY), store, timeZone }),
      bus: busOf(ports),
      topics: dynamoTopics(documents, environment.SIGNAL9_ENV),
      tokens: cognitoTokens({
        ...ports,
        userPoolId: () => getParameter(environment.USER_POOL_PARAMETER, { throwOnMissing: true, forceFetch: true }),
      }),
    },
    { drainMs: DRAIN_MS, graceMs: GRACE_MS },
  );

  async function stop(): Promise<void> {
    await service.stop();
    await store.close();
    process.exit(0);
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.once(signal, () => {
      log.info('told to stop', { reason: signal });
      stop().catch(failed);
    });
  function failed(thrown: unknown): never {
    log.error('the service ended', errorFields(thrown));
    process.exit(1);
  }
  // A promise that nobody looks at is a mistake of ours; the state behind it is not to be trusted.
  process.on('unhandledRejection', failed);

  await service.app.listen({ host: '0.0.0.0', port: environment.PORT });
  service.start();
  log.info('listening', { counts: { port: environment.PORT } });
}

main().catch((thrown: unknown) => {
  serviceLog('ERROR').error('the service did not start', errorFields(thrown));
  process.exit(1);
});
