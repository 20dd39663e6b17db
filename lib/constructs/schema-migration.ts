import { CustomResource, Duration, FileSystem } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { type Runbook } from './alarm-definition';
import { bundleOf } from './bundles';
import { isBundled, NOT_BUNDLED } from './bundling';
import { type FunctionGround } from './function-ground';
import { type OwnEnvironment, PlatformFunction } from './platform-function';

type Migration = 'ledger-migration' | 'portfolio-migration';

export interface SchemaMigrationProps<F extends Migration> {
  /** Key in contract/functions.ts. */
  readonly function: F;
  readonly ground: FunctionGround;
  readonly environment: OwnEnvironment<F>;
  /** Type of the custom resource, as the stack's events show it: `Custom::…Schema`. */
  readonly resourceType: `Custom::${string}Schema`;
  /** Where the database answers: another host is another database, without tables. */
  readonly host: string;
  readonly runbook: Runbook;
}

/**
 * Brings a database's tables to the version that this deployment needs, before whatever depends on this construct.
 *
 * A custom resource whose function is ours and answers CloudFormation itself. The two other ways put a function of CDK's
 * between: `triggers.Trigger` and the `Provider` framework, with an inline policy on `<function>:*`, a runtime and a log
 * group that are not ours, and an SDK client that the emulator's stubs lack. What they would give is three lines of ours:
 * the answer (lambda/adapters/cloudformation-answer.ts). The price is that a function that dies without an answer keeps
 * CloudFormation waiting, for which `serviceTimeout` is the bound.
 *
 * It runs when the bundle changed, and so the migrations may have, or when the database is another one. Twice is as good
 * as once: applied migrations are known by name. Deletion does nothing: the tables go, or stay, with the database.
 */
export class SchemaMigration<F extends Migration> extends Construct {
  readonly migration: PlatformFunction;

  constructor(scope: Construct, id: string, props: SchemaMigrationProps<F>) {
    super(scope, id);
    const { ground, environment, resourceType, host, runbook } = props;
    this.migration = new PlatformFunction<F>(this, 'Migration', {
      function: props.function,
      ground,
      environment,
      suffering: 'Nobody yet: a deployment stops before the code that needs the new tables.',
      errors: { threshold: 1, runbook },
      failed: 'deployment',
    });
    const { timeoutSeconds } = this.migration.definition;
    const resource = new CustomResource(this, 'Schema', {
      resourceType,
      serviceToken: this.migration.function.functionArn,
      // Lambda tries again after a minute what ended without an answer.
      serviceTimeout: Duration.seconds(2 * timeoutSeconds + 120),
      properties: {
        Bundle: isBundled(this) ? FileSystem.fingerprint(bundleOf(props.function, ground.config)) : NOT_BUNDLED,
        Host: host,
      },
    });
    // Its permissions, too: CloudFormation would call as soon as the function exists.
    resource.node.addDependency(this.migration);
  }
}
