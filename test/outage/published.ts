import { readFileSync } from 'node:fs';
import type { EventDetail } from '../../contract/events';

/** What services wrote, in the order of writing. */
export interface Published {
  readonly valuations: readonly Said<'valuationUpdated'>[];
  readonly reports: readonly Said<'positionsChanged'>[];
  /** When a process began and ceased to think that it leads. */
  readonly leads: readonly { readonly pid: number; readonly at: number; readonly leads: boolean }[];
}
interface Said<E extends 'valuationUpdated' | 'positionsChanged'> {
  readonly pid: number;
  readonly at: number;
  readonly detail: EventDetail<E>;
}

interface Line {
  readonly pid: number;
  readonly at: number;
  readonly kind: 'lead' | 'event';
  readonly leads?: boolean;
  readonly event?: string;
  readonly detail?: unknown;
}

export function readPublished(file: string): Published {
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line) => parsed(line) ?? []);
  const saying = <E extends 'valuationUpdated' | 'positionsChanged'>(event: E) =>
    lines.filter((one) => one.event === event) as unknown as Said<E>[];
  return {
    valuations: saying('valuationUpdated'),
    reports: saying('positionsChanged'),
    leads: lines.flatMap(({ kind, pid, at, leads }) => (kind === 'lead' ? [{ pid, at, leads: leads === true }] : [])),
  };
}

/** null: an end of the file that is still being written, or was never. */
function parsed(line: string): Line | null {
  try {
    return JSON.parse(line) as Line;
  } catch {
    return null;
  }
}
