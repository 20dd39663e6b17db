import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { AlpacaClient } from '../adapters/providers/alpaca';
import type { AlphaVantageClient } from '../adapters/providers/alpha-vantage';
import type { Clock, EventPublisher, Log, Metrics, ProviderPlan, Sleep, WorkerQueue } from '../adapters/ports';

export type { ProviderPlan } from '../adapters/ports';

/** What the advisor's handlers may be given; each asks for its share with Pick. */
export interface AdvisorServices {
  readonly documents: DynamoDBDocumentClient;
  /** Environment slug; table names follow from it. */
  readonly env: string;
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly bus: EventPublisher;
  readonly alpaca: AlpacaClient;
  readonly alphaVantage: AlphaVantageClient;
  readonly plan: ProviderPlan;
}

/** What a queue's worker is given besides. */
export interface WorkerServices {
  readonly queue: WorkerQueue;
  /** After so many receipts a message is parked with its cause, one before SQS itself would move it without. */
  readonly maxReceiveCount: number;
}

/** What EventBridge Scheduler puts into a job's event (contract/schedules.ts), or the local host's scheduler. */
export interface JobEvent {
  readonly job: string;
  /** The occurrence, RFC 3339: the same for every delivery of it. */
  readonly scheduled_time: string;
}

/** What a job did. */
export interface JobReport {
  readonly job: string;
  readonly run_id: string;
  /**
   * done · repeated: this occurrence had run already, nothing was done again · asleep: there was nothing to look for, and
   * the ledger was not asked (ADR 32).
   */
  readonly outcome: 'done' | 'repeated' | 'asleep';
  readonly counts: Readonly<Record<string, number>>;
}
