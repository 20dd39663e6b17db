import * as z from 'zod/mini';
import { MAX_QUOTES_AN_EVENT, quote, valuation } from './schemas/live';
import { tradeId } from './schemas/trades';
import { currency, decimal, instant, symbol, ulid, uuid } from './schemas/primitives';

/** Events on the bus `signal9-<env>`: source, detail type, and the schema of the detail. */
export interface EventDefinition {
  readonly source: 'signal9.advisor' | 'signal9.trading' | 'signal9.portfolio' | 'signal9.users';
  readonly detailType: string;
  readonly detail: z.core.$ZodType;
  /** Says who is told, for docs/architecture.md. */
  readonly tells: string;
  /** Speaks of the moment only: worthless a minute later, so that no archive keeps it. @default false */
  readonly passing?: boolean;
}

const counts = z.object({ counts: z.record(z.string(), z.number()), run_id: z.string() });

export const events = {
  pollenationNeeded: {
    source: 'signal9.advisor',
    // Spelled so in the published contract.
    detailType: 'pollenationNeeded',
    detail: z.object({ asset_id: uuid(), symbol: symbol(), reason: z.string(), requested_at: instant() }),
    tells: 'the pollination worker to fetch one asset',
  },
  analysisNeeded: {
    source: 'signal9.advisor',
    detailType: 'analysisNeeded',
    detail: z.object({ asset_id: uuid(), symbol: symbol() }),
    tells: 'the analysis worker to score one asset',
  },
  analysisCompleted: {
    source: 'signal9.advisor',
    detailType: 'analysisCompleted',
    detail: z.object({
      asset_id: uuid(),
      symbol: symbol(),
      analysis_id: z.string(),
      score: z.nullable(z.number()),
    }),
    tells: 'whoever watches the asset',
  },
  assetsSynced: {
    source: 'signal9.advisor',
    detailType: 'assetsSynced',
    detail: counts,
    tells: 'that the universe is current',
  },
  earningsSynced: {
    source: 'signal9.advisor',
    detailType: 'earningsSynced',
    detail: counts,
    tells: 'that the earnings calendar is current',
  },
  newsSynced: { source: 'signal9.advisor', detailType: 'newsSynced', detail: counts, tells: 'that news came in' },
  tradeBooked: {
    source: 'signal9.trading',
    detailType: 'tradeBooked',
    detail: z.object({
      trade_id: tradeId(),
      /** One event an execution; a trade filled in parts has several. */
      execution_id: ulid(),
      /** 1, 2, 3 … without gaps within a portfolio; within its user for trades of no portfolio. */
      sequence: z.int().check(z.positive()),
      user_id: z.string(),
      portfolio_id: z.nullable(ulid()),
      symbol: symbol(),
      side: z.enum(['buy', 'sell']),
      quantity: decimal(),
      price: decimal(),
      fee: decimal(),
      currency: currency(),
      executed_at: instant(),
      booked_at: instant(),
    }),
    tells: 'the portfolio that a trade is booked; a fact, which no consumer rejects',
  },
  positionsChanged: {
    source: 'signal9.portfolio',
    detailType: 'positionsChanged',
    detail: z.object({
      portfolio_id: ulid(),
      user_id: z.string(),
      symbol: symbol(),
      qty: decimal(),
      /** The portfolio's own numbering of these reports, 1, 2, 3 … */
      sequence: z.int().check(z.positive()),
      /** `tradeBooked.sequence` up to which `qty` contains the trades that named the portfolio; 0 for none. */
      trade_sequence: z.int().check(z.nonnegative()),
    }),
    tells: 'the ledger what a portfolio holds after something that was no trade',
  },
  valuationUpdated: {
    source: 'signal9.portfolio',
    detailType: 'valuationUpdated',
    detail: valuation,
    tells: 'whoever watches the portfolio what it is worth now',
    passing: true,
  },
  quotesUpdated: {
    source: 'signal9.portfolio',
    detailType: 'quotesUpdated',
    detail: z.object({ quotes: z.array(quote).check(z.maxLength(MAX_QUOTES_AN_EVENT)) }),
    tells: 'whoever watches these symbols what they cost now',
    passing: true,
  },
  tokenExpired: {
    source: 'signal9.portfolio',
    detailType: 'tokenExpired',
    detail: z.object({ connection_id: z.string() }),
    tells: 'a connection that was opened with an expired token so, once it can be told, and ends it',
    passing: true,
  },
  userRemoved: {
    source: 'signal9.users',
    detailType: 'userRemoved',
    detail: z.object({ user_id: z.string(), removed_at: instant() }),
    tells: 'the ledger to keep the booked trades of somebody who left under a pseudonym, and the portfolios to be gone',
  },
} as const satisfies Record<string, EventDefinition>;

