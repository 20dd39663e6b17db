import { ResourceImpact, type ResourceDifference } from '@aws-cdk/cloudformation-diff';
import { type Place } from './assembly';
import { type StackDifference } from './compare';
import { keepsLess, type Policy, policyOf, stateOf } from './stateful';

/**
 * What a waiver can name: a new resource takes the old one's place, the resource goes, its policies would no longer keep
 * it, or its deletion protection is off.
 */
export const DESTRUCTIVE = ['replace', 'remove', 'unretain', 'unprotect'] as const;
export type DestructiveChange = (typeof DESTRUCTIVE)[number];

/** Stands for the stack itself where a logical id would. */
export const STACK_ITSELF = 'Stack';

/** One thing that the change would lose, or let be lost. */
export interface Destruction {
  readonly place: Place;
  readonly stack: string;
  readonly resource: string;
  readonly type: string;
  readonly change: DestructiveChange;
  /** What is lost, and by what. */
  readonly detail: string;
}

const FATE: Record<Policy, string> = {
  Delete: 'deleted',
  Snapshot: 'deleted after a snapshot',
  RetainExceptOnCreate: 'left behind, managed by nothing',
  Retain: 'left behind, managed by nothing',
};

/** Every destructive change of one stack. */
export function destructions({ place, name, difference, unprotected }: StackDifference): Destruction[] {
  const found = Object.entries(difference.resources.changes).flatMap(([resource, change]) =>
    ofResource(change).map((one) => ({ place, stack: name, resource, type: change.oldResourceType ?? '', ...one })),
  );
  if (!unprotected) return found;
  const detail = 'termination protection is switched off';
  return [...found, { place, stack: name, resource: STACK_ITSELF, type: 'stack', change: 'unprotect', detail }];
}

type Loss = Pick<Destruction, 'change' | 'detail'>;

function ofResource(change: ResourceDifference): Loss[] {
  const { oldValue: old, newValue: now } = change;
  const state = old && stateOf(old);
  if (!old || state === undefined) return [];
  if (!now) return [{ change: 'remove', detail: `${state}: ${FATE[policyOf(old, 'DeletionPolicy')]}` }];
  const losses: Loss[] = [];
  // Where the condition does not hold, which depends on the account's parameters, it is deleted.
  if (now.Condition !== undefined && now.Condition !== old.Condition)
    losses.push({
      change: 'remove',
      detail: `only where ${String(now.Condition)} holds does it stay; ${state}: ${FATE[policyOf(old, 'DeletionPolicy')]}`,
    });
  const replacement = replacementOf(change);
  if (replacement !== undefined) {
    const fate = FATE[policyOf(now, 'UpdateReplacePolicy')];
    losses.push({ change: 'replace', detail: `${replacement}; ${state}: ${fate}` });
  }
  for (const policy of ['DeletionPolicy', 'UpdateReplacePolicy'] as const) {
    const [before, after] = [policyOf(old, policy), policyOf(now, policy)];
    if (keepsLess(before, after))
      losses.push({ change: 'unretain', detail: `${policy} from ${before} to ${after}; ${state}` });
  }
  const protection = PROTECTION.find((name) => isOn(old.Properties?.[name]) && !isOn(now.Properties?.[name]));
  if (protection !== undefined) losses.push({ change: 'unprotect', detail: `${protection} is switched off; ${state}` });
  return losses;
}

/**
 * What the library takes for a mere update. A table has local indexes from its making on only; a secret whose making is
 * described otherwise is given a new value, and nobody who uses the old one is told.
 */
const MISSED: Readonly<Record<string, readonly string[]>> = {
  'AWS::DynamoDB::Table': ['LocalSecondaryIndexes'],
  'AWS::SecretsManager::Secret': ['GenerateSecretString', 'SecretString'],
};

/** Which property replaces, in words; undefined when none does. */
function replacementOf(change: ResourceDifference): string | undefined {
  if (change.resourceTypeChanged) return `its type becomes ${change.newResourceType ?? ''}`;
  const by = (impact: ResourceImpact) =>
    Object.entries(change.propertyUpdates).flatMap(([name, { changeImpact }]) =>
      changeImpact === impact ? [name] : [],
    );
  const missed = Object.keys(change.propertyUpdates).filter((name) =>
    MISSED[change.oldResourceType ?? '']?.includes(name),
  );
  const [surely, perhaps] = [by(ResourceImpact.WILL_REPLACE), [...by(ResourceImpact.MAY_REPLACE), ...missed]];
  if (surely.length > 0) return `${surely.join(', ')} replaces it`;
  return perhaps.length > 0 ? `${perhaps.join(', ')} may replace it` : undefined;
}

/** Deletion protection, as DynamoDB, RDS and Cognito spell it. */
const PROTECTION = ['DeletionProtectionEnabled', 'DeletionProtection'];
const isOn = (value: unknown): boolean => value === true || value === 'true' || value === 'ACTIVE';
