import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { type Config, loadConfig } from '../../lib/config';
import { names } from '../../lib/names';
import { buildApp, STACKS } from '../../lib/platform';
import { type Properties } from './synthesised';

type Part = (typeof STACKS)[number];
/** By stack, of one region. */
type Templates = ReadonlyMap<Part, Properties>;
type Overrides = { readonly [Key in keyof Config]?: unknown };

const CERTIFICATE = 'arn:aws:acm:us-east-1:111111111111:certificate/00000000-0000-4000-8000-000000000001';
const domain = {
  name: 'signal9.example.com',
  hostedZoneId: 'Z0123456789EXAMPLE',
  certificateArns: { 'us-east-1': CERTIFICATE },
  cdnWebAclArn: 'arn:aws:wafv2:us-east-1:111111111111:global/webacl/cdn/00000000-0000-4000-8000-000000000004',
};

/** Those that import most, and then Data, which imports from Network: docs/deploy.md#updates, "consumers first". */
const CONSUMERS: readonly Part[] = ['Compute', 'Api', 'Monitoring', 'Data'];
const AT_ONCE: readonly Part[] = STACKS;
const CONSUMERS_FIRST: readonly Part[] = [...CONSUMERS, ...STACKS];
/** docs/runbook.md#nat-instance: the composite alarm before the alarm that it names. */
const MONITORING_FIRST: readonly Part[] = ['Monitoring', ...STACKS];

/**
 * What an environment may be changed into while it is deployed, from staging's preset, and how each way is deployed.
 * Not here, for docs/deploy.md says that it stays as it was first deployed: the zones, and whether the service's load
 * balancer faces the internet.
 */
const SWITCHES: Record<string, { to: Overrides; there: readonly Part[]; back: readonly Part[] }> = {
  'a domain': { to: { domain }, there: AT_ONCE, back: AT_ONCE },
  'no reader of the ledger': { to: { ledger: { readers: 0 } }, there: CONSUMERS_FIRST, back: AT_ONCE },
  'no proxy before the ledger': { to: { ledger: { proxy: false } }, there: CONSUMERS_FIRST, back: AT_ONCE },
  'a NAT instance': { to: { network: { nat: 'instance' } }, there: AT_ONCE, back: MONITORING_FIRST },
  'functions outside the VPC': {
    to: { network: { functionsInVpc: false } },
    there: CONSUMERS_FIRST,
    back: AT_ONCE,
  },
  'interface endpoints': { to: { network: { interfaceEndpoints: true } }, there: AT_ONCE, back: AT_ONCE },
  'a second NAT gateway': { to: { network: { natGateways: 2 } }, there: AT_ONCE, back: AT_ONCE },
  'no firewall, pages only, no backup': {
    to: { api: { firewall: false }, alarms: { severities: ['page'] }, backup: { enabled: false } },
    there: AT_ONCE,
    back: AT_ONCE,
  },
};

