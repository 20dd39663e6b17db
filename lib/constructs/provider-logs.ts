import { CfnResource, Stack } from 'aws-cdk-lib';
import { type IConstruct } from 'constructs';
import { EncryptedLogGroup, type EncryptedLogGroupProps } from './log-group';

/**
 * Gives a log group with a retention and our key to a function that CDK puts into a stack for one of its custom
 * resources; by itself it would log into a group that stays for good. A stack has one group for all of them.
 */
export function keepProviderLogs(scope: IConstruct, provider: string, props: EncryptedLogGroupProps): void {
  const stack = Stack.of(scope);
  const handler = stack.node.findChild(provider).node.findChild('Handler');
  if (!CfnResource.isCfnResource(handler)) throw new Error(`${provider} has changed: it has no handler`);
  const existing = stack.node.tryFindChild('CustomResourceLogs');
  const logGroup =
    existing instanceof EncryptedLogGroup ? existing : new EncryptedLogGroup(stack, 'CustomResourceLogs', props);
  handler.addPropertyOverride('LoggingConfig', { LogGroup: logGroup.logGroupName });
}
