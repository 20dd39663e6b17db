import { Duration } from 'aws-cdk-lib';
import { ComparisonOperator, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { type IConstruct } from 'constructs';
import { type Config } from '../config';
import { names } from '../names';
import { declareAlarm } from './alarm-definition';

const GIB = 1024 ** 3;

/** What rings for the portfolios' database. Its metrics are addressed by its name, so Monitoring refers to no resource. */
export function watchPortfolioDatabase(scope: IConstruct, { env, portfolio }: Config): void {
  const { storageGb, maxConnections } = portfolio.database;
  const metric = (metricName: string, statistic: string) =>
    new Metric({
      namespace: 'AWS/RDS',
      metricName,
      statistic,
      dimensionsMap: { DBInstanceIdentifier: names.portfolio(env) },
      period: Duration.minutes(5),
    });

  declareAlarm(scope, {
    id: 'portfolio-database-unreachable',
    // RDS measures a running instance every minute: of one that does not run there is no measurement.
    metric: metric('DatabaseConnections', 'SampleCount'),
    threshold: 1,
    comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
    // A failover takes a minute or two; what lasts longer does not end by itself.
    periods: 2,
    missingData: TreatMissingData.BREACHING,
    severity: 'page',
    suffering: 'Nobody can see or change their portfolios; booked trades wait in the queue.',
    runbook: 'portfolio-database-unreachable',
  });
  declareAlarm(scope, {
    id: 'portfolio-database-storage',
    // Bytes. RDS adds storage by itself below a tenth, but not twice in six hours, and not beyond the ceiling.
    metric: metric('FreeStorageSpace', 'Minimum'),
    threshold: 0.07 * storageGb * GIB,
    comparison: ComparisonOperator.LESS_THAN_OR_EQUAL_TO_THRESHOLD,
    periods: 3,
    severity: 'page',
    suffering: 'Nobody yet; when the storage is full the database stops, and with it all portfolios.',
    runbook: 'portfolio-database-full',
  });
  declareAlarm(scope, {
    id: 'portfolio-database-connections',
    metric: metric('DatabaseConnections', 'Maximum'),
    threshold: Math.floor(0.8 * maxConnections),
    periods: 2,
    severity: 'ticket',
    suffering: 'Nobody yet; at the limit portfolios are answered with an error.',
    runbook: 'portfolio-database-slow',
  });
  declareAlarm(scope, {
    id: 'portfolio-database-cpu',
    metric: metric('CPUUtilization', 'Average'),
    threshold: 90,
    periods: 3,
    severity: 'ticket',
    suffering: 'Portfolios are valued late, and reads of them take long.',
    runbook: 'portfolio-database-slow',
  });
  for (const kind of ['Read', 'Write'] as const)
    declareAlarm(scope, {
      id: `portfolio-database-${kind.toLowerCase()}-latency`,
      // Seconds; gp3 answers in a few thousandths.
      metric: metric(`${kind}Latency`, 'Average'),
      threshold: 0.05,
      periods: 3,
      severity: 'ticket',
      suffering: 'Portfolios are valued late, and reads of them take long.',
      runbook: 'portfolio-database-slow',
    });
}
