// Templates are JSON without a type of their own.
/* eslint-disable @typescript-eslint/no-unsafe-return, @typescript-eslint/no-unsafe-call */
import { type Properties, type Resource, type SynthesisedStack } from '../synthesised';
import { type Check, describeChecks, list } from './check';

/**
 * Limits of services that neither CloudFormation's schema nor an emulator knows, most of them inside JSON: a template that
 * exceeds one synthesises, passes every linter, and fails in the account. One row each, with the page that states it.
 */
interface Limit {
  readonly of: string;
  readonly what: string;
  readonly atMost: number;
  /** @default none */
  readonly atLeast?: number;
  readonly source: string;
  /** Of one resource: each of these is to stay within. */
  readonly measure: (properties: Properties) => readonly number[];
  /** Makes the first of a resource exceed it. */
  readonly exceed: (properties: Properties) => void;
}

const DOCS = 'https://docs.aws.amazon.com';
const CLOUDWATCH = `${DOCS}/AmazonCloudWatch/latest`;
const DASHBOARD_BODY = `${CLOUDWATCH}/APIReference/CloudWatch-Dashboard-Body-Structure.html`;
const CLOUDWATCH_QUOTAS = `${CLOUDWATCH}/monitoring/cloudwatch_limits.html`;
const PUT_ALARM = `${CLOUDWATCH}/APIReference/API_PutMetricAlarm.html`;
const SQS_POLICY = `${DOCS}/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-policies.html`;
const SNS_POLICY = `${DOCS}/sns/latest/dg/sns-access-policy-language-api-permissions-reference.html`;
const WAF = `${DOCS}/waf/latest/developerguide/limits.html`;
const REST_API = `${DOCS}/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html`;
const HTTP_API = `${DOCS}/apigateway/latest/developerguide/http-api-quotas.html`;
const EVENTS = `${DOCS}/eventbridge/latest/APIReference`;
const SCHEDULER = `${DOCS}/scheduler/latest/APIReference`;
const LAMBDA = `${DOCS}/lambda/latest/dg/gettingstarted-limits.html`;
const IAM = `${DOCS}/IAM/latest/UserGuide/reference_iam-quotas.html`;
const BUDGETS = `${DOCS}/aws-cost-management/latest/APIReference`;
const CLOUDFRONT = `${DOCS}/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html`;

/** About as long as what CloudFormation puts in its place, rather too long than too short. */
const PLACEHOLDERS: Record<string, string> = {
  'AWS::AccountId': '111111111111',
  'AWS::Region': 'ap-southeast-2',
  'AWS::Partition': 'aws-us-gov',
  'AWS::URLSuffix': 'amazonaws.com.cn',
};
const UNKNOWN = 'x'.repeat(120);

/** A value as it is when it reaches the service. */
function resolved(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(resolved);
  if (typeof value !== 'object' || value === null) return value;
  const { Ref, 'Fn::Join': join } = value as { Ref?: string; 'Fn::Join'?: [string, unknown[]] };
  if (Ref !== undefined) return PLACEHOLDERS[Ref] ?? UNKNOWN;
  if (join !== undefined) return join[1].map((part) => String(resolved(part))).join(join[0]);
  if (Object.keys(value).some((key) => key.startsWith('Fn::'))) return UNKNOWN;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, resolved(inner)]));
}

/** Length of a text, or of JSON as it is sent. */
function lengthOf(value: unknown): number {
  if (value === undefined) return 0;
  const whole = resolved(value);
  return (typeof whole === 'string' ? whole : JSON.stringify(whole)).length;
}

const count = (value: unknown): number => list(value as unknown[] | undefined).length;

interface Widget {
  readonly type: string;
  readonly x: number;
  readonly width: number;
  readonly height: number;
  readonly properties: { readonly alarms?: unknown[]; readonly metrics?: unknown[]; readonly title?: string };
}
const widgets = ({ DashboardBody }: Properties): Widget[] =>
  (JSON.parse(String(resolved(DashboardBody))) as { widgets: Widget[] }).widgets;