function templatesOf(overrides: Overrides): Templates {
  const outdir = mkdtempSync(join(tmpdir(), 'signal9-exports-'));
  try {
    const config = loadConfig({ env: 'staging', overrides });
    const app = new App({ outdir, analyticsReporting: false });
    buildApp(app, config);
    const { stacks } = app.synth({ skipValidation: true });
    const template = (part: Part) =>
      stacks.find(({ stackName }) => stackName === names.stack('staging', 'us-east-1', part))!.template as Properties;
    return new Map(STACKS.map((part) => [part, template(part)]));
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

/** Exports by name, with what is exported. */
const exportsOf = ({ Outputs = {} }: Properties): Map<string, string> =>
  new Map(
    Object.values(Outputs as Record<string, Properties>).flatMap(({ Export, Value }) =>
      Export === undefined ? [] : [[(Export as { Name: string }).Name, JSON.stringify(Value)]],
    ),
  );

const importsOf = (value: unknown): string[] =>
  typeof value !== 'object' || value === null
    ? []
    : Object.entries(value).flatMap(([key, inner]) =>
        key === 'Fn::ImportValue' ? [inner as string] : importsOf(inner),
      );

const ofType = ({ Resources = {} }: Properties, type: string): Properties[] =>
  Object.values(Resources as Record<string, Properties>)
    .filter(({ Type }) => Type === type)
    .map(({ Properties: properties }) => properties as Properties);

const alarmsOf = (template: Properties): string[] =>
  ofType(template, 'AWS::CloudWatch::Alarm').map(({ AlarmName }) => AlarmName as string);

/** Names of alarms in the rules of a template's composite alarms, by which CloudWatch knows them. */
const ruledAlarmsOf = (template: Properties): string[] =>
  ofType(template, 'AWS::CloudWatch::CompositeAlarm').flatMap(({ AlarmRule }) =>
    [...JSON.stringify(AlarmRule).matchAll(/:alarm:([\w-]+)/g)].map(([, name]) => name!),
  );

/**
 * What CloudFormation would refuse while the stacks of `before` are updated to those of `after`, in an order: to take away
 * or change an export that a stack imports as it is deployed at that moment, and to import what is not exported yet. What
 * CloudWatch would refuse, too: "Cannot delete … as there are composite alarm(s) depending on it", by which the alarm is
 * left behind under its name (github.com/ekristen/aws-nuke/issues/462), and a composite alarm over one that is not there.
 */
function refusals(before: Templates, after: Templates, order: readonly Part[]): string[] {
  const deployed = new Map(before);
  return order.flatMap((part) => {
    const [was, is] = [deployed.get(part)!, after.get(part)!];
    const now = exportsOf(is);
    const others = [...deployed].filter(([other]) => other !== part);
    const taken = [...exportsOf(was)]
      .filter(([name, value]) => now.get(name) !== value)
      .flatMap(([name]) =>
        others
          .filter(([, template]) => importsOf(template).includes(name))
          .map(([other]) => `${part}: ${name} is used by ${other}`),
      );
    const offered = new Set(others.flatMap(([, template]) => [...exportsOf(template).keys()]));
    const missing = importsOf(is)
      .filter((name) => !offered.has(name))
      .map((name) => `${part}: ${name} is not exported yet`);
    const left = alarmsOf(was)
      .filter((name) => !alarmsOf(is).includes(name))
      .flatMap((name) =>
        others
          .filter(([, template]) => ruledAlarmsOf(template).includes(name))
          .map(([other]) => `${part}: alarm ${name} is used by ${other}`),
      );
    const existing = new Set([is, ...others.map(([, template]) => template)].flatMap(alarmsOf));
    const unknown = ruledAlarmsOf(is)
      .filter((name) => !existing.has(name))
      .map((name) => `${part}: alarm ${name} does not exist yet`);
    deployed.set(part, is);
    return [...new Set([...taken, ...missing, ...left, ...unknown])];
  });
}

describe('a deployed environment', () => {
  const base = templatesOf({});

  test.each(Object.entries(SWITCHES))(
    'can be changed to have %s, and back',
    (_, { to, there, back }) => {
      const changed = templatesOf(to);
      expect(refusals(base, changed, there)).toEqual([]);
      expect(refusals(changed, base, back)).toEqual([]);
      // The longer way is asked of people only where it is needed.
      if (there !== AT_ONCE) expect(refusals(base, changed, AT_ONCE)).not.toEqual([]);
      if (back !== AT_ONCE) expect(refusals(changed, base, AT_ONCE)).not.toEqual([]);
    },
    120_000,
  );

  test('would be refused an export that goes while it is used, and an import that is not there yet', () => {
    const name = 'Signal9-staging-us-east-1-Network:X';
    const stack = (outputs: object, resources: object) => ({ Outputs: outputs, Resources: resources });
    const exporting = stack({ X: { Value: 1, Export: { Name: name } } }, {});
    const importing = stack({}, { Y: { Properties: { Z: { 'Fn::ImportValue': name } } } });
    const nothing = stack({}, {});
    const of = (network: Properties, api: Properties): Templates =>
      new Map([
        ['Network' as const, network],
        ['Api' as const, api],
      ]);
    const order: readonly Part[] = ['Network', 'Api'];
    expect(refusals(of(exporting, importing), of(nothing, nothing), order)).toEqual([
      `Network: ${name} is used by Api`,
    ]);
    expect(refusals(of(exporting, importing), of(nothing, nothing), ['Api', 'Network'])).toEqual([]);
    expect(refusals(of(nothing, nothing), of(exporting, importing), ['Api', 'Network'])).toEqual([
      `Api: ${name} is not exported yet`,
    ]);
    const changed = stack({ X: { Value: 2, Export: { Name: name } } }, {});
    expect(refusals(of(exporting, importing), of(changed, importing), order)).toEqual([
      `Network: ${name} is used by Api`,
    ]);
  });
});
