import { Annotations, Stack } from 'aws-cdk-lib';
import { BUNDLING_STACKS } from 'aws-cdk-lib/cx-api';
import { type IConstruct } from 'constructs';

/** In place of a function's code in a stack that is not going to be deployed. */
export const NOT_BUNDLED = "throw new Error('not bundled')";

/**
 * Whether the CLI only wants to know which stacks there are: `cdk ls`, `cdk destroy` and others pass an empty list of
 * stacks to bundle. Nothing is bundled or judged then (ADR 37).
 */
export function isListing(scope: IConstruct): boolean {
  const patterns: unknown = scope.node.tryGetContext(BUNDLING_STACKS);
  return Array.isArray(patterns) && patterns.length === 0;
}

const refused = new WeakSet<Stack>();

/**
 * Whether the code of this stack is needed: not for a list, nor for the stacks that `cdk deploy --exclusively` does not
 * name. Should the CLI want to deploy it all the same, it finds an error on the stack.
 */
export function isBundled(scope: IConstruct): boolean {
  const stack = Stack.of(scope);
  if (stack.bundlingRequired) return true;
  if (!refused.has(stack)) {
    refused.add(stack);
    Annotations.of(stack).addError('Its code was not bundled, for the CLI did not ask for it: it cannot be deployed');
  }
  return false;
}
