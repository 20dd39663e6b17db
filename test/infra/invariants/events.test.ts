import { NAT_STATUS } from '../../../lib/constructs/nat-instance';
import { ofType, type Properties, referredTo, type Resource, strings, type SynthesisedStack } from '../synthesised';
import { describeChecks, find } from './check';

/** Queues that something sends to when it gives up. */
const deadLetters = ({ resources }: SynthesisedStack): (string | undefined)[] =>
  resources
    .flatMap(({ properties: p }) => [
      p.RedrivePolicy?.deadLetterTargetArn as unknown,
      p.DeadLetterConfig?.TargetArn as unknown,
      p.DestinationConfig?.OnFailure?.Destination as unknown,
      p.Target?.DeadLetterConfig?.Arn as unknown,
    ])
    .map(referredTo);

/** The key of a topic is of another stack: the name of its export says which. */
function keyOf(topic: Resource, of: SynthesisedStack, among: readonly SynthesisedStack[]): Resource | undefined {
  const [name] = strings(topic.properties.KmsMasterKeyId).filter((text) => text.includes(':ExportsOutput'));
  return name === undefined ? undefined : find({ 'Fn::ImportValue': name }, of, among);
}

describe('events', () => {
  describeChecks([
    {
      says: 'every queue has dead letters, or takes them',
      of: ['AWS::SQS::Queue'],
      breaks: ({ logicalId, properties }, of) =>
        properties.RedrivePolicy === undefined && !deadLetters(of).includes(logicalId),
      spoil: ({ logicalId, properties }, of) => {
        delete properties.RedrivePolicy;
        for (const { properties: other } of of.resources)
          for (const name of ['RedrivePolicy', 'DeadLetterConfig', 'DestinationConfig', 'Target'])
            if (strings(other[name]).includes(logicalId)) other[name] = undefined;
      },
    },
    {
      says: 'every rule has a target of ours that listens, and dead letters',
      of: ['AWS::Events::Rule'],
      breaks: ({ properties }, of) => {
        const targets = (properties.Targets ?? []) as Properties[];
        const heard = ({ Arn }: Properties) =>
          ofType(of, 'AWS::Lambda::EventSourceMapping').some(
            ({ properties: mapping }) => referredTo(mapping.EventSourceArn) === referredTo(Arn),
          );
        return (
          targets.length === 0 || !targets.every((target) => target.DeadLetterConfig !== undefined && heard(target))
        );
      },
      spoil: ({ properties }) => delete properties.Targets[0].DeadLetterConfig,
    },
    {
      says: 'every schedule has a function and dead letters',
      of: ['AWS::Scheduler::Schedule'],
      breaks: ({ properties }, of) =>
        find(properties.Target.Arn, of)?.type !== 'AWS::Lambda::Function' ||
        properties.Target.DeadLetterConfig === undefined,
      spoil: ({ properties }) => delete properties.Target.DeadLetterConfig,
    },
    {
      says: 'every alarm tells a topic whose key lets CloudWatch use it',
      of: ['AWS::CloudWatch::Alarm', 'AWS::CloudWatch::CompositeAlarm'],
      // Told by a composite alarm, which is judged here itself (test/infra/nat-instance.test.ts).
      where: ({ properties }) => !String(properties.AlarmName).endsWith(NAT_STATUS),
      breaks: ({ properties }, of, among) => {
        const topic = find(properties.AlarmActions?.[0], of);
        const key = topic?.type === 'AWS::SNS::Topic' ? keyOf(topic, of, among) : undefined;
        const users = (key?.properties.KeyPolicy.Statement ?? []) as Properties[];
        return !users.some(
          ({ Principal, Action }) =>
            Principal.Service === 'cloudwatch.amazonaws.com' &&
            strings(Action).includes('kms:GenerateDataKey') &&
            strings(Action).includes('kms:Decrypt'),
        );
      },
      spoil: ({ properties }, of) => {
        find(properties.AlarmActions[0], of)!.properties.KmsMasterKeyId = 'alias/aws/sns';
      },
    },
  ]);
});
