import { type AssembledStack, parseTemplate, type Place } from '../../../tools/diff/assembly';
import { type Report, reportOf } from '../../../tools/diff/report';
import { textOf } from '../../../tools/diff/text';
import { type Waiver } from '../../../tools/diff/waivers';

/** The day on which all of these tests run. */
export const NOW = new Date('2026-11-21T12:00:00Z');

type Resources = Record<string, Record<string, unknown>>;

interface StackOptions extends Partial<Place> {
  readonly part?: string;
  readonly outputs?: Record<string, unknown>;
  readonly protected?: boolean;
  /** From the hash of an asset to the hash of its code. */
  readonly code?: Record<string, string>;
}

/** One stack of a side, named as the platform names its stacks. */
export function stackOf(resources: Resources, options: StackOptions = {}): AssembledStack {
  const { environment = 'dev', region = 'us-east-1', part = 'Data', outputs, code = {} } = options;
  const template = JSON.stringify({ Resources: resources, ...(outputs && { Outputs: outputs }) });
  return {
    place: { environment, region },
    name: `Signal9-${environment}-${region}-${part}`,
    template: parseTemplate(template, code),
    protected: options.protected ?? false,
  };
}

export const difference = (
  base: readonly AssembledStack[],
  head: readonly AssembledStack[],
  waivers: readonly Waiver[] = [],
): Report => reportOf('main', { commit: 'c0ffee0000'.repeat(4), base, head }, waivers, NOW);

/** The whole report for a terminal, of one stack each side. */
export const textBetween = (base: Resources, head: Resources, options: StackOptions = {}): string =>
  textOf(difference([stackOf(base, options)], [stackOf(head, options)]));

/** `change` and `what is lost` of everything destructive. */
export const lostIn = ({ verdict }: Report): [string, string][] =>
  verdict.changes.map(({ change, detail }) => [change, detail]);

export const lostBetween = (base: Resources, head: Resources): [string, string][] =>
  lostIn(difference([stackOf(base)], [stackOf(head)]));