const metricsOf = ({ properties }: Widget): number => count(properties.metrics);

/** Changes the widgets of a dashboard, in place. */
const redraw = (change: (all: Widget[]) => Widget[]) => (properties: Properties) =>
  (properties.DashboardBody = JSON.stringify({ widgets: change(widgets(properties)) }));
const many = <T>(of: T, length: number): T[] => Array.from({ length }, () => of);
const long = (length: number): string => 'x'.repeat(length);
const statements = (length: number) => ({ Statement: many({ Effect: 'Allow', Action: 'a:b', Resource: '*' }, length) });

const policy = (of: string, property: string, atMost: number, source: string): Limit => ({
  of,
  what: `characters of its ${property}`,
  atMost,
  source,
  measure: ({ [property]: document }) => [lengthOf(document)],
  exceed: (properties) => (properties[property] = statements(atMost / 20)),
});

const text = (of: string, property: string, atMost: number, source: string): Limit => ({
  of,
  what: `characters of its ${property}`,
  atMost,
  source,
  measure: ({ [property]: value }) => [lengthOf(value)],
  exceed: (properties) => (properties[property] = long(atMost + 1)),
});

const ALARM = 'AWS::CloudWatch::Alarm';
const DASHBOARD = 'AWS::CloudWatch::Dashboard';
const WEB_ACL = 'AWS::WAFv2::WebACL';

/** Every byte match below a statement. */
const byteMatches = (value: unknown): Properties[] =>
  typeof value !== 'object' || value === null
    ? []
    : Object.entries(value).flatMap(([key, inner]) =>
        key === 'ByteMatchStatement' ? [inner as Properties] : byteMatches(inner),
      );

/** Web ACL capacity units, by AWS's table for the statements that we use; a managed group has its own. */
const CAPACITY: Record<string, number> = {
  AWSManagedRulesAmazonIpReputationList: 25,
  AWSManagedRulesKnownBadInputsRuleSet: 200,
  AWSManagedRulesCommonRuleSet: 700,
};
function capacity(statement: Properties = {}): number {
  const [[kind, inner] = ['', {}]] = Object.entries(statement) as [string, Properties][];
  switch (kind) {
    case 'ManagedRuleGroupStatement':
      return CAPACITY[inner.Name as string] ?? Infinity;
    case 'RateBasedStatement':
      return 2 + (inner.ScopeDownStatement === undefined ? 0 : capacity(inner.ScopeDownStatement));
    case 'NotStatement':
      return capacity(inner.Statement);
    case 'AndStatement':
    case 'OrStatement':
      return (inner.Statements as Properties[]).reduce((sum, each) => sum + capacity(each), 0);
    case 'ByteMatchStatement':
      return 10 + 10 * count(inner.TextTransformations);
    case 'IPSetReferenceStatement':
    case 'LabelMatchStatement':
      return 1;
    default:
      return Infinity;
  }
}

