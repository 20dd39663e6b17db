/** A price of AWS's list for us-east-1, on demand, before any free tier. */
export interface Price {
  /** What one of it is. */
  readonly what: string;
  readonly usd: number;
  readonly per: 'hour' | 'month';
  /** AWS's own page. */
  readonly page: string;
  /** Who else says so, and as of when; null where it was not compared. */
  readonly agrees: readonly [page: string, date: string] | null;
}

const EC2 = 'https://aws.amazon.com/ec2/pricing/on-demand/';
const RDS = 'https://aws.amazon.com/rds/postgresql/pricing/';
const RDS_2026 = ['https://infratally.com/articles/aws-rds-pricing-explained-2026.html', '2026'] as const;

/** By AWS's word for the thing: what a template holds is priced by these and nothing else. */
export const PRICES = {
  'NAT gateway': {
    what: 'gateway',
    usd: 0.045,
    per: 'hour',
    page: 'https://aws.amazon.com/vpc/pricing/',
    agrees: ['https://cloudburn.io/blog/aws-nat-gateway-pricing', 'February 2026'],
  },
  'public IPv4 address': {
    what: 'address',
    usd: 0.005,
    per: 'hour',
    page: 'https://aws.amazon.com/vpc/pricing/',
    agrees: ['https://cloudburn.io/blog/aws-nat-gateway-pricing', 'February 2026'],
  },
  'interface endpoint': {
    what: 'endpoint and zone',
    usd: 0.01,
    per: 'hour',
    page: 'https://aws.amazon.com/privatelink/pricing/',
    agrees: ['https://www.factualminds.com/blog/amazon-vpc-pricing-endpoints-peering-transit-gateway/', 'June 2026'],
  },
  'Aurora Serverless v2': {
    what: 'capacity unit',
    usd: 0.12,
    per: 'hour',
    page: 'https://aws.amazon.com/rds/aurora/pricing/',
    agrees: ['https://awsnegotiations.com/aurora-serverless-v2-pricing.html', 'May 2026'],
  },
  'RDS Proxy': {
    what: 'capacity unit, eight at least',
    usd: 0.015,
    per: 'hour',
    page: 'https://aws.amazon.com/rds/proxy/pricing/',
    agrees: null,
  },
  'db.t4g.micro': { what: 'PostgreSQL instance', usd: 0.016, per: 'hour', page: RDS, agrees: RDS_2026 },
  'db.t4g.small': { what: 'PostgreSQL instance', usd: 0.032, per: 'hour', page: RDS, agrees: RDS_2026 },
  'db.m7g.large': { what: 'PostgreSQL instance', usd: 0.168, per: 'hour', page: RDS, agrees: null },
  'RDS storage, gp3': {
    what: 'GB',
    usd: 0.115,
    per: 'month',
    page: RDS,
    agrees: ['https://www.usage.ai/blogs/aws/reserved-instances/rds/pricing-calculator/', 'June 2026'],
  },
  'ElastiCache Serverless, Valkey': {
    what: 'GB, a tenth at least',
    usd: 0.084,
    per: 'hour',
    page: 'https://aws.amazon.com/elasticache/pricing/',
    agrees: ['https://www.usage.ai/blogs/aws/database-savings-plans/elasticache/serverless-pricing/', 'June 2026'],
  },
  't4g.nano': {
    what: 'instance',
    usd: 0.0042,
    per: 'hour',
    page: EC2,
    agrees: null,
  },
  't4g.small': { what: 'instance', usd: 0.0168, per: 'hour', page: EC2, agrees: null },
  't4g.medium': { what: 'instance', usd: 0.0336, per: 'hour', page: EC2, agrees: null },
  'EBS, gp3': { what: 'GB', usd: 0.08, per: 'month', page: 'https://aws.amazon.com/ebs/pricing/', agrees: null },
  'detailed monitoring': {
    what: 'instance, seven metrics',
    usd: 2.1,
    per: 'month',
    page: 'https://aws.amazon.com/cloudwatch/pricing/',
    agrees: null,
  },
  'Application Load Balancer': {
    what: 'load balancer',
    usd: 0.0225,
    per: 'hour',
    page: 'https://aws.amazon.com/elasticloadbalancing/pricing/',
    agrees: ['https://www.apigatewaycost.com/vs-load-balancer', 'April 2026'],
  },
  'API cache, 0.5 GB': {
    what: 'cache',
    usd: 0.02,
    per: 'hour',
    page: 'https://aws.amazon.com/api-gateway/pricing/',
    agrees: null,
  },
  'KMS key': {
    what: 'key, and again for each of its first two rotations',
    usd: 1,
    per: 'month',
    page: 'https://aws.amazon.com/kms/pricing/',
    agrees: ['https://cloudburn.io/blog/aws-kms-pricing', 'March 2026'],
  },
  secret: {
    what: 'secret',
    usd: 0.4,
    per: 'month',
    page: 'https://aws.amazon.com/secrets-manager/pricing/',
    agrees: [
      'https://hivebook.wiki/wiki/aws-secrets-manager-rotated-secrets-dynamic-db-credentials-kms',
      'without a date',
    ],
  },
  'web ACL': {
    what: 'ACL',
    usd: 5,
    per: 'month',
    page: 'https://aws.amazon.com/waf/pricing/',
    agrees: ['https://awsnegotiations.com/waf-pricing-strategy.html', '2026'],
  },
  'rule of a web ACL': {
    what: 'rule or managed group',
    usd: 1,
    per: 'month',
    page: 'https://aws.amazon.com/waf/pricing/',
    agrees: ['https://awsnegotiations.com/waf-pricing-strategy.html', '2026'],
  },
  alarm: {
    what: 'metric of an alarm',
    usd: 0.1,
    per: 'month',
    page: 'https://aws.amazon.com/cloudwatch/pricing/',
    agrees: ['https://c3x.dev/resources/aws/aws_cloudwatch_metric_alarm', 'without a date'],
  },
  'composite alarm': {
    what: 'alarm',
    usd: 0.5,
    per: 'month',
    page: 'https://aws.amazon.com/cloudwatch/pricing/',
    agrees: ['https://c3x.dev/resources/aws/aws_cloudwatch_metric_alarm', 'without a date'],
  },
  'polling of a queue': {
    what: 'million requests, which Lambda makes while the queue is empty',
    usd: 0.4,
    per: 'month',
    page: 'https://aws.amazon.com/sqs/pricing/',
    agrees: null,
  },
  'custom metric': {
    what: 'metric, for the hours in which it is written',
    usd: 0.3,
    per: 'month',
    page: 'https://aws.amazon.com/cloudwatch/pricing/',
    agrees: null,
  },
  'X-Ray trace': {
    what: 'million traces, of scheduled jobs',
    usd: 5,
    per: 'month',
    page: 'https://aws.amazon.com/xray/pricing/',
    agrees: null,
  },
  'log data': {
    what: 'GB, of scheduled jobs and flow logs',
    usd: 0.5,
    per: 'month',
    page: 'https://aws.amazon.com/cloudwatch/pricing/',
    agrees: null,
  },
  'Lambda request': {
    what: 'million requests, of scheduled jobs',
    usd: 0.2,
    per: 'month',
    page: 'https://aws.amazon.com/lambda/pricing/',
    agrees: null,
  },
  dashboard: {
    what: 'dashboard',
    usd: 3,
    per: 'month',
    page: 'https://aws.amazon.com/cloudwatch/pricing/',
    agrees: null,
  },
} as const satisfies Readonly<Record<string, Price>>;

export type Priced = keyof typeof PRICES;

/** @throws Error that says where a price belongs */
export function priced(name: string): Priced {
  if (name in PRICES) return name as Priced;
  throw new Error(`no price of ${name}: add it to tools/running-cost/prices.ts`);
}

/** A month, as AWS reckons it. */
export const HOURS = 730;

/** @returns USD a month */
export function monthly(name: Priced, quantity: number): number {
  const { usd, per } = PRICES[name];
  return quantity * usd * (per === 'hour' ? HOURS : 1);
}
