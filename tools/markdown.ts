/** A cell of a Markdown table: a bar or a new line would end it. */
const cell = (text: string): string => text.replaceAll('|', '\\|').replace(/\s*\n\s*/g, ' ');

/** Text between backticks, where nothing is read as HTML or as emphasis. */
export const code = (text: string): string => `\`${text}\``;

export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]) => `| ${cells.map((text) => cell(String(text))).join(' | ')} |`;
  return [head, head.map(() => '---'), ...rows].map(line).join('\n');
}

const BEGIN = '<!-- prettier-ignore-start -->';
const END = '<!-- prettier-ignore-end -->';

/**
 * The document with another generated part: what stands between the two marks that keep Prettier away from it, so that
 * a comparison needs no formatter.
 *
 * @throws Error where a mark is missing
 */
export function withGenerated(document: string, generated: string): string {
  const begin = document.indexOf(BEGIN);
  const end = document.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`a generated part stands between ${BEGIN} and ${END}`);
  return `${document.slice(0, begin)}${BEGIN}\n\n${generated}\n\n${document.slice(end)}`;
}
