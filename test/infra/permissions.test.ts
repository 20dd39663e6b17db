import { readFileSync } from 'node:fs';
import { beyondProd, reasonsOf } from '../../tools/permissions/compare';
import { DOCUMENT, documentOf } from '../../tools/permissions/document';
import {
  explain,
  type Explanation,
  isStranger,
  isUnasked,
  isWild,
  NOT_IN_PROD,
  UNASKED,
  WILDCARDS,
} from '../../tools/permissions/explanations';
import { type Statement, statementsOf } from '../../tools/permissions/statements';
import { ENVIRONMENTS, stacksOf } from './synthesised';

/** The stacks of each region: references stay within it. */
const regions = ENVIRONMENTS.flatMap((name) => {
  const stacks = stacksOf(name);
  return [...new Set(stacks.map(({ region }) => region))].map((region) => ({
    label: `${name} ${region}`,
    stacks: stacks.filter((of) => of.region === region),
  }));
});
const read = regions.map(({ label, stacks }) => ({ label, statements: statementsOf(stacks) }));
const all = read.flatMap(({ statements }) => statements);
const of = (label: string) => read.find((each) => each.label === label)!.statements;
const prod = of('prod us-east-1');
const name = ({ holder, principals, actions, resources }: Statement) =>
  [holder, ...principals, ...actions, ...resources].join(' ');
const excused = (table: readonly Explanation[], statement: Statement) => table.some((each) => each.of(statement));

const unexplained = (statements: readonly Statement[]) =>
  statements.flatMap((statement) => explain(statement).unexplained.map((wild) => `${statement.holder}: ${wild}`));
const unasked = (statements: readonly Statement[]) =>
  statements.filter((statement) => isUnasked(statement) && !excused(UNASKED, statement)).map(name);

test('every kind of policy is read: of roles, of resources, and of who becomes a role', () => {
  for (const { label, statements } of read) {
    const kinds = Object.fromEntries(
      (['identity', 'resource', 'trust'] as const).map((kind) => [
        kind,
        statements.filter((statement) => statement.kind === kind).length > 30,
      ]),
    );
    expect({ label, ...kinds }).toEqual({ label, identity: true, resource: true, trust: true });
  }
  const types = new Set(all.map(({ written }) => written.type));
  for (const type of ['IAM::ManagedPolicy', 'IAM::Role', 'SQS::QueuePolicy', 'S3::BucketPolicy', 'SNS::TopicPolicy'])
    expect(types).toContain(`AWS::${type}`);
  for (const type of ['KMS::Key', 'Lambda::Permission']) expect(types).toContain(`AWS::${type}`);
});

test('each role is worn by something', () => {
  expect([...new Set(all.map(({ holder }) => holder))].filter((holder) => holder.startsWith('role '))).toEqual([]);
});

test('each wildcard in an action or a resource has its reason', () => {
  expect(all.filter(isWild).length).toBeGreaterThan(0);
  expect(unexplained(all)).toEqual([]);
});

test('no reason is without what it explains', () => {
  const unused = (table: readonly Explanation[], statements: readonly Statement[]) =>
    table.filter((each) => !statements.some(each.of)).map(({ reason }) => reason);
  expect(unused(WILDCARDS, all.filter(isWild))).toEqual([]);
  expect(unused(UNASKED, prod.filter(isUnasked))).toEqual([]);
  expect(unused(NOT_IN_PROD, beyondProd(prod, of('dev us-east-1')))).toEqual([]);
});

test('a service says for which account or resource it acts, wherever AWS lets a policy ask', () => {
  expect(unasked(all)).toEqual([]);
});

test('nobody unknown is let in', () => {
  expect(all.filter(isStranger).map(name)).toEqual([]);
});

test('every region of prod allows the same, and no other environment more without a reason', () => {
  for (const { label, statements } of read) {
    const more = reasonsOf(beyondProd(prod, statements));
    expect([label, more.filter(([, reason]) => reason === undefined).map(([statement]) => name(statement))]).toEqual([
      label,
      [],
    ]);
    if (label.startsWith('prod')) expect([label, more]).toEqual([label, []]);
  }
});

test('docs/permissions.md is up to date: npm run permissions', () => {
  expect(readFileSync(DOCUMENT, 'utf8')).toBe(documentOf(prod, of('dev us-east-1')));
});

