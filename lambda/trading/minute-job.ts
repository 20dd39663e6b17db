import { errorFields } from '../adapters/log-fields';
import type { Look, LookingJob } from '../adapters/ledger/activity';
import type { HttpPolicy } from '../adapters/providers/http';
import { type Counts, jobEvent } from '../advisor/job';
import type { JobEvent, JobReport, TradingServices } from './services';

export interface MinuteRun {
  readonly run_id: string;
  /** The occurrence, RFC 3339. */
  readonly scheduled_time: string;
  readonly counts: Counts;
  add(name: string, by?: number): void;
  /** Whether the function is about to be ended; what is left is the next minute's. */
  isTimeUp(): boolean;
  /** Does something for each until time is up. One that fails keeps no other waiting; its error ends the run at last. */
  forEach<Item>(items: readonly Item[], act: (item: Item) => Promise<void>): Promise<void>;
}

/** Kept back of the function's time-out, for what is under way (three calls of a provider at most) and for the report. */
const RESERVE_MS = 8_000;
/** One attempt: the next is a minute away, and a longer wait would outlive the function. */
export const MINUTE_JOB_HTTP: HttpPolicy = { maxAttempts: 1, timeoutMs: 2_500 };

/**
 * Runs a job of every minute. Unlike `runOnce` it keeps no record of runs: such a job does again what is still to be
 * done and nothing twice, so a second delivery of an occurrence is harmless, and a record a minute is not worth writing.
 */
export const everyMinute =
  (
    { clock, log, metrics }: Pick<TradingServices, 'clock' | 'log' | 'metrics'>,
    job: string,
    timeoutSeconds: number,
    work: (run: MinuteRun) => Promise<'asleep' | undefined>,
  ) =>
  async (event: JobEvent): Promise<JobReport> => {
    const { scheduled_time } = jobEvent.parse(event);
    const run_id = `${job}#${scheduled_time}`;
    const counts: Counts = {};
    const started = clock().getTime();
    const failures: unknown[] = [];
    const add = (name: string, by = 1) => void (counts[name] = (counts[name] ?? 0) + by);
    const isTimeUp = () => clock().getTime() - started >= timeoutSeconds * 1000 - RESERVE_MS;

    const run: MinuteRun = {
      run_id,
      scheduled_time,
      counts,
      add,
      isTimeUp,
      async forEach(items, act) {
        for (const item of items) {
          if (isTimeUp()) return;
          try {
            await act(item);
          } catch (error) {
            add('failed');
            failures.push(error);
            log.warn('one of many failed, the others go on', { job, run_id, ...errorFields(error) });
          }
        }
      },
    };
    let outcome: JobReport['outcome'];
    try {
      outcome = (await work(run)) ?? 'done';
      if (failures.length > 0) throw failures[0];
    } catch (error) {
      metrics.count('JobFailed', 1);
      log.error('job failed', { job, run_id, counts, ...errorFields(error) });
      throw error;
    }
    metrics.count('JobSucceeded', 1);
    // A line a minute that says nothing is not worth its price.
    log[outcome === 'asleep' ? 'debug' : 'info']('job done', {
      job,
      run_id,
      reason: outcome,
      counts,
      duration_ms: clock().getTime() - started,
    });
    return { job, run_id, outcome, counts };
  };

/**
 * What a run that looked at everything leaves: work for the next minute, or nothing before a time; null: nothing until
 * somebody announces work.
 */
export type Left = 'work' | { readonly nothingBefore: string | null };

/**
 * Runs a job of every minute that looks into the ledger, where there may be something to look for. A run that failed in
 * part, or whose time was up, leaves work whatever it says.
 */
export const whileBusy = (
  services: Pick<TradingServices, 'activity' | 'clock' | 'log' | 'metrics'>,
  job: LookingJob,
  timeoutSeconds: number,
  work: (run: MinuteRun, look: Look) => Promise<Left>,
) =>
  everyMinute(services, job, timeoutSeconds, async (run) => {
    const look = await services.activity.look(job);
    if (look === 'asleep') return look;
    await restAfter(run, look, await work(run, look));
    return undefined;
  });

/** Says what a run leaves, where it got through with all of it. */
export async function restAfter(run: MinuteRun, look: Look, left: Left): Promise<void> {
  if (left !== 'work' && run.counts.failed === undefined && !run.isTimeUp()) await look.rest(left.nothingBefore);
}
