import { stack, type SynthesisedStack } from './synthesised';
import { STACKS } from '../../lib/platform';

/** How many resources of each type a stack has: small enough to be read in a review, and nothing changes unseen. */
const inventory = ({ resources }: SynthesisedStack): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { type } of resources) counts[type] = (counts[type] ?? 0) + 1;
  return Object.fromEntries(Object.entries(counts).sort(([a], [b]) => a.localeCompare(b)));
};

test.each(['dev', 'prod'] as const)('inventory of %s', (name) => {
  expect(Object.fromEntries(STACKS.map((part) => [part, inventory(stack(name, part))]))).toMatchSnapshot();
});
