import { type IBucket } from 'aws-cdk-lib/aws-s3';
import { type Construct } from 'constructs';
import { type FunctionGround } from './function-ground';
import { ledgerEnvironment } from './ledger-access';
import { portfolioEnvironment } from './portfolio-access';
import { providerEnvironment } from './provider-environment';
import { ScheduledDay, type SchedulesOf } from './scheduled-day';

export interface PortfolioDayProps {
  readonly ground: FunctionGround;
  /** Takes each day's values. */
  readonly history: IBucket;
}

/** The portfolios' day: what the ledger booked and they miss, and their values at the close. */
export class PortfolioDay extends ScheduledDay<SchedulesOf<'portfolio'>> {
  constructor(scope: Construct, id: string, { ground, history }: PortfolioDayProps) {
    const { config, secrets, ledger, portfolio } = ground;
    const database = portfolioEnvironment(portfolio.access);
    super(scope, id, {
      ground: { ...ground, buckets: { history } },
      alarm: {
        id: 'portfolio-jobs-dead-letters',
        suffering: 'A day of the portfolios is not closed, or booked trades stay missing from them.',
      },
      jobs: {
        'trade-reconciliation': {
          environment: { ...ledgerEnvironment(ledger.access), ...database },
          suffering: 'Portfolios lack trades whose events were lost.',
        },
        'portfolio-history': {
          environment: {
            ...database,
            ...providerEnvironment(config, secrets).alpaca,
            HISTORY_BUCKET: history.bucketName,
            SIGNAL9_TIME_ZONE: config.timeZone,
          },
          suffering: "The day is missing from the portfolios' performance and history.",
        },
      },
    });
  }
}
