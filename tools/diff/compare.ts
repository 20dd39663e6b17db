import { fullDiff, type TemplateDiff } from '@aws-cdk/cloudformation-diff';
import { type AssembledStack, type Place } from './assembly';

/** One stack of one region and environment, compared. */
export interface StackDifference {
  readonly place: Place;
  readonly name: string;
  readonly how: 'added' | 'removed' | 'changed';
  readonly difference: TemplateDiff;
  /** Whether the stack itself could be deleted now, and could not before. */
  readonly unprotected: boolean;
}

/** The stacks that differ, in the order of the head, then what only the base has. */
export function compare(base: readonly AssembledStack[], head: readonly AssembledStack[]): StackDifference[] {
  const before = new Map(base.map((stack) => [key(stack), stack]));
  const now = new Map(head.map((stack) => [key(stack), stack]));
  const stayed = head.map((stack): StackDifference => {
    const old = before.get(key(stack));
    return {
      place: stack.place,
      name: stack.name,
      how: old ? 'changed' : 'added',
      difference: fullDiff(old?.template ?? {}, stack.template),
      unprotected: old?.protected === true && !stack.protected,
    };
  });
  const gone = base
    .filter((stack) => !now.has(key(stack)))
    .map((stack): StackDifference => {
      const { place, name, template } = stack;
      return { place, name, how: 'removed', difference: fullDiff(template, {}), unprotected: false };
    });
  return [...stayed, ...gone].filter(
    ({ how, difference, unprotected }) => how !== 'changed' || unprotected || !difference.isEmpty,
  );
}

/** A stack's name is its own only within a region. */
const key = ({ place, name }: AssembledStack): string => `${place.region}/${name}`;
