import { HOURS, type Priced, priced } from './prices';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- as loosely as JSON is
type Properties = Record<string, any>;

/** A template of CloudFormation, as far as this reads it. */
export interface Template {
  readonly Resources: Readonly<Record<string, { readonly Type: string; readonly Properties?: Properties }>>;
}

export type Quantities = ReadonlyMap<Priced, number>;
type Counted = readonly (readonly [name: string, quantity: number])[];

/** Nothing is paid for these while nobody uses them, or nothing at all. */
const BY_USE = [
  /^AWS::(?:ApiGatewayV2|Athena|Backup|Budgets|CDK|CloudFront|CloudTrail|Cognito|DynamoDB|Events|Glue|IAM|Lambda|Logs|Route53|S3|SNS|SQS|SSM|Scheduler|XRay)::/,
  /^Custom::/,
  /^AWS::ApiGateway::(?!Stage$)/,
  /^AWS::AutoScaling::(?!AutoScalingGroup$)/,
  /^AWS::CloudFormation::/,
  /^AWS::EC2::(?:FlowLog|InternetGateway|LaunchTemplate|NetworkAcl.*|Route|RouteTable|SecurityGroup.*|Subnet.*|VPC|VPCGatewayAttachment)$/,
  /^AWS::ElastiCache::(?:User|UserGroup)$/,
  /^AWS::ElasticLoadBalancingV2::(?!LoadBalancer$)/,
  /^AWS::KMS::Alias$/,
  /^AWS::RDS::(?:DB(?:Cluster)?ParameterGroup|DBProxyTargetGroup|DBSubnetGroup|OptionGroup)$/,
  /^AWS::SecretsManager::(?!Secret$)/,
  /^AWS::WAFv2::(?!WebACL$)/,
];

const SERVERLESS = 'db.serverless';

/**
 * Lambda polls each queue with five long polls of twenty seconds, also an empty one.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
 */
const POLLS_A_MONTH = (5 * HOURS * 3600) / 20;
/** What Lambda and a job write about a run: three lines of Lambda's, one of ours. */
const LOG_BYTES_A_RUN = 2_000;
/** Of a network in which only health checks and idle connections are seen. */
const FLOW_LOG_GB = 0.2;
const MILLION = 1_000_000;

