import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { type DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { tableName } from '../../contract/tables';
import { block, type BucketState, type CallPurpose, reserve } from '../../core/advisor/token-bucket';
import { providerDay } from '../../core/advisor/provider-day';
import { BUCKET_KEY, storedBucket } from './call-budget-usage';
import type { Clock, Log, Metrics, ProviderPlan, Sleep } from './ports';
import {
  type AlphaVantageClient,
  type AlphaVantageClientProps,
  createAlphaVantageClient,
} from './providers/alpha-vantage';
import { ProviderError } from './providers/provider-error';

/** No call may be made now; `retry_at` says when it is worth asking again. Nothing went wrong. */
export class CallBudgetExhausted extends Error {
  override readonly name = 'CallBudgetExhausted';
  constructor(
    readonly reason: 'rate' | 'day' | 'purpose_share',
    readonly retry_at: Date,
  ) {
    super(`no provider call before ${retry_at.toISOString()} (${reason})`);
  }
}

/** Contention is between a handful of workers; each loser tries again at once. */
const MAX_TRIES = 50;
/** Longest that a handler waits for its slot before it gives its message back. */
const MAX_WAIT_MS = 30_000;
/** How long the fleet is quiet after a throttle of the provider, by what it was about. */
const BACK_OFF_MS = { second: 2_000, minute: 61_000 } as const;

export interface CallBudgetPorts {
  readonly documents: DynamoDBDocumentClient;
  readonly env: string;
  readonly plan: ProviderPlan;
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly random: () => number;
}

export interface CallBudget {
  /** Waits for the fleet's next slot and takes it. @throws CallBudgetExhausted */
  take(purpose: CallPurpose): Promise<void>;
  /** The provider throttled us all the same: nobody calls until it can be over. @returns when that is */
  throttled(error: ProviderError): Promise<Date>;
}

/** One call budget for the whole fleet: a row in platform-state, changed by conditional write. */
export function callBudget({ documents, env, plan, clock, sleep, random }: CallBudgetPorts): CallBudget {
  const TableName = tableName(env, 'platformState');

  /** Applies a transition to the stored state; the write fails, and is tried again, if someone else was faster. */
  async function transition<R extends { readonly state: BucketState }>(
    next: (state: BucketState | null) => R,
    writes: (result: R) => boolean,
  ): Promise<R> {
    for (let attempt = 1; ; attempt++) {
      const row = await storedBucket(documents, TableName);
      const result = next(row?.state ?? null);
      if (!writes(result)) return result;
      try {
        await documents.send(
          new PutCommand({
            TableName,
            Item: { ...BUCKET_KEY, version: (row?.version ?? 0) + 1, state: result.state },
            ConditionExpression: row === null ? 'attribute_not_exists(#version)' : '#version = :seen',
            ExpressionAttributeNames: { '#version': 'version' },
            ...(row === null ? {} : { ExpressionAttributeValues: { ':seen': row.version } }),
          }),
        );
        return result;
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException) || attempt === MAX_TRIES) throw error;
        await sleep(random() * 10 * Math.min(attempt, 10));
      }
    }
  }

  return {
    async take(purpose) {
      const reservation = await transition(
        (state) => {
          const now = clock().getTime();
          const day = providerDay(now, plan.timeZone);
          const limits = { max_wait_ms: MAX_WAIT_MS, next_day_at: day.nextDayAt };
          return reserve(state, plan, { calls: 1, purpose }, now, day.key, limits);
        },
        (result) => result.granted,
      );
      if (!reservation.granted) throw new CallBudgetExhausted(reservation.reason, new Date(reservation.retry_at));
      const wait = reservation.at - clock().getTime();
      if (wait > 0) await sleep(wait);
    },

    async throttled({ scope, retry_at }) {
      const now = clock().getTime();
      const until =
        scope === 'day'
          ? providerDay(now, plan.timeZone).nextDayAt
          : Math.max(now + BACK_OFF_MS[scope ?? 'minute'], retry_at?.getTime() ?? 0);
      await transition(
        (state) => ({ state: block(state, until, scope === 'day' ? 'day' : 'rate') }),
        () => true,
      );
      return new Date(until);
    },
  };
}

const PURPOSES: Readonly<Record<string, CallPurpose>> = {
  NEWS_SENTIMENT: 'news',
  EARNINGS_CALENDAR: 'earnings_calendar',
};

/**
 * Alpha Vantage's client, inside the fleet's call budget: every attempt, retries too, takes its token first, and a
 * throttle that the provider answers quiets the fleet before it reaches the handler.
 *
 * @throws CallBudgetExhausted besides what the client throws
 */
export function budgetedAlphaVantage(
  props: AlphaVantageClientProps & {
    readonly budget: CallBudget;
    readonly metrics: Metrics;
    readonly log: Log;
  },
): AlphaVantageClient {
  const { budget, metrics, log } = props;
  const client = createAlphaVantageClient({
    ...props,
    http: {
      ...props.http,
      beforeAttempt: async ({ operation }) => {
        await budget.take(PURPOSES[operation] ?? 'fundamentals');
        metrics.count('ProviderCalls', 1);
      },
    },
  });

  async function guarded<T>(call: Promise<T>): Promise<T> {
    try {
      return await call;
    } catch (error) {
      if (error instanceof ProviderError && error.kind === 'throttled') {
        metrics.count('ProviderThrottled', 1);
        const until = await budget.throttled(error);
        log.warn('the provider throttled us inside our own budget', {
          provider: error.provider,
          operation: error.operation,
          reason: `${error.scope ?? 'unknown'} limit; quiet until ${until.toISOString()}`,
        });
      }
      throw error;
    }
  }

  return {
    overview: (symbol) => guarded(client.overview(symbol)),
    incomeStatement: (symbol) => guarded(client.incomeStatement(symbol)),
    balanceSheet: (symbol) => guarded(client.balanceSheet(symbol)),
    cashFlow: (symbol) => guarded(client.cashFlow(symbol)),
    earnings: (symbol) => guarded(client.earnings(symbol)),
    earningsCalendar: (query) => guarded(client.earningsCalendar(query)),
    newsSentiment: (query) => guarded(client.newsSentiment(query)),
    globalQuote: (symbol) => guarded(client.globalQuote(symbol)),
    timeSeriesDaily: (symbol) => guarded(client.timeSeriesDaily(symbol)),
  };
}
