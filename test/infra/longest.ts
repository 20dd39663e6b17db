import { names } from '../../lib/names';
import { find } from './invariants/check';
import { type Properties, referredTo, type SynthesisedStack } from './synthesised';

/** `lib/config/schema.ts` takes so many characters for an environment. */
const ENV = 'a'.repeat(12);
/** The longest that AWS has of each: GovCloud's partition, China's suffix, the regions of Asia Pacific. */
const PSEUDO: Readonly<Record<string, string>> = {
  'AWS::AccountId': '1'.repeat(12),
  'AWS::Partition': 'aws-us-gov',
  'AWS::Region': 'ap-southeast-1',
  'AWS::URLSuffix': 'amazonaws.com.cn',
};
const STACK = names.stack(ENV, 'us-east-1', 'Monitoring').replace('us-east-1', PSEUDO['AWS::Region']!);
const arn = (service: string, rest: string): string =>
  `arn:aws-us-gov:${service}:${PSEUDO['AWS::Region']}:${PSEUDO['AWS::AccountId']}:${rest}`;
const x = (length: number): string => 'x'.repeat(length);
/** What CloudFormation makes of a logical id: `<stack>-<logical id>-<13>`, cut to what the service takes. */
const generated = (logicalId: string, most: number): string => `${STACK}-${logicalId}-${x(13)}`.slice(0, most);

/** How long a reference to a resource gets, by its type: `''` for Ref, else the attribute. */
const REFERENCES: Readonly<Record<string, Readonly<Record<string, (logicalId: string) => string>>>> = {
  'AWS::IAM::Role': { '': (id) => generated(id, 64), Arn: (id) => arn('iam', `role/${generated(id, 64)}`) },
  'AWS::Lambda::Function': {
    '': (id) => generated(id, 64),
    Arn: (id) => arn('lambda', `function:${generated(id, 64)}`),
  },
  'AWS::SQS::Queue': {
    '': (id) => `https://sqs.ap-southeast-1.amazonaws.com.cn/${x(12)}/${generated(id, 80)}`,
    Arn: (id) => arn('sqs', generated(id, 80)),
  },
  'AWS::S3::Bucket': { '': (id) => generated(id, 63), Arn: (id) => `arn:aws-us-gov:s3:::${generated(id, 63)}` },
  'AWS::Logs::LogGroup': {
    '': (id) => generated(id, 512),
    Arn: (id) => arn('logs', `log-group:${generated(id, 512)}:*`),
  },
  'AWS::DynamoDB::Table': {
    // The longest name of ours is below this; a stream's label is a moment.
    Arn: () => arn('dynamodb', `table/signal9-${x(40)}`),
    StreamArn: () => arn('dynamodb', `table/signal9-${x(40)}/stream/2026-05-18T15:00:00.000`),
  },
  'AWS::Events::EventBus': { Arn: () => arn('events', `event-bus/signal9-${ENV}`) },
  'AWS::Events::Rule': { Arn: (id) => arn('events', `rule/signal9-${ENV}/${generated(id, 64)}`) },
  'AWS::KMS::Key': { Arn: () => arn('kms', `key/${x(36)}`) },
  'AWS::Scheduler::ScheduleGroup': { Arn: () => arn('scheduler', `schedule-group/${x(64)}`) },
  'AWS::SecretsManager::Secret': { '': () => arn('secretsmanager', `secret:signal9-${ENV}-${x(32)}-${x(6)}`) },
  'AWS::SecretsManager::SecretTargetAttachment': {
    '': () => arn('secretsmanager', `secret:signal9-${ENV}-${x(32)}-${x(6)}`),
  },
  'AWS::RDS::DBProxy': { Endpoint: () => `signal9-${ENV}-ledger.proxy-${x(12)}.ap-southeast-1.rds.amazonaws.com.cn` },
  'AWS::Backup::BackupVault': { BackupVaultArn: () => arn('backup', `backup-vault:${x(50)}`) },
  'AWS::RDS::DBCluster': {
    DBClusterResourceId: () => `cluster-${x(26)}`,
    'MasterUserSecret.SecretArn': () => arn('secretsmanager', `secret:rds!cluster-${x(36)}-${x(6)}`),
    'Endpoint.Address': () => `signal9-${ENV}-ledger.cluster-${x(12)}.ap-southeast-1.rds.amazonaws.com.cn`,
    'ReadEndpoint.Address': () => `signal9-${ENV}-ledger.cluster-ro-${x(12)}.ap-southeast-1.rds.amazonaws.com.cn`,
  },
  'AWS::RDS::DBInstance': {
    DbiResourceId: () => `db-${x(26)}`,
    'MasterUserSecret.SecretArn': () => arn('secretsmanager', `secret:rds!db-${x(36)}-${x(6)}`),
    'Endpoint.Address': () => `signal9-${ENV}-portfolio.${x(12)}.ap-southeast-1.rds.amazonaws.com.cn`,
  },
  'AWS::ApiGatewayV2::Api': { '': () => x(10) },
  'AWS::Cognito::UserPool': { '': () => `ap-southeast-1_${x(9)}` },
  'AWS::EC2::VPC': { DefaultSecurityGroup: () => `sg-${x(17)}` },
};
/** Of a type that nobody wrote down above: longer than all of those. */
const UNKNOWN = 256;

