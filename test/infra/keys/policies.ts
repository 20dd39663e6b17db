import { parts } from '../../../tools/templates';
import { list, stacks } from '../invariants/check';
import { ofType, type Properties, referredTo, type Resource, type SynthesisedStack } from '../synthesised';

/** A resource, and the stack whose template makes it. */
export interface Placed {
  readonly resource: Resource;
  readonly of: SynthesisedStack;
}

export const ACCOUNT = '111122223333';

export function partitionOf({ region }: Pick<SynthesisedStack, 'region'>): string {
  if (region.startsWith('us-gov-')) return 'aws-us-gov';
  return region.startsWith('cn-') ? 'aws-cn' : 'aws';
}

export const neighbours = (of: SynthesisedStack, among: readonly SynthesisedStack[] = stacks): SynthesisedStack[] =>
  among.filter(({ environment, region }) => environment === of.environment && region === of.region);

/** What a reference is to: in the stack, or behind the export of another one of the region. */
export function locate(value: unknown, of: SynthesisedStack, among: readonly SynthesisedStack[]): Placed | undefined {
  const { 'Fn::ImportValue': imported } = (value ?? {}) as { 'Fn::ImportValue'?: string };
  if (imported === undefined) {
    const resource = of.resources.find(({ logicalId }) => logicalId === referredTo(value));
    if (resource === undefined) return undefined;
    // The attachment of a secret answers with the secret's ARN.
    return resource.type === 'AWS::SecretsManager::SecretTargetAttachment'
      ? locate(resource.properties.SecretId, of, among)
      : { resource, of };
  }
  for (const each of neighbours(of, among))
    for (const { Export, Value } of Object.values(each.outputs) as Properties[])
      if (Export?.Name === imported) return locate(Value, each, among);
  return undefined;
}

/** Every resource that is referred to anywhere below a value. */
export const locateAll = (value: unknown, of: SynthesisedStack, among: readonly SynthesisedStack[]): Placed[] =>
  [...parts(value)].flatMap((part) => locate(part, of, among) ?? []);

/** The ARN that AWS will give a resource: by its name where it has one, by its logical id where the name is generated. */
export function arnOf({ resource: { type, logicalId, properties }, of }: Placed): string {
  const { region, part } = of;
  const named = (property: string) => {
    const name: unknown = properties[property];
    return typeof name === 'string' ? name : `${part}-${logicalId}`;
  };
  const arn = (service: string, resource: string) =>
    `arn:${partitionOf(of)}:${service}:${region}:${ACCOUNT}:${resource}`;
  switch (type) {
    case 'AWS::Events::EventBus':
      return arn('events', `event-bus/${named('Name')}`);
    case 'AWS::Logs::LogGroup':
      return arn('logs', `log-group:${named('LogGroupName')}`);
    case 'AWS::SNS::Topic':
      return arn('sns', named('TopicName'));
    case 'AWS::CloudWatch::Alarm':
    case 'AWS::CloudWatch::CompositeAlarm':
      return arn('cloudwatch', `alarm:${named('AlarmName')}`);
    case 'AWS::Budgets::Budget':
      return `arn:${partitionOf(of)}:budgets::${ACCOUNT}:budget/${named('BudgetName')}`;
    default:
      return arn(type.split('::')[1]!.toLowerCase(), `${part}-${logicalId}`);
  }
}

/** A value of a template as AWS will read it. */
export function text(value: unknown, of: SynthesisedStack, among: readonly SynthesisedStack[]): string {
  if (typeof value !== 'object' || value === null) return String(value);
  const { Ref, 'Fn::Join': join } = value as { Ref?: string; 'Fn::Join'?: [string, unknown[]] };
  if (Ref === 'AWS::AccountId') return ACCOUNT;
  if (Ref === 'AWS::Partition') return partitionOf(of);
  if (Ref === 'AWS::Region') return of.region;
  if (Ref === 'AWS::URLSuffix') return 'amazonaws.com';
  if (join) return join[1].map((item) => text(item, of, among)).join(join[0]);
  const placed =
    locate(value, of, among) ?? neighbours(of, among).flatMap((each) => locate(value, each, among) ?? [])[0];
  if (placed === undefined) throw new Error(`${of.label}: cannot read ${JSON.stringify(value)}`);
  return arnOf(placed);
}

