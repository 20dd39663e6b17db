import { type TemplateDiff } from '@aws-cdk/cloudformation-diff';
import { deepEqual } from '@aws-cdk/cloudformation-diff';
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

const lines = (cell: string): string[] =>
  cell
    .split('\n')
    .filter((line) => line !== '')
    .map(text);

/** A statement that only one of its facts differs from is the same one, changed: what stayed need not be read twice. */
function statementRows(additions: readonly Facts[], removals: readonly Facts[]): Row[] {
  const added = [...additions];
  const row = (sign: string, cells: Facts): Row => ({ section: 'statements', cells: [[sign], ...cells] });
  const changedOrGone = removals.map((old) => {
    const at = added.findIndex((now) => differing(old, now).length === 1);
    const [now] = at < 0 ? [] : added.splice(at, 1);
    return now ? row('~', merged(old, now)) : row('-', old);
  });
  return [...changedOrGone, ...added.map((statement) => row('+', statement))];
}

const differing = (one: Facts, other: Facts): number[] =>
  one.flatMap((cell, column) => (deepEqual(cell, other[column]) ? [] : [column]));

function merged(old: Facts, now: Facts): Facts {
  return old.map((cell, column) => {
    const after = now[column] ?? [];
    if (deepEqual(cell, after)) return cell;
    const gone = cell.filter((line) => !after.includes(line)).map((line) => `- ${line}`);
    return [...gone, ...after.filter((line) => !cell.includes(line)).map((line) => `+ ${line}`)];
  });
}
