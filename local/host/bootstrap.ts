import { z } from 'zod';
import type { ScheduleId } from '../../contract/schedules';
import type { Log } from '../../lambda/adapters/ports';
import type { Bus } from './bus/bus';
import { errorFields } from '../../lambda/adapters/log-fields';
import type { JobRunner } from './schedule/job-runner';
import { countsInWords, seconds } from './spoken';
import { stateFile } from './state-file';

/** The day once on the sandbox. With real keys the assets only: their calls are few and their owner's to spend. */
const FIRST_DAY: Readonly<Record<'sandbox' | 'live', readonly ScheduleId[]>> = {
  sandbox: ['asset-sync', 'earnings-sync', 'news-sync', 'earnings-pollination', 'regular-pollination'],
  live: ['asset-sync'],
};
/** Compares companies with each other: once the first are analysed, and once more when no analysis is left to do. */
const COMPARE = 'universe-ranking' satisfies ScheduleId;
/** Companies analysed before the first start counts as done; the rest follow in the background. */
const ANALYSES = { sandbox: 25, live: 0 } as const;
/** How often to look whether the queues ran dry before so many were analysed. */
const LOOK_MS = 250;

const record = z.object({
  /** The sandbox's size: another one is another universe, whose first day is still to come. */
  universe: z.number().nullable(),
  jobs: z.array(z.string()),
  analyzed: z.array(z.string()),
  /** Whether all of the first day's companies were compared with each other. */
  compared: z.optional(z.boolean()),
});

export interface Bootstrap {
  /** Resolves when the first day is done, at once where it was done before. Never rejects. */
  run(): Promise<void>;
  /** Resolves when the first day's analyses are all done and compared, at once where they were before. Never rejects. */
  settle(): Promise<void>;
  /** Gives up waiting; what is left is done at the next start. */
  stop(): void;
  /** Where it stands, for those who do not wait. */
  standing(): string;
}

/** The first start: an empty platform runs its day once, telling what it does. What was interrupted is resumed. */
export function createBootstrap(props: {
  readonly mode: 'sandbox' | 'live';
  readonly universe: number | null;
  readonly file: string;
  readonly runner: JobRunner;
  readonly bus: Bus;
  /** Messages in all queues. */
  readonly pending: () => number;
  readonly say: (line: string) => void;
  readonly log: Log;
}): Bootstrap {
  const { mode, universe, runner, bus, say, log } = props;
  const state = stateFile(props.file, record, { universe, jobs: [], analyzed: [] });
  const aim = ANALYSES[mode];
  let stopped = false;
  let wake: () => void = () => undefined;

  function analyzed(): number {
    return state.read().analyzed.length;
  }

  async function runJob(job: ScheduleId): Promise<boolean> {
    try {
      const { report, durationMs } = await runner.run(job);
      say(`  ${job.padEnd(21)} ${countsInWords(report.counts)} (${seconds(durationMs)})`);
      return true;
    } catch (error) {
      log.error('first start: a job failed', { job, ...errorFields(error) });
      const why = error instanceof Error ? error.message : 'failed';
      say(`  ${job.padEnd(21)} failed: ${why}; npm run job -- ${job} tries again`);
      return false;
    }
  }

  function countAnalyses(): () => void {
    return bus.listen(({ event, detail }) => {
      if (event !== 'analysisCompleted' || !('asset_id' in detail)) return;
      const now = state.read();
      if (now.analyzed.length >= aim || now.analyzed.includes(detail.asset_id)) return;
      state.write({ ...now, analyzed: [...now.analyzed, detail.asset_id] });
      const count = now.analyzed.length + 1;
      if (count % 5 === 0) say(`  ${'analysis'.padEnd(21)} ${count} of ${aim} companies`);
      wake();
    });
  }

  async function waitWhile(isWaiting: () => boolean): Promise<void> {
    while (!stopped && isWaiting()) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, LOOK_MS);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  async function run(): Promise<void> {
    if (state.read().universe !== universe) state.write({ universe, jobs: [], analyzed: [] });
    const left = FIRST_DAY[mode].filter((job) => !state.read().jobs.includes(job));
    if (left.length === 0 && analyzed() >= aim) return;
    const forget = countAnalyses();
    if (left.length > 0) say('First start: the day once, so that there is something to look at');
    for (const job of left) {
      if (stopped) break;
      if (await runJob(job)) {
        const now = state.read();
        state.write({ ...now, jobs: [...now.jobs, job] });
      }
    }
    await waitWhile(() => analyzed() < aim && props.pending() > 0);
    forget();
    if (!stopped && aim > 0) await runJob(COMPARE);
  }

  async function settle(): Promise<void> {
    if (aim === 0 || state.read().compared) return;
    await waitWhile(() => props.pending() > 0);
    if (stopped) return;
    await runner.run(COMPARE);
    state.write({ ...state.read(), compared: true });
  }

  return {
    async settle() {
      await settle().catch((error: unknown) => log.error('the first comparison failed', errorFields(error)));
    },
    async run() {
      await run().catch((error: unknown) => log.error('first start failed', errorFields(error)));
    },
    stop() {
      stopped = true;
      wake();
    },
    standing: () => (analyzed() < aim ? `${analyzed()} of ${aim} companies analysed, the rest follows` : ''),
  };
}
