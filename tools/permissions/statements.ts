import { parts, type Properties, referredTo, type Resource, type TemplateStack } from '../templates';
import { statementsOfAws } from './of-aws';
import { Readable } from './readable';

/** Where a statement stands: in a role's policy, in a resource's own, or in what says who may become a role. */
export type Kind = 'identity' | 'resource' | 'trust';

export interface Statement {
  readonly kind: Kind;
  readonly part: TemplateStack['part'];
  /** Of an identity who wears the role; of a resource and of a trust what it is about. */
  readonly holder: string;
  /** The role, or the resource that the policy is about: the same in every environment. */
  readonly subject: string;
  /** The resource of the template that holds the statement. */
  readonly written: Resource;
  readonly effect: 'Allow' | 'Deny';
  /** Empty for an identity. */
  readonly principals: readonly string[];
  readonly actions: readonly string[];
  /** With names for references. */
  readonly resources: readonly string[];
  /** As they stand in the template, in the same order. */
  readonly rawResources: readonly unknown[];
  /** Readable; empty where there is none. */
  readonly condition: string;
}

/** Every statement of every policy in the stacks of one region. */
export function statementsOf(stacks: readonly TemplateStack[]): Statement[] {
  const readable = new Readable(stacks);
  return stacks.flatMap((stack) =>
    stack.resources.flatMap((resource) =>
      resource.type === 'AWS::Lambda::Permission'
        ? [invocation(resource, stack, readable)]
        : documents(resource).flatMap(({ trust, statements }) =>
            statements.map((statement) => read(statement, { trust, resource, stack, readable })),
          ),
    ),
  );
}

/** The policy documents anywhere in a resource: whatever has statements, so that no type can be forgotten; and AWS's. */
function documents(resource: Resource) {
  const { logicalId, properties } = resource;
  const { AssumeRolePolicyDocument: trusted } = properties;
  for (const part of parts(properties))
    if (Object.values(part).some((value) => typeof value === 'string' && /"Statement"\s*:/.test(value)))
      throw new Error(`${logicalId}: a policy as a string is read by nobody`);
  const written = [...parts(properties)]
    .filter(({ Statement }) => Array.isArray(Statement))
    .filter(({ Statement }) => (Statement as Properties[]).some(({ Effect }) => Effect !== undefined))
    .map((document) => ({ trust: document === trusted, statements: document.Statement as Properties[] }));
  return [...written, { trust: false, statements: statementsOfAws(resource) }];
}

interface Place {
  readonly trust: boolean;
  readonly resource: Resource;
  readonly stack: TemplateStack;
  readonly readable: Readable;
}

function read(statement: Properties, place: Place): Statement {
  const { resource, stack, readable } = place;
  for (const unread of ['NotAction', 'NotResource', 'NotPrincipal'])
    if (statement[unread] !== undefined)
      throw new Error(`${resource.logicalId}: ${unread} allows all but what it names`);
  const { kind, holder, subject } = holding(place);
  const rawResources = list(statement.Resource);
  return {
    kind,
    part: stack.part,
    holder,
    subject,
    written: resource,
    effect: statement.Effect as Statement['effect'],
    principals: principals(statement.Principal).map((principal) => readable.text(principal, stack)),
    actions: list(statement.Action) as string[],
    resources: rawResources.map((raw) => readable.text(raw, stack)),
    rawResources,
    condition: condition((statement.Condition ?? {}) as Properties, place),
  };
}

function holding({ trust, resource, stack, readable }: Place): Pick<Statement, 'kind' | 'holder' | 'subject'> {
  const { type, logicalId, properties } = resource;
  if (!type.startsWith('AWS::IAM::')) {
    const holder = policed(resource, stack, readable);
    return { kind: 'resource', holder, subject: holder };
  }
  const roles = type === 'AWS::IAM::Role' ? [logicalId] : (properties.Roles as unknown[]).map(referredTo);
  const worn = (name: (role: string) => string) => roles.map((role) => name(role ?? '')).join(', ');
  return {
    kind: trust ? 'trust' : 'identity',
    holder: worn((role) => readable.wearers(role, stack)),
    subject: worn((role) => readable.place(role)),
  };
}

/** What a policy that is a resource by itself is about; the resource that has one among its properties otherwise. */
function policed(resource: Resource, stack: TemplateStack, readable: Readable): string {
  const { Bucket, Queues, Topics, SecretId } = resource.properties;
  const about = [...list(Bucket), ...list(Queues), ...list(Topics), ...list(SecretId)];
  if (!resource.type.endsWith('Policy') || about.length === 0) return readable.name(resource, stack);
  return about.map((one) => readable.text(one, stack).replace(/[<>]/g, '')).join(', ');
}

function invocation(resource: Resource, stack: TemplateStack, readable: Readable): Statement {
  const { Action, FunctionName, Principal, SourceArn, SourceAccount } = resource.properties as Record<string, unknown>;
  const sources = Object.entries({ SourceArn, SourceAccount }).filter(([, value]) => value !== undefined);
  const holder = readable.text(FunctionName, stack).replace(/[<>]/g, '');
  return {
    kind: 'resource',
    part: stack.part,
    holder,
    subject: holder,
    written: resource,
    effect: 'Allow',
    principals: [readable.text(Principal, stack)],
    actions: [Action as string],
    resources: [readable.text(FunctionName, stack)],
    rawResources: [FunctionName],
    condition: sources.map(([key, value]) => `aws:${key} is ${readable.text(value, stack)}`).join(' and '),
  };
}

function condition(operators: Properties, { readable, stack }: Place): string {
  return Object.entries(operators as Record<string, Properties>)
    .flatMap(([operator, keys]) =>
      Object.entries(keys).map(([key, value]) => {
        const values = list(value).map((one) => readable.text(one, stack));
        return `${key} ${WORDS[operator] ?? operator} ${values.join(' or ')}`;
      }),
    )
    .join(' and ');
}

const WORDS: Readonly<Record<string, string>> = {
  StringEquals: 'is',
  ArnEquals: 'is',
  Bool: 'is',
  StringLike: 'is like',
  ArnLike: 'is like',
  NumericLessThan: 'is below',
};

const principals = (principal: unknown): unknown[] =>
  typeof principal === 'object' && principal !== null ? Object.values(principal).flatMap(list) : list(principal);

const list = (value: unknown): unknown[] => (value === undefined ? [] : Array.isArray(value) ? value : [value]);