/** What one of a type is paid for by, at rest. */
const COUNTERS: Readonly<Record<string, (properties: Properties, template: Template) => Counted>> = {
  'AWS::EC2::NatGateway': () => [['NAT gateway', 1]],
  'AWS::EC2::EIP': () => [['public IPv4 address', 1]],
  'AWS::EC2::Instance': ({ InstanceType, BlockDeviceMappings, NetworkInterfaces, Monitoring }) => [
    [String(InstanceType), 1],
    [
      'EBS, gp3',
      (BlockDeviceMappings as Properties[]).reduce((sum, { Ebs }) => sum + Number((Ebs as Properties).VolumeSize), 0),
    ],
    [
      'public IPv4 address',
      (NetworkInterfaces as Properties[]).filter((each) => each.AssociatePublicIpAddress === true).length,
    ],
    ['detailed monitoring', Monitoring === true ? 1 : 0],
  ],
  'AWS::EC2::VPCEndpoint': ({ VpcEndpointType, SubnetIds }) =>
    VpcEndpointType === 'Interface' ? [['interface endpoint', (SubnetIds as unknown[]).length]] : [],
  'AWS::RDS::DBCluster': (properties) => managedSecret(properties),
  'AWS::RDS::DBInstance': (properties, template) => {
    const { DBInstanceClass, MultiAZ, AllocatedStorage } = properties;
    if (DBInstanceClass === SERVERLESS) return [['Aurora Serverless v2', leastCapacity(template)]];
    // A standby costs what the instance does, and so does its storage.
    const machines = MultiAZ === true ? 2 : 1;
    return [
      [String(DBInstanceClass), machines],
      ['RDS storage, gp3', machines * Number(AllocatedStorage)],
      ...managedSecret(properties),
    ];
  },
  'AWS::RDS::DBProxy': (_, template) => {
    const instances = all(template, 'AWS::RDS::DBInstance').filter((each) => each.DBInstanceClass === SERVERLESS);
    return [['RDS Proxy', Math.max(8, instances.length * leastCapacity(template))]];
  },
  // The first endpoint comes with the proxy, each further one is an interface endpoint.
  'AWS::RDS::DBProxyEndpoint': ({ VpcSubnetIds }) => [['interface endpoint', (VpcSubnetIds as unknown[]).length]],
  'AWS::AutoScaling::AutoScalingGroup': ({ MinSize }, template) => {
    const least = Number(MinSize);
    return all(template, 'AWS::EC2::LaunchTemplate').flatMap(({ LaunchTemplateData: data }): Counted => {
      const { InstanceType, BlockDeviceMappings, Monitoring } = data as Properties;
      const volumes = (BlockDeviceMappings as Properties[]).map(({ Ebs }) => Number((Ebs as Properties).VolumeSize));
      return [
        [String(InstanceType), least],
        ['EBS, gp3', least * volumes.reduce((sum, size) => sum + size, 0)],
        ['detailed monitoring', (Monitoring as Properties | undefined)?.Enabled === true ? least : 0],
      ];
    });
  },
  // A stream has a position to start from, and reading one costs Lambda's callers nothing.
  'AWS::Lambda::EventSourceMapping': ({ StartingPosition }) =>
    StartingPosition === undefined ? [['polling of a queue', POLLS_A_MONTH / MILLION]] : [],
  'AWS::Scheduler::Schedule': ({ ScheduleExpression }) => {
    const runs = runsAMonth(String(ScheduleExpression));
    return [
      // Each run that goes well counts itself; a metric is paid for by the hour.
      ['custom metric', Math.min(1, runs / HOURS)],
      // X-Ray takes the first request of each second, hence all of these.
      ['X-Ray trace', runs / MILLION],
      ['Lambda request', runs / MILLION],
      ['log data', (runs * LOG_BYTES_A_RUN) / 1e9],
    ];
  },
  'AWS::EC2::FlowLog': () => [['log data', FLOW_LOG_GB]],
  'AWS::ElasticLoadBalancingV2::LoadBalancer': ({ Scheme, Subnets }) => [
    ['Application Load Balancer', 1],
    ['public IPv4 address', Scheme === 'internet-facing' ? (Subnets as unknown[]).length : 0],
  ],
  'AWS::ElastiCache::ServerlessCache': () => [['ElastiCache Serverless, Valkey', 0.1]],
  'AWS::ApiGateway::Stage': ({ CacheClusterEnabled, CacheClusterSize }) =>
    CacheClusterEnabled === true ? [[`API cache, ${String(CacheClusterSize)} GB`, 1]] : [],
  'AWS::KMS::Key': () => [['KMS key', 1]],
  'AWS::SecretsManager::Secret': () => [['secret', 1]],
  'AWS::WAFv2::WebACL': ({ Rules }) => [
    ['web ACL', 1],
    ['rule of a web ACL', (Rules as unknown[]).length],
  ],
  'AWS::CloudWatch::Alarm': ({ Metrics }) => [
    ['alarm', Metrics === undefined ? 1 : (Metrics as Properties[]).filter((each) => 'MetricStat' in each).length],
  ],
  'AWS::CloudWatch::CompositeAlarm': () => [['composite alarm', 1]],
  'AWS::CloudWatch::Dashboard': () => [['dashboard', 1]],
};

/**
 * How often `cron(15 * * * ? *)` runs in a month of 730 hours.
 * @throws Error for an expression that names days
 */
export function runsAMonth(expression: string): number {
  const [, minutes = '', hours = ''] = /^cron\((\S+) (\S+) \* \* \? \*\)$/.exec(expression) ?? [];
  const inHour = minutes === '*' ? 60 : Number(/^\d+$/.test(minutes));
  const inDay = hours === '*' ? 24 : Number(/^\d+$/.test(hours));
  if (inHour * inDay === 0)
    throw new Error(`how often ${expression} runs is not known: add it to tools/running-cost/quantities.ts`);
  return inHour * inDay * (HOURS / 24);
}

function all(template: Template, type: string): Properties[] {
  return Object.values(template.Resources).flatMap(({ Type, Properties = {} }) => (Type === type ? [Properties] : []));
}

/** The secret that RDS makes for a password that it manages, which is billed like any other. */
const managedSecret = ({ ManageMasterUserPassword }: Properties): Counted =>
  ManageMasterUserPassword === true ? [['secret', 1]] : [];

/** Of the one cluster of the template, an instance. */
function leastCapacity(template: Template): number {
  const [cluster] = all(template, 'AWS::RDS::DBCluster');
  const scaling = (cluster?.ServerlessV2ScalingConfiguration ?? {}) as Properties;
  return Number(scaling.MinCapacity);
}

/**
 * What the resources of the templates are paid for by while nobody uses them.
 * @throws Error naming a type of which it is not known what it costs, or a size without a price
 */
export function quantities(templates: readonly Template[]): Quantities {
  const sums = new Map<Priced, number>();
  for (const template of templates)
    for (const { Type, Properties = {} } of Object.values(template.Resources)) {
      const counter = COUNTERS[Type];
      if (!counter && !BY_USE.some((pattern) => pattern.test(Type)))
        throw new Error(`what ${Type} costs is not known: add it to tools/running-cost/quantities.ts`);
      for (const [name, quantity] of counter?.(Properties, template) ?? [])
        if (quantity > 0) sums.set(priced(name), (sums.get(priced(name)) ?? 0) + quantity);
    }
  return sums;
}
