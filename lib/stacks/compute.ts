import { Duration } from 'aws-cdk-lib';
import { type IEventBus } from 'aws-cdk-lib/aws-events';
import { type IKey } from 'aws-cdk-lib/aws-kms';
import { type IBucket } from 'aws-cdk-lib/aws-s3';
import { type Construct } from 'constructs';
import { constructId } from '../construct-id';
import { AdvisorDay } from '../constructs/advisor-day';
import { AuditTrail } from '../constructs/audit-trail';
import { EventBackbone } from '../constructs/event-backbone';
import {
  type FunctionGround,
  type FunctionPlacement,
  type LedgerGround,
  type PortfolioGround,
  type Tables,
} from '../constructs/function-ground';
import { Portfolio } from '../constructs/portfolio';
import { type ServiceAddress } from '../constructs/service-load-balancer';
import { type ServiceGround } from '../constructs/portfolio-service';
import { providerEnvironment } from '../constructs/provider-environment';
import { type ProviderSecrets } from '../constructs/provider-secrets';
import { QueueWorker } from '../constructs/queue-worker';
import { Trading } from '../constructs/trading';
import { PlatformStack, type PlatformStackProps } from '../platform-stack';

export interface ComputeStackProps extends PlatformStackProps {
  /** The platform's key. */
  readonly key: IKey;
  readonly secrets: ProviderSecrets;
  readonly tables: Tables;
  /** Where functions run. @default outside the VPC */
  readonly placement?: FunctionPlacement;
  readonly ledger: LedgerGround;
  readonly portfolio: PortfolioGround;
  /** Takes the exported trades. */
  readonly artifacts: IBucket;
  /** Takes the portfolios' history. */
  readonly history: IBucket;
  /** What the portfolio service stands on besides. */
  readonly service: Omit<ServiceGround, 'region'>;
}

/** What runs without being asked: the bus, the days of the three systems, their workers, the service, the audit log. */
export class ComputeStack extends PlatformStack {
  readonly bus: IEventBus;
  /** Where API Gateway finds the portfolio service. */
  readonly service: ServiceAddress;

  constructor(scope: Construct, props: ComputeStackProps) {
    super(scope, 'Compute', 'the bus, the scheduled jobs, the workers, the portfolio service and the audit log', props);
    const { config, region, key, secrets, tables, placement, ledger, portfolio, artifacts, history } = props;

    const { bus } = new EventBackbone(this, 'Events', { config, key });
    this.bus = bus;
    const ground: FunctionGround = { config, key, tables, bus, secrets, placement, ledger, portfolio };
    const { alphaVantage } = providerEnvironment(config, secrets);

    const { jobs } = new AdvisorDay(this, 'AdvisorDay', { ground });
    const { worker: pollination } = new QueueWorker(this, 'Pollination', {
      queue: 'pollination',
      ground,
      environment: alphaVantage,
      // The call budget is the limit; more workers would only wait for each other's tokens.
      concurrency: 2,
      behindAfter: Duration.hours(24),
      suffering: 'Fundamentals of some companies are not fetched, so their ratings grow old.',
    });
    const { worker: analysis } = new QueueWorker(this, 'Analysis', {
      queue: 'analysis',
      ground,
      environment: { BENEISH_THRESHOLD: String(config.analysis.beneishThreshold) },
      concurrency: 10,
      behindAfter: Duration.hours(1),
      suffering: 'Companies are shown with a rating that does not know their latest figures.',
    });
    const { consumer: audit } = new AuditTrail(this, 'AuditTrail', { ground });
    const { functions: trading, tables: ledgerTables } = new Trading(this, 'Trading', { ground, artifacts });
    const portfolios = new Portfolio(this, 'Portfolio', {
      ground,
      history,
      service: { ...props.service, region },
      ledgerTables,
    });
    const { address, loadBalancer, fleet } = portfolios.service;
    this.service = address;
    // Imported only where there is no domain; gone from the template, a domain could not be added later (ADR 36).
    this.exportValue(loadBalancer.dnsName);

    this.state('EventBusName', bus.eventBusName, 'The bus');
    this.state('EventBusArn', bus.eventBusArn, 'The bus, for rules of other accounts');
    this.state('LoadBalancerDnsName', loadBalancer.dnsName, 'Load balancer of the service');
    this.state('LoadBalancerArn', address.loadBalancerArn, 'Load balancer of the service');
    this.state('AutoScalingGroupName', fleet.groupName, 'Instances of the service');
    this.state('ServiceUrl', address.url, 'The portfolio service, for API Gateway');
    for (const made of [...jobs, pollination, analysis, audit, ...trading, ...portfolios.functions])
      this.state(`${constructId(made.id)}FunctionName`, made.function.functionName, made.definition.description);
  }
}
