import { createHash } from 'node:crypto';
import { type ImportFormat, MAX_IMPORT_ROWS } from '../../contract/schemas/portfolios';
import { columnName } from './cells';
import { type Draft, fault, faultsOf, type Fault, type ImportedRow, type Reading } from './draft';
import { fidelity } from './fidelity';
import { ibkr } from './ibkr';
import type { Preset } from './preset';
import { schwab } from './schwab';
import { signal9 } from './signal9';
import { readTable, type TextRow, type Unreadable } from './table';

export { type ImportedRow } from './draft';
export { type Unreadable } from './table';
export { identityOf, writeCsv } from './write';

/** A file that was read. Lines are numbered from 1. */
export interface CsvFile {
  /** The one found. */
  readonly format: Exclude<ImportFormat, 'auto'>;
  /**
   * In the order of the file, turned round where a broker lists the newest first. Whoever makes ids of them should make
   * rising ones: of transactions of one instant the lower id counts as the earlier.
   */
  readonly rows: readonly { readonly line: number; readonly row: ImportedRow }[];
  /** Lines that tell of no transaction. */
  readonly skipped: readonly { readonly line: number; readonly message: string }[];
  /** Lines that may not be imported, and why; `path` is the column. */
  readonly rejected: readonly ({ readonly line: number } & Fault)[];
}

const PRESETS: readonly Preset[] = [signal9, schwab, fidelity, ibkr];

/**
 * Reads a file of transactions; which are news is for the portfolio to say. Each row has an `external_id`: the source's own
 * or, where it gives none, a hash of what the row says and of how many equal ones stood above it. So a file that overlaps
 * another adds nothing twice, and two equal rows of one file are two transactions.
 *
 * @param format `auto` finds it by the header
 * @returns `unreadable` for a file of which nothing can be taken
 */
export function readCsv(text: string, format: ImportFormat): CsvFile | Unreadable {
  const presets = PRESETS.filter((preset) => format === 'auto' || preset.format === format);
  const presetOf = (cells: readonly string[]) => presets.find(({ isHeader }) => isHeader(cells.map(columnName)));
  const table = readTable(text, (cells) => presetOf(cells) !== undefined);
  if ('unreadable' in table) return table;
  const { header, body } = table;
  const preset = presetOf(header.cells);
  if (preset === undefined) throw new Error('a header was found that no format knows');
  const problem = preset.problem?.(header.cells.map(columnName)) ?? null;
  if (problem !== null) return { line: header.line, unreadable: problem };
  if (body.length > MAX_IMPORT_ROWS)
    return {
      line: body[MAX_IMPORT_ROWS]?.line ?? null,
      unreadable: `has ${body.length} rows; an import has at most ${MAX_IMPORT_ROWS}`,
    };
  return take(preset, readingsOf(preset, header, body));
}

interface Read {
  readonly line: number;
  readonly reading: Reading;
  /** A column's name as the file spells it. */
  readonly spelled: (column: string) => string;
}

function readingsOf(preset: Preset, header: TextRow, body: readonly TextRow[]): readonly Read[] {
  let section = sectionOf(preset, header.cells);
  return body.map(({ line, cells }) => {
    if (!isAgain(preset, cells)) return { line, reading: section.read(cells), spelled: section.spelled };
    // Files that were put together of several, and sections of one file, bring their own.
    section = sectionOf(preset, cells);
    return { line, reading: { skipped: 'is a header' }, spelled: section.spelled };
  });
}

/** Looks at the names of columns only where one may be: this is asked of every row. */
const isAgain = ({ mark, isHeader }: Preset, cells: readonly string[]): boolean =>
  cells.some((cell) => cell.length === mark.length && cell.toLowerCase() === mark) && isHeader(cells.map(columnName));

function sectionOf(preset: Preset, header: readonly string[]) {
  const columns = header.map(columnName);
  const width = columns.filter((name) => name !== '').length;
  const read = preset.reader(columns);
  return {
    spelled: spelling(header),
    read: (cells: readonly string[]): Reading => {
      const reading = read(cells);
      const used = cells.findLastIndex((cell) => cell !== '') + 1;
      // A file cut in the middle, or a comma without quotes: the cells may stand under other columns than theirs.
      return 'draft' in reading && (cells.length < width || used > columns.length)
        ? fault('row', `has ${cells.length} cells under ${width} columns`)
        : reading;
    },
  };
}

function spelling(header: readonly string[]): (column: string) => string {
  const byName = new Map(header.map((cell) => [columnName(cell), cell]));
  return (column) => byName.get(column) ?? column;
}

function take(preset: Preset, readings: readonly Read[]): CsvFile {
  const skipped: CsvFile['skipped'][number][] = [];
  const rejected: CsvFile['rejected'][number][] = [];
  const taken = new Map<string, { line: number; row: ImportedRow }>();
  const idOf = identities(preset.format);

  for (const { line, reading, spelled } of inTime(readings, preset)) {
    const reject = (faults: readonly Fault[]) =>
      rejected.push(...faults.map(({ path, message }) => ({ line, path: spelled(path), message })));
    if ('skipped' in reading) {
      skipped.push({ line, message: reading.skipped });
      continue;
    }
    if ('faults' in reading) {
      reject(reading.faults);
      continue;
    }
    const row: ImportedRow = { ...reading.draft.fields, external_id: idOf(reading.draft) };
    const known = taken.get(row.external_id);
    const faults = known ? [] : faultsOf(row, preset.columns);
    if (faults.length > 0) reject(faults);
    else if (known === undefined) taken.set(row.external_id, { line, row });
    else if (JSON.stringify(known.row) === JSON.stringify(row))
      skipped.push({ line, message: `says the same as line ${known.line}, under one id` });
    else reject([{ path: 'external_id', message: `is that of line ${known.line}, which says something else` }]);
  }
  const byLine = (a: { readonly line: number }, b: { readonly line: number }) => a.line - b.line;
  return {
    format: preset.format,
    rows: [...taken.values()],
    skipped: skipped.sort(byLine),
    rejected: rejected.sort(byLine),
  };
}

/** The oldest first: brokers list the newest first, and two buys of a day have an order that FIFO needs. */
function inTime(readings: readonly Read[], { newestFirst = false }: Preset): readonly Read[] {
  const times = readings.flatMap(({ reading }) =>
    'draft' in reading ? [Date.parse(reading.draft.fields.executed_at)] : [],
  );
  const [first, last] = [times.at(0), times.at(-1)];
  if (first === undefined || last === undefined) return readings;
  return first > last || (first === last && newestFirst) ? [...readings].reverse() : readings;
}

/** Ids of rows by what they say, where their source gives none. */
function identities(format: string): (draft: Draft) => string {
  const seen = new Map<string, number>();
  return ({ id, marks }) => {
    if (id !== null) return format === 'signal9' ? id : `${format}:${id}`;
    const says = JSON.stringify([format, ...marks]);
    const occurrence = (seen.get(says) ?? 0) + 1;
    seen.set(says, occurrence);
    const hash = createHash('sha256')
      .update(JSON.stringify([says, occurrence]))
      .digest('hex');
    return `${format}:${hash.slice(0, 32)}`;
  };
}
