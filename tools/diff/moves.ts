import { deepEqual, type ResourceDifference } from '@aws-cdk/cloudformation-diff';
import { type Json } from './assembly';
import { type StackDifference } from './compare';

/** By stack and logical id, in words where a resource seems to have come from or gone to. */
export type Moves = ReadonlyMap<string, string>;

export const moveKey = (stack: StackDifference, logicalId: string): string =>
  [stack.place.region, stack.name, logicalId].join('/');

interface Side {
  readonly stack: StackDifference;
  readonly id: string;
  readonly type: string;
  readonly properties: Json;
}

/**
 * Resources that go in one place and come in another, with the same properties or the same physical name, in the same
 * stack or between stacks of a region. CloudFormation knows no moves: it makes the one and loses the other. Where more
 * than one would fit nothing is said, for queues look alike.
 */
export function moves(differences: readonly StackDifference[]): Moves {
  const sides = (which: (change: ResourceDifference) => boolean, properties: 'oldProperties' | 'newProperties') =>
    differences.flatMap((stack) =>
      Object.entries(stack.difference.resources.changes)
        .filter(([, change]) => which(change))
        .map(([id, change]): Side => ({
          stack,
          id,
          type: change.oldResourceType ?? change.newResourceType ?? '',
          properties: change[properties] ?? {},
        })),
    );
  const gone = sides(({ isRemoval }) => isRemoval, 'oldProperties');
  const come = sides(({ isAddition }) => isAddition, 'newProperties');
  const found = new Map<string, string>();
  for (const from of gone) {
    const [to, ...others] = come.filter((one) => same(from, one));
    if (!to || others.length > 0 || gone.filter((one) => same(one, to)).length > 1) continue;
    found.set(moveKey(from.stack, from.id), `seems to move to ${to.stack.name} ${to.id}, where it is made anew`);
    found.set(moveKey(to.stack, to.id), `seems to move from ${from.stack.name} ${from.id}`);
  }
  return found;
}

function same(one: Side, other: Side): boolean {
  if (one.type !== other.type || one.stack.place.environment !== other.stack.place.environment) return false;
  if (one.stack.place.region !== other.stack.place.region) return false;
  const name = physicalName(one.properties);
  if (name !== undefined) return name === physicalName(other.properties);
  // The stack's own tag is another in another stack.
  const { Tags: _, ...old } = one.properties;
  const { Tags: __, ...now } = other.properties;
  return Object.keys(old).length > 0 && deepEqual(old, now);
}

const physicalName = (properties: Json): string | undefined => {
  const named = Object.entries(properties).find(([key, value]) => NAME.test(key) && typeof value === 'string');
  return named?.[1] as string | undefined;
};

/** A resource's own name, as the types spell it whose names we choose. */
const NAME =
  /^(Name|(Table|Bucket|Queue|LogGroup|UserPool|BackupVault|Archive|ServerlessCache)Name|DB(Cluster|Instance)Identifier)$/;
