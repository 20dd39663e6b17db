import { HOURS, monthly, type Price, type Priced, PRICES } from './prices';
import { type Quantities } from './quantities';

const BEGIN = '<!-- running-cost: written by `npx tsx tools/running-cost/main.ts` from the templates -->';
const END = '<!-- /running-cost -->';

const usd = (value: number): string => value.toFixed(2);
const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
const names = Object.keys(PRICES) as Priced[];

/** The tables of an environment's month at rest, a region, and of where the prices are from. */
function tables(environments: Readonly<Record<string, Quantities>>): string {
  const columns = Object.entries(environments);
  const used = names.filter((name) => columns.some(([, counted]) => counted.has(name)));
  const total = (counted: Quantities): number =>
    [...counted].reduce((sum, [name, quantity]) => sum + monthly(name, quantity), 0);
  const cells = (name: Priced) =>
    columns.flatMap(([, counted]) => {
      const quantity = counted.get(name) ?? 0;
      return [quantity === 0 ? '–' : `${Number(quantity.toFixed(2))}`, usd(monthly(name, quantity))];
    });
  const lines = used.map((name) => {
    const price: Price = PRICES[name];
    return row([name, `${price.usd} per ${price.per}, ${price.what}`, ...cells(name)]);
  });
  const sources = used.map((name) => {
    const { page, agrees }: Price = PRICES[name];
    return row([name, `<${page}>`, agrees === null ? 'not compared' : `<${agrees[0]}>, ${agrees[1]}`]);
  });
  return [
    row(['at rest, a month and region', 'USD', ...columns.flatMap(([env]) => [env, 'USD'])]),
    row(['---', '---', ...columns.flatMap(() => ['---:', '---:'])]),
    ...lines,
    row(['**together**', '', ...columns.flatMap(([, counted]) => ['', `**${usd(total(counted))}**`])]),
    '',
    `A month has ${HOURS} hours. Where the prices are from:`,
    '',
    row(['price', "AWS's own page", 'compared in November 2026 with']),
    row(['---', '---', '---']),
    ...sources,
  ].join('\n');
}

/**
 * The document with its tables written anew, their columns not yet padded.
 * @throws Error when the document has no place for them
 */
export function withTables(document: string, environments: Readonly<Record<string, Quantities>>): string {
  const [begin, end] = [document.indexOf(BEGIN), document.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`the document has no place for the costs: ${BEGIN} … ${END}`);
  return `${document.slice(0, begin)}${BEGIN}\n\n${tables(environments)}\n\n${document.slice(end)}`;
}
