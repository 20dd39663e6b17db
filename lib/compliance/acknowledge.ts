import { Stack, Validations } from 'aws-cdk-lib';
import { type IBucket } from 'aws-cdk-lib/aws-s3';
import { type IConstruct } from 'constructs';

/**
 * One finding, by its granular id: `AwsSolutions-IAM5[Resource::*]`, not `AwsSolutions-IAM5`; or a warning of the
 * validator that CDK runs on each template.
 */
export type FindingId =
  | `CloudFormation-Validate::${string}`
  | `${'AwsSolutions' | 'NIST.800.53.R5' | 'PCI.DSS.321' | 'HIPAA.Security' | 'Serverless'}-${string}`;

/**
 * Accepts one finding on one construct, in the place where the construct is made, and says why that is right.
 * A test refuses acknowledgements that no finding needs, so that a reason never outlives what it excuses.
 */
export function acknowledge(scope: IConstruct, id: FindingId, reason: string): void {
  Validations.of(scope).acknowledge({ id, reason });
}

/** Id of the finding that a wildcard in `arn` makes, which spells references as cdk-nag does: `<AWS::AccountId>`. */
export function wildcardFinding(scope: IConstruct, arn: string): FindingId {
  const resolved: unknown = Stack.of(scope).resolve(arn);
  return `AwsSolutions-IAM5[Resource::${spell(resolved)}]`;
}

/** Id of the finding that the objects of another stack's bucket make: cdk-nag spells the bucket by its export's name. */
export function objectsFinding(bucket: IBucket): FindingId {
  const owner = Stack.of(bucket);
  // The same export that the reference itself makes when the app is synthesised.
  const { 'Fn::ImportValue': name } = owner.resolve(owner.exportValue(bucket.bucketArn)) as Record<string, string>;
  return `AwsSolutions-IAM5[Resource::${name}/*]`;
}

type Intrinsic = { readonly 'Fn::Join'?: readonly [string, readonly unknown[]]; readonly Ref?: string };

function spell(value: unknown): string {
  if (typeof value === 'string') return value;
  const { 'Fn::Join': join, Ref } = value as Intrinsic;
  if (join) return join[1].map(spell).join(join[0]);
  if (Ref !== undefined) return `<${Ref}>`;
  throw new Error(`cannot spell ${JSON.stringify(value)} as a finding`);
}
