import { Stack, Validations } from 'aws-cdk-lib';
import { type IConstruct } from 'constructs';

/** One finding, by its granular id: `AwsSolutions-IAM5[Resource::*]`, not `AwsSolutions-IAM5`. */
export type FindingId =
  `${'AwsSolutions' | 'NIST.800.53.R5' | 'PCI.DSS.321' | 'HIPAA.Security' | 'Serverless'}-${string}`;

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

type Intrinsic = { readonly 'Fn::Join'?: readonly [string, readonly unknown[]]; readonly Ref?: string };

function spell(value: unknown): string {
  if (typeof value === 'string') return value;
  const { 'Fn::Join': join, Ref } = value as Intrinsic;
  if (join) return join[1].map(spell).join(join[0]);
  if (Ref !== undefined) return `<${Ref}>`;
  throw new Error(`cannot spell ${JSON.stringify(value)} as a finding`);
}
