// A template is JSON without a type of its own.
/* eslint-disable @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-return */
import { App } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { loadConfig } from '../../lib/config';
import { NetworkStack } from '../../lib/stacks/network';
import { ofType, type Properties, type Resource, stack } from './synthesised';

/** The ledger where it has a proxy. */
const BY_PROXY = ['LedgerFunctions → LedgerProxy 3306', 'LedgerProxy → LedgerCluster 3306'];

describe('the network', () => {
  const dev = stack('dev', 'Network');
  const prod = stack('prod', 'Network');

  test.each([
    ['us-east-1', '10.0.0.0/16'],
    ['us-east-2', '10.1.0.0/16'],
    ['us-west-2', '10.2.0.0/16'],
  ] as const)('%s has the address block %s, in zones named without a look-up', (region, cidr) => {
    const { template, outputs } = stack('everywhere', 'Network', region);
    template.hasResourceProperties('AWS::EC2::VPC', { CidrBlock: cidr });
    template.hasResourceProperties('AWS::EC2::Subnet', { AvailabilityZone: `${region}a` });
    template.hasResourceProperties('AWS::EC2::Subnet', { AvailabilityZone: `${region}b` });
    expect(outputs.VpcCidr.Value).toBe(cidr);
  });

  test('has public, private and isolated subnets in two zones, none of which hands out public addresses', () => {
    const subnets = ofType(dev, 'AWS::EC2::Subnet');
    const names = subnets.map(
      ({ properties }) => properties.Tags.find(({ Key }: { Key: string }) => Key === 'aws-cdk:subnet-name').Value,
    );
    expect(names.sort()).toEqual(['isolated', 'isolated', 'private', 'private', 'public', 'public']);
    for (const { properties } of subnets) expect(properties.MapPublicIpOnLaunch).toBe(false);
  });

  test('stands in the zones that the configuration names, where it names some', () => {
    const config = loadConfig({ overrides: { network: { zones: { 'us-east-1': ['us-east-1d', 'us-east-1f'] } } } });
    const template = Template.fromStack(new NetworkStack(new App(), { config, region: 'us-east-1' }));
    const zones = Object.values(template.findResources('AWS::EC2::Subnet')).map((s) => s.Properties.AvailabilityZone);
    expect([...new Set(zones)].sort()).toEqual(['us-east-1d', 'us-east-1f']);
  });

  test('has one NAT gateway in staging and one a zone in prod', () => {
    stack('staging', 'Network').template.resourceCountIs('AWS::EC2::NatGateway', 1);
    prod.template.resourceCountIs('AWS::EC2::NatGateway', 3);
  });

  test('logs all traffic under its own key', () => {
    dev.template.hasResourceProperties('AWS::EC2::FlowLog', {
      TrafficType: 'ALL',
      LogDestinationType: 'cloud-watch-logs',
    });
  });

  test('reaches S3 and DynamoDB by gateway endpoints, and other services by interface endpoints in prod only', () => {
    const gateways = (of: typeof dev) =>
      ofType(of, 'AWS::EC2::VPCEndpoint').filter(({ properties }) => properties.VpcEndpointType === 'Gateway');
    expect(gateways(dev)).toHaveLength(2);
    expect(ofType(dev, 'AWS::EC2::VPCEndpoint')).toHaveLength(2);
  });

  test('pays in prod for the endpoints of what functions call, and no others', () => {
    const called = ofType(prod, 'AWS::EC2::VPCEndpoint')
      .filter(({ properties }) => properties.VpcEndpointType === 'Interface')
      .map(({ properties }) => properties.ServiceName as string);
    expect(called.sort()).toEqual(
      ['events', 'secretsmanager', 'sqs'].map((service) => `com.amazonaws.us-east-1.${service}`),
    );
  });

  test('closes the default security group', () => {
    dev.template.resourceCountIs('Custom::VpcRestrictDefaultSG', 1);
  });

  describe('who may talk to whom', () => {
    test('functions accept nothing and start HTTPS only', () => {
      prod.template.hasResourceProperties('AWS::EC2::SecurityGroup', {
        GroupDescription: Match.stringLikeRegexp('^Functions of the platform'),
        SecurityGroupIngress: Match.absent(),
        SecurityGroupEgress: [Match.objectLike({ CidrIp: '0.0.0.0/0', IpProtocol: 'tcp', FromPort: 443, ToPort: 443 })],
      });
    });

    test('endpoints accept HTTPS from functions and the service, and nothing else', () => {
      const ingress = ofType(prod, 'AWS::EC2::SecurityGroupIngress').filter(
        ({ properties }) => properties.GroupId['Fn::GetAtt'][0].includes('Endpoints') as boolean,
      );
      for (const { properties } of ingress)
        expect(properties).toMatchObject({ IpProtocol: 'tcp', FromPort: 443, ToPort: 443 });
      expect(ingress.map(({ properties }) => named(properties.SourceSecurityGroupId)).sort()).toEqual([
        'Functions',
        'LedgerFunctions',
        'PortfolioFunctions',
        'PortfolioService',
      ]);
    });

    test.each([
      ['dev', dev, 80, ['LedgerFunctions → LedgerCluster 3306']],
      ['staging', stack('staging', 'Network'), 80, BY_PROXY],
      // Where there is a domain, there is a certificate.
      ['prod', prod, 443, BY_PROXY],
    ])(
      'in %s one group reaches another where the table says so, on that port, and nowhere else',
      (_, of, listener, ledger) => {
        const table = [
          ...ledger,
          'LoadBalancer → PortfolioService 8080',
          'PortfolioFunctions → PortfolioDatabase 5433',
          'PortfolioService → PortfolioCache 6379',
          'PortfolioService → PortfolioDatabase 5433',
          `VpcLink → LoadBalancer ${listener}`,
        ];
        expect(wires(of.resources)).toEqual({ accepted: table, started: table });
      },
    );

    test('what starts nothing or one thing has a rule that matches nothing, where EC2 would allow everything', () => {
      for (const { logicalId, properties } of ofType(prod, 'AWS::EC2::SecurityGroup')) {
        expect(properties.SecurityGroupIngress).toBeUndefined();
        const [out, ...more] = properties.SecurityGroupEgress as { CidrIp: string; FromPort: number }[];
        expect(more).toEqual([]);
        if (/Functions|PortfolioService/.test(logicalId))
          expect(out).toMatchObject({ CidrIp: '0.0.0.0/0', FromPort: 443, ToPort: 443 });
        else expect(['255.255.255.255/32', '127.0.0.1/32']).toContain(out!.CidrIp);
      }
    });

    test('dev makes the groups of ledger, portfolios and NAT instance, and none that nothing would wear', () =>
      dev.template.resourceCountIs('AWS::EC2::SecurityGroup', 9));

    test('a certificate opens the load balancer to the world, on the port that serves and the one that redirects', () => {
      const certificateArns = { 'us-east-1': 'arn:aws:acm:us-east-1:111111111111:certificate/0' };
      const config = loadConfig({ env: 'prod', overrides: { portfolio: { service: { certificateArns } } } });
      const template = Template.fromStack(new NetworkStack(new App(), { config, region: 'us-east-1' }));
      const resources = Object.entries(template.toJSON().Resources as Record<string, Properties>).map(
        ([logicalId, raw]) => ({
          logicalId,
          type: raw.Type as string,
          properties: (raw.Properties ?? {}) as Properties,
          raw,
        }),
      );
      expect(wires(resources).accepted).toContain('VpcLink → LoadBalancer 443');
      expect(wires(resources).accepted).not.toContain('VpcLink → LoadBalancer 80');
      const open = resources.flatMap(({ logicalId, properties }) =>
        ((properties.SecurityGroupIngress ?? []) as Properties[]).map(
          ({ CidrIp, FromPort }) => `${CidrIp} → ${nameOf(logicalId)} ${FromPort}`,
        ),
      );
      expect(open).toEqual(['0.0.0.0/0 → LoadBalancer 443', '0.0.0.0/0 → LoadBalancer 80']);
    });
  });
});

