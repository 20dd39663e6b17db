import { ofType, type Properties, type Resource, type SynthesisedStack } from '../synthesised';
import { type Check, describeChecks, find } from './check';

const QUEUE = ['AWS::SQS::Queue'];
const MAPPING = ['AWS::Lambda::EventSourceMapping'];
const DAY = 24 * 3600;

/** What SQS assumes where a template says nothing. */
const retention = ({ properties }: Resource): number =>
  (properties.MessageRetentionPeriod as number | undefined) ?? 4 * DAY;
const visibility = ({ properties }: Resource): number => (properties.VisibilityTimeout as number | undefined) ?? 30;
const receives = ({ properties }: Resource): number => Number(properties.RedrivePolicy.maxReceiveCount);
const isFifo = ({ properties }: Resource): boolean => properties.FifoQueue === true;

const deadLettersOf = ({ properties }: Resource, of: SynthesisedStack): Resource =>
  find(properties.RedrivePolicy.deadLetterTargetArn, of)!;
const hasDeadLetters = ({ properties }: Resource): boolean => properties.RedrivePolicy !== undefined;
const sourceOf = ({ properties }: Resource, of: SynthesisedStack): Resource | undefined =>
  find(properties.EventSourceArn, of);
const readsQueue = (mapping: Resource, of: SynthesisedStack): boolean =>
  sourceOf(mapping, of)?.type === 'AWS::SQS::Queue';
const functionOf = ({ properties }: Resource, of: SynthesisedStack): Resource => find(properties.FunctionName, of)!;
const windowOf = ({ properties }: Resource): number =>
  (properties.MaximumBatchingWindowInSeconds as number | undefined) ?? 0;

/** Whoever sends to a queue when it gives up, as the templates name queues for that. */
const failuresGoTo = (of: SynthesisedStack): unknown[] => [
  ...ofType(of, 'AWS::Lambda::Function').map(({ properties }) => properties.DeadLetterConfig?.TargetArn as unknown),
  ...ofType(of, 'AWS::Scheduler::Schedule').map(({ properties }) => properties.Target.DeadLetterConfig?.Arn as unknown),
  ...ofType(of, 'AWS::Events::Rule').flatMap(({ properties }) =>
    ((properties.Targets ?? []) as Properties[]).map(({ DeadLetterConfig }) => DeadLetterConfig?.Arn as unknown),
  ),
];

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html */
const deadLetters: Check[] = [
  {
    says: 'a queue keeps a message until it was received as often as its dead-letter queue asks for',
    of: QUEUE,
    where: hasDeadLetters,
    breaks: (queue) => visibility(queue) * receives(queue) >= retention(queue),
    spoil: ({ properties }) => (properties.MessageRetentionPeriod = 300),
  },
  {
    says: 'a dead-letter queue keeps longer than its source: a message takes its age along',
    of: QUEUE,
    where: hasDeadLetters,
    breaks: (queue, of) => retention(deadLettersOf(queue, of)) <= retention(queue),
    spoil: (queue, of) => (deadLettersOf(queue, of).properties.MessageRetentionPeriod = 60),
  },
  {
    says: 'a dead-letter queue is of the kind of its source, FIFO or standard, and in its stack',
    of: QUEUE,
    where: hasDeadLetters,
    breaks: (queue, of) => isFifo(deadLettersOf(queue, of)) !== isFifo(queue),
    spoil: ({ properties }) => (properties.FifoQueue = true),
  },
  {
    says: 'what EventBridge, Scheduler and Lambda give up on goes to a standard queue: they take no other',
    of: QUEUE,
    where: ({ logicalId }, of) => failuresGoTo(of).some((arn) => find(arn, of)?.logicalId === logicalId),
    breaks: isFifo,
    spoil: ({ properties }) => (properties.FifoQueue = true),
  },
];

/** https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html */
const consumers: Check[] = [
  {
    says: 'a queue hides a message for six times as long as its function may take, and its batch window',
    of: MAPPING,
    where: readsQueue,
    breaks: (mapping, of) =>
      visibility(sourceOf(mapping, of)!) <
      6 * ((functionOf(mapping, of).properties.Timeout as number | undefined) ?? 3) + windowOf(mapping),
    spoil: (mapping, of) => (sourceOf(mapping, of)!.properties.VisibilityTimeout = 30),
  },
  {
    says: 'a function starts at least two and at most a thousand times at once for a queue',
    of: MAPPING,
    where: readsQueue,
    breaks: ({ properties }) => {
      const most = properties.ScalingConfig?.MaximumConcurrency as number | undefined;
      return most === undefined || most < 2 || most > 1000;
    },
    spoil: ({ properties }) => (properties.ScalingConfig = { MaximumConcurrency: 1 }),
  },
  {
    says: 'a batch of more than ten messages of a queue has a window to be gathered in',
    of: MAPPING,
    where: readsQueue,
    breaks: (mapping) => ((mapping.properties.BatchSize as number | undefined) ?? 10) > 10 && windowOf(mapping) < 1,
    spoil: ({ properties }) => (properties.BatchSize = 100),
  },
  {
    says: 'a queue gives a message up after five receives at most, or the fewer that its contract says, never after one',
    of: QUEUE,
    where: hasDeadLetters,
    breaks: (queue) => receives(queue) < 2 || receives(queue) > 5,
    spoil: ({ properties }) => (properties.RedrivePolicy.maxReceiveCount = 1),
  },
  {
    says: 'a function reads a stream from its beginning or its end, tries a bounded time and keeps what failed',
    of: MAPPING,
    where: (mapping, of) => !readsQueue(mapping, of),
    breaks: ({ properties: p }) =>
      !['TRIM_HORIZON', 'LATEST'].includes(p.StartingPosition as string) ||
      p.BisectBatchOnFunctionError !== true ||
      !(p.MaximumRetryAttempts >= 0) ||
      p.DestinationConfig?.OnFailure?.Destination === undefined,
    spoil: ({ properties }) => delete properties.MaximumRetryAttempts,
  },
];

describe('queues and what reads them', () => {
  describeChecks([...deadLetters, ...consumers]);
});
