import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig, partitionOf, REGIONS } from '../../lib/config';
import { REGION_NAMES } from '../../lib/config/regions';
import { STACKS } from '../../lib/platform';
import { synthesise } from '../../tools/synthesise';
import { type Properties, resourcesOf } from '../../tools/templates';
import { everyStack, strings } from './synthesised';

const CONSOLE = { console: { origin: 'https://console.example.gov' } };
/** ARNs and hosts that hold in one partition only. What people configure is not the template's own word. */
const literals = (template: unknown): string[] =>
  strings(template).filter((text) => /arn:aws[a-z-]*:/.test(text.replaceAll(/arn:aws[a-z-]*:(acm|wafv2):[^"]*/g, '')));

const outdir = mkdtempSync(join(tmpdir(), 'signal9-partitions-'));
afterAll(() => rmSync(outdir, { recursive: true }));

/** All templates, synthesised under the compliance packs: an open finding throws. */
function templatesOf(name: string, context: Parameters<typeof loadConfig>[0]): Map<string, Properties> {
  const folder = join(outdir, name);
  synthesise(context, folder);
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
    (region) => expect(loadConfig({ region }).regions).toEqual([region]),
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

  test.each(['dev', 'staging'])('%s is synthesised for GovCloud, without CloudFront and budgets', (env) => {
    const templates = templatesOf(`${env}-gov`, { env, region: 'us-gov-west-1', overrides: CONSOLE });
    expect(templates.size).toBe(STACKS.length);
    for (const [file, template] of templates) {
      expect([file, literals(template)]).toEqual([file, []]);
      expect(JSON.stringify(template)).not.toContain('budgets.amazonaws.com');
    }
    const found = types(templates);
    expect([...found].filter((type) => /^AWS::(CloudFront|Budgets)::/.test(type))).toEqual([]);
    expect(found).toContain('AWS::Cognito::UserPool');
    const client = [...templates.values()]
      .flatMap(resourcesOf)
      .find(({ type, properties }) => type === 'AWS::Cognito::UserPoolClient' && properties.CallbackURLs !== undefined);
    expect(client!.properties.CallbackURLs).toEqual(['https://console.example.gov/']);
  });

  test('dev is synthesised for regions with other zones, and others that share the bucket policy of newer ones', () => {
    const templates = templatesOf('dev-world', { region: 'eu-central-1,ap-southeast-2,ap-northeast-1,eu-central-2' });
    expect(templates.size).toBe(4 * STACKS.length);
    for (const [file, template] of templates) expect([file, literals(template)]).toEqual([file, []]);
    const network = templates.get('Signal9-dev-ap-northeast-1-Network.template.json')!;
    const zones = resourcesOf(network).flatMap(
      ({ properties }) => (properties.AvailabilityZone as string | undefined) ?? [],
    );
    expect([...new Set(zones)].sort()).toEqual(['ap-northeast-1a', 'ap-northeast-1c']);
    expect(types(templates)).toContain('AWS::CloudFront::Distribution');
  });
});
