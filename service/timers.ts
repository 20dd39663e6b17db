/** Something to be done later, and a way to take it back. */
export interface Timers {
  after(milliseconds: number, run: () => void): () => void;
}

export const processTimers: Timers = {
  after(milliseconds, run) {
    const timer = setTimeout(run, milliseconds);
    return () => clearTimeout(timer);
  },
};
