import { join } from 'node:path';
import { grouped } from '../compliance/report';
import { code, table, withGenerated } from '../markdown';
import { beyondProd, reasonsOf } from './compare';
import { explain, isUnasked, UNASKED } from './explanations';
import { type Statement } from './statements';

export const DOCUMENT = join(__dirname, '..', '..', 'docs', 'permissions.md');

/** So many holders of the same statement share a row. */
const MANY = 10;

const FRAME = `# Permissions

<!-- Written by tools/permissions from the templates of prod, first region; \`npm run permissions\` writes it again. test/infra/permissions.test.ts holds it against them. -->

Who may do what to which resource, and when. Every statement of every policy is here: those of roles, those of resources, and who may become a role. A name between \`<\` and \`>\` is a resource of ours, \`ACCOUNT\` the account that is deployed to.

<!-- prettier-ignore-start -->
<!-- prettier-ignore-end -->
`;

/** docs/permissions.md: what prod's first region says, and what dev allows besides. */
export function documentOf(prod: readonly Statement[], dev: readonly Statement[]): string {
  const elsewhere = reasonsOf(beyondProd(prod, dev));
  const of = (kind: Statement['kind']) => prod.filter((statement) => statement.kind === kind);
  const parts = [
    '## Roles',
    ...roles(of('identity')),
    '## Resources',
    'What policies of queues, topics, buckets, keys, secrets and functions say. `itself` is the resource of the first column.',
    resources(of('resource')),
    '## Who may become a role',
    trusts(of('trust')),
    '## Services that do not say for whom they act',
    'Every other service says from which account or resource the request comes.',
    unasked(prod),
    '## Not in prod',
    'What other environments allow besides.',
    table(
      ['who or what', 'whom', 'may', 'on', 'why'],
      merged(elsewhere.map(([statement]) => statement)).map(({ holders, first }) => [
        holders.join(', '),
        first.principals.join(', '),
        codes(first.actions),
        codes(onItself(first)),
        elsewhere.find(([statement]) => statement === first)?.[1] ?? '',
      ]),
    ),
  ];
  return withGenerated(FRAME, parts.join('\n\n'));
}

const codes = (texts: readonly string[]): string => texts.map(code).join(', ');
const whys = (statement: Statement): string => explain(statement).reasons.join('; ');
const when = ({ condition }: Statement): string => (condition === '' ? '' : code(condition));

function roles(statements: readonly Statement[]): string[] {
  const groups = merged(statements);
  const shared = groups.filter(({ holders }) => holders.length >= MANY);
  const own = groups.filter(({ holders }) => holders.length < MANY).flatMap(({ members }) => members);
  const cells = (first: Statement) => [codes(first.actions), codes(first.resources), when(first), whys(first)];
  const head = ['may', 'on', 'when', 'why the wildcard'];
  const row = (statement: Statement) => [statement.holder, ...cells(statement)];
  return [
    '### Many alike',
    table(
      ['who', ...head],
      shared.map(({ holders, first }) => [`${holders.length}: ${holders.join(', ')}`, ...cells(first)]),
    ),
    ...[...grouped(own, ({ part }) => part)].flatMap(([part, members]) => [
      `### ${part}`,
      table(['who', ...head], members.map(row)),
    ]),
  ];
}

function resources(statements: readonly Statement[]): string {
  return table(
    ['what', '', 'whom', 'what they ask', 'on', 'when', 'why the wildcard'],
    merged(statements).map(({ holders, first }) => [
      holders.join(', '),
      first.effect === 'Allow' ? 'lets' : 'refuses',
      first.principals.includes('*') ? 'everybody' : first.principals.join(', '),
      codes(first.actions),
      codes(onItself(first)),
      when(first),
      whys(first),
    ]),
  );
}

function trusts(statements: readonly Statement[]): string {
  return table(
    ['whose role', 'service', 'when'],
    merged(statements).map(({ holders, first }) => [holders.join(', '), first.principals.join(', '), when(first)]),
  );
}

function unasked(statements: readonly Statement[]): string {
  const found = statements.filter(isUnasked);
  const rows = UNASKED.map(({ of, reason }) => {
    const members = found.filter(of);
    return [
      [...new Set(members.flatMap(({ principals }) => principals))].join(', '),
      [...new Set(members.map(({ holder }) => holder))].join(', '),
      reason,
    ];
  });
  return table(['service', 'where', 'why'], rows);
}

/** A policy speaks of its own resource by a name that is different in each: `itself` makes equal ones equal. */
const onItself = ({ resources, holder, kind }: Statement): string[] =>
  resources.map((resource) => (kind === 'resource' ? resource.replace(`<${holder}>`, 'itself') : resource));

/** Statements that say the same of several holders. */
function merged(statements: readonly Statement[]) {
  const same = (statement: Statement) => {
    const { effect, principals, actions, condition } = statement;
    return JSON.stringify([effect, principals, actions, onItself(statement), condition, whys(statement)]);
  };
  return [...grouped(statements, same).values()].flatMap((members) => {
    const [first] = members;
    return first ? [{ first, members, holders: [...new Set(members.map(({ holder }) => holder))] }] : [];
  });
}
