import fc from 'fast-check';
import * as z from 'zod/mini';
import { bodyExamples } from '../../../contract/examples';
import { pathParameters, type Route } from '../../../contract/route';
import type { RouteId } from '../../../contract/routes';
import { accepted, acceptedProperties } from './arbitrary';
import { encoded } from './wire';

/** Fields whose value must mean something to the platform, beside being spelt well. */
export type Meaningful = Readonly<Record<string, unknown>>;

/** Of a transaction the type says which fields there are: chance draws none of which a portfolio would take. */
const GO_TOGETHER: ReadonlySet<string> = new Set<RouteId>(['addTransaction']);

const DRAWS = { seed: 9, numRuns: 200 };

/** What a body of the route's is written in. */
export const mediaTypeOf = ({ bodyMediaType }: Route): string => bodyMediaType ?? 'application/json';

/** A body that the route's schema takes, every text in it that may be anything being `text`. */
export function bodyFor(route: Route, meaningful: Meaningful, text: string): string | undefined {
  const { body: shape } = route;
  if (!shape) return undefined;
  if (route.bodyMediaType !== undefined) return String(bodyExamples[route.id as RouteId]);
  // Of a schema of many exact values chance draws none: the contract's own example is a candidate too.
  const example = bodyExamples[route.id as RouteId];
  const drawn = GO_TOGETHER.has(route.id) ? [] : fc.sample(accepted(shape), DRAWS);
  const drawings = [...(example === undefined ? [] : [example]), ...drawn];
  const candidates = drawings.flatMap((drawn) => {
    const value = { ...(drawn as Record<string, unknown>) };
    for (const name of Object.keys(value)) if (name in meaningful) value[name] = meaningful[name];
    if (!z.safeParse(shape, value).success) return [];
    for (const [name, held] of Object.entries(value)) {
      const planted = { ...value, [name]: text };
      const isFree = typeof held === 'string' && !(name in meaningful) && z.safeParse(shape, planted).success;
      if (isFree) value[name] = text;
    }
    return [JSON.stringify(value)];
  });
  // The one that says `text` most often shows the most where it does not belong.
  const [best] = candidates.sort((a, b) => b.split(text).length - a.split(text).length);
  if (best === undefined)
    throw new Error(`no body could be drawn for ${route.id}: name its fields among the meaningful`);
  return best;
}

/** A value for a path parameter that names nobody's thing. */
export function sharedValue(route: Route, name: string, meaningful: Meaningful): string {
  if (name in meaningful) return String(meaningful[name]);
  const arbitrary = acceptedProperties(route.parameters)[name];
  if (!arbitrary) throw new Error(`${route.id} does not declare ${name}`);
  return String(fc.sample(arbitrary, DRAWS)[0]);
}

export const pathWith = (route: Route, values: Readonly<Record<string, string>>): string =>
  pathParameters(route.path).reduce((path, name) => path.replace(`{${name}}`, encoded(values[name]!)), route.path);
