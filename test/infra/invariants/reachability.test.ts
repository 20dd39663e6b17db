import { ofType, type Properties, referredTo, type Resource, strings, type SynthesisedStack } from '../synthesised';
import { type Check, describeChecks, list } from './check';

/** What only gateway endpoints serve without a NAT: the tables and the buckets. */
const GATEWAYS = ['s3', 'dynamodb'];
const inNetwork: Check['where'] = (_, { part }) => part === 'Network';

const routesOf = (table: string, of: SynthesisedStack): Resource[] =>
  ofType(of, 'AWS::EC2::Route').filter(({ properties }) => referredTo(properties.RouteTableId) === table);
const serviceOf = ({ properties }: Resource): string => strings(properties.ServiceName).at(-1)!.split('.').at(-1)!;
const endpointsOf = (of: SynthesisedStack, type: 'Gateway' | 'Interface'): Resource[] =>
  ofType(of, 'AWS::EC2::VPCEndpoint').filter(({ properties }) => properties.VpcEndpointType === type);
const kindOf = ({ properties }: Resource): unknown =>
  (properties.Tags as { Key: string; Value: string }[]).find(({ Key }) => Key === 'aws-cdk:subnet-name')?.Value;
const tableOf = (subnet: Resource, of: SynthesisedStack): string | undefined =>
  ofType(of, 'AWS::EC2::SubnetRouteTableAssociation')
    .filter(({ properties }) => referredTo(properties.SubnetId) === subnet.logicalId)
    .map(({ properties }) => referredTo(properties.RouteTableId))[0];

const wayOut = ({ properties }: Resource): boolean =>
  properties.DestinationCidrBlock === '0.0.0.0/0' &&
  (properties.NatGatewayId !== undefined || properties.InstanceId !== undefined);

describe('a path to every endpoint that is called', () => {
  describeChecks([
    {
      says: 'every private subnet has one route out, by a NAT',
      of: ['AWS::EC2::Subnet'],
      where: (subnet) => kindOf(subnet) === 'private',
      breaks: (subnet, of) => routesOf(tableOf(subnet, of)!, of).filter(wayOut).length !== 1,
      spoil: (subnet, of) => {
        for (const route of routesOf(tableOf(subnet, of)!, of)) route.properties.DestinationCidrBlock = '10.0.0.0/8';
      },
    },
    {
      says: 'every isolated subnet has none',
      of: ['AWS::EC2::Subnet'],
      where: (subnet) => kindOf(subnet) === 'isolated',
      breaks: (subnet, of) => routesOf(tableOf(subnet, of)!, of).length > 0,
      spoil: (subnet, of) => {
        ofType(of, 'AWS::EC2::Route')[0]!.properties.RouteTableId = { Ref: tableOf(subnet, of) };
      },
    },
    {
      says: 'every route table reaches S3 and DynamoDB inside the network',
      of: ['AWS::EC2::RouteTable'],
      breaks: ({ logicalId }, of) => {
        const served = endpointsOf(of, 'Gateway').filter(({ properties }) =>
          list(properties.RouteTableIds as unknown[]).some((table) => referredTo(table) === logicalId),
        );
        return GATEWAYS.some((service) => !served.map(serviceOf).includes(service));
      },
      spoil: ({ logicalId }, of) => {
        for (const { properties } of endpointsOf(of, 'Gateway'))
          properties.RouteTableIds = (properties.RouteTableIds as unknown[]).filter(
            (table) => referredTo(table) !== logicalId,
          );
      },
    },
    {
      says: 'the VPC resolves the names of its endpoints and databases',
      of: ['AWS::EC2::VPC'],
      breaks: ({ properties }) => properties.EnableDnsSupport !== true || properties.EnableDnsHostnames !== true,
      spoil: ({ properties }) => (properties.EnableDnsHostnames = false),
    },
    {
      says: 'an interface endpoint stands in each private subnet, and answers by the name of its service',
      of: ['AWS::EC2::VPCEndpoint'],
      where: ({ properties }) => properties.VpcEndpointType === 'Interface',
      breaks: ({ properties }, of) => {
        const subnets = ofType(of, 'AWS::EC2::Subnet').filter((subnet) => kindOf(subnet) === 'private');
        const named = list(properties.SubnetIds as unknown[]).map(referredTo);
        return properties.PrivateDnsEnabled !== true || subnets.some(({ logicalId }) => !named.includes(logicalId));
      },
      spoil: ({ properties }) => (properties.SubnetIds = (properties.SubnetIds as unknown[]).slice(1)),
    },
    {
      // With private DNS one answers for every API of the region: ours, which are public, would refuse the call.
      says: 'no endpoint is for execute-api, by which the WebSocket API is told what to push',
      of: ['AWS::EC2::VPCEndpoint'],
      breaks: (endpoint) => serviceOf(endpoint) === 'execute-api',
      spoil: ({ properties }) => (properties.ServiceName = 'com.amazonaws.us-east-1.execute-api'),
    },
    {
      says: 'whoever calls over HTTPS may call any address: no list of addresses of AWS is kept here',
      of: ['AWS::EC2::SecurityGroup'],
      where: (group, of) =>
        inNetwork(group, of) && /(Functions|Rotation|PortfolioService|Nat)[0-9A-F]{8}$/.test(group.logicalId),
      breaks: ({ properties }) =>
        !(properties.SecurityGroupEgress as Properties[]).some(
          ({ CidrIp, FromPort, ToPort }) => CidrIp === '0.0.0.0/0' && FromPort <= 443 && ToPort >= 443,
        ),
      spoil: ({ properties }) =>
        (properties.SecurityGroupEgress = [{ CidrIp: '10.0.0.0/16', FromPort: 443, ToPort: 443 }]),
    },
  ]);
});
