import { type ResourceDifference, ResourceImpact } from '@aws-cdk/cloudformation-diff';
import { type Place } from './assembly';
import { compare, type StackDifference } from './compare';
import { destructions } from './destructive';
import { exportRows } from './exports';
import { type Moves, moveKey, moves } from './moves';
import { general, grouped, type GroupedRow, type PlacedRow, placesInWords, type Row } from './rows';
import { securityRows } from './security';
import { type Sides } from './sides';
import { type ValueChange, valueChanges } from './values';
import { judge, type Judged, type Verdict, type Waiver } from './waivers';

/** The whole difference, ready to be printed. */
export interface Report {
  /** The base as it was asked for, and its commit. */
  readonly base: string;
  readonly rows: readonly GroupedRow[];
  readonly verdict: Verdict;
  /** Whether the gate refuses: something destructive without a waiver. */
  readonly refused: boolean;
  readonly where: ReturnType<typeof placesInWords>;
}

/** @param waivers the waiver file, parsed. @param now by which waivers expire */
export function reportOf(base: string, sides: Sides, waivers: readonly Waiver[], now: Date): Report {
  const differences = compare(sides.base, sides.head);
  const verdict = judge(differences.flatMap(destructions), waivers, now);
  const moved = moves(differences);
  const rows = [
    ...verdict.changes.map(destructiveRow),
    ...exportRows(sides.base, differences),
    ...differences.flatMap((stack) =>
      stackRows(stack, moved).map((row): PlacedRow => ({ ...row, place: stack.place, stack: stack.name })),
    ),
  ];
  return {
    base: base === sides.commit ? base : `${base} (${sides.commit.slice(0, 10)})`,
    rows: codeTogether(grouped(rows)),
    verdict,
    refused: verdict.changes.some(({ waiver }) => waiver === undefined),
    where: placesInWords([...sides.base, ...sides.head]),
  };
}

function destructiveRow({ place, stack, resource, type, change, detail, waiver, expired }: Judged): PlacedRow {
  const verdict = waiver
    ? `waived until ${waiver.expires}: ${waiver.reason}`
    : `REFUSED${expired ? `: the waiver expired on ${expired.expires}` : ''}`;
  return { section: 'destructive', place, stack, cells: [[verdict], [change], [`${resource} (${type})`], [detail]] };
}

function stackRows(stack: StackDifference, moved: Moves): Row[] {
  const { how, difference } = stack;
  if (how === 'changed') return [...securityRows(difference), ...resourceRows(stack, moved), ...restRows(stack)];
  const types = Object.entries(difference.resources.changes).map(([, { resourceType }]) => resourceType);
  const counts = [...new Set(types)].sort().map((type) => `${type} ×${types.filter((one) => one === type).length}`);
  const change = how === 'added' ? 'added' : 'removed: `cdk deploy` leaves it as it is, and no longer updates it';
  return [{ section: 'stacks', cells: [[change], counts] }, ...securityRows(difference)];
}

function resourceRows(stack: StackDifference, moved: Moves): Row[] {
  const worstFirst = Object.entries(stack.difference.resources.changes).sort(
    ([, one], [, other]) => RANK.indexOf(one.changeImpact) - RANK.indexOf(other.changeImpact),
  );
  return worstFirst.map(([id, change]): Row => {
    const move = moved.get(moveKey(stack, id));
    const what = [...(move === undefined ? [] : [move]), ...whatChanges(change, stack.place)];
    return { section: 'resources', cells: [[HOW[change.changeImpact]], [id], [typeOf(change)], what] };
  });
}

/** New code for many functions is one row: it is what most changes are. */
function codeTogether(rows: readonly GroupedRow[]): GroupedRow[] {
  const together = new Map<string, GroupedRow>();
  for (const row of rows) {
    const [how = [], ids = [], type = [], what = []] = row.cells;
    const codeOnly = row.section === 'resources' && what.length === 1 && what[0] === 'code';
    const key = JSON.stringify(codeOnly ? [row.stack, row.places, how, type] : [together.size]);
    const first = together.get(key);
    together.set(key, first ? { ...first, cells: [how, [...(first.cells[1] ?? []), ...ids], type, what] } : row);
  }
  return [...together.values()];
}

const HOW: Record<ResourceImpact, string> = {
  [ResourceImpact.WILL_CREATE]: 'added',
  [ResourceImpact.WILL_UPDATE]: 'changed',
  [ResourceImpact.WILL_REPLACE]: 'replaced',
  [ResourceImpact.MAY_REPLACE]: 'may be replaced',
  [ResourceImpact.WILL_DESTROY]: 'removed',
  [ResourceImpact.WILL_ORPHAN]: 'removed, left behind',
  [ResourceImpact.WILL_IMPORT]: 'imported',
  [ResourceImpact.NO_CHANGE]: 'changed',
};

const RANK = [
  ResourceImpact.WILL_DESTROY,
  ResourceImpact.WILL_ORPHAN,
  ResourceImpact.WILL_REPLACE,
  ResourceImpact.MAY_REPLACE,
  ResourceImpact.WILL_UPDATE,
  ResourceImpact.NO_CHANGE,
  ResourceImpact.WILL_CREATE,
];

const typeOf = ({ oldResourceType, newResourceType }: ResourceDifference): string =>
  [...new Set([oldResourceType, newResourceType])].filter((type) => type !== undefined).join(' → ');

function whatChanges(change: ResourceDifference, place: Place): string[] {
  if (!change.isUpdate) return [];
  const lines: string[] = [];
  change.forEachDifference((_, name, { oldValue, newValue, ...rest }) => {
    const replaces =
      REPLACES[(rest as { changeImpact?: ResourceImpact }).changeImpact ?? ResourceImpact.NO_CHANGE] ?? '';
    lines.push(
      ...valueChanges(name, general(oldValue as unknown, place), general(newValue as unknown, place)).map(
        (value) => `${inWords(value)}${replaces}`,
      ),
    );
  });
  return lines;
}

const REPLACES: Partial<Record<ResourceImpact, string>> = {
  [ResourceImpact.WILL_REPLACE]: ' (replaces)',
  [ResourceImpact.MAY_REPLACE]: ' (may replace)',
};

function inWords({ path, before, after }: ValueChange): string {
  if (before !== undefined && after !== undefined) return `${path}: ${before} → ${after}`;
  if (before !== undefined) return `${path}: - ${before}`;
  return after === undefined ? path : `${path}: + ${after}`;
}

/** What a template says beside its resources. */
function restRows({ place, difference }: StackDifference): Row[] {
  const collections = {
    output: difference.outputs.changes,
    parameter: difference.parameters.changes,
    mapping: difference.mappings.changes,
    condition: difference.conditions.changes,
    part: difference.unknown.changes,
    ...(difference.description && { template: { Description: difference.description } }),
  };
  return Object.entries(collections).flatMap(([kind, changes]) =>
    Object.entries(changes).map(([name, { oldValue, newValue }]): Row => {
      const how = oldValue === undefined ? 'added' : newValue === undefined ? 'removed' : 'changed';
      const what = valueChanges('', general(oldValue as unknown, place), general(newValue as unknown, place)).map(
        inWords,
      );
      return { section: 'rest', cells: [[how], [`${kind} ${name}`], what] };
    }),
  );
}
