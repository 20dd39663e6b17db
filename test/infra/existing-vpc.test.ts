import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../lib/config';
import { blockOf, overlap } from '../../lib/config/network-schema';
import { synthesise, VARIANTS } from '../../tools/synthesise';
import { type Properties, resourcesOf } from '../../tools/templates';
import { strings } from './synthesised';
import { refusal } from './refusal';

const { vpc: existing } = VARIANTS['existing-vpc'].overrides.network;
const vpc = existing['us-east-1'];
type Kind = keyof typeof vpc.subnets;
/** Subnet ids of a kind, in the order of their zones. */
const idsOf = (kind: Kind) =>
  [...vpc.subnets[kind]].sort((one, other) => (one.zone < other.zone ? -1 : 1)).map(({ id }) => id);
const prod = (own: object = vpc, network: object = {}, more: object = {}) => ({
  env: 'prod',
  region: 'us-east-1',
  overrides: { network: { vpc: { 'us-east-1': own }, ...network }, ...more },
});

describe('a platform in an existing VPC', () => {
  const outdir = mkdtempSync(join(tmpdir(), 'signal9-existing-vpc-'));
  afterAll(() => rmSync(outdir, { recursive: true }));
  // An open finding of the five packs throws here.
  synthesise(VARIANTS['existing-vpc'], outdir);
  const templates = Object.fromEntries(
    readdirSync(outdir)
      .filter((file) => file.endsWith('.template.json'))
      .map((file) => [
        file.replace(/^.*-(\w+)\.template\.json$/, '$1'),
        JSON.parse(readFileSync(join(outdir, file), 'utf8')) as Properties,
      ]),
  );
  const resources = Object.values(templates).flatMap(resourcesOf);
  const ofType = (type: string) => resources.filter((resource) => resource.type === type);

  test('makes no VPC, subnet, route, NAT, flow log or gateway endpoint, and changes none', () => {
    const made = resources.map(({ type }) => type).filter((type) => type.startsWith('AWS::EC2::'));
    expect([...new Set(made)].sort()).toEqual([
      'AWS::EC2::LaunchTemplate',
      'AWS::EC2::SecurityGroup',
      'AWS::EC2::SecurityGroupEgress',
      'AWS::EC2::SecurityGroupIngress',
      'AWS::EC2::VPCEndpoint',
    ]);
    expect(ofType('Custom::VpcRestrictDefaultSG')).toEqual([]);
    for (const { properties } of ofType('AWS::EC2::VPCEndpoint')) expect(properties.VpcEndpointType).toBe('Interface');
  });

  test('puts its security groups into it', () => {
    for (const { properties } of ofType('AWS::EC2::SecurityGroup')) expect(properties.VpcId).toBe(vpc.id);
  });

  test.each([
    ['AWS::RDS::DBSubnetGroup', 'isolated', 'SubnetIds'],
    ['AWS::ElastiCache::ServerlessCache', 'isolated', 'SubnetIds'],
    ['AWS::AutoScaling::AutoScalingGroup', 'private', 'VPCZoneIdentifier'],
    ['AWS::ElasticLoadBalancingV2::LoadBalancer', 'private', 'Subnets'],
    ['AWS::ApiGatewayV2::VpcLink', 'private', 'SubnetIds'],
    ['AWS::EC2::VPCEndpoint', 'private', 'SubnetIds'],
  ] as const)('%s stands in the %s subnets', (type, kind, property) => {
    expect(ofType(type).length).toBeGreaterThan(0);
    for (const { properties } of ofType(type)) expect(properties[property]).toEqual(idsOf(kind));
  });

  test('functions stand in the private subnets', () => {
    const inVpc = ofType('AWS::Lambda::Function').flatMap(
      ({ properties }) => (properties.VpcConfig as Properties | undefined) ?? [],
    );
    expect(inVpc.length).toBeGreaterThan(0);
    for (const { SubnetIds } of inVpc) expect(SubnetIds).toEqual(idsOf('private'));
  });

  test('the ledger stands in the zones of the subnets', () => {
    const zones = ofType('AWS::RDS::DBInstance').flatMap(({ properties }) => strings(properties.AvailabilityZone));
    expect([...new Set(zones)].sort()).toEqual(['us-east-1a', 'us-east-1b', 'us-east-1d']);
  });

  test('states its address block', () => {
    const { Outputs } = templates.Network as { Outputs: Record<string, Properties> };
    expect(Outputs.VpcId!.Value).toBe(vpc.id);
    expect(Outputs.VpcCidr!.Value).toBe('10.64.0.0/16');
    expect(Outputs.PublicSubnetIds).toBeUndefined();
  });
});

