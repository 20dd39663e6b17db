import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics as PowertoolsMetrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Context } from 'aws-lambda';
import type * as z from 'zod/mini';
import { type Environment, type FunctionId, functions } from '../../contract/functions';
import { allowListed } from './log-fields';
import type { Clock, Log, Metrics, Sleep } from './ports';

/** What every function is given in AWS. Clients that only some need are in aws-clients.ts, to keep the others' bundles small. */
export interface Aws {
  readonly env: string;
  readonly documents: DynamoDBDocumentClient;
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly random: () => number;
  readonly log: Log;
  readonly metrics: Metrics;
  /** How long the invocation under way may still take, by its function's time-out. */
  readonly remainingMs: () => number;
  /** Has something done at the end of every invocation, whatever came of it, before its answer leaves. */
  readonly atEnd: (work: () => Promise<void>) => void;
}

/**
 * The entry of a function: parses its environment and wires it at the first call, once a container, then serves.
 * Not at module load, so that a test or the local host may import `makeHandler` without an environment.
 *
 * @throws Error at the first call, naming the variable that is missing or wrong
 */
export function onFirstCall<F extends FunctionId, Event, Answer>(
  id: F,
  wire: (environment: Environment<F>, aws: Aws) => (event: Event) => Promise<Answer>,
): (event: Event, context?: Context) => Promise<Answer> {
  let wired:
    | { readonly serve: (event: Event) => Promise<Answer>; readonly begin: (context?: Context) => () => Promise<void> }
    | undefined;
  return async (event, context) => {
    wired ??= first(id, wire);
    const end = wired.begin(context);
    try {
      return await wired.serve(event);
    } finally {
      await end();
    }
  };
}

function first<F extends FunctionId, Event, Answer>(
  id: F,
  wire: (environment: Environment<F>, aws: Aws) => (event: Event) => Promise<Answer>,
) {
  const environment = parseEnvironment(id, process.env);
  const logger = new Logger({ serviceName: id, logLevel: environment.LOG_LEVEL });
  const meter = new PowertoolsMetrics({
    namespace: 'Signal9',
    serviceName: id,
    defaultDimensions: { env: environment.SIGNAL9_ENV },
  });
  const level =
    (name: 'debug' | 'info' | 'warn' | 'error'): Log[typeof name] =>
    (message, fields) =>
      logger[name](message, allowListed(fields));
  const lasts: (() => Promise<void>)[] = [];
  let current: Context | undefined;
  const aws: Aws = {
    env: environment.SIGNAL9_ENV,
    documents: DynamoDBDocumentClient.from(new DynamoDBClient({ maxAttempts: 5 }), {
      marshallOptions: { removeUndefinedValues: true },
    }),
    clock: () => new Date(),
    sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
    random: Math.random,
    log: { debug: level('debug'), info: level('info'), warn: level('warn'), error: level('error') },
    metrics: {
      count: (name, value) => {
        meter.addMetric(name, MetricUnit.Count, value);
      },
    },
    remainingMs: () => current?.getRemainingTimeInMillis() ?? Number.POSITIVE_INFINITY,
    atEnd: (work) => void lasts.push(work),
  };
  return {
    serve: wire(environment, aws),
    begin: (context?: Context) => {
      // Gives every line of the call its request id.
      if (context) logger.addContext(context);
      current = context;
      return async () => {
        await Promise.allSettled(lasts.map((work) => work()));
        // Says so on the console where there is nothing to publish; an invocation without a count is ordinary.
        if (meter.hasStoredMetrics()) meter.publishStoredMetrics();
      };
    },
  };
}

/** The function's environment by its schema in the contract. @throws Error naming the variables */
export function parseEnvironment<F extends FunctionId>(
  id: F,
  variables: Readonly<Record<string, string | undefined>>,
): Environment<F> {
  // The compiler does not follow a schema through a generic key; Environment<F> is inferred from this very schema.
  const schema = functions[id].environment as unknown as z.ZodMiniType<Environment<F>>;
  const parsed = schema.safeParse(variables);
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new Error(`the environment of ${id} is wrong: ${wrong.join('; ')}`);
}
