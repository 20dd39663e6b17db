import type * as z from 'zod/mini';
import { type FunctionDefinition, functions } from '../../../contract/functions';
import { ofType, referredTo, type Resource, strings, type SynthesisedStack } from '../synthesised';
import { type Check, describeChecks, find, isCdkProvider, isProd, stacks } from './check';

const FUNCTION = ['AWS::Lambda::Function'];
const definitions = new Map(
  Object.values(functions as Record<string, FunctionDefinition>).map((definition) => [
    definition.description,
    definition,
  ]),
);
const definitionOf = ({ properties }: Resource): FunctionDefinition | undefined =>
  definitions.get(properties.Description as string);

/** What CloudFormation itself calls during a deployment: it waits for the answer, and fails without one. */
const isCustomResource = ({ logicalId }: Resource, of: SynthesisedStack): boolean =>
  of.resources.some(({ properties }) => referredTo(properties.ServiceToken) === logicalId);

const mappingsOf = ({ logicalId }: Resource, of: SynthesisedStack): Resource[] =>
  ofType(of, 'AWS::Lambda::EventSourceMapping').filter(
    ({ properties }) => referredTo(properties.FunctionName) === logicalId,
  );

/** A queue keeps what failed, a stream sends it to a destination. */
function keepsFailures({ properties }: Resource, of: SynthesisedStack): boolean {
  const source = find(properties.EventSourceArn, of);
  return source?.type === 'AWS::SQS::Queue'
    ? source.properties.RedrivePolicy !== undefined
    : properties.DestinationConfig?.OnFailure !== undefined;
}

const SCHEMA: Pick<Check, 'breaks' | 'where' | 'of'> = {
  of: FUNCTION,
  where: (resource) => definitionOf(resource) !== undefined,
  breaks: (resource) => {
    const schema = definitionOf(resource)!.environment as z.ZodMiniObject;
    const shape = Object.entries(schema.shape as Record<string, z.core.$ZodType>);
    const told = Object.keys(resource.properties.Environment.Variables as object);
    const lacks = shape.some(
      // Lambda itself says where it runs.
      ([name, { _zod }]) => _zod.optin !== 'optional' && !told.includes(name) && name !== 'AWS_REGION',
    );
    return lacks || told.some((name) => !shape.some(([known]) => known === name));
  },
};

describe('functions', () => {
  test('of the contract are all there, in every environment and region', () => {
    const regions = new Set(stacks.map(({ environment, region }) => `${environment} ${region}`));
    const made = stacks.flatMap((of) => ofType(of, ...FUNCTION)).filter(definitionOf);
    expect(made).toHaveLength(regions.size * definitions.size);
  });

  describeChecks([
    {
      says: 'each writes to a log group of ours',
      of: FUNCTION,
      breaks: ({ properties }, of) => find(properties.LoggingConfig?.LogGroup, of)?.type !== 'AWS::Logs::LogGroup',
      spoil: ({ properties }) => delete properties.LoggingConfig,
    },
    {
      says: 'no log group waits for a function that does not exist',
      of: ['AWS::Logs::LogGroup'],
      breaks: ({ properties }) => strings(properties.LogGroupName).join('').startsWith('/aws/lambda'),
      spoil: ({ properties }) => (properties.LogGroupName = '/aws/lambda/nobody'),
    },
    {
      // API Gateway hands the error to its caller; every other caller is asynchronous or reads from a source.
      says: 'each that is called asynchronously has dead letters',
      of: FUNCTION,
      where: (resource, of) =>
        of.part !== 'Api' &&
        !isCdkProvider(resource) &&
        !isCustomResource(resource, of) &&
        mappingsOf(resource, of).length === 0,
      breaks: ({ properties }) => properties.DeadLetterConfig?.TargetArn === undefined,
      spoil: ({ properties }) => delete properties.DeadLetterConfig,
    },
    {
      says: 'each that reads a queue or a stream leaves what failed somewhere',
      of: FUNCTION,
      where: (resource, of) => mappingsOf(resource, of).length > 0,
      breaks: (resource, of) => mappingsOf(resource, of).some((mapping) => !keepsFailures(mapping, of)),
      spoil: (resource, of) => {
        for (const { properties } of mappingsOf(resource, of)) {
          delete find(properties.EventSourceArn, of)?.properties.RedrivePolicy;
          delete properties.DestinationConfig;
        }
      },
    },
    {
      says: 'each that calls a provider has, in prod, a bound on how often at once',
      of: FUNCTION,
      where: (resource, of) => isProd(resource, of) && (definitionOf(resource)?.providers?.length ?? 0) > 0,
      breaks: ({ properties }) => !(properties.ReservedConcurrentExecutions > 0),
      spoil: ({ properties }) => delete properties.ReservedConcurrentExecutions,
    },
    {
      says: 'each is told what its schema in the contract asks for',
      ...SCHEMA,
      spoil: ({ properties }) => delete properties.Environment.Variables.SIGNAL9_ENV,
    },
    {
      says: 'each is told nothing else',
      ...SCHEMA,
      spoil: ({ properties }) => (properties.Environment.Variables.NOBODY_ASKED = 'x'),
    },
    {
      says: 'each wears the groups of the databases that the contract lets it reach, and of no other',
      of: FUNCTION,
      where: (resource) => definitionOf(resource) !== undefined,
      breaks: (resource) => {
        const { ledger = false, portfolio = false } = definitionOf(resource)!;
        const worn = strings(resource.properties.VpcConfig?.SecurityGroupIds).join(' ');
        return Object.entries({ Ledger: ledger, Portfolio: portfolio }).some(
          ([database, reached]) => worn.includes(`SecurityGroups${database}Functions`) !== reached,
        );
      },
      spoil: ({ properties }) => {
        const groups = ['SecurityGroupsLedgerFunctions', 'SecurityGroupsPortfolioFunctions'];
        properties.VpcConfig = { SecurityGroupIds: groups };
      },
    },
    {
      says: 'each has a role of its own',
      of: FUNCTION,
      where: (_, of) => ofType(of, ...FUNCTION).length > 1,
      breaks: ({ properties, logicalId }, of) =>
        ofType(of, ...FUNCTION).some(
          (other) => other.logicalId !== logicalId && referredTo(other.properties.Role) === referredTo(properties.Role),
        ),
      spoil: ({ properties, logicalId }, of) => {
        properties.Role = ofType(of, ...FUNCTION).find((other) => other.logicalId !== logicalId)?.properties.Role;
      },
    },
  ]);
});
