import * as z from 'zod';
import type { Config, Region } from '../../lib/config';
import type { TemplateStack } from '../templates';
import { accountPlan, backupSettings, bootstrap, costTag, stackStates } from './account';
import { type Aws, type AwsCall, AwsRefusal } from './aws';
import { type Check, type Finding, type Subject, unknown } from './check';
import { cdnWebAcl, certificates, hostedZone } from './domain';
import { physicalNames, providerKeys } from './names';
import { apiGatewayRole, databaseOffers, instanceTypes, serviceLinkedRoles, zones } from './offers';
import { concurrency, elasticIps, iamQuotas, logPolicies, vcpus, vpcs } from './quotas';

/** In the order in which they are told: what stops a deployment first comes first. */
export const CHECKS: readonly Check[] = [
  accountPlan,
  bootstrap,
  stackStates,
  serviceLinkedRoles,
  concurrency,
  vcpus,
  vpcs,
  elasticIps,
  iamQuotas,
  logPolicies,
  zones,
  instanceTypes,
  databaseOffers,
  physicalNames,
  backupSettings,
  apiGatewayRole,
  hostedZone,
  certificates,
  cdnWebAcl,
  costTag,
  providerKeys,
];

export interface PreflightProps {
  readonly aws: Aws;
  readonly config: Config;
  /** Of each region, as they would be deployed. */
  readonly stacks: ReadonlyMap<Region, readonly TemplateStack[]>;
  readonly qualifier: string;
}

export interface Result {
  readonly region: Region;
  readonly id: string;
  readonly title: string;
  readonly finding: Finding;
}

/**
 * Runs every check, in each region or once. What AWS would not say is unknown, and never taken for good.
 *
 * @throws AwsUnreachable, AwsRefusal where not even the account's number can be had
 */
export async function preflight({ aws, config, stacks, qualifier }: PreflightProps): Promise<Result[]> {
  const [first] = config.regions;
  if (first === undefined) return [];
  const identity = await aws({ service: 'sts', operation: 'get-caller-identity', region: first });
  const { Account: account } = z.object({ Account: z.string() }).parse(identity);
  const results: Result[] = [];
  for (const region of config.regions) {
    const subject: Subject = { config, region, account, stacks: stacks.get(region) ?? [], qualifier };
    for (const check of CHECKS) {
      if (check.scope === 'account' && region !== first) continue;
      const { id, title } = check;
      for (const finding of await findingsOf(check, aws, subject)) results.push({ region, id, title, finding });
    }
  }
  return results;
}

async function findingsOf(check: Check, aws: Aws, subject: Subject): Promise<readonly Finding[]> {
  let last: AwsCall | undefined;
  const told: Aws = (call) => aws((last = call));
  try {
    return await check.run(told, subject);
  } catch (error) {
    // What several checks ask is asked once, so that a refusal may be of a call that another check has made.
    const call = (error instanceof AwsRefusal ? error.call : undefined) ?? last;
    const asked = call ? `${call.service} ${call.operation}: ` : '';
    if (error instanceof AwsRefusal) return [unknown(`${asked}${error.code}: ${error.message}`)];
    if (error instanceof z.ZodError) return [unknown(`${asked}an answer of another shape`)];
    return [unknown(`${asked}${error instanceof Error ? error.message : String(error)}`)];
  }
}
