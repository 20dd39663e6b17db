import type { EventDetail, EventId } from '../../contract/events';

/** Now. Handlers never ask the machine themselves: a test and a redelivery must be able to say what time it is. */
export type Clock = () => Date;
/** Waits so many milliseconds. */
export type Sleep = (milliseconds: number) => Promise<void>;

/** Fields that a log line may carry; anything else stays out, so that no payload, token or key can slip in. */
export interface LogFields {
  readonly run_id?: string;
  readonly request_id?: string;
  readonly message_id?: string;
  readonly event_id?: string;
  readonly asset_id?: string;
  readonly trade_id?: string;
  readonly analysis_id?: string;
  readonly symbol?: string;
  readonly job?: string;
  readonly table?: string;
  readonly route?: string;
  readonly method?: string;
  readonly status?: number;
  readonly duration_ms?: number;
  readonly attempt?: number;
  readonly delay_seconds?: number;
  readonly counts?: Readonly<Record<string, number>>;
  readonly operation?: string;
  readonly provider?: string;
  readonly reason?: string;
  readonly error_name?: string;
  readonly error_message?: string;
  readonly stack?: string;
  readonly change?: Readonly<Record<string, unknown>>;
  readonly details?: readonly string[];
}

export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** Counts that become CloudWatch metrics (namespace Signal9). */
export interface Metrics {
  count(name: MetricName, value: number): void;
}
export type MetricName =
  | 'AssetsWritten'
  | 'RowsRejected'
  | 'ProviderCalls'
  | 'ProviderThrottled'
  | 'AssetsPollinated'
  | 'AssetsAnalyzed'
  | 'MessagesParked'
  | 'JobSucceeded'
  | 'JobFailed';

export interface PublishedEvent<E extends EventId = EventId> {
  readonly event: E;
  readonly detail: EventDetail<E>;
}

/** The bus. Resolves when every event was accepted; throws when any was not, since callers may then repeat all of them. */
export interface EventPublisher {
  publish(events: readonly PublishedEvent[]): Promise<void>;
}

/** The worker's own queue: to put a message back for later, or aside for good with its cause. */
export interface WorkerQueue {
  /** A lack of tokens delays a message and never counts towards the DLQ: it goes back as a new one. */
  sendLater(body: string, delaySeconds: number): Promise<void>;
  /** Ends in the dead-letter queue with its cause beside it (message attribute `cause`). */
  park(body: string, cause: string): Promise<void>;
}

/** Limits of the Alpha Vantage plan; null where the plan has no such limit. */
export interface ProviderPlan {
  readonly rps: number;
  readonly rpm: number | null;
  readonly rpd: number | null;
  /** The provider's day begins at midnight here (IANA name). */
  readonly timeZone: string;
}
