import { App, Stack } from 'aws-cdk-lib';
import { type AddToResourcePolicyResult, type PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';

/** A statement that CDK meant for a key's policy and dropped without a word, since the key is an imported one. */
export interface DroppedStatement {
  /** The imported key's place in the tree: `Signal9-dev-us-east-1-Secrets/PlatformKey/Reference`. */
  readonly key: string;
  /** As CloudFormation would have read it; a reference is to a resource of the stack that asked. */
  readonly statement: Readonly<Record<string, unknown>>;
  /** The line of ours that asked for it. */
  readonly askedBy: string;
}

type AddToResourcePolicy = (this: IKey, statement: PolicyStatement, allowNoOp?: boolean) => AddToResourcePolicyResult;

/** The class that every key inherits, imported ones too, and that `aws-cdk-lib` does not export. */
function keyBase(): { addToResourcePolicy: AddToResourcePolicy } {
  const anyKey = Key.fromKeyArn(new Stack(new App(), 'Stack'), 'Key', 'arn:aws:kms:us-east-1:111111111111:key/any');
  let prototype = anyKey as object;
  while (!Object.hasOwn(prototype, 'addToResourcePolicy')) prototype = Object.getPrototypeOf(prototype) as object;
  return prototype as { addToResourcePolicy: AddToResourcePolicy };
}

/** Runs a synthesis, and collects what `addToResourcePolicy` of imported keys answers with `statementAdded: false`. */
export function collectDropped(synthesis: () => void): DroppedStatement[] {
  const dropped: DroppedStatement[] = [];
  const base = keyBase();
  const original = base.addToResourcePolicy;
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 60;
  base.addToResourcePolicy = function (statement, allowNoOp) {
    const result = original.call(this, statement, allowNoOp);
    if (!result.statementAdded)
      dropped.push({
        key: this.node.path,
        statement: Stack.of(this).resolve(statement.toStatementJson()) as DroppedStatement['statement'],
        askedBy: ourLine(new Error().stack ?? ''),
      });
    return result;
  };
  try {
    synthesis();
  } finally {
    base.addToResourcePolicy = original;
    Error.stackTraceLimit = stackTraceLimit;
  }
  return dropped;
}

const ourLine = (stack: string): string =>
  /\/(lib\/(?:constructs|stacks)\/[a-z-]+\.ts:\d+)/.exec(stack)?.[1] ?? 'nothing of ours';
