import { RemovalPolicy } from 'aws-cdk-lib';
import { ScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import { Construct } from 'constructs';
import { type FunctionId, type functions } from '../../contract/functions';
import { runsEveryMinute, type ScheduleId } from '../../contract/schedules';
import { constructId } from '../construct-id';
import { type AlarmDefinition } from './alarm-definition';
import { DeadLetterQueue } from './dead-letter-queue';
import { type FunctionGround } from './function-ground';
import { type OwnEnvironment, type PlatformFunction } from './platform-function';
import { type JobFunction, ScheduledJob } from './scheduled-job';

type SystemOf<F extends FunctionId> = (typeof functions)[F]['system'];
/** The schedules whose functions belong to a system. */
export type SchedulesOf<System> = {
  [S in ScheduleId]: SystemOf<JobFunction<S>> extends System ? S : never;
}[ScheduleId];

/** What a system says of each of its schedules; the contract says the rest. */
export type Jobs<S extends ScheduleId> = {
  readonly [Each in S]: {
    /** What the job is told beside what all functions are told. */
    readonly environment: OwnEnvironment<JobFunction<Each>>;
    /** What a user suffers while the job does not do its work. */
    readonly suffering: string;
  };
};

export interface ScheduledDayProps<S extends ScheduleId> {
  readonly ground: FunctionGround;
  readonly jobs: Jobs<S>;
  /** What it means that a run was lost, but one of those of every minute. */
  readonly alarm: Pick<AlarmDefinition, 'id' | 'suffering'>;
}

/**
 * What one system does by the clock: its schedules with their jobs, in one group, with one queue for what failed, and
 * another for the jobs of every minute, whose lost runs nobody gets up for.
 */
export class ScheduledDay<S extends ScheduleId> extends Construct {
  readonly jobs: readonly PlatformFunction[];

  constructor(scope: Construct, id: string, props: ScheduledDayProps<S>) {
    super(scope, id);
    const { ground, jobs } = props;
    // CDK retains a group by default, under a name that is the same at each deployment, so the next one would end in
    // AlreadyExists. It holds nothing: its schedules are in the template.
    const group = new ScheduleGroup(this, 'Group', { removalPolicy: RemovalPolicy.DESTROY });
    const schedules = Object.keys(jobs) as S[];
    const deadLetters = new DeadLetterQueue(this, 'DeadLetters', {
      key: ground.key,
      alarm: { ...props.alarm, severity: 'page', runbook: 'job-dead-letters' },
    }).queue;
    const minutes = schedules.some(runsEveryMinute)
      ? new DeadLetterQueue(this, 'MinuteDeadLetters', {
          key: ground.key,
          alarm: {
            id: `minute-${props.alarm.id}`,
            severity: 'ticket',
            suffering: 'Nobody, as long as the next minute does what a lost one left.',
            runbook: 'job-dead-letters',
          },
        }).queue
      : deadLetters;
    this.jobs = schedules.map((schedule) => {
      const { environment, suffering } = jobs[schedule];
      return new ScheduledJob<S>(this, constructId(schedule), {
        schedule,
        ground,
        group,
        deadLetters: runsEveryMinute(schedule) ? minutes : deadLetters,
        environment,
        suffering,
      }).job;
    });
  }
}
