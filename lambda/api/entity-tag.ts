import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import type { Route } from '../../contract/route';
import { failure, type Failure } from './answers';

/** The tag of an answer: two that are equal show the same. */
export const entityTag = (body: string | Buffer): string =>
  `"${createHash('sha256').update(body).digest('base64url')}"`;

/** RFC 9110 §13.1.2: a list of tags or `*`, compared weakly. */
export const isUnchanged = (ifNoneMatch: string | undefined, tag: string): boolean =>
  tagsIn(ifNoneMatch).some((given) => given === '*' || given.replace(/^W\//, '') === tag);

/**
 * RFC 9110 §13.1.1: refuses a change of something that is no longer what its caller saw.
 *
 * @param shown the route's body as it would be answered now
 * @param ifMatch a list of tags or `*`, compared strongly: a weak tag matches nothing
 */
export function refusalByIfMatch(route: Route, shown: unknown, ifMatch: string | undefined): Failure | null {
  if (ifMatch === undefined) return null;
  const tag = entityTag(jsonOf(route, shown));
  if (tagsIn(ifMatch).some((given) => given === '*' || given === tag)) return null;
  return hasChanged();
}

export const hasChanged = (): Failure => failure('precondition_failed', 'It has changed since; read it again');

/** The answer as the contract shows it: what the schema does not name stays here. @throws where it breaks the contract */
export function jsonOf({ id, success }: Route, body: unknown): string {
  if (!success.body) return '';
  const parsed = z.safeParse(success.body, body);
  if (parsed.success) return JSON.stringify(parsed.data);
  const where = parsed.error.issues.map(({ path, code }) => `${path.map(String).join('.')}: ${code}`);
  throw new Error(`the answer of ${id} breaks the contract at ${where.join('; ')}`);
}

const tagsIn = (header: string | undefined): string[] => header?.split(',').map((given) => given.trim()) ?? [];
