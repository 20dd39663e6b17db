import { Stack, Validations } from 'aws-cdk-lib';
import { type IBucket } from 'aws-cdk-lib/aws-s3';
import { type IConstruct } from 'constructs';
import { PlatformStack } from '../platform-stack';
import { type PackName, packsOf } from './packs';

/** What comes before the ids of Checkov's checks here, as a pack's name comes before those of its rules. */
export const CHECKOV = 'Checkov';

/**
 * One finding, by its granular id: `AwsSolutions-IAM5[Resource::*]`, not `AwsSolutions-IAM5`; a warning of the
 * validator that CDK runs on each template; or a check of Checkov's (`npm run checkov`).
 */
export type FindingId =
  `CloudFormation-Validate::${string}` | `AwsSolutions-${string}` | `${typeof CHECKOV}-CKV_AWS_${number}`;

const NIST = 'NIST.800.53.R5';
const PCI = 'PCI.DSS.321';
const HIPAA = 'HIPAA.Security';

/** Rules that something here does not follow, by the name that the packs share, with the packs that have them. */
const SHARED_RULES = {
  APIGWCacheEnabledAndEncrypted: [NIST, PCI, HIPAA],
  APIGWSSLEnabled: [NIST, PCI, HIPAA],
  ELBv2ACMCertificateRequired: [NIST, PCI, HIPAA],
  LambdaAsyncFailureDestination: ['Serverless'],
  LambdaConcurrency: [NIST, HIPAA],
  LambdaDLQ: [NIST, HIPAA, 'Serverless'],
  LambdaEventSourceMappingDestination: ['Serverless'],
  RDSAutomaticMinorVersionUpgradeEnabled: [PCI, HIPAA],
  RDSInBackupPlan: [NIST, HIPAA],
  S3BucketReplicationEnabled: [NIST, PCI, HIPAA],
  S3DefaultEncryptionKMS: [NIST, PCI, HIPAA],
  SecretsManagerRotationEnabled: [NIST, HIPAA],
  SQSRedrivePolicy: ['Serverless'],
  VPCNoUnrestrictedRouteToIGW: [NIST, PCI, HIPAA],
} as const satisfies Record<string, readonly PackName[]>;

/** Those that Checkov has too, which judges every environment alike. */
const CHECKS: Partial<Record<keyof typeof SHARED_RULES, FindingId>> = {
  LambdaConcurrency: 'Checkov-CKV_AWS_115',
  LambdaDLQ: 'Checkov-CKV_AWS_116',
};

/**
 * Accepts one finding on one construct, in the place where the construct is made, and says why that is right.
 * A test refuses acknowledgements that no finding needs, so that a reason never outlives what it excuses.
 */
export function acknowledge(scope: IConstruct, id: FindingId, reason: string): void {
  Validations.of(scope).acknowledge({ id, reason });
}

/**
 * Accepts what one rule finds on one construct in each pack that has the rule, as far as the pack judges this
 * environment, and in Checkov where that has it: one id each, so that none is left without a finding.
 */
export function acknowledgeRule(scope: IConstruct, rule: keyof typeof SHARED_RULES, reason: string): void {
  const inEffect = packsOf(PlatformStack.of(scope).config);
  for (const pack of SHARED_RULES[rule])
    if (inEffect.includes(pack)) Validations.of(scope).acknowledge({ id: `${pack}-${rule}`, reason });
  const check = CHECKS[rule];
  if (check) acknowledge(scope, check, reason);
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
