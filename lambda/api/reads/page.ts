import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import type { Route } from '../../../contract/route';
import { DEFAULT_LIMIT } from '../../../contract/schemas/primitives';
import { failure, type Failure } from '../answers';

/** One page of a list, as every list answers. */
export interface Page<Item> {
  readonly items: Item[];
  readonly next_cursor: string | null;
}

/** Which page is asked for. */
export interface PageRequest {
  readonly limit: number;
  /** Where the page before ended; undefined for the first page, null for a cursor that is none of this list's. */
  readonly after: readonly string[] | null | undefined;
  /** The cursor of the page that follows such a position. */
  cursorAfter(position: readonly string[]): string;
}

export const invalidCursor = (): Failure =>
  failure('invalid_cursor', 'The cursor is not one of this query; begin again without it', [
    { path: 'cursor', message: 'must be the next_cursor of the same query and sort' },
  ]);

const written = z.tuple([z.string()], z.string());

/**
 * Reads and writes a list's cursors. A cursor is a position with a digest over the route, its parameters, its filters and
 * the position, so that one from another query, or one that was mistyped, is refused rather than misread. The digest has no
 * key: a cursor only says where to go on in a list that its caller may read anyway, and every read checks the position
 * against its own bounds. `limit` is not part of it: the next page may be of another size.
 */
export function pageRequest(
  route: Route,
  input: {
    readonly parameters: object;
    readonly query: object & { readonly limit?: number; readonly cursor?: string };
  },
): PageRequest {
  const { limit = DEFAULT_LIMIT, cursor, ...filters } = input.query;
  const bound = [route.id, ...entriesOf(input.parameters), ...entriesOf(filters)];

  const cursorAfter = (position: readonly string[]): string => {
    const digest = createHash('sha256')
      .update(JSON.stringify([bound, position]))
      .digest('base64url')
      .slice(0, 16);
    return Buffer.from(JSON.stringify([digest, ...position])).toString('base64url');
  };

  function after(): readonly string[] | null | undefined {
    if (cursor === undefined) return undefined;
    const position = positionIn(cursor);
    return position && cursorAfter(position) === cursor ? position : null;
  }

  return { limit, after: after(), cursorAfter };
}

function positionIn(cursor: string): readonly string[] | null {
  try {
    const parsed = written.safeParse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
    return parsed.success ? parsed.data.slice(1) : null;
  } catch {
    return null;
  }
}

const entriesOf = (values: object) =>
  Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
