import { z } from 'zod';
import { type ScheduleDefinition, type ScheduleId, schedules } from '../../../contract/schedules';
import type { Clock, Log } from '../../../lambda/adapters/ports';
import { errorFields } from '../../../lambda/adapters/log-fields';
import { stateFile } from '../state-file';
import type { JobRunner } from './job-runner';
import { occurrencesOf } from './occurrences';

/** Per schedule, the occurrence up to which nothing is owed. */
const settledUpTo = z.record(z.string(), z.iso.datetime());

export interface Scheduler {
  /**
   * Begins with what was missed: of every schedule whose last occurrence came while the host was down, that one
   * occurrence, in the order of the contract (assets before the planners that need them). Older ones are not made up for:
   * every job brings the present state in. On the very first start nothing is owed.
   */
  start(): void;
  stop(): void;
}

const IDS = Object.keys(schedules) as ScheduleId[];
/** setTimeout takes 2^31 ms at most, and a laptop's sleep makes long timers late. */
const LONGEST_NAP_MS = 60_000;

/** EventBridge Scheduler on one machine. */
export function createScheduler(props: {
  readonly runner: JobRunner;
  readonly clock: Clock;
  readonly log: Log;
  readonly timeZone: string;
  readonly file: string;
  readonly definitions?: Readonly<Record<ScheduleId, ScheduleDefinition>>;
}): Scheduler {
  const { runner, clock, log, timeZone } = props;
  const state = stateFile(props.file, settledUpTo, {});
  const definitions = props.definitions ?? schedules;
  const occurrences = new Map(IDS.map((id) => [id, occurrencesOf(definitions[id].cron, timeZone)]));
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  /** The latest occurrence of a schedule that has come since it was last settled. */
  function owed(id: ScheduleId, settled: Readonly<Record<string, string>>): Date | undefined {
    const now = clock();
    // `previous` is exclusive, an occurrence of this very moment is due.
    const last = occurrences.get(id)?.previous(new Date(now.getTime() + 1)) ?? undefined;
    const upTo = settled[id];
    return last && upTo !== undefined && last > new Date(upTo) ? last : undefined;
  }

  function settle(id: ScheduleId, upTo: Date): void {
    state.write({ ...state.read(), [id]: upTo.toISOString() });
  }

  async function runOwed(): Promise<void> {
    for (const id of IDS) {
      const due = owed(id, state.read());
      if (due === undefined || stopped || runner.isRunning(id)) continue;
      try {
        await runner.run(id, due);
      } catch (error) {
        log.error('scheduled run failed', { job: id, ...errorFields(error) });
      }
      // A failed run is not repeated before its next occurrence; the log and `npm run job` are there for that.
      settle(id, due);
    }
  }

  function nap(): void {
    if (stopped) return;
    const now = clock();
    const due = IDS.map((id) => occurrences.get(id)?.next(now)?.getTime() ?? Number.POSITIVE_INFINITY);
    const wait = Math.min(LONGEST_NAP_MS, Math.min(...due) - now.getTime());
    timer = setTimeout(wake, Math.max(1, wait));
  }

  function wake(): void {
    void runOwed()
      .catch((error: unknown) => log.error('scheduler failed', errorFields(error)))
      .finally(nap);
  }

  return {
    start() {
      if (stopped) return;
      const settled = state.read();
      const fresh = IDS.filter((id) => settled[id] === undefined);
      if (fresh.length > 0) {
        const now = clock().toISOString();
        state.write({ ...settled, ...Object.fromEntries(fresh.map((id) => [id, now])) });
      }
      wake();
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
