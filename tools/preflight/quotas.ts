import * as z from 'zod';
import { functions, type FunctionId } from '../../contract/functions';
import { reservationOf } from '../../lib/config';
import type { Aws } from './aws';
import { answered, deployedParts, isGovCloud } from './account';
import { type Check, type Finding, note, ofType, ok, problem, type Subject } from './check';

/** Lambda keeps so many executions for the functions that reserve none. */
const UNRESERVED = 100;
/** What a new account may start with, and too few for eight sources of events beside people. */
const FEW = 50;

interface Quota {
  readonly service: string;
  readonly code: string;
}
const CONCURRENCY: Quota = { service: 'lambda', code: 'L-B99A9384' };
const ELASTIC_IPS: Quota = { service: 'ec2', code: 'L-0263D0A3' };
const VCPUS: Quota = { service: 'ec2', code: 'L-1216C47A' };
const VPCS: Quota = { service: 'vpc', code: 'L-F678F1CE' };

const quotaAnswer = z.object({ Quota: z.object({ Value: z.number() }) });

/** The account's own value, or AWS's default where nobody ever changed it. */
async function valueOf(aws: Aws, { service, code }: Quota, region: string): Promise<number> {
  const input = { ServiceCode: service, QuotaCode: code };
  const own = await answered(
    aws({ service: 'service-quotas', operation: 'get-service-quota', input, region }),
    quotaAnswer,
    ['NoSuchResourceException'],
  );
  if (own) return own.Quota.Value;
  const operation = 'get-aws-default-service-quota';
  return quotaAnswer.parse(await aws({ service: 'service-quotas', operation, input, region })).Quota.Value;
}

const increase = ({ service, code }: Quota, region: string, value: number): string =>
  `aws service-quotas request-service-quota-increase --region ${region} --service-code ${service} --quota-code ${code} --desired-value ${value}`;

/** Where IAM's quotas are raised. https://docs.aws.amazon.com/general/latest/gr/iam-service.html */
const iamRegion = (region: string): string => (isGovCloud(region) ? 'us-gov-west-1' : 'us-east-1');

/** How many resources of a type a deployment adds: those of stacks that are there are among what is used. */
async function toCome(aws: Aws, subject: Subject, type: string): Promise<number> {
  const deployed = await deployedParts(aws, subject);
  return ofType(subject, type).filter(({ part }) => !deployed.has(part)).length;
}

/** Whether what is used and what comes fits. */
function fits(
  what: string,
  quota: Quota,
  of: { value: number; used: number; needed: number },
  subject: Subject,
): Finding {
  const { value, used, needed } = of;
  const sum = used + needed;
  if (sum <= value) return ok(`${what}: ${used} of ${value} used, ${needed} needed`);
  return problem(
    `${what}: ${used} of ${value} are used and ${needed} more are needed`,
    increase(quota, quota.service === 'iam' ? iamRegion(subject.region) : subject.region, sum),
  );
}

const accountLimits = z.object({
  AccountLimit: z.object({ ConcurrentExecutions: z.number(), UnreservedConcurrentExecutions: z.number() }),
});

export const concurrency: Check = {
  id: 'lambda-concurrency',
  title: 'concurrent executions of Lambda',
  scope: 'region',
  async run(aws, subject) {
    const { config, region } = subject;
    const { ConcurrentExecutions: all, UnreservedConcurrentExecutions: unreserved } = accountLimits.parse(
      await aws({ service: 'lambda', operation: 'get-account-settings', region }),
    ).AccountLimit;
    const reserved = (Object.keys(functions) as FunctionId[]).reduce(
      (sum, id) => sum + (reservationOf(config, id) ?? 0),
      0,
    );
    if (reserved === 0)
      return [
        unreserved >= FEW
          ? ok(`${unreserved} of ${all} are unreserved, and none will be reserved`)
          : note(
              `all functions share ${unreserved}; under load some calls are refused`,
              increase(CONCURRENCY, region, 1000),
            ),
      ];
    // What a deployed environment reserves is not reserved again.
    if ((await deployedParts(aws, subject)).has('Compute')) return [ok(`${reserved} of ${all} are to be reserved`)];
    const needed = reserved + UNRESERVED;
    if (unreserved >= needed) return [ok(`${unreserved} of ${all} are unreserved, and ${reserved} will be reserved`)];
    return [
      problem(
        `${unreserved} of ${all} are unreserved; this environment reserves ${reserved}, and Lambda keeps ${UNRESERVED}. Without reservations it deploys: -c overrides='{"reservedConcurrency":"none"}'`,
        increase(CONCURRENCY, region, Math.max(1000, all - unreserved + needed)),
      ),
    ];
  },
};

