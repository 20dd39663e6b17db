import { verify } from './checks';
import type { Evidence } from './evidence';
import { liesOfOutages } from './lies-of-outages';
import { liesOfTransactions } from './lies-of-transactions';

/** Tells the verifier lies. @returns those that it believed, and the checks that saw through one */
export function believedLies(evidence: Evidence) {
  const told = [...liesOfOutages, ...liesOfTransactions].map((lie) => {
    const breached = verify({ ...evidence, ...lie.change(evidence) });
    return { ...lie, isCaught: breached.some(({ check }) => check.id === lie.caughtBy) };
  });
  return {
    told: told.length,
    believed: told.filter(({ isCaught }) => !isCaught).map(({ tells }) => tells),
    proven: new Set(told.filter(({ isCaught }) => isCaught).map(({ caughtBy }) => caughtBy)),
  };
}
