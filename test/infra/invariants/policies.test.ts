import { type FunctionDefinition, functions } from '../../../contract/functions';
import { SERVICE_TABLES } from '../../../contract/service';
import { type TableId, tables } from '../../../contract/tables';
import { Readable } from '../../../tools/permissions/readable';
import { statementsOf } from '../../../tools/permissions/statements';
import { ofType, type Properties, type Resource } from '../synthesised';
import { describeChecks, isCdkProvider, list, stacks } from './check';

const POLICIES = ['AWS::IAM::ManagedPolicy', 'AWS::IAM::Policy'];
const statements = ({ properties }: Resource) => properties.PolicyDocument.Statement as Properties[];
const actions = (policy: Resource): readonly string[] =>
  statements(policy).flatMap(({ Action }) => list(Action as string | string[]));

/** Of a table's items; what reads its stream is not the contract's. */
const isOnItems = (action: string): boolean =>
  action.startsWith('dynamodb:') && !/Stream|Shard|GetRecords/.test(action);

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

  test('of functions are, on each table, exactly those of the contract', () => {
    const region = stacks.filter(({ label }) => label.startsWith('prod us-east-1 '));
    const readable = new Readable(region);
    const said = statementsOf(region);
    for (const definition of Object.values<FunctionDefinition>(functions)) {
      const [made] = region.flatMap((of) =>
        ofType(of, 'AWS::Lambda::Function')
          .filter(({ properties }) => properties.Description === definition.description)
          .map((resource) => readable.name(resource, of)),
      );
      const granted = said
        .filter(({ holder }) => holder === made)
        .flatMap(({ actions: may, resources }) =>
          may
            .filter(isOnItems)
            .flatMap((action) => resources.map((on) => `${action} ${on.replace(/\/index\/.*$/, '')}`)),
        );
      const asked = Object.entries(definition.tables).flatMap(([id, may]) =>
        may.map((action) => `dynamodb:${action} <table ${tables[id as TableId].name}>`),
      );
      expect({ [definition.entry]: [...new Set(granted)].sort() }).toEqual({ [definition.entry]: asked.sort() });
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