/** Condition keys of one request, with their values. */
export type Context = Readonly<Record<string, string>>;

const like = (pattern: string, value: string): boolean =>
  new RegExp(
    `^${pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
  ).test(value);

/** Whether a request with this context fulfils a statement's conditions: a key that is not sent fulfils none. */
function fulfils(condition: unknown, context: Context, read: (value: unknown) => string): boolean {
  return Object.entries((condition ?? {}) as Record<string, Record<string, unknown>>).every(([operator, keys]) => {
    if (!['StringEquals', 'StringLike', 'ArnEquals', 'ArnLike', 'Bool'].includes(operator))
      throw new Error(`the condition operator ${operator} is not known here`);
    return Object.entries(keys).every(([key, wanted]) => {
      const sent = context[key];
      if (sent === undefined) return false;
      return list(wanted).some((value) =>
        operator.endsWith('Like') || operator === 'ArnEquals' ? like(read(value), sent) : read(value) === sent,
      );
    });
  });
}

const allowsAction = (statement: Properties, action: string): boolean =>
  list(statement.Action as string | string[]).some((pattern) => like(pattern, action));

/** What a principal asks of a key. */
export interface Request {
  /** A service, `logs.us-east-1.amazonaws.com`; or the ARN of a principal of AWS. */
  readonly principal: string;
  readonly action: string;
  readonly context: Context;
}

/** Whether the key's own policy grants it. */
export function keyAllows(key: Placed, request: Request, among: readonly SynthesisedStack[]): boolean {
  const read = (value: unknown) => text(value, key.of, among);
  return (key.resource.properties.KeyPolicy.Statement as Properties[]).some(
    (statement) =>
      statement.Effect === 'Allow' &&
      Object.values(statement.Principal as Properties)
        .flatMap((principals) => list<unknown>(principals))
        .some((principal) => read(principal) === request.principal) &&
      allowsAction(statement, request.action) &&
      fulfils(statement.Condition, request.context, read),
  );
}

/** The account as a principal. */
export const accountOf = (of: SynthesisedStack): string => `arn:${partitionOf(of)}:iam::${ACCOUNT}:root`;

/** Every statement of the policies of a role, ours and inline ones. */
export function statementsOfRole({ resource, of }: Placed): Properties[] {
  const written = ofType(of, 'AWS::IAM::ManagedPolicy', 'AWS::IAM::Policy')
    .filter(({ properties }) => list<unknown>(properties.Roles).some((role) => referredTo(role) === resource.logicalId))
    .map(({ properties }) => properties.PolicyDocument as Properties);
  const inline = list<Properties>(resource.properties.Policies).map(
    ({ PolicyDocument }) => PolicyDocument as Properties,
  );
  return [...written, ...inline].flatMap(({ Statement }) => Statement as Properties[]);
}

/** Whether the policies of a role grant it on the key; the key's policy leaves that to them (`accountOf`). */
export function roleAllows(
  role: Placed,
  key: Placed,
  { action, context }: Pick<Request, 'action' | 'context'>,
  among: readonly SynthesisedStack[],
): boolean {
  return statementsOfRole(role).some(
    (statement) =>
      statement.Effect === 'Allow' &&
      allowsAction(statement, action) &&
      list<unknown>(statement.Resource).some(
        (resource) => locate(resource, role.of, among)?.resource === key.resource,
      ) &&
      fulfils(statement.Condition, context, (value) => text(value, role.of, among)),
  );
}
