import { CACHE_PORT } from '../../../lib/constructs/cache-access';
import { LEDGER_PORT } from '../../../lib/constructs/ledger-access';
import { PORTFOLIO_PORT } from '../../../lib/constructs/portfolio-access';
import { ofType, type Properties, referredTo, type Resource, type SynthesisedStack } from '../synthesised';
import { type Check, describeChecks, find, isCdkProvider, list, stacks } from './check';

type Reach = 'public' | 'private' | 'isolated';
const DATABASE_PORTS = [LEDGER_PORT, PORTFOLIO_PORT, CACHE_PORT];

/** Where a subnet's routes lead: to the internet, through a NAT gateway, or nowhere. */
function reachOf(subnet: Resource, network: SynthesisedStack): Reach {
  const tables = ofType(network, 'AWS::EC2::SubnetRouteTableAssociation')
    .filter(({ properties }) => referredTo(properties.SubnetId) === subnet.logicalId)
    .map(({ properties }) => referredTo(properties.RouteTableId));
  const routes = ofType(network, 'AWS::EC2::Route').filter(({ properties }) =>
    tables.includes(referredTo(properties.RouteTableId)),
  );
  if (routes.some(({ properties }) => properties.GatewayId !== undefined)) return 'public';
  return routes.length > 0 ? 'private' : 'isolated';
}

const networkOf = ({ environment, region }: SynthesisedStack, among: readonly SynthesisedStack[]): SynthesisedStack =>
  among.find((each) => each.part === 'Network' && each.region === region && each.environment === environment)!;

/** Checks that every subnet which a property names has such routes, and that it names some. */
function standsIn(type: string, reach: Reach, path: readonly string[], where?: Check['where']): Check {
  const holder = (properties: Properties): Properties =>
    path.slice(0, -1).reduce<Properties>((value, key) => value[key] as Properties, properties);
  const last = path.at(-1)!;
  return {
    says: `every ${type} stands in ${reach} subnets`,
    of: [type],
    ...(where && { where }),
    breaks: ({ properties }, of, among) => {
      const network = networkOf(of, among);
      const subnets = list(holder(properties)[last] as unknown).map((subnet) => find(subnet, network, among));
      return subnets.length === 0 || subnets.some((subnet) => !subnet || reachOf(subnet, network) !== reach);
    },
    spoil: ({ properties }, of) => {
      const network = networkOf(of, [of, ...stacks]);
      const wrong = ofType(network, 'AWS::EC2::Subnet').find((subnet) => reachOf(subnet, network) !== reach)!;
      holder(properties)[last] = [{ Ref: wrong.logicalId }];
    },
  };
}

const inVpc: Check['where'] = ({ properties }) => properties.VpcConfig !== undefined;

describe('the right subnets', () => {
  describeChecks([
    standsIn('AWS::RDS::DBSubnetGroup', 'isolated', ['SubnetIds']),
    standsIn('AWS::RDS::DBProxy', 'isolated', ['VpcSubnetIds']),
    standsIn('AWS::ElastiCache::ServerlessCache', 'isolated', ['SubnetIds']),
    standsIn('AWS::Lambda::Function', 'private', ['VpcConfig', 'SubnetIds'], inVpc),
    standsIn('AWS::AutoScaling::AutoScalingGroup', 'private', ['VPCZoneIdentifier']),
    standsIn('AWS::ElasticLoadBalancingV2::LoadBalancer', 'private', ['Subnets']),
    standsIn('AWS::ApiGatewayV2::VpcLink', 'private', ['SubnetIds']),
    standsIn('AWS::EC2::NatGateway', 'public', ['SubnetId']),
    standsIn(
      'AWS::EC2::VPCEndpoint',
      'private',
      ['SubnetIds'],
      ({ properties }) => properties.VpcEndpointType === 'Interface',
    ),
  ]);
});

describe('nothing public', () => {
  const ingress = ({ type, properties }: Resource): readonly Properties[] =>
    type === 'AWS::EC2::SecurityGroup'
      ? list(properties.SecurityGroupIngress as readonly Properties[] | undefined)
      : [properties];
  /** A rule for every protocol names no port: it opens them all. */
  const opens = ({ FromPort = 0, ToPort = 65535 }: Properties, port: number): boolean =>
    FromPort <= port && port <= ToPort;
  const groups = ['AWS::EC2::SecurityGroup', 'AWS::EC2::SecurityGroupIngress'];
  const ruleIs =
    (rule: Properties) =>
    ({ properties }: Resource) => {
      properties.SecurityGroupIngress = [rule];
    };

  describeChecks([
    {
      says: 'no database has an address that the internet reaches',
      of: ['AWS::RDS::DBInstance'],
      breaks: ({ properties }) => properties.PubliclyAccessible !== false,
      spoil: ({ properties }) => delete properties.PubliclyAccessible,
    },
    {
      says: 'the load balancer is internal',
      of: ['AWS::ElasticLoadBalancingV2::LoadBalancer'],
      breaks: ({ properties }) => properties.Scheme !== 'internal',
      spoil: ({ properties }) => (properties.Scheme = 'internet-facing'),
    },
    {
      says: 'no bucket can be made public',
      of: ['AWS::S3::Bucket'],
      breaks: ({ properties }) => {
        const { BlockPublicAcls, BlockPublicPolicy, IgnorePublicAcls, RestrictPublicBuckets } =
          (properties.PublicAccessBlockConfiguration ?? {}) as Properties;
        return [BlockPublicAcls, BlockPublicPolicy, IgnorePublicAcls, RestrictPublicBuckets].some(
          (set) => set !== true,
        );
      },
      spoil: ({ properties }) => (properties.PublicAccessBlockConfiguration.BlockPublicPolicy = false),
    },
    {
      says: 'no instance gets a public address, and its metadata want a token',
      of: ['AWS::EC2::LaunchTemplate'],
      breaks: ({ properties: { LaunchTemplateData: data } }) =>
        data.MetadataOptions?.HttpTokens !== 'required' ||
        list(data.NetworkInterfaces as Properties[])
          .flat()
          .some(({ AssociatePublicIpAddress }) => AssociatePublicIpAddress === true),
      spoil: ({ properties }) =>
        (properties.LaunchTemplateData.NetworkInterfaces = [{ AssociatePublicIpAddress: true }]),
    },
    {
      says: 'no security group lets the world in',
      of: groups,
      breaks: (group) => ingress(group).some((rule) => rule.CidrIp === '0.0.0.0/0' || rule.CidrIpv6 === '::/0'),
      spoil: ruleIs({ CidrIp: '0.0.0.0/0', FromPort: 443, ToPort: 443 }),
    },
    {
      says: 'databases and cache are reached from one group to another, never from an address',
      of: groups,
      breaks: (group) =>
        ingress(group).some(
          (rule) => rule.SourceSecurityGroupId === undefined && DATABASE_PORTS.some((port) => opens(rule, port)),
        ),
      spoil: ruleIs({ CidrIp: '10.0.0.0/16', IpProtocol: '-1' }),
    },
    {
      says: "prod's own functions are in the VPC",
      of: ['AWS::Lambda::Function'],
      where: (resource, { environment }) => environment === 'prod' && !isCdkProvider(resource),
      breaks: ({ properties }) => properties.VpcConfig === undefined,
      spoil: ({ properties }) => delete properties.VpcConfig,
    },
  ]);
});
