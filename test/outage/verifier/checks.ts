import type { Check, Evidence } from './evidence';
import { leaderChecks } from './leaders';
import { outageChecks } from './outages';
import { transactionChecks } from './transactions';

export const checks: readonly Check[] = [...outageChecks, ...leaderChecks, ...transactionChecks];

export const verify = (evidence: Evidence): { readonly check: Check; readonly breaches: string[] }[] =>
  checks.map((check) => ({ check, breaches: check.breaches(evidence) })).filter(({ breaches }) => breaches.length > 0);
