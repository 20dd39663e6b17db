import * as z from 'zod/mini';
import { pathParameters, type Route } from '../../contract/route';

/** A route's parameters as API Gateway names them, and whether each must be there. */
export function parametersOf(route: Route): Record<string, boolean> {
  const inPath = pathParameters(route.path).map((name) => [`method.request.path.${name}`, true] as const);
  const inQuery = fieldsOf(route.query).map(
    ([name, schema]) => [`method.request.querystring.${name}`, schema._zod.optin !== 'optional'] as const,
  );
  // A condition is a part of the question: its 304 must not be cached for who asked without one.
  const inHeader = route.cache === 'shared' ? [['method.request.header.If-None-Match', false] as const] : [];
  return Object.fromEntries([...inPath, ...inQuery, ...inHeader]);
}

function fieldsOf(schema: z.core.$ZodType | undefined): [string, z.core.$ZodType][] {
  if (schema === undefined) return [];
  if (schema instanceof z.core.$ZodObject) return Object.entries(schema._zod.def.shape);
  throw new Error('the query of a route is an object');
}
