import * as z from 'zod/mini';
import { instant } from '../../contract/schemas/primitives';
import { platformState } from '../adapters/dynamo/platform-state';
import { errorFields } from '../adapters/log-fields';
import type { AdvisorServices, JobEvent, JobReport } from './services';

/** @see JobEvent */
export const jobEvent = z.object({ job: z.string().check(z.minLength(1)), scheduled_time: instant() });

export type Counts = Record<string, number>;
type JobServices = Pick<AdvisorServices, 'documents' | 'env' | 'clock' | 'log' | 'metrics'>;

/**
 * Runs a scheduled job once per occurrence: the scheduler delivers at least once, and a retry after a failure is wanted.
 * @param timeoutSeconds the function's time-out: a runner silent for longer is dead and its occurrence may be claimed again
 */
export const runOnce =
  (
    { documents, env, clock, log, metrics }: JobServices,
    job: string,
    timeoutSeconds: number,
    work: (run: { readonly run_id: string; readonly counts: Counts }) => Promise<void>,
  ) =>
  async (event: JobEvent): Promise<JobReport> => {
    const { scheduled_time } = jobEvent.parse(event);
    const run_id = `${job}#${scheduled_time}`;
    const state = platformState(documents, env);
    const started = clock();
    if (!(await state.claimRun(job, scheduled_time, started, timeoutSeconds))) {
      log.info('this occurrence was delivered before', { job, run_id });
      return { job, run_id, outcome: 'repeated', counts: await state.countsOfRun(job, scheduled_time) };
    }
    const counts: Counts = {};
    const finish = (status: 'done' | 'failed') =>
      state.finishRun(job, scheduled_time, { status, finished_at: clock().toISOString(), counts });
    try {
      await work({ run_id, counts });
    } catch (error) {
      metrics.count('JobFailed', 1);
      log.error('job failed', { job, run_id, counts, ...errorFields(error) });
      await finish('failed');
      throw error;
    }
    await finish('done');
    metrics.count('JobSucceeded', 1);
    log.info('job done', { job, run_id, counts, duration_ms: clock().getTime() - started.getTime() });
    return { job, run_id, outcome: 'done', counts };
  };
