import { ACCOUNT_QUOTAS } from '../../../lib/config/account-needs';
import { ofType, type SynthesisedStack } from '../synthesised';
import { describeChecks, stacks } from './check';

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html */
const STACK = {
  resources: 500,
  outputs: 200,
  parameters: 200,
  mappings: 200,
  bodyBytes: 1_048_576,
  descriptionBytes: 1_024,
};

const json = ({ template }: SynthesisedStack) => template.toJSON() as Record<string, object | undefined>;
const count = (of: SynthesisedStack, section: string): number => Object.keys(json(of)[section] ?? {}).length;

describe.each(stacks.map((of) => [of.label, of] as const))('the stack %s', (_, of) => {
  test('is within what CloudFormation takes, with a tenth of the resources to spare', () => {
    expect(of.resources.length).toBeLessThanOrEqual(0.9 * STACK.resources);
    expect(count(of, 'Outputs')).toBeLessThanOrEqual(STACK.outputs);
    expect(count(of, 'Parameters')).toBeLessThanOrEqual(STACK.parameters);
    expect(count(of, 'Mappings')).toBeLessThanOrEqual(STACK.mappings);
    expect(Buffer.byteLength(JSON.stringify(json(of)))).toBeLessThan(STACK.bodyBytes);
    expect(Buffer.byteLength(JSON.stringify(json(of).Description))).toBeLessThanOrEqual(STACK.descriptionBytes);
  });
});

describe('an account that has every environment, prod in three regions', () => {
  /** IAM is one for all regions. */
  const environments = ['dev', 'staging', 'prod', 'pr3522'];
  const made = (type: string): number =>
    stacks
      .filter(({ environment }) => environments.includes(environment))
      .reduce((sum, of) => sum + ofType(of, type).length, 0);

  test.each(Object.values(ACCOUNT_QUOTAS).filter(({ global }) => global))(
    '$type stays within $most',
    ({ type, most }) => {
      expect(made(type)).toBeGreaterThan(0);
      expect(made(type)).toBeLessThanOrEqual(most);
    },
  );
});

/** https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html */
describe('functions are within what Lambda takes', () => {
  describeChecks([
    {
      says: 'of a description, a time and a memory',
      of: ['AWS::Lambda::Function'],
      breaks: ({ properties: p }) =>
        String(p.Description ?? '').length > 256 ||
        !((p.Timeout ?? 3) >= 1 && (p.Timeout ?? 3) <= 900) ||
        !((p.MemorySize ?? 128) >= 128 && (p.MemorySize ?? 128) <= 10_240),
      spoil: ({ properties }) => (properties.Timeout = 1_000),
    },
    {
      says: 'of an asynchronous invocation’s attempts and age',
      of: ['AWS::Lambda::EventInvokeConfig'],
      breaks: ({ properties: p }) =>
        !(p.MaximumRetryAttempts >= 0 && p.MaximumRetryAttempts <= 2) ||
        !(p.MaximumEventAgeInSeconds >= 60 && p.MaximumEventAgeInSeconds <= 21_600),
      spoil: ({ properties }) => (properties.MaximumRetryAttempts = 3),
    },
  ]);
});

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-customresource.html */
describe('custom resources', () => {
  const types = [...new Set(stacks.flatMap(({ resources }) => resources.map(({ type }) => type)))].filter(
    (type) => type.startsWith('Custom::') || type === 'AWS::CloudFormation::CustomResource',
  );
  describeChecks([
    {
      says: 'are not waited for without end: a function that dies says nothing',
      of: types,
      breaks: ({ properties }) =>
        !(Number(properties.ServiceTimeout) >= 1 && Number(properties.ServiceTimeout) <= 3600),
      spoil: ({ properties }) => delete properties.ServiceTimeout,
    },
  ]);
});
