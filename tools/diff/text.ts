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
    ...stackNames(report.rows).flatMap((stack) => stackLines(report, stack)),
  ];
  return `${lines.join('\n')}\n`;
}

/** Sections that are told stack by stack; the others are set apart, before them. */
export const PER_STACK = ['stacks', 'resources', 'rest'] as const satisfies Section[];

export const stackNames = (rows: readonly GroupedRow[]): string[] => [
  ...new Set(rows.filter(({ section }) => PER_STACK.some((own) => own === section)).map(({ stack }) => stack)),
];

function stackLines(report: Report, stack: string): string[] {
  const rows = PER_STACK.flatMap((section) =>
    report.rows.filter((row) => row.stack === stack && row.section === section),
  );
  return ['', stack, ...rows.flatMap((row) => rowLines(row, report))];
}

/** What fits on a line stands on one; a longer cell has its lines below. */
function rowLines({ section, cells, places, stack }: GroupedRow, { where }: Report): string[] {
  const columns = SECTIONS[section].columns;
  const isPerStack = PER_STACK.some((own) => own === section);
  const head = cells.filter((cell, at) => cell.length === 1 && !below(columns[at])).map(([only]) => only);
  const at = isPerStack || section === 'destructive' ? where(places) : `${stack}: ${where(places)}`;
  const rest = cells.flatMap((cell, index) => {
    if (cell.length === 0 || (cell.length === 1 && !below(columns[index]))) return [];
    return cell.map((line) => (below(columns[index]) ? `      ${line}` : `      ${columns[index] ?? ''} ${line}`));
  });
  return [`  ${head.join('  ')}  [${at}]`, ...rest];
}

const below = (column: string | undefined): boolean => column === 'what changes' || column === 'what is lost';
