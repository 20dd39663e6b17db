import { Duration } from 'aws-cdk-lib';
import { type IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct, type IDependable } from 'constructs';
import { LedgerDay } from './ledger-day';
import { type FunctionGround } from './function-ground';
import { type PlatformFunction } from './platform-function';
import { QueueWorker } from './queue-worker';
import { SchemaMigration } from './schema-migration';
import { tradingEnvironment } from './trading-environment';

export interface TradingProps {
  readonly ground: FunctionGround;
  /** Takes the exported trades. */
  readonly artifacts: IBucket;
}

/** What trading does without being asked. All of it waits for the ledger's tables. */
export class Trading extends Construct {
  readonly functions: readonly PlatformFunction[];
  /** The ledger's tables, for whoever else needs them. */
  readonly tables: IDependable;

  constructor(scope: Construct, id: string, props: TradingProps) {
    super(scope, id);
    const { ground, artifacts } = props;
    const environment = tradingEnvironment(ground).ledger;
    const schema = new SchemaMigration<'ledger-migration'>(this, 'Migration', {
      function: 'ledger-migration',
      ground,
      environment,
      resourceType: 'Custom::LedgerSchema',
      host: ground.ledger.access.writerHost,
      runbook: 'ledger-migration-failed',
    });
    this.tables = schema;
    const day = new LedgerDay(this, 'Day', { ground, artifacts });
    const positions = new QueueWorker(this, 'Positions', {
      queue: 'positions',
      ground,
      environment,
      concurrency: 5,
      behindAfter: Duration.minutes(15),
      suffering: 'A portfolio cannot sell what it got without a trade, or sells what it no longer holds.',
    });
    const departures = new QueueWorker(this, 'Departures', {
      queue: 'departures',
      ground,
      environment,
      concurrency: 2,
      behindAfter: Duration.hours(1),
      suffering: 'Trades of somebody who left still bear their name.',
    });
    for (const needing of [day, positions, departures]) needing.node.addDependency(schema);
    this.functions = [schema.migration, ...day.jobs, positions.worker, departures.worker];
  }
}
