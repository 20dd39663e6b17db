import type { ScheduleId } from '../../../contract/schedules';
import type { Clock, Log } from '../../../lambda/adapters/ports';
import type { JobEvent, JobReport } from '../../../lambda/advisor/services';
import { HostError } from '../host-error';
import { errorFields } from '../../../lambda/adapters/log-fields';

export type Job = (event: JobEvent) => Promise<JobReport>;

export interface JobRunner {
  /** @throws HostError when the same job is under way already */
  run(job: ScheduleId, scheduledTime?: Date): Promise<{ readonly report: JobReport; readonly durationMs: number }>;
  isRunning(job: ScheduleId): boolean;
  /** Resolves when nothing runs any more. */
  settled(): Promise<void>;
}

/** Runs a job's handler with the event of the scheduler, never the same job twice at a time. */
export function createJobRunner(props: {
  readonly jobs: Readonly<Record<ScheduleId, Job>>;
  readonly clock: Clock;
  readonly log: Log;
}): JobRunner {
  const { jobs, clock, log } = props;
  const running = new Map<ScheduleId, Promise<unknown>>();

  async function invoke(job: ScheduleId, scheduledTime: Date) {
    const begun = clock().getTime();
    const event = { job, scheduled_time: scheduledTime.toISOString() };
    try {
      const report = await jobs[job](event);
      const durationMs = clock().getTime() - begun;
      log.info('job ran', { job, run_id: report.run_id, duration_ms: durationMs, counts: report.counts });
      return { report, durationMs };
    } catch (error) {
      log.error('job failed', { job, duration_ms: clock().getTime() - begun, ...errorFields(error) });
      throw error;
    }
  }

  return {
    async run(job, scheduledTime = clock()) {
      if (running.has(job)) throw new HostError(`${job} is running already`);
      const run = invoke(job, scheduledTime);
      running.set(job, run);
      try {
        return await run;
      } finally {
        running.delete(job);
      }
    },
    isRunning: (job) => running.has(job),
    async settled() {
      await Promise.allSettled(running.values());
    },
  };
}
