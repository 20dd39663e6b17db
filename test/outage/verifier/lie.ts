import type { Evidence } from './evidence';

/** A lie told to the verifier: evidence in which something is not as it was. */
export interface Lie {
  readonly tells: string;
  readonly caughtBy: string;
  readonly change: (evidence: Evidence) => Partial<Evidence>;
}

export const lost = (): never => {
  throw new Error('there is nothing of the kind to lie about');
};
export const replaced = <T>(items: readonly T[], old: T | undefined, ...by: readonly T[]): T[] =>
  items.flatMap((one) => (one === (old ?? lost()) ? by : [one]));
