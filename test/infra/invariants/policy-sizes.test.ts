import { longest, longestDocument } from '../longest';
import { ofType, type Properties, type Resource, type SynthesisedStack } from '../synthesised';
import { describeChecks, list, stacks } from './check';

/**
 * Characters without white space that a policy may have once its references are resolved, and bytes of those of resources:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html,
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-policies.html,
 * https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html,
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-policies.html and
 * https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html
 */
const MOST = {
  'AWS::IAM::ManagedPolicy': 6_144,
  'AWS::S3::BucketPolicy': 20_480,
  'AWS::KMS::Key': 32_768,
  'AWS::SQS::QueuePolicy': 8_192,
  'AWS::SecretsManager::ResourcePolicy': 20_480,
  'AWS::SNS::TopicPolicy': 30_720,
} as const;
/** Of a trust policy, without asking for more. */
const TRUST = 2_048;
/** Of all inline policies of a role together. */
const INLINE = 10_240;
/** Of a variable's names and values together: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const ENVIRONMENT = 4_096;

const documentOf = ({ properties }: Resource): unknown =>
  properties.PolicyDocument ?? properties.KeyPolicy ?? properties.ResourcePolicy;
const size = (document: unknown, of: SynthesisedStack): number => Buffer.byteLength(longestDocument(document, of));
const FILLER = { Effect: 'Allow', Action: 'x:Y', Resource: 'x'.repeat(40_000) };

const inlineOf = (role: Resource, of: SynthesisedStack): unknown[] => [
  ...((role.properties.Policies ?? []) as Properties[]).map(({ PolicyDocument }) => PolicyDocument as unknown),
  ...ofType(of, 'AWS::IAM::Policy')
    .filter(({ properties }) => list(properties.Roles as Properties[]).some(({ Ref }) => Ref === role.logicalId))
    .map(documentOf),
];

describe('with the longest names that there are', () => {
  describeChecks([
    ...Object.entries(MOST)
      .filter(([type]) => stacks.some((of) => ofType(of, type).length > 0))
      .map(([type, most]) => ({
        says: `every ${type} is no longer than AWS takes`,
        of: [type],
        breaks: (resource: Resource, of: SynthesisedStack) => size(documentOf(resource), of) > most,
        spoil: (resource: Resource) => void (documentOf(resource) as { Statement: object[] }).Statement.push(FILLER),
      })),
    {
      says: 'every trust policy is no longer than IAM takes',
      of: ['AWS::IAM::Role'],
      breaks: ({ properties }, of) => size(properties.AssumeRolePolicyDocument, of) > TRUST,
      spoil: ({ properties }) => (properties.AssumeRolePolicyDocument.Statement = [FILLER]),
    },
    {
      says: 'the inline policies of every role are together no longer than IAM takes',
      of: ['AWS::IAM::Role'],
      breaks: (role, of) => inlineOf(role, of).reduce<number>((sum, each) => sum + size(each, of), 0) > INLINE,
      spoil: ({ properties }) => {
        properties.Policies = [{ PolicyName: 'x', PolicyDocument: { Statement: [FILLER] } }];
      },
    },
    {
      says: 'the variables of every function have room in its environment',
      of: ['AWS::Lambda::Function'],
      breaks: ({ properties }, of) => environment(properties, of) > ENVIRONMENT,
      spoil: ({ properties }) => (properties.Environment = { Variables: { X: 'x'.repeat(ENVIRONMENT) } }),
    },
  ]);

  const environment = ({ Environment }: Properties, of: SynthesisedStack): number =>
    Object.entries((Environment?.Variables ?? {}) as Properties).reduce(
      (sum, [name, value]) => sum + name.length + Buffer.byteLength(longest(value, of)),
      0,
    );
});

describe('the longest names', () => {
  test('are longer than what a template says, and resolve its references', () => {
    const [of] = stacks.filter(({ label }) => label === 'dev us-east-1 Compute');
    const queue = { 'Fn::GetAtt': [ofType(of!, 'AWS::SQS::Queue')[0]!.logicalId, 'Arn'] };
    expect(longest(queue, of!)).toMatch(/^arn:aws-us-gov:sqs:ap-southeast-1:1{12}:Signal9-a{12}-ap-southeast-1-/);
    expect(longest({ 'Fn::Join': ['', ['a', { Ref: 'AWS::AccountId' }]] }, of!)).toBe(`a${'1'.repeat(12)}`);
    expect(longestDocument({ A: ['b c', queue], B: 'signal9-dev-x' }, of!)).toMatch(/"bc".*signal9-a{12}-x/);
  });
});