/** A check that what is there of a type, and what a deployment adds, stays within the quota. */
const counted = (
  of: Pick<Check, 'id' | 'title'> & {
    readonly what: string;
    readonly type: string;
    readonly quota: Quota;
    /** EC2's call that lists them, and the field of its answer. */
    readonly list: readonly [operation: string, field: string];
  },
): Check => ({
  id: of.id,
  title: of.title,
  scope: 'region',
  async run(aws, subject) {
    const needed = await toCome(aws, subject, of.type);
    if (needed === 0) return [ok('no more are needed')];
    const [operation, field] = of.list;
    const { [field]: listed = [] } = z
      .object({ [field]: z.array(z.unknown()) })
      .parse(await aws({ service: 'ec2', operation, region: subject.region }));
    const value = await valueOf(aws, of.quota, subject.region);
    return [fits(of.what, of.quota, { value, used: listed.length, needed }, subject)];
  },
});

export const elasticIps = counted({
  id: 'elastic-ips',
  title: 'Elastic IP addresses',
  what: 'Elastic IPs',
  type: 'AWS::EC2::EIP',
  quota: ELASTIC_IPS,
  list: ['describe-addresses', 'Addresses'],
});

export const vpcs = counted({
  id: 'vpcs',
  title: 'VPCs',
  what: 'VPCs',
  type: 'AWS::EC2::VPC',
  quota: VPCS,
  list: ['describe-vpcs', 'Vpcs'],
});

/** Every t4g up to `large` has two; larger ones are not in the presets, and a new account may run five or more. */
const VCPUS_EACH = 2;

export const vcpus: Check = {
  id: 'vcpus',
  title: 'virtual processors of standard on-demand instances',
  scope: 'region',
  async run(aws, subject) {
    const groups = ofType(subject, 'AWS::AutoScaling::AutoScalingGroup');
    const atMost = groups.reduce((sum, { properties }) => sum + Number(properties.MaxSize), 0);
    // One more of each while it is replaced.
    const instances = atMost + groups.length + 2 * ofType(subject, 'AWS::EC2::Instance').length;
    const needed = instances * VCPUS_EACH;
    const value = await valueOf(aws, VCPUS, subject.region);
    if (value >= needed) return [ok(`${value}, of which ${needed} may be needed`)];
    return [
      problem(
        `the quota is ${value}, and ${instances} instances with ${VCPUS_EACH} each may run`,
        increase(VCPUS, subject.region, Math.max(16, needed)),
      ),
    ];
  },
};

export const iamQuotas: Check = {
  id: 'iam-quotas',
  title: 'roles and policies of the account',
  scope: 'account',
  async run(aws, subject) {
    const { SummaryMap: of } = z
      .object({ SummaryMap: z.record(z.string(), z.number()) })
      .parse(await aws({ service: 'iam', operation: 'get-account-summary', region: subject.region }));
    const regions = subject.config.regions.length;
    const code = { Roles: 'L-FE177D64', Policies: 'L-E95E4862' };
    return Promise.all(
      (['Roles', 'Policies'] as const).map(async (kind) => {
        const type = kind === 'Roles' ? 'AWS::IAM::Role' : 'AWS::IAM::ManagedPolicy';
        const [used, value] = [of[kind], of[`${kind}Quota`]];
        if (used === undefined || value === undefined) throw new Error(`IAM says nothing of ${kind}`);
        // As many in the other regions as in the first.
        const needed = (await toCome(aws, subject, type)) * regions;
        return fits(kind.toLowerCase(), { service: 'iam', code: code[kind] }, { value, used, needed }, subject);
      }),
    );
  },
};

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html */
const LOG_POLICIES = 10;

export const logPolicies: Check = {
  id: 'log-resource-policies',
  title: 'resource policies of CloudWatch Logs',
  scope: 'region',
  async run(aws, subject) {
    // WAF and API Gateway write one themselves when their logging is switched on, where there is none that fits.
    const { resourcePolicies } = z
      .object({ resourcePolicies: z.array(z.object({ policyName: z.string() })).default([]) })
      .parse(await aws({ service: 'logs', operation: 'describe-resource-policies', region: subject.region }));
    const used = resourcePolicies.length;
    return [
      used < LOG_POLICIES
        ? ok(`${used} of ${LOG_POLICIES}`)
        : problem(
            `${used} of ${LOG_POLICIES} exist, so the firewall's log cannot be switched on`,
            `aws logs delete-resource-policy --region ${subject.region} --policy-name <one of ${resourcePolicies.map(({ policyName }) => policyName).join(', ')}>`,
          ),
    ];
  },
};
