import { Duration } from 'aws-cdk-lib';
import {
  type ApplicationLoadBalancer,
  type ApplicationTargetGroup,
  HttpCodeTarget,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { type IConstruct } from 'constructs';
import { declareAlarm } from './alarm-definition';

/** What rings for the portfolio service, as its load balancer sees it. */
export function watchService(
  scope: IConstruct,
  balancer: ApplicationLoadBalancer,
  targets: ApplicationTargetGroup,
): void {
  const period = Duration.minutes(5);
  // CDK takes the load balancer's name from its listener, which is another one once there is a certificate (ADR 36).
  const dimensionsMap = { TargetGroup: targets.targetGroupFullName, LoadBalancer: balancer.loadBalancerFullName };
  declareAlarm(scope, {
    id: 'service-unhealthy',
    metric: targets.metrics.unhealthyHostCount({ period, dimensionsMap, statistic: 'Minimum' }),
    threshold: 1,
    periods: 2,
    severity: 'ticket',
    suffering: 'Fewer instances answer for portfolios than run: answers may be slow.',
    runbook: 'service-unhealthy',
  });
  declareAlarm(scope, {
    id: 'service-errors',
    metric: targets.metrics.httpCodeTarget(HttpCodeTarget.TARGET_5XX_COUNT, {
      period,
      dimensionsMap,
      statistic: 'Sum',
    }),
    threshold: 5,
    severity: 'page',
    suffering: 'Portfolios are answered with errors.',
    runbook: 'service-errors',
  });
  declareAlarm(scope, {
    id: 'service-slow',
    metric: targets.metrics.targetResponseTime({ period, dimensionsMap, statistic: 'p95' }),
    threshold: 2,
    periods: 3,
    severity: 'ticket',
    suffering: 'One answer in twenty about portfolios takes longer than two seconds.',
    runbook: 'service-slow',
  });
}
