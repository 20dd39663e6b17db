import { type ComparisonOperator, type IMetric, type TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { type IConstruct } from 'constructs';
import { type Severity } from '../config';
import { PlatformStack } from '../platform-stack';

/** The articles of docs/runbook.md that alarms link; a test looks each one up. */
export type Runbook =
  | 'job-failed'
  | 'job-failing'
  | 'job-silent'
  | 'job-dead-letters'
  | 'function-errors'
  | 'function-throttled'
  | 'queue-dead-letters'
  | 'queue-behind'
  | 'audit-log-behind'
  | 'audit-log-dead-letters'
  | 'event-dead-letters'
  | 'api-errors'
  | 'api-slow'
  | 'table-throttled'
  | 'ledger-unreachable'
  | 'ledger-login-failed'
  | 'ledger-slow'
  | 'ledger-deadlocks'
  | 'ledger-replica-lag'
  | 'ledger-migration-failed'
  | 'portfolio-database-unreachable'
  | 'portfolio-database-full'
  | 'portfolio-database-slow'
  | 'portfolio-migration-failed'
  | 'service-instances'
  | 'service-unhealthy'
  | 'service-errors'
  | 'service-slow'
  | 'live-errors'
  | 'cache-at-its-limit'
  | 'cache-password'
  | 'alarms-undelivered';

/**
 * An alarm as the construct that it watches declares it. The Monitoring stack, to the right of all others, makes the
 * alarm itself: so a definition lives and dies with its resource, and no stack refers to the topic on its right.
 */
export interface AlarmDefinition {
  /** Names the alarm: `signal9-<env>-<region>-<id>`. */
  readonly id: string;
  /** What is watched, with its statistic and period. */
  readonly metric: IMetric;
  /** The value from which on the alarm rings. */
  readonly threshold: number;
  /** @default GREATER_THAN_OR_EQUAL_TO_THRESHOLD */
  readonly comparison?: ComparisonOperator;
  /** How many periods in a row. @default 1 */
  readonly periods?: number;
  /** @default NOT_BREACHING: of what did not happen there is no metric */
  readonly missingData?: TreatMissingData;
  /** Who is told, and when. */
  readonly severity: Severity;
  /** What a user suffers, in one sentence. */
  readonly suffering: string;
  /** Anchor of the article in docs/runbook.md. */
  readonly runbook: Runbook;
}

/** Declares an alarm in the stack that `scope` belongs to. */
export function declareAlarm(scope: IConstruct, definition: AlarmDefinition): void {
  PlatformStack.of(scope).declareAlarm(definition);
}