const LIMITS: readonly Limit[] = [
  {
    of: DASHBOARD,
    what: 'ARNs in each alarm widget',
    atMost: 100,
    atLeast: 1,
    source: DASHBOARD_BODY,
    measure: (properties) =>
      widgets(properties).flatMap(({ type, properties: { alarms } }) => (type === 'alarm' ? [count(alarms)] : [])),
    exceed: redraw((all) => [...all, { ...all[0]!, type: 'alarm', properties: { alarms: many('arn', 101) } }]),
  },
  {
    of: DASHBOARD,
    what: 'widgets',
    atMost: 500,
    source: CLOUDWATCH_QUOTAS,
    measure: (properties) => [widgets(properties).length],
    exceed: redraw((all) => many(all[0]!, 501)),
  },
  {
    of: DASHBOARD,
    what: 'metrics in each widget',
    atMost: 500,
    source: CLOUDWATCH_QUOTAS,
    measure: (properties) => widgets(properties).map(metricsOf),
    exceed: redraw((all) => [{ ...all[0]!, properties: { metrics: many('metric', 501) } }]),
  },
  {
    of: DASHBOARD,
    what: 'metrics together',
    atMost: 2500,
    source: CLOUDWATCH_QUOTAS,
    measure: (properties) => [widgets(properties).reduce((sum, widget) => sum + metricsOf(widget), 0)],
    exceed: redraw((all) => many({ ...all[0]!, properties: { metrics: many('metric', 500) } }, 6)),
  },
  {
    of: DASHBOARD,
    what: 'columns that a widget reaches to',
    atMost: 24,
    atLeast: 1,
    source: DASHBOARD_BODY,
    measure: (properties) => widgets(properties).map(({ x, width }) => (x < 0 ? 0 : x + width)),
    exceed: redraw((all) => [{ ...all[0]!, x: 1, width: 24 }]),
  },
  {
    of: DASHBOARD,
    what: 'rows of each widget',
    atMost: 1000,
    atLeast: 1,
    source: DASHBOARD_BODY,
    measure: (properties) => widgets(properties).map(({ height }) => height),
    exceed: redraw((all) => [{ ...all[0]!, height: 1001 }]),
  },
  text(DASHBOARD, 'DashboardName', 255, `${CLOUDWATCH}/APIReference/API_PutDashboard.html`),
  ...(['AlarmActions', 'OKActions', 'InsufficientDataActions'] as const).map((property): Limit => ({
    of: ALARM,
    what: property,
    atMost: 5,
    source: PUT_ALARM,
    measure: ({ [property]: actions }) => [count(actions)],
    exceed: (properties) => (properties[property] = many('arn', 6)),
  })),
  text(ALARM, 'AlarmName', 255, PUT_ALARM),
  text(ALARM, 'AlarmDescription', 1024, PUT_ALARM),
  {
    of: ALARM,
    what: 'metrics of its metric math',
    atMost: 10,
    source: CLOUDWATCH_QUOTAS,
    measure: ({ Metrics }) => [
      list(Metrics as Properties[]).filter(({ MetricStat }) => MetricStat !== undefined).length,
    ],
    exceed: (properties) => (properties.Metrics = many({ MetricStat: {} }, 11)),
  },
  {
    of: ALARM,
    what: 'days that it looks back on: seven with periods of an hour or more, otherwise one',
    atMost: 1,
    source: PUT_ALARM,
    measure: ({ Period, EvaluationPeriods }) =>
      Period === undefined ? [] : [(Period * EvaluationPeriods) / 86_400 / (Period >= 3600 ? 7 : 1)],
    exceed: (properties) => Object.assign(properties, { Period: 60, EvaluationPeriods: 1441 }),
  },
  {
    of: ALARM,
    what: 'dimensions',
    atMost: 30,
    source: PUT_ALARM,
    measure: ({ Dimensions }) => [count(Dimensions)],
    exceed: (properties) => (properties.Dimensions = many({}, 31)),
  },
  policy('AWS::SNS::TopicPolicy', 'PolicyDocument', 30_000, SNS_POLICY),
  policy('AWS::SQS::QueuePolicy', 'PolicyDocument', 8192, SQS_POLICY),
  {
    of: 'AWS::SQS::QueuePolicy',
    what: 'statements',
    atMost: 20,
    source: SQS_POLICY,
    measure: ({ PolicyDocument }) => [count(PolicyDocument.Statement)],
    exceed: (properties) => (properties.PolicyDocument = statements(21)),
  },
  {
    of: 'AWS::SQS::QueuePolicy',
    what: 'actions in each statement',
    atMost: 7,
    source: SQS_POLICY,
    measure: ({ PolicyDocument }) => list(PolicyDocument.Statement as Properties[]).map(({ Action }) => count(Action)),
    exceed: (properties) => (properties.PolicyDocument = { Statement: [{ Action: many('sqs:SendMessage', 8) }] }),
  },
  policy(
    'AWS::S3::BucketPolicy',
    'PolicyDocument',
    20_480,
    `${DOCS}/AmazonS3/latest/userguide/example-bucket-policies.html`,
  ),
  policy('AWS::KMS::Key', 'KeyPolicy', 32_768, `${DOCS}/kms/latest/developerguide/resource-limits.html`),
  policy('AWS::IAM::Role', 'AssumeRolePolicyDocument', 2048, IAM),
  text('AWS::IAM::Role', 'Description', 1000, `${DOCS}/IAM/latest/APIReference/API_CreateRole.html`),
  text('AWS::Events::Rule', 'EventPattern', 4096, `${EVENTS}/API_PutRule.html`),
  text('AWS::Events::Rule', 'Description', 512, `${EVENTS}/API_PutRule.html`),
  {
    of: 'AWS::Events::Rule',
    what: 'targets',
    atMost: 5,
    source: `${DOCS}/eventbridge/latest/userguide/eb-quota.html`,
    measure: ({ Targets }) => [count(Targets)],
    exceed: (properties) => (properties.Targets = many({}, 6)),
  },
  {
    of: 'AWS::Scheduler::Schedule',
    what: 'bytes of its input',
    atMost: 256 * 1024,
    source: `${DOCS}/scheduler/latest/UserGuide/scheduler-quotas.html`,
    measure: ({ Target }) => [lengthOf(Target.Input)],
    exceed: ({ Target }) => (Target.Input = long(256 * 1024 + 1)),
  },
  text('AWS::Scheduler::Schedule', 'Description', 512, `${SCHEDULER}/API_CreateSchedule.html`),
  {
    of: WEB_ACL,
    what: 'capacity units that its price includes',
    atMost: 1500,
    source: `${DOCS}/waf/latest/developerguide/aws-waf-capacity-units.html`,
    measure: ({ Rules }) => [(Rules as Properties[]).reduce((sum, { Statement }) => sum + capacity(Statement), 0)],
    exceed: ({ Rules }) => Rules.push({ Statement: { ManagedRuleGroupStatement: { Name: 'Unknown' } } }),
  },
  {
    of: WEB_ACL,
    what: 'bytes of each string that it searches for',
    atMost: 200,
    source: WAF,
    measure: ({ Rules }) => byteMatches(Rules).map(({ SearchString }) => lengthOf(SearchString)),
    exceed: ({ Rules }) => Rules.push({ Statement: { ByteMatchStatement: { SearchString: long(201) } } }),
  },
  {
    of: 'AWS::ApiGateway::Stage',
    what: 'characters of its access log format',
    atMost: 3 * 1024,
    source: HTTP_API,
    measure: ({ AccessLogSetting }) => [lengthOf(AccessLogSetting.Format)],
    exceed: ({ AccessLogSetting }) => (AccessLogSetting.Format = long(3073)),
  },
  {
    of: 'AWS::ApiGatewayV2::Stage',
    what: 'characters of its access log format',
    atMost: 3 * 1024,
    source: HTTP_API,
    measure: ({ AccessLogSettings }) => [lengthOf(AccessLogSettings.Format)],
    exceed: ({ AccessLogSettings }) => (AccessLogSettings.Format = long(3073)),
  },
  {
    of: 'AWS::ApiGateway::Method',
    what: 'milliseconds that its integration may take',
    atMost: 29_000,
    atLeast: 50,
    source: REST_API,
    measure: ({ Integration }) => (Integration?.TimeoutInMillis === undefined ? [] : [Integration.TimeoutInMillis]),
    exceed: (properties) => (properties.Integration = { TimeoutInMillis: 30_000 }),
  },
  {
    of: 'AWS::ApiGateway::Method',
    what: 'scopes',
    atMost: 10,
    source: HTTP_API,
    measure: ({ AuthorizationScopes }) => [count(AuthorizationScopes)],
    exceed: (properties) => (properties.AuthorizationScopes = many('scope', 11)),
  },
  text('AWS::ApiGateway::Model', 'Schema', 400 * 1024, REST_API),
  {
    of: 'AWS::Lambda::Function',
    what: 'bytes of its environment variables',
    atMost: 4096,
    source: LAMBDA,
    measure: ({ Environment }) => [lengthOf(Environment?.Variables)],
    exceed: (properties) => (properties.Environment = { Variables: { A: long(4096) } }),
  },
  text('AWS::Lambda::Function', 'Description', 256, `${DOCS}/lambda/latest/api/API_CreateFunction.html`),
  text('AWS::CloudFront::Function', 'FunctionCode', 10_240, CLOUDFRONT),
  text('AWS::SSM::Parameter', 'Value', 4096, `${DOCS}/systems-manager/latest/APIReference/API_PutParameter.html`),
  {
    of: 'AWS::EC2::LaunchTemplate',
    what: 'bytes of its user data, before it is encoded',
    atMost: 16 * 1024,
    source: `${DOCS}/AWSEC2/latest/UserGuide/user-data.html`,
    measure: ({ LaunchTemplateData: { UserData } }) => [lengthOf(UserData?.['Fn::Base64'])],
    exceed: ({ LaunchTemplateData }) => (LaunchTemplateData.UserData = { 'Fn::Base64': long(16 * 1024 + 1) }),
  },
  text(
    'AWS::EC2::SecurityGroup',
    'GroupDescription',
    255,
    `${DOCS}/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html`,
  ),
  {
    of: 'AWS::Budgets::Budget',
    what: 'notifications',
    atMost: 10,
    source: `${BUDGETS}/API_budgets_CreateBudget.html`,
    measure: ({ NotificationsWithSubscribers }) => [count(NotificationsWithSubscribers)],
    exceed: (properties) => (properties.NotificationsWithSubscribers = many({}, 11)),
  },
  {
    of: 'AWS::Budgets::Budget',
    what: 'characters of its name',
    atMost: 100,
    source: `${BUDGETS}/API_budgets_Budget.html`,
    measure: ({ Budget }) => [lengthOf(Budget.BudgetName)],
    exceed: ({ Budget }) => (Budget.BudgetName = long(101)),
  },
  {
    of: 'AWS::Cognito::UserPoolDomain',
    what: 'characters of its prefix',
    atMost: 63,
    source: `${DOCS}/cognito-user-identity-pools/latest/APIReference/API_CreateUserPoolDomain.html`,
    measure: ({ Domain }) => [lengthOf(Domain)],
    exceed: (properties) => (properties.Domain = long(64)),
  },
];

