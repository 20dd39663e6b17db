import { type FunctionDefinition, functions } from '../../contract/functions';
import { SERVICE_ENTRY } from '../../contract/service';
import { type TableId, tables } from '../../contract/tables';
import { parts, type Properties, referredTo, type Resource, type TemplateStack } from '../templates';
import { operations } from './aws-actions.json';
import { type Call } from './calls';
import { Readable } from './readable';
import { type Statement } from './statements';

/** An action that a program must be allowed. */
export interface Need {
  readonly action: string;
  /** As in statements: `<table assets>`; `*` where AWS knows no resource for it. */
  readonly resource: string;
  /** The line of code that sends it, or what of the template makes AWS do it by the role. */
  readonly because: string;
}

/** A program that is deployed, with the role that it wears. */
export interface Program {
  /** Key in contract/functions.ts, or `service`. */
  readonly id: string;
  readonly entry: string;
  readonly stack: TemplateStack;
  readonly resource: Resource;
  readonly roleId: string;
}

/** The SDK's service by its library. */
const SERVICES: Readonly<Record<string, keyof typeof operations>> = {
  '@aws-lambda-powertools/parameters GetParameter': 'ssm',
  '@aws-lambda-powertools/parameters GetSecretValue': 'secretsmanager',
  '@aws-sdk/client-apigatewaymanagementapi': 'apigatewaymanagementapi',
  '@aws-sdk/client-dynamodb': 'dynamodb',
  '@aws-sdk/client-eventbridge': 'events',
  '@aws-sdk/client-s3': 's3',
  '@aws-sdk/client-secrets-manager': 'secretsmanager',
  '@aws-sdk/client-sqs': 'sqs',
  '@aws-sdk/client-ssm': 'ssm',
  '@aws-sdk/lib-dynamodb': 'dynamodb',
};

/** The actions that a call needs. @throws Error where AWS's data does not know the operation */
export function actionsOf({ library, operation, at }: Pick<Call, 'library' | 'operation' | 'at'>): string[] {
  const service = SERVICES[library] ?? SERVICES[`${library} ${operation}`];
  const known = service && (operations[service] as Readonly<Record<string, object>>)[operation];
  if (!known) throw new Error(`${at}: which action ${operation} of ${library} needs is not in aws-actions.json`);
  return Object.keys(known);
}

/** Every function of the contract in the stacks of one region, and the service. */
export function programsOf(stacks: readonly TemplateStack[]): Program[] {
  const known = new Map(
    Object.entries<FunctionDefinition>(functions).map(([id, one]) => [one.description, { id, ...one }]),
  );
  return stacks.flatMap((stack) =>
    stack.resources.flatMap((resource): Program[] => {
      const { type, properties } = resource;
      if (type === 'AWS::IAM::InstanceProfile') {
        const roleId = referredTo((properties.Roles as unknown[])[0]) ?? '';
        return [{ id: SERVICE, entry: SERVICE_ENTRY, stack, resource, roleId }];
      }
      const definition = type === 'AWS::Lambda::Function' && known.get(properties.Description as string);
      if (!definition) return [];
      const { id, entry } = definition;
      return [{ id, entry, stack, resource, roleId: referredTo(properties.Role) ?? '' }];
    }),
  );
}

/** The statements of a program's role. */
export const ownStatements = (statements: readonly Statement[], { stack, roleId }: Program): Statement[] =>
  statements.filter(
    ({ kind, part, written }) =>
      kind === 'identity' &&
      part === stack.part &&
      (written.logicalId === roleId ||
        (written.properties.Roles as unknown[]).some((role) => referredTo(role) === roleId)),
  );

/** What a program needs: for what its code sends, for what Lambda does by its role, and of the keys behind both. */
export function needsOf(program: Program, calls: readonly Call[], stacks: readonly TemplateStack[]): Need[] {
  const readable = new Readable(stacks);
  const needs = [
    ...calls.flatMap((call) => needsOfCall(call, program, readable)),
    ...(program.resource.type === 'AWS::Lambda::Function' ? needsOfLambda(program, readable) : []),
  ];
  return [...needs, ...needs.flatMap((need) => needsOfKey(need, stacks, readable))];
}

