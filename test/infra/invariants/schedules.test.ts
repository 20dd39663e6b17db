import { parts } from '../../../tools/templates';
import { type Properties, type Resource, type SynthesisedStack } from '../synthesised';
import { describeChecks, find, list } from './check';

const GROUP = 'AWS::Scheduler::ScheduleGroup';
const SCHEDULE = ['AWS::Scheduler::Schedule'];
const target = ({ properties }: Resource): Properties => properties.Target as Properties;

/** The group of its stack that a schedule names, by its name or by a reference. */
const groupOf = ({ properties }: Resource, of: SynthesisedStack): Resource | undefined =>
  of.resources.find(
    (each) =>
      each.type === GROUP &&
      (find(properties.GroupName, of) === each || each.properties.Name === (properties.GroupName as unknown)),
  );

describe('schedules', () => {
  describeChecks([
    {
      // It holds nothing that is not in the template, and its name is the same at the next deployment.
      says: 'of a group that goes with its stack, in every environment',
      of: [GROUP],
      breaks: ({ raw }) => raw.DeletionPolicy !== 'Delete' || raw.UpdateReplacePolicy !== 'Delete',
      spoil: ({ raw }) => (raw.DeletionPolicy = 'Retain'),
    },
    {
      says: 'wait for the group that they name',
      of: SCHEDULE,
      breaks: (schedule, of) => {
        const group = groupOf(schedule, of);
        return (
          group === undefined ||
          (find(schedule.properties.GroupName, of) !== group &&
            !list(schedule.raw.DependsOn as string | string[] | undefined).includes(group.logicalId))
        );
      },
      spoil: ({ raw }) => delete raw.DependsOn,
    },
    {
      // https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/1726: it looks in the default group.
      says: 'are asked by nobody for their ARN, which CloudFormation does not find in a group',
      of: SCHEDULE,
      breaks: ({ logicalId }, { resources, outputs }) =>
        [...parts(resources.map(({ properties }) => properties)), ...parts(outputs)].some(
          ({ 'Fn::GetAtt': get }) => Array.isArray(get) && get[0] === logicalId,
        ),
      spoil: ({ logicalId, properties }) => (properties.Description = { 'Fn::GetAtt': [logicalId, 'Arn'] }),
    },
    {
      // https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
      says: 'start with a role that trusts Scheduler for that group only',
      of: SCHEDULE,
      breaks: (schedule, of) => {
        const role = find(target(schedule).RoleArn, of);
        const [trust] = (role?.properties.AssumeRolePolicyDocument.Statement ?? []) as Properties[];
        const { StringEquals: equals } = (trust?.Condition ?? {}) as Properties;
        return (
          trust?.Principal.Service !== 'scheduler.amazonaws.com' ||
          find(equals?.['aws:SourceArn'], of) !== groupOf(schedule, of) ||
          equals?.['aws:SourceAccount'] === undefined
        );
      },
      spoil: (schedule, of) => {
        find(target(schedule).RoleArn, of)!.properties.AssumeRolePolicyDocument.Statement[0].Condition = {};
      },
    },
    {
      // https://docs.aws.amazon.com/scheduler/latest/APIReference/API_RetryPolicy.html and API_Target.html
      says: 'are tried again within what Scheduler takes, with JSON for an input',
      of: SCHEDULE,
      breaks: (schedule) => {
        const { MaximumEventAgeInSeconds: age, MaximumRetryAttempts: attempts } = target(schedule)
          .RetryPolicy as Properties;
        const input = target(schedule).Input as string;
        return (
          !(age >= 60 && age <= 86_400 && attempts >= 0 && attempts <= 185) ||
          Buffer.byteLength(input) > 256 * 1024 ||
          typeof JSON.parse(input) !== 'object'
        );
      },
      spoil: (schedule) => (target(schedule).RetryPolicy.MaximumEventAgeInSeconds = 30),
    },
  ]);
});
