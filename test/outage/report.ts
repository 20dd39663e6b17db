import type { Outage } from './journal';
import { checks, verify } from './verifier/checks';
import { believedLies } from './verifier/doctored';
import type { Evidence } from './verifier/evidence';

/** Prints what happened and what holds. @returns whether all of it holds */
export function report(evidence: Evidence, say: (line: string) => void): boolean {
  table(evidence).forEach(say);
  say('');
  for (const [what, count] of counts(evidence)) say(`${what.padEnd(58)} ${String(count).padStart(7)}`);
  say('');
  const breached = verify(evidence);
  const bad = new Set(breached.map(({ check }) => check.id));
  for (const { id, says } of checks) say(`${bad.has(id) ? 'FAIL' : 'ok  '}  ${says}`);
  // Of evidence that does not hold, lies are told in vain.
  const doctored = breached.length === 0 ? believedLies(evidence) : null;
  if (doctored) say(`the verifier saw through ${doctored.told - doctored.believed.length} of ${doctored.told} lies`);
  const violations = [
    ...breached.flatMap(({ check, breaches }) => [
      ...breaches.slice(0, SHOWN).map((breach) => `${check.says}. Not so: ${breach}`),
      ...(breaches.length > SHOWN ? [`${check.says}. Not so ${breaches.length - SHOWN} times more`] : []),
    ]),
    ...evidence.faults,
    ...(doctored?.believed.map((lie) => `the verifier believed that ${lie}`) ?? []),
    ...(doctored
      ? checks.filter(({ id }) => !doctored.proven.has(id)).map(({ id }) => `no lie was told about ${id}`)
      : []),
  ];
  for (const violation of violations) say(`VIOLATION  ${violation}`);
  say(`${checks.length - bad.size} checks hold, ${violations.length} violations`);
  return violations.length === 0;
}

/** Breaches of a check that are told in full. */
const SHOWN = 5;

function table(evidence: Evidence): string[] {
  const row = (name: string, said: string, recovered: string, answers: string) =>
    `${name.padEnd(22)} ${said.padStart(13)} ${recovered.padStart(18)}  ${answers}`;
  const lines = evidence.outages.map((one) =>
    row(one.name, after(one.from, one.said), after(one.to, one.recovered), byStatus(evidence, one)),
  );
  return [
    row('outage', 'said after ms', 'recovered after ms', 'requests by status, from the outage to the recovery'),
    ...lines,
  ];
}

const after = (from: number, to: number | null): string => (to === null ? 'never' : String(to - from));

function byStatus({ requests }: Evidence, { from, to, recovered }: Outage): string {
  const counted = new Map<string, number>();
  for (const one of requests) {
    if (one.from < from || one.from > (recovered ?? to)) continue;
    const status = one.status === 0 ? 'cut' : String(one.status);
    counted.set(status, (counted.get(status) ?? 0) + 1);
  }
  return [...counted]
    .sort()
    .map(([status, count]) => `${status}: ${count}`)
    .join(', ');
}

function counts(evidence: Evidence): (readonly [string, number])[] {
  const { requests, entries, trades, transactions, looks, valuations, reports } = evidence;
  const of = (outcome: string) => entries.filter((one) => one.outcome === outcome).length;
  return [
    ['requests of 6 clients', requests.length],
    ['  looks at /health beside them', looks.length],
    ['transactions acknowledged', of('recorded')],
    ['  answered more than once', entries.filter(({ ids }) => ids.length > 1).length],
    ['  refused (422)', of('refused')],
    ['trades booked', trades.length],
    ['  deliveries that failed or were put back for later', evidence.failures],
    ['transactions in SQL', transactions.length],
    ['valuations published', valuations.length],
    ['reports to the ledger published', reports.length],
  ];
}
