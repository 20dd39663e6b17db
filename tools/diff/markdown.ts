import { type Report } from './report';
import { type GroupedRow, type Section, SECTIONS } from './rows';
import { headings, PER_STACK } from './text';
import { noteLines, verdictLine } from './verdict';

/** As tools/pull-request-comment.mjs takes without a cut of its own; the rest is for the note of what was left out. */
const LONGEST = 48_000;

/** A heading, a table's lines and what closes it: cut between lines only. */
interface Block {
  readonly name: string;
  readonly open: readonly string[];
  readonly lines: readonly string[];
  readonly close: readonly string[];
}

/** The report as a pull request's comment takes it: what matters most stands first, and is cut last. */
export function markdownOf(report: Report, longest = LONGEST): string {
  const notes = noteLines(report.verdict).map((note) => `- ${note}`);
  const head = ['## What this changes in AWS', '', `**${verdictLine(report)}**`, '', `Base: ${code(report.base)}`];
  const apart = (['destructive', 'exports', 'rules', 'statements', 'attachments'] as const).flatMap((section) =>
    blockOf(report, section),
  );
  const stacks = headings(report.rows).flatMap((heading) => stackBlocks(report, heading));
  return `${fitted([...head, ...(notes.length > 0 ? ['', ...notes] : [])], [...apart, ...stacks], longest).join('\n')}\n`;
}

function blockOf(report: Report, section: Section): Block[] {
  const rows = report.rows.filter((row) => row.section === section);
  if (rows.length === 0) return [];
  const { title } = SECTIONS[section];
  return [
    {
      name: title,
      open: ['', `### ${title}`, '', ...header(section)],
      lines: rows.map((row) => line(row, report)),
      close: [],
    },
  ];
}

function stackBlocks(report: Report, heading: string): Block[] {
  return PER_STACK.flatMap((section) => {
    const rows = report.rows.filter((row) => row.heading === heading && row.section === section);
    if (rows.length === 0) return [];
    const title = SECTIONS[section].title.toLowerCase();
    const summary = `<summary><code>${html(heading)}</code>, ${title}: ${html(counts(rows))}</summary>`;
    const open = ['', `<details>${summary}`, '', ...header(section)];
    return [
      { name: `${heading}, ${title}`, open, lines: rows.map((row) => line(row, report)), close: ['', '</details>'] },
    ];
  });
}

/** `2 changed, 1 replaced`. */
function counts(rows: readonly GroupedRow[]): string {
  const how = rows.map(({ cells }) => cells[0]?.[0] ?? '').map((words) => words.replace(/:.*/, ''));
  return [...new Set(how)].map((word) => `${how.filter((one) => one === word).length} ${word}`).join(', ');
}

const isPerStack = (section: Section): boolean => PER_STACK.some((own) => own === section);

const header = (section: Section): string[] => {
  const columns = [...(isPerStack(section) ? [] : ['stack']), 'where', ...SECTIONS[section].columns];
  return [`| ${columns.join(' | ')} |`, `|${' --- |'.repeat(columns.length)}`];
};

function line({ section, cells, places, stack }: GroupedRow, { where }: Report): string {
  const { columns } = SECTIONS[section];
  const shown = cells.map((cell, index) => cell.map(IN_WORDS.has(columns[index] ?? '') ? words : code).join('<br>'));
  return `| ${[...(isPerStack(section) ? [] : [code(stack)]), words(where(places)), ...shown].join(' | ')} |`;
}

/** Columns of our own words; what comes from templates is shown as code, where it can do nothing. */
const IN_WORDS: ReadonlySet<string> = new Set(['verdict', 'change', 'direction', 'what is lost']);

const words = (text: string): string => html(text).replaceAll('|', '\\|').replaceAll('@', '&#64;');

/** A value as code, whatever it contains: in a table a bar ends the cell even there, and a backtick the code. */
function code(text: string): string {
  const value = text.replaceAll('|', '\\|').replaceAll('\n', ' ');
  const fence = value.includes('`') ? '``' : '`';
  return `${fence}${value.includes('`') ? ` ${value} ` : value}${fence}`;
}

const html = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** As many lines as there is room for. What did not fit is named at the end. */
function fitted(head: readonly string[], blocks: readonly Block[], longest: number): string[] {
  const out = [...head];
  const lost: string[] = [];
  const size = (lines: readonly string[]) => lines.reduce((sum, text) => sum + Buffer.byteLength(text) + 1, 0);
  let left = longest - size(head);
  for (const { name, open, lines, close } of blocks) {
    let room = left - size(open) - size(close);
    const kept = lines.filter((text) => (room -= size([text])) >= 0);
    if (kept.length < lines.length) lost.push(`${name} (${lines.length - kept.length} of ${lines.length})`);
    const block = kept.length > 0 ? [...open, ...kept, ...close] : [];
    out.push(...block);
    left -= size(block);
  }
  if (lost.length > 0)
    out.push('', `Too long for a comment. Left out: ${lost.join('; ')}. \`npm run diff\` prints all.`.slice(0, 1400));
  return out;
}