/** Every rule between two groups, but those of the endpoints: as the one accepts it, and as the other may start it. */
function wires(resources: readonly Resource[]): { accepted: string[]; started: string[] } {
  const rules = (type: string, from: string, to: string) =>
    resources
      .filter((resource) => resource.type === `AWS::EC2::SecurityGroup${type}`)
      .map(({ properties: p }) => {
        expect(p).toMatchObject({ IpProtocol: 'tcp', ToPort: p.FromPort });
        return `${named(p[from])} → ${named(p[to])} ${p.FromPort}`;
      })
      .filter((wire) => !wire.includes('→ Endpoints'))
      .sort();
  return {
    accepted: rules('Ingress', 'SourceSecurityGroupId', 'GroupId'),
    started: rules('Egress', 'GroupId', 'DestinationSecurityGroupId'),
  };
}

/** `SecurityGroupsLedgerProxy1A2B3C4D` → `LedgerProxy`. */
const nameOf = (logicalId: string): string => logicalId.replace(/^SecurityGroups(.*)[0-9A-F]{8}$/, '$1');

/** `{"Fn::GetAtt": ["SecurityGroupsLedgerProxy1A2B3C4D", "GroupId"]}` → `LedgerProxy`. */
const named = (reference: { 'Fn::GetAtt': [string] }): string => nameOf(reference['Fn::GetAtt'][0]);
