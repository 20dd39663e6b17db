import { CustomResource, Duration, FileSystem } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { bundleOf } from './bundles';
import { ledgerEnvironment } from './ledger-access';
import { type FunctionGround } from './function-ground';
import { PlatformFunction } from './platform-function';

export interface LedgerMigrationProps {
  readonly ground: FunctionGround;
}

/**
 * Brings the ledger's tables to the version that this deployment needs, before whatever depends on this construct.
 *
 * A custom resource whose function is ours and answers CloudFormation itself. The two other ways put a function of CDK's
 * between: `triggers.Trigger` and the `Provider` framework, with an inline policy on `<function>:*`, a runtime and a log
 * group that are not ours, and an SDK client that the emulator's stubs lack. What they would give is three lines of ours:
 * the answer (lambda/adapters/cloudformation-answer.ts). The price is that a function that dies without an answer keeps
 * CloudFormation waiting, for which `serviceTimeout` is the bound.
 *
 * It runs when the bundle changed, and so the migrations may have, or when the ledger is another one. Twice is as good
 * as once: applied migrations are known by name. Deletion does nothing: the tables go, or stay, with the cluster.
 */
export class LedgerMigration extends Construct {
  readonly migration: PlatformFunction;

  constructor(scope: Construct, id: string, props: LedgerMigrationProps) {
    super(scope, id);
    const { ground } = props;
    const { access } = ground.ledger;
    this.migration = new PlatformFunction<'ledger-migration'>(this, 'Migration', {
      function: 'ledger-migration',
      ground,
      environment: ledgerEnvironment(access),
      suffering: 'Nobody yet: a deployment stops before the code that needs the new tables.',
      errors: { threshold: 1, runbook: 'ledger-migration-failed' },
    });
    const { timeoutSeconds } = this.migration.definition;
    const resource = new CustomResource(this, 'Schema', {
      resourceType: 'Custom::LedgerSchema',
      serviceToken: this.migration.function.functionArn,
      // Lambda tries again after a minute what ended without an answer.
      serviceTimeout: Duration.seconds(2 * timeoutSeconds + 120),
      properties: { Bundle: FileSystem.fingerprint(bundleOf('ledger-migration')), Ledger: access.writerHost },
    });
    // Its permissions, too: CloudFormation would call as soon as the function exists.
    resource.node.addDependency(this.migration);
  }
}
