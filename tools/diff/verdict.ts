import { type Report } from './report';
import { type Verdict, type Waiver } from './waivers';

/** The outcome in one line, the same wherever it is printed. */
export function verdictLine({ rows, verdict, refused }: Report): string {
  const { changes } = verdict;
  const unwaived = changes.filter(({ waiver }) => waiver === undefined).length;
  if (refused)
    return `Refused: ${times(unwaived, 'destructive change')} without a waiver (docs/diff.md#how-to-waive says how to waive)`;
  if (changes.length > 0) return `Passed: ${times(changes.length, 'destructive change')}, every one waived`;
  return rows.length === 0 ? 'Passed: nothing changes' : 'Passed: nothing destructive';
}

/** What is to be said of waivers that did not count or that nothing needed. */
export const noteLines = ({ expired, unused }: Verdict): string[] => [
  ...expired.map((waiver) => `the waiver for ${subject(waiver)} expired on ${waiver.expires} and does not count`),
  ...unused.map((waiver) => `the waiver for ${subject(waiver)} is not needed here (until ${waiver.expires})`),
];

/** What a waiver for a change has to name. */
export const subject = ({ stack, resource, change }: Pick<Waiver, 'stack' | 'resource' | 'change'>): string =>
  JSON.stringify({ stack, resource, change });

const times = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
