import { cases, type Outcome, runConformance } from '../conformance/cases';
import { liveCases, type LiveTarget, portfoliosOver } from '../conformance/live-cases';
import { exceptions } from './exceptions';
import type { User } from './usage';

export interface Verdict {
  readonly passed: number;
  /** Cases that failed as the emulator is known to make them. */
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
  known: Readonly<Record<string, string>> = exceptions,
): Verdict {
  const isKnown = (name: string) => Object.hasOwn(known, name);
  const failed = results.filter(({ failure }) => failure !== null);
  const complaints = [
    ...failed.filter(({ name }) => !isKnown(name)).map(({ name, failure }) => `${name}: ${failure ?? ''}`),
    ...results
      .filter(({ name, failure }) => isKnown(name) && failure === null)
      .map(({ name }) => `${name} passes: take it off the exceptions`),
    ...Object.keys(known)
      .filter((name) => !results.some((result) => result.name === name))
      .map((name) => `${name} is excepted, and there is no such case`),
  ];
  return {
    passed: results.length - failed.length,
    excepted: failed.map(({ name }) => name).filter(isKnown),
    complaints,
  };
}