describe('what is refused of a network', () => {
  const with_ = (subnets: object) => prod({ ...vpc, subnets: { ...vpc.subnets, ...subnets } });
  const [first, second, third] = vpc.subnets.private as [object, object, object];
  const [, , last] = vpc.subnets.isolated;
  const open = vpc.subnets.private.map((each) => ({ ...each, id: each.id.replace('00', '0f') }));

  test.each([
    ['an id that is none', prod({ ...vpc, id: 'vpc-1' }), /network\.vpc\.us-east-1\.id must be an id such as vpc-/],
    ['a block that is none', prod({ ...vpc, cidr: '10.64.0.0' }), /cidr must be an address block such as/],
    ['a block with bits behind its prefix', prod({ ...vpc, cidr: '10.64.0.1/16' }), /cidr must be an address block/],
    ['a public block', prod({ ...vpc, cidr: '52.0.0.0/16' }), /cidr must be within 10\.0\.0\.0\/8/],
    ['a block that EC2 does not take', prod({ ...vpc, cidr: '10.0.0.0/8' }), /cidr must have a prefix of \/16 to \/28/],
    ['a zone without a subnet', with_({ private: [first, second] }), /private must be one subnet in each of 3 zones/],
    ['two subnets of a zone', with_({ private: [first, second, second] }), /private must be one subnet in each of 3/],
    [
      'a subnet of another region',
      with_({ private: [first, second, { ...third, zone: 'us-east-2b' }] }),
      /private must be in zones of us-east-1/,
    ],
    [
      'isolated subnets in other zones than private ones',
      with_({ isolated: [...vpc.subnets.isolated.slice(0, 2), { ...last, zone: 'us-east-1c' }] }),
      /isolated must be in the zones of the private subnets/,
    ],
    ['a subnet named twice', with_({ isolated: vpc.subnets.private }), /subnets names a subnet twice/],
    [
      'a private subnet with the routes of a public one',
      with_({ public: open }),
      /private must not share a route table with the public subnets/,
    ],
    ['zones beside it', prod(vpc, { zones: { 'us-east-1': [] } }), /network\.zones\.us-east-1 must not be set beside/],
    [
      'a block beside it',
      prod(vpc, { cidrs: { 'us-east-1': '10.1.0.0/16' } }),
      /network\.cidrs\.us-east-1 must not be/,
    ],
    [
      'a load balancer on the internet without public subnets',
      prod(
        vpc,
        {},
        { portfolio: { service: { certificateArns: loadConfig({ env: 'prod' }).domain!.certificateArns } } },
      ),
      /subnets\.public are needed: portfolio\.service\.certificateArns/,
    ],
    [
      'a block that overlaps a peer',
      prod(vpc, { peers: ['10.64.128.0/20'] }),
      /network\.peers must not overlap 10\.64\.0\.0\/16 of us-east-1, as 10\.64\.128\.0\/20 does/,
    ],
    [
      'a block of ours that overlaps a peer',
      { overrides: { network: { peers: ['10.0.0.0/12'] } } },
      /network\.peers must not overlap 10\.0\.0\.0\/16 of us-east-1/,
    ],
    [
      'blocks of two regions that overlap',
      { region: 'us-east-1,us-east-2', overrides: { network: { cidrs: { 'us-east-2': '10.0.0.0/17' } } } },
      /network\.vpc\.us-east-2 must not overlap 10\.0\.0\.0\/16 of us-east-1/,
    ],
    [
      'a block too small for our subnets',
      { overrides: { network: { cidrs: { 'us-east-1': '10.40.0.0/20' } } } },
      /cidrs\.us-east-1 must have a prefix of \/16 to \/17/,
    ],
  ])('%s', (_, context, message) => expect(refusal(() => loadConfig(context))).toMatch(message));

  test('nothing of it is refused as it should be', () => {
    expect(() => loadConfig(prod(vpc, { peers: ['10.65.0.0/16', '192.168.0.0/24'] }))).not.toThrow();
    expect(() => loadConfig({ overrides: { network: { cidrs: { 'us-east-1': '172.16.0.0/17' } } } })).not.toThrow();
  });

  test('blocks overlap where they share an address, and nowhere else', () => {
    expect(overlap('10.0.0.0/16', '10.0.255.0/24')).toBe(true);
    expect(overlap('10.0.0.0/16', '10.1.0.0/16')).toBe(false);
    expect(blockOf('10.0.0.0/33')).toBeUndefined();
    expect(blockOf('10.0.300.0/24')).toBeUndefined();
  });
});
