import { type Construct } from 'constructs';
import { type FunctionGround } from './function-ground';
import { providerEnvironment } from './provider-environment';
import { ScheduledDay, type SchedulesOf } from './scheduled-day';

export interface AdvisorDayProps {
  readonly ground: FunctionGround;
}

/** The advisor's day: assets, earnings and news come in, and what is worth fetching is planned. */
export class AdvisorDay extends ScheduledDay<SchedulesOf<'advisor'>> {
  constructor(scope: Construct, id: string, { ground }: AdvisorDayProps) {
    const { alpaca, alphaVantage, alphaVantagePlan } = providerEnvironment(ground.config, ground.secrets);
    super(scope, id, {
      ground,
      alarm: {
        id: 'jobs-dead-letters',
        suffering: 'A run of the day was lost: assets, earnings, news or fundamentals stay as they were.',
      },
      jobs: {
        'asset-sync': {
          environment: alpaca,
          suffering: 'New listings are not found, and delisted assets still look tradable.',
        },
        'earnings-sync': { environment: alphaVantage, suffering: 'The earnings calendar is out of date.' },
        'news-sync': { environment: alphaVantage, suffering: 'News and sentiment are hours old.' },
        'earnings-pollination': {
          environment: alphaVantagePlan,
          suffering: 'Companies that just reported are rated by their old figures.',
        },
        'universe-ranking': {
          environment: {},
          suffering: 'Magic Formula ranks and sector percentiles are of yesterday’s figures.',
        },
        'regular-pollination': {
          environment: alphaVantagePlan,
          suffering: 'Fundamentals and ratings of most companies grow old.',
        },
      },
    });
  }
}
