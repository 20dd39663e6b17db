import { Duration } from 'aws-cdk-lib';
import { ComparisonOperator, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { type IConstruct } from 'constructs';
import { type Config } from '../config';
import { names } from '../names';
import { declareAlarm } from './alarm-definition';

type Measured = Pick<ConstructorParameters<typeof Metric>[0], 'metricName' | 'statistic' | 'dimensionsMap'>;

/** How many connections Aurora takes of a cluster that may grow to less than four units of capacity. */
const CONNECTIONS_OF_THE_SMALLEST = 90;

/** What rings for the ledger. Metrics are addressed by the names of cluster and proxy, so Monitoring refers to no resource. */
export function watchLedger(scope: IConstruct, { env, ledger }: Config): void {
  const name = names.ledger(env);
  const metric = (measured: Measured) => new Metric({ namespace: 'AWS/RDS', period: Duration.minutes(5), ...measured });
  const ofCluster = (metricName: string, statistic: string) =>
    metric({ metricName, statistic, dimensionsMap: { DBClusterIdentifier: name } });
  const ofProxy = (metricName: string, statistic: string, more: Record<string, string> = {}) =>
    metric({ metricName, statistic, dimensionsMap: { ProxyName: name, ...more } });

  declareAlarm(scope, {
    id: 'ledger-unreachable',
    ...(ledger.proxy
      ? {
          metric: ofProxy('AvailabilityPercentage', 'Average', { TargetGroup: 'default', TargetRole: 'READ_WRITE' }),
          threshold: 90,
          missingData: TreatMissingData.NOT_BREACHING,
        }
      : {
          // Measured of a paused ledger too, as 0; of one that is stopped or gone there is no measurement.
          metric: ofCluster('ServerlessDatabaseCapacity', 'SampleCount'),
          threshold: 1,
          missingData: TreatMissingData.BREACHING,
        }),
    comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
    // A failover takes half a minute; what lasts longer does not end by itself.
    periods: 2,
    severity: 'page',
    suffering: 'Nobody can trade or see their trades.',
    runbook: 'ledger-unreachable',
  });
  declareAlarm(scope, {
    id: 'ledger-login-failed',
    ...(ledger.proxy
      ? { metric: ofProxy('ClientConnectionsSetupFailedAuth', 'Sum'), threshold: 5 }
      : // Refusals a second: as many, in five minutes.
        { metric: ofCluster('LoginFailures', 'Average'), threshold: 5 / Duration.minutes(5).toSeconds() }),
    severity: 'page',
    suffering: 'Some or all trades are refused: functions cannot log in to the ledger.',
    runbook: 'ledger-login-failed',
  });
  declareAlarm(scope, {
    id: 'ledger-connections',
    ...(ledger.proxy
      ? // Microseconds.
        { metric: ofProxy('DatabaseConnectionsBorrowLatency', 'Average'), threshold: 1_000_000 }
      : {
          metric: ofCluster('DatabaseConnections', 'Maximum'),
          threshold: 0.8 * CONNECTIONS_OF_THE_SMALLEST,
        }),
    periods: 2,
    severity: 'ticket',
    suffering: 'Trades take seconds, or are refused: functions wait for a connection.',
    runbook: 'ledger-slow',
  });
  declareAlarm(scope, {
    id: 'ledger-cpu',
    metric: ofCluster('CPUUtilization', 'Maximum'),
    threshold: 90,
    periods: 3,
    severity: 'ticket',
    suffering: 'Trades are booked slowly, and time out when it gets worse.',
    runbook: 'ledger-slow',
  });
  declareAlarm(scope, {
    id: 'ledger-capacity',
    // Per cent of ledger.maxAcu.
    metric: ofCluster('ACUUtilization', 'Maximum'),
    threshold: 95,
    periods: 3,
    severity: 'ticket',
    suffering: 'Trades are booked slowly: the ledger may not grow any more.',
    runbook: 'ledger-slow',
  });
  declareAlarm(scope, {
    id: 'ledger-deadlocks',
    // Deadlocks a second; each is tried again.
    metric: ofCluster('Deadlocks', 'Average'),
    threshold: 0.1,
    periods: 2,
    severity: 'ticket',
    suffering: 'Trades take several attempts, and some are answered with an error.',
    runbook: 'ledger-deadlocks',
  });
  if (ledger.readers > 0)
    declareAlarm(scope, {
      id: 'ledger-replica-lag',
      // Milliseconds.
      metric: ofCluster('AuroraReplicaLagMaximum', 'Maximum'),
      threshold: 1000,
      periods: 3,
      severity: 'ticket',
      suffering: 'Lists of trades lack the latest ones.',
      runbook: 'ledger-replica-lag',
    });
}
