import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, type AppProps } from 'aws-cdk-lib';
import { FAIL_SYNTH_ON_VALIDATION_ERRORS_CONTEXT } from 'aws-cdk-lib/cx-api';
import { type Config, loadConfig, readConfigFile } from '../lib/config';
import { type Context } from '../lib/config/load';
import { buildApp } from '../lib/platform';

const ROOT = join(__dirname, '..');
const CDK_JSON = join(ROOT, 'cdk.json');

/** The environments that docs/deploy.md speaks of, by the context that makes them. */
export const ENVIRONMENTS = { dev: { env: 'dev' }, staging: { env: 'staging' }, prod: { env: 'prod' } } as const;
export type EnvironmentName = keyof typeof ENVIRONMENTS;
export const ENVIRONMENT_NAMES = Object.keys(ENVIRONMENTS) as EnvironmentName[];

/** A throw-away copy of dev, in another region. */
export const COPY = { pr3522: { env: 'pr3522', region: 'us-west-2' } } as const;

const EXISTING_SUBNETS = (kind: number) =>
  // In no order of zones: a configuration need not be.
  ['b', 'a', 'd'].map((letter) => {
    const id = `${kind}${letter}`.padStart(17, '0');
    return { id: `subnet-${id}`, zone: `us-east-1${letter}`, routeTableId: `rtb-${id}` };
  });

/** What the configuration makes of the platform elsewhere: other regions, GovCloud (ADR 30), a VPC that is there (ADR 29). */
export const VARIANTS = {
  world: { env: 'dev', region: 'eu-central-1,ap-southeast-2' },
  govcloud: {
    env: 'staging',
    region: 'us-gov-west-1',
    overrides: {
      console: { origin: 'https://console.example.gov' },
      // In place of AWS's bundle: a certificate by its name and by nobody's authority.
      databaseAuthorities: 'test/infra/fixtures/us-gov-west-1.pem',
    },
  },
  'existing-vpc': {
    env: 'prod',
    region: 'us-east-1',
    overrides: {
      network: {
        vpc: {
          'us-east-1': {
            id: 'vpc-0123456789abcdef0',
            cidr: '10.64.0.0/16',
            subnets: { private: EXISTING_SUBNETS(1), isolated: EXISTING_SUBNETS(2) },
          },
        },
      },
    },
  },
} as const satisfies Record<string, Context>;

/** What an installation says of itself, in files that the CLI reads at every command. */
export type OwnConfiguration = Pick<Context, 'file' | 'overrides'>;

/**
 * `signal9.config.ts`, and the `overrides` of cdk.context.json or cdk.json. What reports on a deployment reads them, as a
 * deployment does; the documents and tests of this repository are about the presets alone.
 */
export function ownConfiguration(root = ROOT): OwnConfiguration {
  const file = readConfigFile(root);
  const overrides = overridesOf(join(root, 'cdk.context.json'), true) ?? overridesOf(join(root, 'cdk.json'), false);
  return { ...(file && { file }), ...(overrides !== undefined && { overrides }) };
}

function overridesOf(path: string, isContext: boolean): unknown {
  if (!existsSync(path)) return undefined;
  const content = JSON.parse(readFileSync(path, 'utf8')) as { overrides?: unknown; context?: { overrides?: unknown } };
  return isContext ? content.overrides : content.context?.overrides;
}

export interface Synthesis {
  readonly app: App;
  readonly config: Config;
}

/**
 * Synthesises the whole app, as the CLI would, into `outdir`: no account is asked.
 *
 * @param gate whether an open finding of the compliance packs throws, as it does for the CLI
 * @param own context of CDK's beside the flags of cdk.json
 */
export function synthesise(
  context: Context,
  outdir: string,
  gate = true,
  own: Readonly<Record<string, unknown>> = {},
): Synthesis {
  const { context: flags } = JSON.parse(readFileSync(CDK_JSON, 'utf8')) as Required<Pick<AppProps, 'context'>>;
  const app = new App({
    outdir,
    context: { ...flags, ...own, [FAIL_SYNTH_ON_VALIDATION_ERRORS_CONTEXT]: gate },
    analyticsReporting: false,
  });
  const config = loadConfig(context);
  buildApp(app, config);
  app.synth();
  return { app, config };
}
