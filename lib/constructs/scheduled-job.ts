import { Aws, Duration, TimeZone } from 'aws-cdk-lib';
import { ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type IScheduleGroup, Schedule, ScheduleExpression, ScheduleTargetInput } from 'aws-cdk-lib/aws-scheduler';
import { LambdaInvoke } from 'aws-cdk-lib/aws-scheduler-targets';
import { type IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { runsEveryMinute, type ScheduleId, schedules } from '../../contract/schedules';
import { acknowledgeRule } from '../compliance/acknowledge';
import { declareAlarm } from './alarm-definition';
import { OwnPolicyRole } from './own-policy-role';
import { type FunctionGround } from './function-ground';
import { type OwnEnvironment, PlatformFunction } from './platform-function';

export type JobFunction<S extends ScheduleId = ScheduleId> = (typeof schedules)[S]['function'];

export interface ScheduledJobProps<S extends ScheduleId> {
  /** Key in contract/schedules.ts: time, function and silence come from there. */
  readonly schedule: S;
  readonly ground: FunctionGround;
  readonly environment: OwnEnvironment<JobFunction<S>>;
  readonly group: IScheduleGroup;
  /** Takes occurrences that could not be delivered, and runs that failed for good. */
  readonly deadLetters: IQueue;
  /** What a user suffers while the job does not run. */
  readonly suffering: string;
}

/** The least that EventBridge Scheduler and Lambda know. */
const A_MINUTE = { retryAttempts: 0, maxEventAge: Duration.minutes(1) };

/** A function that runs by the clock, the role that may start it, and the alarm for its silence. */
export class ScheduledJob<S extends ScheduleId> extends Construct {
  readonly job: PlatformFunction;

  constructor(scope: Construct, id: string, props: ScheduledJobProps<S>) {
    super(scope, id);
    const { ground, group, deadLetters } = props;
    const definition = schedules[props.schedule];
    // Tried again, a run of every minute would only meet the next ones.
    const minutely = runsEveryMinute(props.schedule);
    this.job = new PlatformFunction<JobFunction<S>>(this, 'Job', {
      function: definition.function,
      ground,
      environment: props.environment,
      failed: deadLetters,
      suffering: props.suffering,
      errors: { threshold: 1, runbook: 'job-failed' },
      patience: minutely ? A_MINUTE : undefined,
    });
    const made = new Schedule(this, 'Schedule', {
      description: `${props.schedule}: ${definition.description}`,
      schedule: ScheduleExpression.expression(definition.cron, TimeZone.of(ground.config.timeZone)),
      scheduleGroup: group,
      target: new LambdaInvoke(this.job.function, {
        // Without policy updates: CDK would add `<function>:*`, which allows every version and alias.
        role: this.schedulerRole(props).withoutPolicyUpdates(),
        deadLetterQueue: deadLetters,
        ...(minutely ? A_MINUTE : { retryAttempts: 5, maxEventAge: Duration.hours(1) }),
        // The occurrence identifies the run, so that a second delivery is known for what it is.
        input: ScheduleTargetInput.fromObject({
          job: props.schedule,
          scheduled_time: '<aws.scheduler.scheduled-time>',
        }),
      }),
    });
    // CDK writes the group's name as text, which CloudFormation takes for no reference.
    made.node.addDependency(group);
    this.watchSilence(props);
    if (!minutely) return;
    this.watchFailing(props);
    acknowledgeRule(
      this.job.function.node.findChild('EventInvokeConfig'),
      'LambdaAsyncFailureDestination',
      'What failed for good goes to the dead-letter queue of the function, which this rule does not look at; a destination beside it would put every failed run there twice',
    );
  }

  private schedulerRole({ schedule, group, deadLetters, ground }: ScheduledJobProps<S>): OwnPolicyRole {
    const role = new OwnPolicyRole(this, 'SchedulerRole', {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: {
          StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID, 'aws:SourceArn': group.scheduleGroupArn },
        },
      }),
      description: `Starts ${schedule} and keeps what could not be started`,
    });
    const allow = (action: string[], resource: string) =>
      role.addToPrincipalPolicy(new PolicyStatement({ actions: action, resources: [resource] }));
    allow(['lambda:InvokeFunction'], this.job.function.functionArn);
    allow(['sqs:SendMessage'], deadLetters.queueArn);
    allow(['kms:Decrypt', 'kms:GenerateDataKey'], ground.key.keyArn);
    return role;
  }

  /** No invocation for longer than the schedule allows. That one was started and failed is the function's own alarm. */
  private watchSilence({ schedule, suffering }: ScheduledJobProps<S>): void {
    declareAlarm(this, {
      id: `${schedule}-silent`,
      metric: this.job.function.metricInvocations({ period: Duration.hours(1) }),
      threshold: 1,
      comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
      periods: schedules[schedule].silentAfterHours,
      missingData: TreatMissingData.BREACHING,
      severity: 'page',
      suffering,
      runbook: 'job-silent',
    });
  }

  /** One minute that failed is a ticket; five of them in a row do not end by themselves. */
  private watchFailing({ schedule, suffering }: ScheduledJobProps<S>): void {
    declareAlarm(this, {
      id: `${schedule}-failing`,
      metric: this.job.function.metricErrors({ period: Duration.minutes(1) }),
      threshold: 1,
      periods: 5,
      severity: 'page',
      suffering,
      runbook: 'job-failing',
    });
  }
}
