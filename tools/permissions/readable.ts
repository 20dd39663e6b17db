import { parts, type Properties, referredTo, type Resource, type TemplateStack } from '../templates';

/** What people call a resource of a type; the last word of the type otherwise. */
const KINDS: Readonly<Record<string, string>> = {
  'AWS::Logs::LogGroup': 'log group',
  'AWS::Events::EventBus': 'bus',
  'AWS::EC2::FlowLog': 'flow log',
  'AWS::EC2::LaunchTemplate': 'instances',
  'AWS::IAM::InstanceProfile': 'instances',
  'AWS::RDS::DBCluster': 'cluster',
  'AWS::RDS::DBInstance': 'database',
  'AWS::RDS::DBProxy': 'proxy',
  'AWS::ApiGateway::RestApi': 'REST API',
  'AWS::ApiGateway::Account': "API Gateway's account",
  'AWS::ApiGatewayV2::Api': 'WebSocket API',
  'AWS::Scheduler::ScheduleGroup': 'schedules',
  'AWS::SecretsManager::Secret': 'secret',
  'AWS::SecretsManager::SecretTargetAttachment': 'secret',
  'AWS::Backup::BackupSelection': 'backup selection',
};
const NAMES = ['TableName', 'Name'] as const;
/** What CDK adds to a logical id: a hash, and before it what the resource is. */
const ADDED = /(Queue|Function|Bucket|Table|Key|Role|Secret|Topic)?(Resource)?[0-9A-F]{8}$/;

/** Key of an asset in the bootstrap's bucket: another one with each change of code, and in each place of a checkout. */
const ASSET = /\b[0-9a-f]{64}(?=\.)/g;

interface Intrinsic {
  readonly 'Fn::Join'?: readonly [separator: string, items: readonly unknown[]];
  readonly 'Fn::Sub'?: string;
  readonly 'Fn::ImportValue'?: string;
  readonly 'Fn::GetAtt'?: readonly [logicalId: string, attribute: string];
  readonly Ref?: string;
}

/** The words of docs/permissions.md for the references of templates. The stacks are those of one region. */
export class Readable {
  private readonly worn = new Map<string, string>();

  constructor(private readonly stacks: readonly TemplateStack[]) {}

  /** `table assets`, `queue Pollination`: by its name where it has one, else by its place in the tree, else by its stack. */
  name({ logicalId, type, properties }: Resource, { env, part }: TemplateStack): string {
    const kind = KINDS[type] ?? (type.split('::').at(-1) ?? type).toLowerCase();
    const given = NAMES.map((name) => properties[name] as unknown).find((name) => typeof name === 'string');
    const short = (given ?? (this.place(logicalId) || part)).replace(`signal9-${env}-`, '');
    return `${kind} ${short}`;
  }

  /** Who wears a role: everything that is given it. */
  wearers(roleId: string, stack: TemplateStack): string {
    const key = `${stack.part} ${roleId}`;
    const known = this.worn.get(key) ?? this.findWearers(roleId, stack);
    this.worn.set(key, known);
    return known;
  }

  private findWearers(roleId: string, stack: TemplateStack): string {
    const wearers = stack.resources.filter(
      (resource) =>
        resource.type !== 'AWS::IAM::Role' && !resource.type.endsWith('Policy') && refersTo(resource, roleId),
    );
    const found = [...new Set(wearers.map((wearer) => this.name(wearer, stack)))];
    return found.join(', ') || `role ${this.place(roleId)}`;
  }

  /** A logical id without what CDK adds to it: the same in every environment. */
  place(logicalId: string): string {
    return logicalId.replace(ADDED, '');
  }

  /** A value with references as names: `<table assets>/index/*` and so on. */
  text(value: unknown, stack: TemplateStack): string {
    if (typeof value !== 'object' || value === null) return String(value).replace(ASSET, '<asset>');
    const {
      'Fn::Join': join,
      'Fn::Sub': sub,
      'Fn::ImportValue': imported,
      Ref,
      'Fn::GetAtt': get,
    } = value as Intrinsic;
    if (sub !== undefined) return sub.replace('${AWS::AccountId}', 'ACCOUNT');
    if (join) return join[1].map((item) => this.text(item, stack)).join(join[0]);
    if (imported !== undefined) return this.imported(imported);
    if (Ref === 'AWS::AccountId') return 'ACCOUNT';
    if (Ref === 'AWS::Partition') return 'aws';
    if (Ref === 'AWS::Region') return stack.region;
    const resource = stack.resources.find(({ logicalId }) => logicalId === referredTo(value));
    if (!resource) return JSON.stringify(value);
    const attribute = get?.[1];
    const of = this.name(resource, stack);
    return attribute === undefined || attribute.endsWith('Arn') || attribute === 'Id'
      ? `<${of}>`
      : `<${attribute} of ${of}>`;
  }

  private imported(name: string): string {
    for (const stack of this.stacks)
      for (const { Export, Value } of Object.values(stack.outputs) as Properties[])
        if ((Export as Properties | undefined)?.Name === name) return this.text(Value, stack);
    throw new Error(`nothing exports ${name}`);
  }
}

const refersTo = ({ properties }: Resource, logicalId: string): boolean =>
  [...parts(properties)].some((part) => referredTo(part) === logicalId);
