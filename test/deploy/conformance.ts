import { cases, type Outcome, runConformance } from '../conformance/cases';
import { liveCases, type LiveTarget, portfoliosOver } from '../conformance/live-cases';
import { type Exception, exceptions } from './exceptions';
import type { User } from './usage';

export interface Verdict {
  readonly passed: number;
  /** How many failed as they are known to, and why. */
  readonly excepted: readonly string[];
  /** What is wrong: other failures, and exceptions whose case passes. */
  readonly complaints: readonly string[];
}

/** A case by the name that an exception gives it. */
export const nameOf = ({ route, status, says }: Pick<Outcome, 'route' | 'status' | 'says'>): string =>
  `${route} ${status}, ${says}`;

/** The suite that the local host passes, against what was deployed: over REST, then over the WebSocket API. */
export async function conformance({ deployment, people }: User): Promise<Verdict> {
  const target = {
    baseUrl: deployment.restUrl,
    personToken: people.person,
    otherPersonToken: people.otherPerson,
    machineToken: people.machine,
  };
  const outcomes = await runConformance(target, cases);
  const results = outcomes.map((outcome) => ({ name: nameOf(outcome), failure: outcome.failure }));
  const live = {
    ...target,
    url: deployment.liveUrl,
    makePortfolio: portfoliosOver(deployment.restUrl),
    // The service's leader looks every second, and two cores run the whole platform.
    valuationWithinMs: 20_000,
  };
  for (const one of liveCases) results.push({ name: `live, ${one.says}`, failure: await liveFailure(one, live) });
  return judge(results);
}

async function liveFailure(one: (typeof liveCases)[number], target: LiveTarget): Promise<string | null> {
  try {
    await one.run(target);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

export function judge(
  results: readonly { readonly name: string; readonly failure: string | null }[],
  known: readonly Exception[] = exceptions,
): Verdict {
  const isKnown = (name: string) => known.some(({ cases: named }) => named.test(name));
  const failed = results.flatMap(({ name, failure }) => (failure === null ? [] : [{ name, failure }]));
  const excepts = (exception: Exception, { name, failure }: (typeof failed)[number]) =>
    exception.cases.test(name) && exception.failure.test(failure);
  const complaints = [
    ...failed
      .filter((one) => !known.some((exception) => excepts(exception, one)))
      .map(({ name, failure }) => `${name}: ${failure}`),
    ...results
      .filter(({ name, failure }) => isKnown(name) && failure === null)
      .map(({ name }) => `${name} passes, and is excepted`),
    ...known
      .filter(({ cases: named }) => !results.some(({ name }) => named.test(name)))
      .map(({ cases: named }) => `${named.source} is excepted, and there is no such case`),
  ];
  const excepted = known.map((exception) => {
    const count = failed.filter((one) => excepts(exception, one)).length;
    return `${count} excepted: ${exception.why}`;
  });
  return { passed: results.length - failed.length, excepted, complaints };
}
