import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { ROOT } from './rules';

interface Statement {
  readonly Action: string;
  readonly Resource?: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}
interface Role {
  readonly MaxSessionDuration: number;
  readonly AssumeRolePolicyDocument: { readonly Statement: readonly Statement[] };
  readonly Policies: readonly { readonly PolicyDocument: { readonly Statement: readonly Statement[] } }[];
}

/** The roles of a template; `!Sub text` reads as text. */
function rolesOf(text: string): Record<string, Role> {
  const { Resources } = parse(text, { logLevel: 'silent' }) as {
    Resources: Record<string, { Type: string; Properties: Role }>;
  };
  return Object.fromEntries(
    Object.entries(Resources).flatMap(([id, { Type, Properties }]) =>
      Type === 'AWS::IAM::Role' ? [[id, Properties]] : [],
    ),
  );
}

const OIDC = 'token.actions.githubusercontent.com';

/** Why the role is more than a way from one environment on GitHub to the bootstrap's roles. */
function excess({ AssumeRolePolicyDocument, Policies }: Role): string[] {
  const trust = AssumeRolePolicyDocument.Statement.flatMap(({ Action, Condition }) => {
    const { StringEquals = {}, ...others } = Condition ?? {};
    return [
      ...(Action === 'sts:AssumeRoleWithWebIdentity' ? [] : [`is taken by ${Action}`]),
      ...(Object.keys(others).length === 0 ? [] : ['is taken by a pattern']),
      ...(StringEquals[`${OIDC}:aud`] === 'sts.amazonaws.com' ? [] : ['takes any audience']),
      ...(/^repo:[^*]+:environment:[^*]+$/.test(StringEquals[`${OIDC}:sub`] ?? '') ? [] : ['takes any job']),
    ];
  });
  const allowed = Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement).flatMap(
    ({ Action, Resource = [] }) => [
      ...(Action === 'sts:AssumeRole' ? [] : [`may ${Action}`]),
      ...[Resource].flat().filter((resource) => !/:role\/cdk-\$\{Qualifier\}-[a-z-]+-role-/.test(resource)),
    ],
  );
  return [...trust, ...allowed];
}

const text = readFileSync(join(ROOT, 'docs', 'deploy-role.yaml'), 'utf8');
const roles = rolesOf(text);

describe('the roles that GitHub may take', () => {
  test.each(Object.keys(roles))('%s leads from one environment to the roles of the bootstrap', (id) => {
    expect(excess(roles[id]!)).toEqual([]);
  });

  test.each([
    ['any job of the repository', ':environment:${Environment}\n', ':*\n'],
    ['any audience', `${OIDC}:aud: sts.amazonaws.com`, `${OIDC}:azp: x`],
    ['a pattern', 'StringEquals', 'StringLike'],
    ['another action', 'Action: sts:AssumeRole\n', "Action: '*'\n"],
    ['another role', 'role/cdk-${Qualifier}-deploy-role-${AWS::AccountId}-*', 'role/*'],
  ])('%s would be noticed', (_, from, to) => {
    const changed = rolesOf(text.replaceAll(from, to));
    expect(Object.values(changed).flatMap(excess)).not.toEqual([]);
  });

  test('the plan reads, and takes no role that changes anything', () => {
    expect(JSON.stringify(roles.PlanRole)).not.toMatch(/-(?:deploy|file-publishing|image-publishing|cfn-exec)-role-/);
  });

  test('a session lasts as long as the workflow asks for', () => {
    const workflow = readFileSync(join(ROOT, '.github', 'workflows', 'deploy.yml'), 'utf8');
    const [, seconds] = /role-duration-seconds: (\d+)/.exec(workflow) ?? [];
    expect(roles.DeployRole?.MaxSessionDuration).toBe(Number(seconds));
  });
});
