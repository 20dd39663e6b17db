import { deepEqual, type TemplateDiff } from '@aws-cdk/cloudformation-diff';
import { ASSET } from './assembly';
import { type Row } from './rows';
import { readable } from './values';

/** IAM statements, attached policies and security-group rules that a stack gains, loses or changes. */
export function securityRows({ iamChanges, securityGroupChanges }: TemplateDiff): Row[] {
  const { statements, managedPolicies } = iamChanges;
  return [
    ...statementRows(statements.additions.map(facts), statements.removals.map(facts)),
    ...signed(managedPolicies).map(([sign, { identityArn, managedPolicyArn }]): Row => ({
      section: 'attachments',
      cells: [[sign], [text(identityArn)], [text(managedPolicyArn)]],
    })),
    ...(['ingress', 'egress'] as const).flatMap((direction) =>
      signed(securityGroupChanges[direction]).map(([sign, rule]): Row => ({
        section: 'rules',
        cells: [[sign], [text(rule.groupId)], [direction], [rule.describeProtocol()], [text(rule.describePeer())]],
      })),
    ),
  ];
}

const signed = <T>({ additions, removals }: { readonly additions: T[]; readonly removals: T[] }): ['+' | '-', T][] => [
  ...removals.map((one): ['-', T] => ['-', one]),
  ...additions.map((one): ['+', T] => ['+', one]),
];

const text = (value: string): string => String(readable(value));

type LibraryStatement = TemplateDiff['iamChanges']['statements']['additions'][number];
/** Effect, principals, actions, resources, condition. */
type Facts = readonly (readonly string[])[];

function facts(statement: LibraryStatement): Facts {
  const { resource, effect, principal, action, condition } = statement.render();
  // What is no statement but a reference to one is told by its text alone.
  return [[effect], lines(principal), lines(action), lines(resource), lines(condition.replaceAll('\n', ' '))];
}

/** The hash of a program is not what it may do. */
const lines = (cell: string): string[] =>
  cell.split('\n').flatMap((line) => (line === '' ? [] : [text(line).replace(ASSET, '<code>')]));

/** A statement of which some stayed is the same one, changed: what stayed need not be read twice. */
function statementRows(additions: readonly Facts[], removals: readonly Facts[]): Row[] {
  const added = [...additions];
  const row = (sign: string, cells: Facts): Row => ({ section: 'statements', cells: [[sign], ...cells] });
  const changedOrGone = removals.flatMap((old) => {
    const at = nearest(old, added);
    const [now] = at < 0 ? [] : added.splice(at, 1);
    if (!now) return [row('-', old)];
    return deepEqual(old, now) ? [] : [row('~', merged(old, now))];
  });
  return [...changedOrGone, ...added.map((statement) => row('+', statement))];
}

/** @returns where in `statements` stands the one that `old` has become, −1 if nowhere */
function nearest(old: Facts, statements: readonly Facts[]): number {
  const inCommon = (now: Facts) => old.filter((cell, column) => deepEqual(cell, now[column])).length;
  const overlaps = (now: Facts) =>
    old.slice(0, 4).every((cell, column) => cell.length === 0 || cell.some((one) => now[column]?.includes(one)));
  const candidates = [
    (now: Facts) => deepEqual(old, now),
    (now: Facts) => inCommon(now) === old.length - 1 && deepEqual(old[0], now[0]),
    overlaps,
  ];
  return candidates.map((fits) => statements.findIndex(fits)).find((at) => at >= 0) ?? -1;
}

/** As many lines that stayed are shown beside those that did not. */
const CONTEXT = 2;

function merged(old: Facts, now: Facts): Facts {
  return old.map((cell, column) => {
    const after = now[column] ?? [];
    if (deepEqual(cell, after)) return cell;
    const stayed = cell.filter((line) => after.includes(line));
    return [
      ...cell.filter((line) => !after.includes(line)).map((line) => `- ${line}`),
      ...after.filter((line) => !cell.includes(line)).map((line) => `+ ${line}`),
      ...(stayed.length > CONTEXT ? [`and ${stayed.length} as before`] : stayed),
    ];
  });
}