function needsOfCall(call: Call, program: Program, readable: Readable): Need[] {
  const on = (resources: readonly string[]) =>
    actionsOf(call).flatMap((action) => resources.map((resource) => ({ action, resource, because: call.at })));
  const told = (pattern: RegExp): string[] => {
    if (program.id === SERVICE) return [ANYTHING];
    const found = variables(program, readable).flatMap(([name, value]) => (pattern.test(name) ? value : []));
    // Without a resource there would be no need, and the call would pass unseen.
    if (found.length === 0)
      throw new Error(`${program.id}: no variable like ${String(pattern)} says what ${call.at} is about`);
    return found;
  };
  switch (SERVICES[call.library] ?? SERVICES[`${call.library} ${call.operation}`]) {
    case 'dynamodb':
      return on(call.tables.map(tableText));
    case 'sqs':
      return on(told(/^(QUEUE|DLQ)_URL$/));
    case 's3':
      return on(told(/_BUCKET$/).map((bucket) => `${bucket}/*`));
    case 'secretsmanager':
      return on(told(/_SECRET_ARN$/));
    case 'events':
      return on([`<bus signal9-${program.stack.env}>`]);
    case 'apigatewaymanagementapi':
      return on([`/${call.operation === 'PostToConnection' ? 'POST' : 'DELETE'}/@connections/*`]);
    default:
      return on([ANYTHING]);
  }
}

/** An instance is told by a file which secrets to read; of which resource it is then cannot be compared. */
const SERVICE = 'service';
const ANYTHING = '';

function variables({ resource, stack }: Program, readable: Readable): [string, string][] {
  const { Environment } = resource.properties;
  const told = ((Environment as Properties | undefined)?.Variables ?? {}) as Properties;
  return Object.entries(told).map(([name, value]) => [name, readable.text(value, stack)]);
}

const tableText = (id: TableId): string => `<table ${tables[id].name}>`;

/** What Lambda does by the function's role. https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html */
function needsOfLambda({ resource, stack }: Program, readable: Readable): Need[] {
  const { LoggingConfig, TracingConfig, VpcConfig, DeadLetterConfig } = resource.properties as Record<
    string,
    Properties
  >;
  const because = (what: string, actions: readonly string[], resourceText: string): Need[] =>
    actions.map((action) => ({ action, resource: resourceText, because: what }));
  const sources = stack.resources.filter(
    ({ type, properties }) =>
      type === 'AWS::Lambda::EventSourceMapping' && referredTo(properties.FunctionName) === resource.logicalId,
  );
  return [
    ...because(
      'LoggingConfig',
      ['logs:CreateLogStream', 'logs:PutLogEvents'],
      readable.text(LoggingConfig?.LogGroup, stack),
    ),
    ...(TracingConfig ? because('TracingConfig', ['xray:PutTelemetryRecords', 'xray:PutTraceSegments'], '*') : []),
    ...(VpcConfig ? because('VpcConfig', NETWORK_INTERFACES, '*') : []),
    ...(DeadLetterConfig
      ? because('DeadLetterConfig', ['sqs:SendMessage'], readable.text(DeadLetterConfig.TargetArn, stack))
      : []),
    ...sources.flatMap(({ logicalId, properties }) => {
      const source = readable.text(properties.EventSourceArn, stack);
      const failed = (properties.DestinationConfig as Properties | undefined)?.OnFailure as Properties | undefined;
      return [
        ...because(logicalId, source.startsWith('<queue ') ? FROM_QUEUE : FROM_STREAM, streamed(source)),
        ...(failed ? because(logicalId, ['sqs:SendMessage'], readable.text(failed.Destination, stack)) : []),
      ];
    }),
  ];
}

/** `<StreamArn of table assets>`, or what the policy says for it, `<table assets>`. */
const streamed = (source: string): string => source.replace(/^<StreamArn of /, '<');

/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions */
const NETWORK_INTERFACES = [
  'ec2:AssignPrivateIpAddresses',
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:UnassignPrivateIpAddresses',
];
/** https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html; CDK adds the other two. */
const FROM_QUEUE = ['sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'];
/** https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-eventsourcemapping.html */
const FROM_STREAM = ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'];

/**
 * What a caller needs of the key of what it uses.
 * - DynamoDB: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
 * - SQS: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
 * - S3: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
 * - Secrets Manager: https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html
 * EventBridge uses the key of a bus by its own statement of the key's policy, for whoever may put events.
 */
const OF_KEYS: readonly (readonly [action: RegExp, actions: readonly string[]])[] = [
  [/^dynamodb:/, ['kms:Decrypt']],
  [/^sqs:SendMessage$/, ['kms:Decrypt', 'kms:GenerateDataKey']],
  [/^sqs:ReceiveMessage$/, ['kms:Decrypt']],
  [/^s3:PutObject$/, ['kms:GenerateDataKey']],
  [/^s3:GetObject$/, ['kms:Decrypt']],
  [/^secretsmanager:GetSecretValue$/, ['kms:Decrypt']],
];

const KEYS = ['KMSMasterKeyId', 'KMSMasterKeyID', 'KmsMasterKeyId', 'KmsKeyId'] as const;

