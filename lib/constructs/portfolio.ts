import { Duration } from 'aws-cdk-lib';
import { type IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct, type IDependable } from 'constructs';
import { type FunctionGround } from './function-ground';
import { type PlatformFunction } from './platform-function';
import { portfolioEnvironment } from './portfolio-access';
import { PortfolioDay } from './portfolio-day';
import { PortfolioService, type ServiceGround } from './portfolio-service';
import { QueueWorker } from './queue-worker';
import { SchemaMigration } from './schema-migration';

export interface PortfolioProps {
  readonly ground: FunctionGround;
  /** Takes each day's values. */
  readonly history: IBucket;
  readonly service: ServiceGround;
  /** The ledger's tables, which the reconciliation reads. */
  readonly ledgerTables: IDependable;
}

/** The portfolios: their service, and what they do without being asked. All of it waits for their tables. */
export class Portfolio extends Construct {
  readonly functions: readonly PlatformFunction[];
  readonly service: PortfolioService;

  constructor(scope: Construct, id: string, props: PortfolioProps) {
    super(scope, id);
    const { ground, history, service, ledgerTables } = props;
    const { access } = ground.portfolio;
    const environment = portfolioEnvironment(access);
    const schema = new SchemaMigration<'portfolio-migration'>(this, 'Migration', {
      function: 'portfolio-migration',
      ground,
      environment,
      resourceType: 'Custom::PortfolioSchema',
      host: access.host,
      runbook: 'portfolio-migration-failed',
    });
    const day = new PortfolioDay(this, 'Day', { ground, history });
    const bookings = new QueueWorker(this, 'Bookings', {
      queue: 'bookings',
      ground,
      environment,
      concurrency: 5,
      behindAfter: Duration.minutes(5),
      suffering: 'Booked trades do not appear in the portfolios.',
    });
    const leavings = new QueueWorker(this, 'Leavings', {
      queue: 'leavings',
      ground,
      environment,
      concurrency: 2,
      behindAfter: Duration.hours(1),
      suffering: 'Portfolios of somebody who left are still there.',
    });
    this.service = new PortfolioService(this, 'Service', { ground, service });
    for (const needing of [day, bookings, leavings, this.service.fleet]) needing.node.addDependency(schema);
    day.node.addDependency(ledgerTables);
    this.functions = [schema.migration, ...day.jobs, bookings.worker, leavings.worker];
  }
}
