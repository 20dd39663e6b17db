import type { Timers } from '../../service/timers';

/** Time that a test moves: a clock and the timers that hang on it. */
export interface TestTime extends Timers {
  readonly clock: () => Date;
  readonly waiting: () => number;
  /** Moves time on, runs what was due meanwhile in its order, and lets what that began come to rest. */
  pass(milliseconds: number): Promise<void>;
}

export function testTime(begin: string, set: (now: Date) => void = () => undefined): TestTime {
  let now = Date.parse(begin);
  const due = new Map<symbol, { readonly at: number; readonly run: () => void }>();
  const move = (to: number) => {
    now = to;
    set(new Date(now));
  };
  return {
    clock: () => new Date(now),
    waiting: () => due.size,
    after(milliseconds, run) {
      const name = Symbol('timer');
      due.set(name, { at: now + milliseconds, run });
      return () => due.delete(name);
    },
    async pass(milliseconds) {
      const end = now + milliseconds;
      for (;;) {
        await settled();
        const [next] = [...due].filter(([, { at }]) => at <= end).sort(([, a], [, b]) => a.at - b.at);
        if (!next) break;
        due.delete(next[0]);
        move(Math.max(now, next[1].at));
        next[1].run();
      }
      move(end);
    },
  };
}

/** Lets every promise that can go on do so; nothing here waits for anything but promises. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}
