import type { LedgerActivity } from '../lambda/adapters/ledger/activity';

/** As where the ledger never pauses: jobs look on every run, and nothing is remembered. */
export const alwaysAwake: LedgerActivity = {
  announce: async () => undefined,
  rouse: async () => undefined,
  look: async () => ({ mayRest: false, rest: async () => undefined }),
  isAsleep: async () => false,
};
