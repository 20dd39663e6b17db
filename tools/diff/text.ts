import { type Report } from './report';
import { type GroupedRow, type Section, SECTIONS } from './rows';
import { noteLines, verdictLine } from './verdict';

/** The report for a terminal. */
export function textOf(report: Report): string {
  const ofSection = (section: Section) => report.rows.filter((row) => row.section === section);
  const set = (section: Section): string[] => {
    const rows = ofSection(section);
    return rows.length === 0 ? [] : ['', SECTIONS[section].title, ...rows.flatMap((row) => rowLines(row, report))];
  };
  const lines = [
    `Difference from ${report.base} to the working tree`,
    verdictLine(report),
    ...set('destructive'),
    ...noteLines(report.verdict).map((line) => `  ${line}`),
    ...(['statements', 'attachments', 'rules', 'exports'] as const).flatMap(set),
    ...headings(report.rows).flatMap((heading) => stackLines(report, heading)),
  ];
  return `${lines.join('\n')}\n`;
}

/** Sections that are told stack by stack; the others are set apart, before them. */
export const PER_STACK = ['stacks', 'resources', 'rest'] as const satisfies Section[];

export const headings = (rows: readonly GroupedRow[]): string[] => [
  ...new Set(rows.filter(({ section }) => PER_STACK.some((own) => own === section)).map(({ heading }) => heading)),
];

function stackLines(report: Report, heading: string): string[] {
  const rows = PER_STACK.flatMap((section) =>
    report.rows.filter((row) => row.heading === heading && row.section === section),
  );
  return ['', heading, ...rows.flatMap((row) => rowLines(row, report))];
}

/** What is one line stands on one; a longer cell has its lines below. */
function rowLines({ section, cells, places, stack }: GroupedRow, { where }: Report): string[] {
  const columns = SECTIONS[section].columns;
  const isPerStack = PER_STACK.some((own) => own === section);
  const at = `${isPerStack ? '' : `${stack}: `}${where(places)}`;
  const head = cells.filter((cell, index) => cell.length === 1 && !isBelow(columns[index])).map(([only]) => only);
  const below = cells.flatMap((cell, index) => {
    const column = columns[index] ?? '';
    if (isBelow(column)) return cell;
    if (cell.length < 2) return [];
    return column === 'resource' && section === 'resources' ? [cell.join(', ')] : cell.map((one) => `${column} ${one}`);
  });
  return [`  ${head.join('  ')}  [${at}]`, ...below.map((line) => `      ${line}`)];
}

const isBelow = (column: string | undefined): boolean => column === 'what changes' || column === 'what is lost';
