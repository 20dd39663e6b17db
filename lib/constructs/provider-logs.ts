import { CfnResource, Stack } from 'aws-cdk-lib';
import { type IConstruct } from 'constructs';
import { acknowledge } from '../compliance/acknowledge';
import { EncryptedLogGroup, type EncryptedLogGroupProps } from './log-group';

const OF_CDK =
  'CDK puts this function into the stack for a custom resource of its own and offers no way to configure it.';

/**
 * Gives a log group with a retention and our key to a function that CDK puts into a stack for one of its custom
 * resources; by itself it would log into a group that stays for good. A stack has one group for all of them.
 * Says what the rules find of such a function, too.
 */
export function keepProviderLogs(scope: IConstruct, provider: string, props: EncryptedLogGroupProps): void {
  const stack = Stack.of(scope);
  const handler = stack.node.findChild(provider).node.findChild('Handler');
  if (!CfnResource.isCfnResource(handler)) throw new Error(`${provider} has changed: it has no handler`);
  const existing = stack.node.tryFindChild('CustomResourceLogs');
  const logGroup =
    existing instanceof EncryptedLogGroup ? existing : new EncryptedLogGroup(stack, 'CustomResourceLogs', props);
  handler.addPropertyOverride('LoggingConfig', { LogGroup: logGroup.logGroupName });
  if (!explained.has(handler)) explain(handler);
}

/** What is said already: several buckets of a stack share one function. */
const explained = new WeakSet<CfnResource>();

function explain(handler: CfnResource): void {
  explained.add(handler);
  acknowledge(
    handler,
    'Checkov-CKV_AWS_115',
    `${OF_CDK} CloudFormation alone calls it, once when the resource is made, changed or removed: a reservation would take from what the others share and limit nothing`,
  );
  acknowledge(
    handler,
    'Checkov-CKV_AWS_116',
    `${OF_CDK} CloudFormation calls it, waits for its answer and fails the deployment without one: nothing is lost unseen`,
  );
  acknowledge(
    handler,
    'Checkov-CKV_AWS_117',
    `${OF_CDK} It calls one API of AWS by a role of its own and reaches nothing that lies in the VPC`,
  );
}
