import { type App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks, type NagPack, type NagPackProps } from 'cdk-nag';

/**
 * The rule packs that every synthesis runs; a finding that nobody acknowledged fails it.
 * The first pack writes the acknowledged findings into the templates, for auditors who read nothing else.
 */
export function addCompliancePacks(app: App): void {
  Validations.of(app).addPlugins(...compliancePacks(app, { writeSuppressionsToCloudFormation: true }));
}

/** The packs by themselves; with no `scope` they write nothing into templates. */
export function compliancePacks(scope?: App, props?: NagPackProps): NagPack[] {
  return [new AwsSolutionsChecks(scope, props)];
}