describe('limits of services', () => {
  describeChecks(
    LIMITS.map(({ of, what, atMost, atLeast = 0, measure, exceed }): Check => ({
      says: `${of}: ${what} stay within ${atMost}`,
      of: [of],
      breaks: ({ properties }) => measure(properties).some((each) => each > atMost || each < atLeast),
      spoil: ({ properties }) => exceed(properties),
    })),
  );

  test('each names the page that states it', () => {
    for (const { source } of LIMITS) expect(source).toMatch(/^https:\/\/docs\.aws\.amazon\.com\/.+\.html$/);
  });
});

/** Of the resources of one API or of a template together, which no single one shows. */
describeChecks([
  {
    says: 'a REST API has at most 300 resources, and a WebSocket API as many routes',
    of: ['AWS::ApiGateway::RestApi', 'AWS::ApiGatewayV2::Api'],
    breaks: (_: Resource, { resources }: SynthesisedStack) =>
      ['AWS::ApiGateway::Resource', 'AWS::ApiGatewayV2::Route'].some(
        (type) => resources.filter((resource) => resource.type === type).length > 300,
      ),
    spoil: (_: Resource, { resources }: SynthesisedStack) =>
      (resources as Resource[]).push(
        ...many({ logicalId: 'X', type: 'AWS::ApiGateway::Resource', properties: {}, raw: {} }, 301),
      ),
  },
]);

export type { Limit };