function needsOfKey({ action, resource, because }: Need, stacks: readonly TemplateStack[], readable: Readable): Need[] {
  const actions = OF_KEYS.find(([pattern]) => pattern.test(action))?.[1] ?? [];
  const key = actions.length > 0 ? keyOf(resource, stacks, readable) : undefined;
  if (key === undefined) return [];
  return actions.map((one) => ({ action: one, resource: key, because: `${action} of ${because}, under ${key}` }));
}

/** The key of a resource as statements name it; none where the service's own encrypts it. */
function keyOf(text: string, stacks: readonly TemplateStack[], readable: Readable): string | undefined {
  const [, name] = /^<(?:[\w.]+ of )?(.+?)>/.exec(text) ?? [];
  for (const stack of stacks)
    for (const resource of stack.resources)
      if (readable.name(resource, stack) === name) {
        const { SecretId } = resource.properties;
        if (SecretId !== undefined) return keyOf(readable.text(SecretId, stack), stacks, readable);
        for (const part of parts(resource.properties))
          for (const key of KEYS) if (part[key] !== undefined) return readable.text(part[key], stack);
      }
  return undefined;
}

const onResource = ({ resources }: Statement, resource: string): boolean =>
  resources.some((one) => one === '*' || one === resource || wild(one, resource) || one.endsWith(resource));

/** `<bucket X>/*` covers `<bucket X>/config.json`, and the other way around: which object it is, the code says. */
const wild = (allowed: string, needed: string): boolean =>
  needed.endsWith('/*') && allowed.startsWith(needed.slice(0, -1));

export const isAllowed = (statements: readonly Statement[], { action, resource }: Need): boolean =>
  statements.some(
    (statement) =>
      statement.effect === 'Allow' && statement.actions.includes(action) && onResource(statement, resource),
  );

/** What the role lacks, one line each. */
export const missing = (statements: readonly Statement[], needs: readonly Need[]): string[] =>
  needs
    .filter((need) => !isAllowed(statements, need))
    .map(({ action, resource, because }) => `${action} on ${resource || 'anything'}: ${because}`);

/** An action that a role is allowed, of DynamoDB's on one table, and that nothing needs. */
export interface Surplus {
  readonly action: string;
  readonly resource: string;
  readonly program: string;
  readonly statement: Statement;
}

export function surplus(program: Program, statements: readonly Statement[], needs: readonly Need[]): Surplus[] {
  return statements.flatMap((statement) =>
    statement.actions.flatMap((action) => {
      const isTable = action.startsWith('dynamodb:');
      // A policy that allows a query of a table allows it of the table's indexes.
      const needed = (resource: string) =>
        needs.some((need) => need.action === action && (!isTable || resource.startsWith(need.resource)));
      return (isTable ? statement.resources : ['*'])
        .filter((resource) => !needed(resource))
        .map((resource) => ({ action, resource, program: program.id, statement }));
    }),
  );
}

/** Why a role may do what neither its code nor Lambda does by it. */
export const BESIDE_CALLS: readonly { readonly of: (found: Surplus) => boolean; readonly reason: string }[] = [
  {
    of: ({ action, statement }) =>
      /^kms:(DescribeKey|Encrypt|GenerateDataKey)$/.test(action) &&
      statement.condition.startsWith('kms:ViaService is dynamodb.'),
    reason:
      'DynamoDB asks for these besides kms:Decrypt in the name of whoever uses an encrypted table, and then only through DynamoDB (Amazon DynamoDB Developer Guide, encryption usage notes)',
  },
  {
    of: ({ action }) => /^sqs:(ChangeMessageVisibility|GetQueueUrl)$/.test(action),
    reason:
      'CDK gives these with an event source mapping (grantConsumeMessages): of the own queue of the function, and of no other',
  },
  {
    of: ({ action }) => action === 'dynamodb:ListStreams',
    reason: 'AWS asks for it of whoever reads a stream by an event source mapping (AWSLambdaDynamoDBExecutionRole)',
  },
  {
    of: ({ program, action }) => program === SERVICE && /^(s3:GetObject|cloudformation:SignalResource)$/.test(action),
    reason: 'The script that starts an instance loads the program, and tells CloudFormation that it runs',
  },
  {
    of: ({ program, action }) => program === SERVICE && /^(logs|cloudwatch):/.test(action),
    reason: 'The CloudWatch agent beside the program sends its logs and the metrics of the machine',
  },
  {
    of: ({ program, action }) => program === SERVICE && /^(ssmmessages:|ssm:UpdateInstanceInformation$)/.test(action),
    reason: 'The agent of Systems Manager opens sessions, where others open a port for SSH',
  },
];
