import { type AssembledStack, type Place } from './assembly';

/** What a row is about; each section is a table of its own. */
export const SECTIONS = {
  destructive: { title: 'Destructive', columns: ['verdict', 'change', 'resource', 'what is lost'] },
  statements: { title: 'IAM statements', columns: ['', 'effect', 'principal', 'action', 'resource', 'condition'] },
  attachments: { title: 'Managed policies', columns: ['', 'identity', 'policy'] },
  rules: { title: 'Security groups', columns: ['', 'group', 'direction', 'protocol', 'peer'] },
  exports: { title: 'Exports in use', columns: ['change', 'export', 'used by'] },
  stacks: { title: 'Whole stack', columns: ['change', 'resources'] },
  resources: { title: 'Resources', columns: ['change', 'resource', 'type', 'what changes'] },
  rest: { title: 'Outputs and parameters', columns: ['change', 'name', 'what changes'] },
} as const;

export type Section = keyof typeof SECTIONS;

/** One line of a table: a cell for each column of its section, each cell of no, one or more lines. */
export interface Row {
  readonly section: Section;
  readonly cells: readonly (readonly string[])[];
}

export interface PlacedRow extends Row {
  readonly place: Place;
  /** The stack that it is about. */
  readonly stack: string;
}

/** A row as it is in all of its places. */
export interface GroupedRow extends Row {
  /** Names exactly the stacks that it is about, as a waiver would: with `*` where their names differ. */
  readonly stack: string;
  /** The same for all rows about stacks of one kind. */
  readonly heading: string;
  readonly places: readonly Place[];
}

const ENV = '<env>';
const REGION = '<region>';

/** Rows that are the same but for the names of environment and region become one, in the order of their first. */
export function grouped(rows: readonly PlacedRow[]): GroupedRow[] {
  const groups = new Map<string, PlacedRow[]>();
  const kinds = new Map<string, Place[]>();
  for (const row of rows) {
    const kind = general(row.stack, row.place);
    const key = JSON.stringify([row.section, kind, general(row.cells, row.place)]);
    groups.set(key, [...(groups.get(key) ?? []), row]);
    kinds.set(kind, [...(kinds.get(kind) ?? []), row.place]);
  }
  return [...groups.values()].map((group) => {
    const [{ section, stack, place, cells }] = group as [PlacedRow];
    const places = group.map((row) => row.place);
    const kind = general(stack, place);
    return {
      section,
      cells: particular(general(cells, place), places),
      stack: starred(particular(kind, places)),
      heading: starred(particular(kind, kinds.get(kind) ?? places)),
      places,
    };
  });
}

const starred = (name: string): string => name.replaceAll(/<env>|<region>/g, '*');

/** `value` without the names of where it is. */
export function general<T>(value: T, { environment, region }: Place): T {
  if (value === undefined) return value;
  const alone = new RegExp(`(?<![A-Za-z0-9])${environment}(?![A-Za-z0-9])`, 'g');
  return JSON.parse(JSON.stringify(value).replaceAll(region, REGION).replace(alone, ENV)) as T;
}

/** The names again, where all places have the same. */
function particular<T>(value: T, places: readonly Place[]): T {
  const only = (names: readonly string[], placeholder: string) =>
    new Set(names).size === 1 ? (names[0] ?? '') : placeholder;
  const environment = only(
    places.map((place) => place.environment),
    ENV,
  );
  const region = only(
    places.map((place) => place.region),
    REGION,
  );
  return JSON.parse(JSON.stringify(value).replaceAll(ENV, environment).replaceAll(REGION, region)) as T;
}

/** Says where in a few words: `dev, prod (3 regions)`. */
export function placesInWords(all: readonly AssembledStack[]): (places: readonly Place[]) => string {
  const regionsOf = (places: readonly Place[], of: string) => [
    ...new Set(places.filter(({ environment }) => environment === of).map(({ region }) => region)),
  ];
  const everywhere = all.map(({ place }) => place);
  return (places) =>
    [...new Set(places.map(({ environment }) => environment))]
      .map((environment) => {
        const [here, known] = [regionsOf(places, environment), regionsOf(everywhere, environment)];
        if (known.length === 1) return environment;
        return `${environment} (${here.length === known.length ? `${here.length} regions` : here.join(', ')})`;
      })
      .join(', ');
}