export type EventId = keyof typeof events;

/** Whether no archive keeps it. */
export const isPassing = (event: EventId): boolean => {
  const definition: EventDefinition = events[event];
  return definition.passing ?? false;
};

export type EventDetail<E extends EventId> = z.infer<(typeof events)[E]['detail']>;

/** The bus's physical name. */
export const busName = (env: string): string => `signal9-${env}`;

export interface QueueDefinition {
  readonly events: readonly EventId[];
  /** Key in contract/functions.ts. */
  readonly worker: string;
  readonly batchSize: number;
  readonly maxReceiveCount: number;
  readonly visibilityTimeoutSeconds: number;
  /** How long a message is kept: longer than its receives take, or it would never be a dead letter. @default four days */
  readonly retentionSeconds?: number;
}

/** Which events go to which queue and from there to which function. A rule nobody listens to cannot be written here. */
export const queues = {
  pollination: {
    events: ['pollenationNeeded'],
    worker: 'pollination-worker',
    /** One message an invocation: an asset is five provider calls, and the call budget is the limit anyway. */
    batchSize: 1,
    maxReceiveCount: 5,
    visibilityTimeoutSeconds: 720,
  },
  analysis: {
    events: ['analysisNeeded'],
    worker: 'analysis-worker',
    batchSize: 10,
    maxReceiveCount: 5,
    visibilityTimeoutSeconds: 360,
  },
  positions: {
    events: ['positionsChanged'],
    worker: 'position-worker',
    batchSize: 10,
    maxReceiveCount: 5,
    visibilityTimeoutSeconds: 180,
  },
  departures: {
    events: ['userRemoved'],
    worker: 'departure-worker',
    batchSize: 1,
    maxReceiveCount: 5,
    visibilityTimeoutSeconds: 180,
  },
  bookings: {
    events: ['tradeBooked'],
    worker: 'trade-recorder',
    batchSize: 10,
    maxReceiveCount: 5,
    visibilityTimeoutSeconds: 180,
  },
  leavings: {
    events: ['userRemoved'],
    worker: 'portfolio-departure',
    batchSize: 1,
    maxReceiveCount: 5,
    visibilityTimeoutSeconds: 180,
  },
  live: {
    events: ['valuationUpdated', 'quotesUpdated', 'analysisCompleted', 'tradeBooked', 'tokenExpired'],
    worker: 'live-push',
    batchSize: 10,
    maxReceiveCount: 3,
    visibilityTimeoutSeconds: 180,
    /**
     * Long enough for three receives, so that what failed each time becomes a dead letter. The worker itself drops what is
     * too old to be said: a value of the moment after a minute, anything else after this.
     */
    retentionSeconds: 900,
  },
} as const satisfies Record<string, QueueDefinition>;
export type QueueId = keyof typeof queues;

/** An EventBridge event as a rule delivers it, parsed by each worker. */
export const envelope = <D extends z.core.$ZodType>(detail: D) =>
  z.object({ id: z.string(), source: z.string(), 'detail-type': z.string(), time: z.string(), detail });