/** A value of a template as text, with the longest names of account, region, environment and resources there are. */
export function longest(value: unknown, of: SynthesisedStack): string {
  if (typeof value === 'string') return value.replaceAll(`ignal9-${of.env}`, `ignal9-${ENV}`);
  if (typeof value !== 'object' || value === null) return String(value);
  const intrinsic = value as Properties;
  if (intrinsic['Fn::Join'] !== undefined) {
    const [separator, items] = intrinsic['Fn::Join'] as [string, unknown[]];
    return items.map((item) => longest(item, of)).join(separator);
  }
  if (intrinsic['Fn::Sub'] !== undefined)
    return String(intrinsic['Fn::Sub']).replaceAll(/\$\{([^}]+)\}/g, (_, name: string) => longest({ Ref: name }, of));
  if (intrinsic['Fn::ImportValue'] !== undefined) {
    const resource = find(value, of);
    return resource === undefined ? x(UNKNOWN) : reference(resource, attributeOf(value));
  }
  const logicalId = referredTo(value);
  if (logicalId === undefined) return x(UNKNOWN);
  if (logicalId === 'AWS::StackId') return arn('cloudformation', `stack/${STACK}/${x(36)}`);
  if (logicalId === 'AWS::StackName') return STACK;
  const pseudo = PSEUDO[logicalId];
  if (pseudo !== undefined) return pseudo;
  const resource = find(value, of);
  return resource === undefined ? x(UNKNOWN) : reference(resource, attributeOf(value));
}

const reference = ({ type, logicalId }: { type: string; logicalId: string }, attribute: string): string =>
  REFERENCES[type]?.[attribute]?.(logicalId) ?? x(UNKNOWN);

/** `''` for Ref; an import's is that of the export, whose name says it. */
function attributeOf(value: unknown): string {
  const { 'Fn::GetAtt': get, 'Fn::ImportValue': imported } = value as Properties;
  if (Array.isArray(get)) return get.slice(1).join('.');
  if (typeof imported !== 'string') return '';
  const [, attribute = ''] =
    /ExportsOutputFnGetAtt\w*?[0-9A-F]{8}(Arn|StreamArn|Endpoint|EndpointAddress)[0-9A-F]{8}$/.exec(imported) ?? [];
  return attribute === 'EndpointAddress' ? 'Endpoint.Address' : attribute;
}

/** A document as IAM gets it: JSON without white space, which IAM does not count. */
export function longestDocument(document: unknown, of: SynthesisedStack): string {
  const resolved = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(resolved);
    if (typeof value !== 'object' || value === null) return typeof value === 'string' ? longest(value, of) : value;
    const [key = ''] = Object.keys(value);
    if (key === 'Ref' || key.startsWith('Fn::')) return longest(value, of);
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [longest(name, of), resolved(inner)]));
  };
  return JSON.stringify(resolved(document)).replaceAll(/\s/g, '');
}
