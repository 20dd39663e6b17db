import { RegionInfo } from 'aws-cdk-lib/region-info';
import { flattenCfnReference } from 'cdk-nag/lib/utils/flatten-cfn-reference';
import { BASIC_EXECUTION } from './of-aws';
import { type Statement } from './statements';

/** A reason that stands here because no rule of cdk-nag asks for it beside the construct. */
export interface Explanation {
  readonly of: (statement: Statement) => boolean;
  readonly reason: string;
}

const WILD = /[*?]/;

/** CDK's function that empties a bucket, and what it does to it. */
const EMPTIER = 'CustomS3AutoDelete';
const EMPTYING = ['s3:DeleteObject*', 's3:GetBucket*', 's3:List*', 's3:PutBucketPolicy'];

/** Whether the statement allows these actions and no other. */
const isOf =
  (type: string, ...known: string[]) =>
  ({ written, actions }: Statement): boolean =>
    written.type === type && actions.every((action) => known.includes(action));
const among = ({ resources }: Statement, pattern: RegExp): boolean =>
  resources.every((resource) => pattern.test(resource));

/** Why an action or a resource is a wildcard, where cdk-nag does not look: it reads our own policies of roles only. */
export const WILDCARDS: readonly Explanation[] = [
  {
    of: (statement) =>
      isOf('AWS::KMS::Key', 'kms:*')(statement) && statement.principals.join() === 'arn:aws:iam::ACCOUNT:root',
    reason:
      "The account's own policies decide who may use and manage the key; without this nobody could, not even to delete it. In a key's policy `*` is the key",
  },
  {
    of: ({ written, actions }) => written.type === 'AWS::KMS::Key' && !actions.some((action) => WILD.test(action)),
    reason: "In a key's policy `*` is the key itself",
  },
  {
    of: (statement) =>
      isOf('AWS::S3::BucketPolicy', 's3:PutObject')(statement) && among(statement, /^<[^>]+>\/.+\/\*$/),
    reason: "Objects under one prefix: the service that writes the logs chooses the rest of an object's name",
  },
  {
    of: (statement) =>
      isOf('AWS::S3::BucketPolicy', 's3:GetObject')(statement) &&
      statement.principals.join() === 'cloudfront.amazonaws.com',
    reason: 'The distribution serves every object of the console, whatever the build names them',
  },
  {
    of: (statement) =>
      isOf('AWS::S3::BucketPolicy', ...EMPTYING)(statement) &&
      statement.principals.join().startsWith(`<role ${EMPTIER}`),
    reason:
      'Not in prod: the function that CDK deploys with a bucket to be thrown away empties it of every version of every object',
  },
  {
    of: isOf('AWS::IAM::Role', ...BASIC_EXECUTION),
    reason:
      "CDK gives its functions for custom resources this policy of AWS's, AWSLambdaBasicExecutionRole: they run while a stack is made, changed or deleted, and write to the log group that we give them",
  },
];

/** Why a service may act without saying for whom: what AWS does not let a policy ask. */
export const UNASKED: readonly Explanation[] = [
  {
    of: trusts('lambda.amazonaws.com'),
    reason:
      'Lambda takes a role only from a principal of the same account that may pass it, and names no source to STS',
  },
  {
    of: trusts('ec2.amazonaws.com'),
    reason: 'EC2 takes an instance profile only from a principal of the same account that may pass it',
  },
  {
    of: trusts('rds.amazonaws.com'),
    reason:
      'No document of AWS says that RDS Proxy names a source; it takes a role only from a principal that may pass it',
  },
  {
    of: trusts('apigateway.amazonaws.com'),
    reason: "The role of the account's own setting: API Gateway takes it only from this account, and names no source",
  },
  {
    of: (statement) =>
      statement.written.type === 'AWS::KMS::Key' && statement.principals.includes('events.amazonaws.com'),
    reason:
      "EventBridge names no source to KMS when it delivers to an encrypted queue; the queue's own policy says who may send",
  },
  {
    of: (statement) => statement.principals.includes('delivery.logs.amazonaws.com'),
    reason:
      'Written by CDK for access logs of load balancers: the path contains our account, and to read the list of grants reveals no log',
  },
];

/** What an environment to be thrown away may do, and prod may not. */
export const NOT_IN_PROD: readonly Explanation[] = [
  {
    of: ({ written, subject }) => subject.startsWith(EMPTIER) || JSON.stringify(written.properties).includes(EMPTIER),
    reason: 'Buckets are emptied when their stack is deleted; prod retains them',
  },
];

function trusts(service: string) {
  return ({ kind, principals }: Statement) => kind === 'trust' && principals.includes(service);
}

export const isWild = ({ effect, actions, resources }: Statement): boolean =>
  effect === 'Allow' && [...actions, ...resources].some((text) => WILD.test(text));

/** Whether a service acts on a statement that does not say for which account or resource. */
export const isUnasked = ({ effect, principals, condition }: Statement): boolean =>
  effect === 'Allow' &&
  principals.some((principal) => principal.endsWith('.amazonaws.com')) &&
  !/aws:SourceAccount|aws:SourceArn|kms:EncryptionContext:aws:logs:arn/i.test(condition);

/** The accounts by which AWS's load balancers write their access logs, one a region. */
const LOAD_BALANCERS = new Set(RegionInfo.regions.map(({ elbv2Account }) => `arn:aws:iam::${elbv2Account}:root`));

const isKnown = (principal: string): boolean =>
  principal.endsWith('.amazonaws.com') || /^(arn:aws:iam::ACCOUNT:|<role )/.test(principal);

/** Whether somebody is let in who is neither of our account nor AWS: everybody, or another account. */
export const isStranger = ({ effect, principals, actions }: Statement): boolean =>
  effect === 'Allow' &&
  principals.some(
    (principal) => !isKnown(principal) && !(LOAD_BALANCERS.has(principal) && actions.join() === 's3:PutObject'),
  );

/** The reasons for a statement's wildcards, one for each; and the wildcards that have none. */
export function explain(statement: Statement, table = WILDCARDS) {
  const { actions, rawResources, written } = statement;
  if (!isWild(statement)) return { reasons: [], unexplained: [] };
  const tabled = table.filter(({ of }) => of(statement)).map(({ reason }) => reason);
  if (tabled.length > 0) return { reasons: tabled, unexplained: [] };
  const wild = [
    ...actions.map((action) => `Action::${action}`),
    ...rawResources.map((resource) => `Resource::${flattenCfnReference(resource)}`),
  ].filter((text) => WILD.test(text));
  const acknowledged = acknowledgements(written.raw);
  const reasonOf = (finding: string) => acknowledged.get(`AwsSolutions-IAM5[${finding}]`);
  return {
    reasons: [...new Set(wild.flatMap((finding) => reasonOf(finding) ?? []))],
    unexplained: wild.filter((finding) => reasonOf(finding) === undefined),
  };
}

interface Metadata {
  readonly Metadata?: { readonly cdk_nag?: { readonly rules_to_suppress?: readonly { id: string; reason: string }[] } };
}

/** What the template itself says of the resource's findings: written there from the acknowledgements. */
const acknowledgements = (raw: Metadata): Map<string, string> =>
  new Map((raw.Metadata?.cdk_nag?.rules_to_suppress ?? []).map(({ id, reason }) => [id, reason]));