test('the page says nothing that another place of the checkout, or a change of code, makes different', () => {
  expect(documentOf(prod, of('dev us-east-1'))).not.toMatch(/[0-9a-f]{32}/);
});

describe('a policy that is made worse is noticed', () => {
  /** The statements of prod's first region, after a change to the first policy of a type. */
  function spoiled(
    type: string,
    spoil: (statement: Record<string, unknown>, properties: Record<string, unknown>) => void,
  ): Statement[] {
    const stacks = structuredClone(
      regions.find(({ label }) => label === 'prod us-east-1')!.stacks.map((each) => ({ ...each, template: undefined })),
    );
    const resources = stacks.flatMap((each) => each.resources);
    const { properties } = resources.find((resource) => resource.type === type)!;
    const { Statement } = properties.AssumeRolePolicyDocument ?? properties.KeyPolicy ?? properties.PolicyDocument;
    spoil((Statement as Record<string, unknown>[]).at(-1)!, properties);
    return statementsOf(stacks);
  }

  test('by a wildcard in its resource', () => {
    const made = spoiled('AWS::IAM::ManagedPolicy', (statement) => (statement.Resource = 'arn:aws:s3:::everything/*'));
    expect(unexplained(made)).toEqual([expect.stringContaining(': Resource::arn:aws:s3:::everything/*')]);
  });

  test('by a wildcard in its action', () => {
    const made = spoiled('AWS::IAM::ManagedPolicy', (statement) => (statement.Action = 'logs:*'));
    expect(unexplained(made)).toEqual([expect.stringContaining(': Action::logs:*')]);
  });

  test('by letting in everybody', () => {
    const open = { Effect: 'Allow', Principal: '*', Condition: undefined };
    const made = spoiled('AWS::SQS::QueuePolicy', (statement) => Object.assign(statement, open));
    expect(made.filter(isStranger)).toHaveLength(1);
  });

  test('by letting in another account', () => {
    const other = { Principal: { AWS: 'arn:aws:iam::111122223333:root' } };
    for (const type of ['AWS::IAM::Role', 'AWS::KMS::Key'])
      expect(spoiled(type, (statement) => Object.assign(statement, other)).filter(isStranger)).toHaveLength(1);
  });

  test("by a key's or a bucket's statement with a wildcard beside the one that has its reason", () => {
    const key = spoiled('AWS::KMS::Key', (statement) => (statement.Action = ['kms:Decrypt', 'kms:*']));
    expect(unexplained(key)).toEqual(expect.arrayContaining([expect.stringContaining(': Action::kms:*')]));
    const logs = { Effect: 'Allow', Principal: { Service: 'logging.s3.amazonaws.com' }, Action: 's3:PutObject' };
    const bucket = spoiled('AWS::S3::BucketPolicy', (statement) => Object.assign(statement, logs, { Resource: '*' }));
    expect(unexplained(bucket)).toEqual([expect.stringContaining(': Resource::*')]);
  });

  test("by a policy of AWS's own of which nobody knows what it allows", () => {
    const administrator = ['arn:aws:iam::aws:policy/AdministratorAccess'];
    expect(() => spoiled('AWS::IAM::Role', (_, properties) => (properties.ManagedPolicyArns = administrator))).toThrow(
      /AdministratorAccess.* is not known/,
    );
  });

  test('by a service that is not asked for whom', () => {
    const trust = { Principal: { Service: 'backup.amazonaws.com' }, Condition: undefined };
    const made = spoiled('AWS::IAM::Role', (statement) => Object.assign(statement, trust));
    expect(unasked(made)).toEqual([expect.stringContaining('backup.amazonaws.com sts:AssumeRole')]);
  });

  test('by an action that prod has not', () => {
    const made = spoiled('AWS::IAM::ManagedPolicy', (statement) => (statement.Action = 'iam:PassRole'));
    expect(reasonsOf(beyondProd(prod, made))).toEqual([
      [expect.objectContaining({ actions: ['iam:PassRole'] }), undefined],
    ]);
  });

  test('by naming what it leaves out, and by being a string', () => {
    expect(() => spoiled('AWS::IAM::ManagedPolicy', (statement) => (statement.NotAction = 'iam:*'))).toThrow(
      /NotAction allows all but/,
    );
    expect(() => spoiled('AWS::IAM::ManagedPolicy', (statement) => (statement.Sid = '{"Statement": []}'))).toThrow(
      /as a string/,
    );
  });
});
