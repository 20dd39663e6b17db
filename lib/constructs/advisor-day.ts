import { ScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import { Construct } from 'constructs';
import { type ScheduleId, schedules } from '../../contract/schedules';
import { constructId } from '../construct-id';
import { DeadLetterQueue } from './dead-letter-queue';
import { type FunctionGround, type OwnEnvironment, type PlatformFunction } from './platform-function';
import { type JobFunction, ScheduledJob } from './scheduled-job';

export interface AdvisorDayProps {
  readonly ground: FunctionGround;
  /** What each job is told beside what all functions are told. */
  readonly environments: { readonly [F in JobFunction]: OwnEnvironment<F> };
}

/** What a user suffers while a job does not do its work. */
const SUFFERING: Readonly<Record<ScheduleId, string>> = {
  'asset-sync': 'New listings are not found, and delisted assets still look tradable.',
  'earnings-sync': 'The earnings calendar is out of date.',
  'news-sync': 'News and sentiment are hours old.',
  'earnings-pollination': 'Companies that just reported are rated by their old figures.',
  'universe-ranking': 'Magic Formula ranks and sector percentiles are of yesterday’s figures.',
  'regular-pollination': 'Fundamentals and ratings of most companies grow old.',
};

/** The advisor's day: every schedule of the contract with its job, in one group, with one queue for what failed. */
export class AdvisorDay extends Construct {
  readonly jobs: readonly PlatformFunction[];

  constructor(scope: Construct, id: string, props: AdvisorDayProps) {
    super(scope, id);
    const { ground, environments } = props;
    const group = new ScheduleGroup(this, 'Group');
    const deadLetters = new DeadLetterQueue(this, 'DeadLetters', {
      key: ground.key,
      alarm: {
        id: 'jobs-dead-letters',
        severity: 'page',
        suffering: 'A run of the day was lost: assets, earnings, news or fundamentals stay as they were.',
        runbook: 'job-dead-letters',
      },
    }).queue;
    this.jobs = (Object.keys(schedules) as ScheduleId[]).map(
      (schedule) =>
        new ScheduledJob(this, constructId(schedule), {
          schedule,
          ground,
          group,
          deadLetters,
          environment: environments[schedules[schedule].function],
          suffering: SUFFERING[schedule],
        }).job,
    );
  }
}
