import { type ResourceDifference, ResourceImpact, type TemplateDiff } from '@aws-cdk/cloudformation-diff';
import { compare, type StackDifference } from './compare';
import { destructions } from './destructive';
import { exportRows } from './exports';
import { type Moves, moveKey, moves } from './moves';
import { grouped, type GroupedRow, type PlacedRow, placesInWords, type Row } from './rows';
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
    rows: grouped(rows),
    verdict,
    refused: verdict.changes.some(({ waiver }) => waiver === undefined),
    where: placesInWords([...sides.base, ...sides.head]),
  };
}

function destructiveRow({ place, stack, resource, type, change, detail, waiver, expired }: Judged): PlacedRow {
  const verdict = waiver
    ? `waived until ${waiver.expires}: ${waiver.reason}`
    : `REFUSED${expired ? `: the waiver expired on ${expired.expires}` : ''}`;
  return { section: 'destructive', place, stack, cells: [[verdict], [change], [stack], [resource, type], [detail]] };
}

function stackRows(stack: StackDifference, moved: Moves): Row[] {
  const { how, difference } = stack;
  if (how === 'changed') return [...securityRows(difference), ...resourceRows(stack, moved), ...restRows(difference)];
  const types = Object.entries(difference.resources.changes).map(([, { resourceType }]) => resourceType);
  const counts = [...new Set(types)].sort().map((type) => `${type} ×${types.filter((one) => one === type).length}`);
  const change = how === 'added' ? 'added' : 'removed: `cdk deploy` leaves it as it is, and no longer updates it';
  return [{ section: 'stacks', cells: [[change], counts] }, ...securityRows(difference)];
}

function resourceRows(stack: StackDifference, moved: Moves): Row[] {
  return Object.entries(stack.difference.resources.changes).map(([id, change]): Row => {
    const move = moved.get(moveKey(stack, id));
    const what = [...(move === undefined ? [] : [move]), ...whatChanges(change)];
    return { section: 'resources', cells: [[HOW[impactOf(change)]], [id], [typeOf(change)], what] };
  });
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

const impactOf = ({ changeImpact }: ResourceDifference): ResourceImpact => changeImpact;

const typeOf = ({ oldResourceType, newResourceType }: ResourceDifference): string =>
  [...new Set([oldResourceType, newResourceType])].filter((type) => type !== undefined).join(' → ');

function whatChanges(change: ResourceDifference): string[] {
  if (!change.isUpdate) return [];
  const lines: string[] = [];
  change.forEachDifference((_, name, { oldValue, newValue, ...rest }) => {
    const replaces =
      REPLACES[(rest as { changeImpact?: ResourceImpact }).changeImpact ?? ResourceImpact.NO_CHANGE] ?? '';
    lines.push(...valueChanges(name, oldValue, newValue).map((value) => `${inWords(value)}${replaces}`));
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
function restRows(difference: TemplateDiff): Row[] {
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
      const what = valueChanges('', oldValue, newValue).map(inWords);
      return { section: 'rest', cells: [[how], [`${kind} ${name}`], what] };
    }),
  );
}
