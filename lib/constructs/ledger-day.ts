import { type IBucket } from 'aws-cdk-lib/aws-s3';
import { type Construct } from 'constructs';
import { type FunctionGround } from './function-ground';
import { ScheduledDay, type SchedulesOf } from './scheduled-day';
import { tradingEnvironment } from './trading-environment';

export interface LedgerDayProps {
  readonly ground: FunctionGround;
  /** Takes the exported trades. */
  readonly artifacts: IBucket;
}

/** The ledger's day: what happens to orders after they were booked, every minute, and its housekeeping at night. */
export class LedgerDay extends ScheduledDay<SchedulesOf<'trading'>> {
  constructor(scope: Construct, id: string, { ground, artifacts }: LedgerDayProps) {
    const { ledger, brokerage, filling } = tradingEnvironment(ground);
    super(scope, id, {
      ground: { ...ground, buckets: { artifacts } },
      alarm: {
        id: 'ledger-jobs-dead-letters',
        suffering: 'A night of the ledger was lost: a day of trades is not exported, or used keys are kept.',
      },
      jobs: {
        'outbox-sweeper': {
          environment: ledger,
          suffering: 'Portfolios do not learn of trades that were booked while the bus could not be reached.',
        },
        'order-matcher': { environment: filling, suffering: 'Waiting orders stay unfilled, whatever the market does.' },
        'order-expiry': {
          environment: ledger,
          suffering: 'Orders of a past day look open and hold their reservation.',
        },
        'venue-follower': {
          environment: brokerage,
          suffering: "Fills of the brokerage are missing from people's trades.",
        },
        'trade-export': {
          environment: {
            ...ledger,
            ARTIFACTS_BUCKET: artifacts.bucketName,
            SIGNAL9_TIME_ZONE: ground.config.timeZone,
          },
          suffering: "The file of yesterday's trades is missing.",
        },
        'ledger-retention': {
          environment: { ...ledger, TRADE_RETENTION_YEARS: String(ground.config.trading.retentionYears) },
          suffering: 'Nobody yet: the ledger keeps used keys and told events that it need not keep.',
        },
      },
    });
  }
}
