import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { type FunctionDefinition, functions } from '../../contract/functions';
import { loadConfig, partitionOf, REGIONS } from '../../lib/config';
import { REGION_NAMES, takesCloudFrontLogs } from '../../lib/config/regions';
import { STACKS } from '../../lib/platform';
import { NetworkStack } from '../../lib/stacks/network';
import { synthesise, VARIANTS } from '../../tools/synthesise';
import { type Properties, resourcesOf } from '../../tools/templates';
import { everyStack, strings } from './synthesised';

/** ARNs and hosts that hold in one partition only. What people configure is not the template's own word. */
const literals = (template: unknown): string[] =>
  strings(template).filter((text) => /arn:aws[a-z-]*:/.test(text.replaceAll(/arn:aws[a-z-]*:(acm|wafv2):[^"]*/g, '')));

const outdir = mkdtempSync(join(tmpdir(), 'signal9-partitions-'));
afterAll(() => rmSync(outdir, { recursive: true }));

/** All templates of a variant, synthesised under the compliance packs: an open finding throws. */
function templatesOf(name: keyof typeof VARIANTS): Map<string, Properties> {
  const folder = join(outdir, name);
  synthesise(VARIANTS[name], folder);
  return new Map(
    readdirSync(folder)
      .filter((file) => file.endsWith('.template.json'))
      .map((file) => [file, JSON.parse(readFileSync(join(folder, file), 'utf8')) as Properties]),
  );
}
const types = (templates: Map<string, Properties>): Set<string> =>
  new Set([...templates.values()].flatMap((template) => resourcesOf(template).map(({ type }) => type)));

describe('regions', () => {
  test('each has an address block of its own', () => {
    const blocks = REGION_NAMES.map((region) => REGIONS[region].cidr);
    for (const block of blocks) expect(block).toMatch(/^10\.\d{1,3}\.0\.0\/16$/);
    expect(new Set(blocks).size).toBe(blocks.length);
  });

  test('those that were deployable before keep theirs', () => {
    expect(REGIONS['us-east-1'].cidr).toBe('10.0.0.0/16');
    expect(REGIONS['us-east-2'].cidr).toBe('10.1.0.0/16');
    expect(REGIONS['us-west-2'].cidr).toBe('10.2.0.0/16');
  });

  test('each names three zones of its own, but for one whose zones only an account knows', () => {
    for (const region of REGION_NAMES) {
      const { availabilityZones } = REGIONS[region];
      expect(availabilityZones).toHaveLength(region === 'us-west-1' ? 0 : 3);
      for (const zone of availabilityZones) expect(zone).toMatch(new RegExp(`^${region}[a-d]$`));
    }
  });

  test.each(REGION_NAMES.filter((region) => partitionOf(region) === 'aws' && region !== 'us-west-1'))(
    'dev is accepted in %s',
    (region) => {
      const overrides = takesCloudFrontLogs(region) ? {} : { console: { origin: 'https://console.example.com' } };
      expect(loadConfig({ region, overrides }).regions).toEqual([region]);
    },
  );

  test('us-west-1 is accepted with the zones that the account has', () => {
    const overrides = { network: { zones: { 'us-west-1': ['us-west-1a', 'us-west-1c'] } } };
    expect(loadConfig({ region: 'us-west-1', overrides }).regions).toEqual(['us-west-1']);
  });
});

describe('partitions', () => {
  test.each(everyStack().map((stack) => [stack.label, stack] as const))(
    '%s spells no partition: AWS::Partition does',
    (_, { template }) => expect(literals(template.toJSON())).toEqual([]),
  );

  test('a literal partition would be noticed', () => {
    expect(literals({ Resource: 'arn:aws:s3:::bucket' })).toHaveLength(1);
    expect(literals({ Resource: 'arn:aws-us-gov:iam::aws:policy/ReadOnlyAccess' })).toHaveLength(1);
    expect(literals({ Resource: { 'Fn::Sub': 'arn:${AWS::Partition}:s3:::bucket' } })).toEqual([]);
  });

  describe('staging in GovCloud', () => {
    const templates = templatesOf('govcloud');

    test('is synthesised, without a partition spelt', () => {
      expect(templates.size).toBe(STACKS.length);
      for (const [file, template] of templates) expect([file, literals(template)]).toEqual([file, []]);
    });

    test('has neither CloudFront nor budgets, nor lets the latter in, but users', () => {
      const found = types(templates);
      expect([...found].filter((type) => /^AWS::(CloudFront|Budgets)::/.test(type))).toEqual([]);
      expect(found).toContain('AWS::Cognito::UserPool');
      for (const template of templates.values())
        expect(JSON.stringify(template)).not.toContain('budgets.amazonaws.com');
    });

    test('carries the authorities of its databases in what connects to one, and in nothing else', () => {
      const [, line = ''] = loadConfig(VARIANTS.govcloud).databaseAuthorities!.join('').split('\n');
      const carries = (asset: string): boolean =>
        readFileSync(join(outdir, 'govcloud', `asset.${asset}`, 'index.mjs'), 'utf8').includes(line);
      const resources = [...templates.values()].flatMap(resourcesOf);
      const found = Object.values(functions as Record<string, FunctionDefinition>).map(({ entry, description }) => {
        const { properties } = resources.find(
          ({ type, properties }) => type === 'AWS::Lambda::Function' && properties.Description === description,
        )!;
        return [entry, carries((properties.Code as { S3Key: string }).S3Key.replace('.zip', ''))];
      });
      expect(found).toEqual(
        Object.values(functions as Record<string, FunctionDefinition>).map(
          ({ entry, ledger = false, portfolio = false }) => [entry, ledger || portfolio],
        ),
      );
      // The user data of an instance names the service's.
      const template = resources.find(
        ({ logicalId, type }) =>
          type === 'AWS::EC2::LaunchTemplate' && logicalId.startsWith('PortfolioServiceFleetTemplate'),
      )!;
      const [service = ''] = /[0-9a-f]{64}/.exec(JSON.stringify(template.properties)) ?? [];
      expect(carries(service)).toBe(true);
    });

    test('sends browsers back to the console that somebody else serves, from the address of its sign-in page', () => {
      const api = templates.get('Signal9-staging-us-gov-west-1-Api.template.json')!;
      const client = resourcesOf(api).find(
        ({ type, properties }) => type === 'AWS::Cognito::UserPoolClient' && properties.CallbackURLs !== undefined,
      );
      expect(client!.properties.CallbackURLs).toEqual(['https://console.example.gov/']);
      const { TokenUrl } = api.Outputs as Record<string, Properties>;
      expect(JSON.stringify(TokenUrl!.Value)).toContain('.auth-fips.us-gov-west-1.amazoncognito.com/oauth2/token');
    });
  });

  describe('dev in regions of the world', () => {
    const templates = templatesOf('world');

    test('is synthesised, without a partition spelt', () => {
      expect(templates.size).toBe(2 * STACKS.length);
      for (const [file, template] of templates) expect([file, literals(template)]).toEqual([file, []]);
      expect(types(templates)).toContain('AWS::CloudFront::Distribution');
    });

    test('has an address block for each', () => {
      const blocks = [...templates.values()]
        .flatMap(resourcesOf)
        .filter(({ type }) => type === 'AWS::EC2::VPC')
        .map(({ properties }) => properties.CidrBlock as string);
      expect(blocks.sort()).toEqual(['10.26.0.0/16', '10.8.0.0/16']);
    });
  });

  test('subnets stand in zones that the region has', () => {
    const stack = new NetworkStack(new App(), {
      config: loadConfig({ region: 'ap-northeast-1' }),
      region: 'ap-northeast-1',
    });
    const subnets = Object.values(Template.fromStack(stack).findResources('AWS::EC2::Subnet')) as Properties[];
    const zones = subnets.map(({ Properties: { AvailabilityZone } }) => AvailabilityZone as string);
    expect([...new Set(zones)].sort()).toEqual(['ap-northeast-1a', 'ap-northeast-1c']);
  });
});
