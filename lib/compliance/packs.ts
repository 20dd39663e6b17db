import { createRequire } from 'node:module';
import { type App, CloudFormationValidatePlugin, Validations } from 'aws-cdk-lib';
import type * as Nag from 'cdk-nag';
import { type Config } from '../config';
import { RememberedValidation } from './remembered-validation';

/** By the name that each puts before its findings, the class that cdk-nag has for it. */
const PACKS = {
  AwsSolutions: 'AwsSolutionsChecks',
  Serverless: 'ServerlessChecks',
  'NIST.800.53.R5': 'NIST80053R5Checks',
  'PCI.DSS.321': 'PCIDSS321Checks',
  'HIPAA.Security': 'HIPAASecurityChecks',
} as const satisfies Record<string, keyof typeof Nag>;

/** Loaded when the first pack is made: its rules take half a second, which `cdk ls` need not wait for. */
const nag = (): typeof Nag => createRequire(__filename)('cdk-nag') as typeof Nag;

function packOf(name: PackName, scope?: App, props?: Nag.NagPackProps): Nag.NagPack {
  const Pack = nag()[PACKS[name]];
  return new Pack(scope, props);
}

export type PackName = keyof typeof PACKS;

/**
 * Which packs judge an environment: prod all five, the others the two that ask for nothing that a small environment is
 * meant to lack (a second zone, a certificate, a copy of everything).
 */
export const packsOf = ({ env }: Pick<Config, 'env'>): readonly PackName[] =>
  env === 'prod' ? (Object.keys(PACKS) as PackName[]) : ['AwsSolutions', 'Serverless'];

/**
 * The rule packs that every synthesis runs; a finding that nobody acknowledged fails it.
 * The first pack writes the acknowledged findings of all into the templates, for auditors who read nothing else.
 */
export function addCompliancePacks(app: App, config: Pick<Config, 'env'>): void {
  const written: Nag.NagPackProps = { writeSuppressionsToCloudFormation: true };
  const packs = packsOf(config).map((name, index) => (index === 0 ? packOf(name, app, written) : packOf(name)));
  Validations.of(app).addPlugins(...packs);
  // In place of the one that CDK adds by itself, unless `cdk --no-validation` leaves it out.
  if (process.env.CDK_VALIDATION !== 'false') Validations.of(app).addPlugins(new RememberedValidation());
}

/** In place of the validator that CDK adds by itself. */
class NoValidation extends CloudFormationValidatePlugin {
  override validate() {
    return { success: true, violations: [] };
  }
}

/** For a list of the stacks: nobody is going to use its templates. */
export const leaveUnjudged = (app: App): void => Validations.of(app).addPlugins(new NoValidation());

/** The packs of an environment by themselves; they write nothing into templates. */
export const compliancePacks = (config: Pick<Config, 'env'>): Nag.NagPack[] =>
  packsOf(config).map((name) => packOf(name));
