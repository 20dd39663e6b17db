import { Duration } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { type IConstruct } from 'constructs';
import { type Config } from '../config';
import { names } from '../names';
import { declareAlarm } from './alarm-definition';

/** As ElastiCache counts a GB, or a little more: the alarm comes early rather than late. */
const GB = 1e9;

/** What rings for the cache. Without it prices are asked of the provider, so nothing here is worth getting up for. */
export function watchCache(scope: IConstruct, { env, portfolio }: Config): void {
  const metric = (metricName: string, statistic: string) =>
    new Metric({
      namespace: 'AWS/ElastiCache',
      metricName,
      statistic,
      // Serverless caches spell their dimension so.
      dimensionsMap: { clusterId: names.portfolio(env) },
      period: Duration.minutes(5),
    });

  declareAlarm(scope, {
    id: 'cache-throttled',
    metric: metric('ThrottledCmds', 'Sum'),
    threshold: 1,
    periods: 2,
    severity: 'ticket',
    suffering: 'Prices come from the provider more often, and later, than they need to.',
    runbook: 'cache-at-its-limit',
  });
  declareAlarm(scope, {
    id: 'cache-storage',
    metric: metric('BytesUsedForCache', 'Maximum'),
    threshold: 0.9 * portfolio.cache.maxStorageGb * GB,
    periods: 3,
    severity: 'ticket',
    suffering: 'Nobody yet; at the ceiling prices are dropped early, and asked for again.',
    runbook: 'cache-at-its-limit',
  });
  declareAlarm(scope, {
    id: 'cache-login-failed',
    metric: metric('AuthenticationFailures', 'Sum'),
    threshold: 5,
    severity: 'ticket',
    suffering: 'Every price is asked of the provider, and portfolios are valued with what it allows.',
    runbook: 'cache-password',
  });
}
