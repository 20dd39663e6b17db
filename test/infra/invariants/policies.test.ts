import { functions } from '../../../contract/functions';
import { SERVICE_TABLES } from '../../../contract/service';
import { ofType, type Properties, referredTo, type Resource, stack, strings } from '../synthesised';
import { describeChecks, isCdkProvider, list, stacks } from './check';

const POLICIES = ['AWS::IAM::ManagedPolicy', 'AWS::IAM::Policy'];
const statements = ({ properties }: Resource) => properties.PolicyDocument.Statement as Properties[];
const actions = (policy: Resource): readonly string[] =>
  statements(policy).flatMap(({ Action }) => list(Action as string | string[]));

/** What stands in a policy at all; whether each wildcard has its reason is in permissions.test.ts. */
describe('permissions', () => {
  describeChecks([
    {
      says: 'stand in managed policies, none inline',
      of: ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy'],
      where: (policy) => !isCdkProvider(policy),
      breaks: ({ raw }) => raw.Type === 'AWS::IAM::Policy',
      spoil: ({ raw }) => (raw.Type = 'AWS::IAM::Policy'),
    },
    {
      says: "of roles are in policies of our own, none of AWS's",
      of: ['AWS::IAM::Role'],
      where: (role) => !isCdkProvider(role),
      breaks: ({ properties }) => (properties.Policies ?? properties.ManagedPolicyArns) !== undefined,
      spoil: ({ properties }) => (properties.ManagedPolicyArns = ['arn:aws:iam::aws:policy/AdministratorAccess']),
    },
    {
      says: 'name their actions',
      of: POLICIES,
      breaks: (policy) => actions(policy).some((action) => action.includes('*')),
      spoil: (policy) => (statements(policy)[0]!.Action = 'dynamodb:*'),
    },
  ]);

  test('of functions are, on tables, exactly those of the contract', () => {
    const compute = [...(['Compute', 'Api'] as const)].map((part) => stack('dev', part));
    for (const of of compute)
      for (const definition of Object.values(functions)) {
        const made = ofType(of, 'AWS::Lambda::Function').find(
          ({ properties }) => properties.Description === definition.description,
        );
        if (!made) continue;
        const policy = ofType(of, 'AWS::IAM::ManagedPolicy').find(({ properties }) =>
          strings(properties.Roles).includes(referredTo(made.properties.Role) ?? ''),
        )!;
        const granted = new Set(
          actions(policy).filter((action) => action.startsWith('dynamodb:') && !/Stream|Shard|GetRecords/.test(action)),
        );
        const asked = new Set(
          Object.values(definition.tables as Record<string, readonly string[]>)
            .flat()
            .map((action) => `dynamodb:${action}`),
        );
        expect({ [definition.entry]: [...granted].sort() }).toEqual({ [definition.entry]: [...asked].sort() });
      }
  });

  test('of the service are, on tables, exactly those of the contract', () => {
    for (const of of stacks.filter(({ part }) => part === 'Compute')) {
      const [policy] = ofType(of, 'AWS::IAM::ManagedPolicy').filter(({ logicalId }) =>
        logicalId.includes('FleetRolePolicy'),
      );
      const granted = actions(policy!);
      const asked = Object.values(SERVICE_TABLES)
        .flat()
        .map((action) => `dynamodb:${action}`);
      expect(granted.filter((action) => action.startsWith('dynamodb:')).sort()).toEqual(asked.sort());
    }
  });
});
