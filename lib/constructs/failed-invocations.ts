import { type IFunction } from 'aws-cdk-lib/aws-lambda';
import { type IQueue } from 'aws-cdk-lib/aws-sqs';
import { acknowledgeRule } from '../compliance/acknowledge';

/** Who learns of an invocation that failed where no dead-letter queue does. */
const WHO_LEARNS = {
  caller:
    'API Gateway calls the function synchronously and hands its error to the caller: Lambda gives nothing to a dead-letter queue then. Errors ring by an alarm of the function',
  queue:
    'A queue feeds the function, so Lambda gives nothing to a dead-letter queue of its own: what failed goes back to the queue, and after its attempts to the dead-letter queue of that queue, whose first message rings',
  stream:
    'Streams feed the function, so Lambda gives nothing to a dead-letter queue of its own: each event source mapping has a destination for what failed, whose first message rings',
  deployment:
    'CloudFormation calls the function, waits for its answer and fails the deployment without one. A request kept for later would bear the signed address of an answer that nobody waits for any more',
} as const;

/** Where invocations end that failed for good: in a queue that takes asynchronous ones, or with somebody who waits. */
export type FailedInvocations = IQueue | keyof typeof WHO_LEARNS;

/** The queue, where there is one; where there is none, the function's construct says why that loses nothing. */
export const queueOfFailed = (failed: FailedInvocations): IQueue | undefined =>
  typeof failed === 'string' ? undefined : failed;

/** Says of a function without a dead-letter queue why it has none. */
export function explainFailed(of: IFunction, failed: FailedInvocations): void {
  if (typeof failed === 'string') acknowledgeRule(of, 'LambdaDLQ', WHO_LEARNS[failed]);
}
