import { type AssembledStack, type Place } from './assembly';

/** What a row is about; each section is a table of its own. */
export const SECTIONS = {
  destructive: { title: 'Destructive', columns: ['verdict', 'change', 'stack', 'resource', 'what is lost'] },
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
  /** With `*` where the names of its stacks differ. */
  readonly stack: string;
  readonly places: readonly Place[];
}

const ENV = '<env>';
const REGION = '<region>';

/** Rows that are the same but for the names of environment and region become one, in the order of their first. */
export function grouped(rows: readonly PlacedRow[]): GroupedRow[] {
  const groups = new Map<string, PlacedRow[]>();
  for (const row of rows) {
    const key = JSON.stringify([row.section, [row.stack, row.cells].map((part) => general(part, row.place))]);
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return [...groups.values()].map((group) => {
    const [first] = group as [PlacedRow];
    const places = group.map(({ place }) => place);
    const common = (value: Row['cells']): Row['cells'] =>
      JSON.parse(particular(general(value, first.place), places)) as Row['cells'];
    const [[stack = ''] = []] = common([[first.stack]]);
    return {
      section: first.section,
      cells: common(first.cells),
      stack: stack.replaceAll(/<env>|<region>/g, '*'),
      places,
    };
  });
}

/** JSON of `value`, without the names of where it is. */
function general(value: unknown, { environment, region }: Place): string {
  const alone = new RegExp(`(?<![A-Za-z0-9])${environment}(?![A-Za-z0-9])`, 'g');
  return JSON.stringify(value).replaceAll(region, REGION).replace(alone, ENV);
}

/** The names again, where all places have the same. */
function particular(json: string, places: readonly Place[]): string {
  const only = (names: readonly string[], placeholder: string) =>
    new Set(names).size === 1 ? (names[0] ?? '') : placeholder;
  return json
    .replaceAll(
      ENV,
      only(
        places.map(({ environment }) => environment),
        ENV,
      ),
    )
    .replaceAll(
      REGION,
      only(
        places.map(({ region }) => region),
        REGION,
      ),
    );
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
