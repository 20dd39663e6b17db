import { CsvError, parse } from 'csv-parse/sync';

/** A file that cannot be taken at all. */
export interface Unreadable {
  /** null where it is not one line's fault. */
  readonly line: number | null;
  readonly unreadable: string;
}

/** A row of a file, as it stands there. */
export interface TextRow {
  /** Where it begins; the first line is 1. */
  readonly line: number;
  /** Without the spaces around them. */
  readonly cells: readonly string[];
}

const DELIMITERS = [',', ';', '\t'] as const;

/** A broker puts some lines before its header: a title, a disclaimer, blank ones. */
const HEADER_WITHIN = 25;

/**
 * The rows of a CSV file, by the delimiter under which its header is known. Lines without text are left out.
 * @param isHeader tells the header, given its cells
 */
export function readTable(
  text: string,
  isHeader: (cells: readonly string[]) => boolean,
): { readonly header: TextRow; readonly body: readonly TextRow[] } | Unreadable {
  const garbled = notText(text);
  if (garbled) return garbled;
  const at = (rows: readonly TextRow[]) => rows.slice(0, HEADER_WITHIN).findIndex(({ cells }) => isHeader(cells));

  const delimiter = DELIMITERS.find((candidate) => {
    const first = rowsOf(text, candidate, HEADER_WITHIN);
    return !('unreadable' in first) && at(first) >= 0;
  });
  const rows = rowsOf(text, delimiter ?? ',');
  if ('unreadable' in rows) return rows;
  const place = at(rows);
  const header = rows[place];
  if (header === undefined)
    return { line: null, unreadable: `has no header that is known in its first ${HEADER_WITHIN} lines` };
  return { header, body: rows.slice(place + 1) };
}

/** U+FFFD stands where bytes were no UTF-8; UTF-16 that was read as UTF-8 is full of NULs. */
function notText(text: string): Unreadable | null {
  const at = text.search(/[\uFFFD\0]/u);
  return at < 0 ? null : { line: lineBreaks(text.slice(0, at)) + 1, unreadable: 'is not text in UTF-8' };
}

const lineBreaks = (text: string): number => text.match(/\r\n|\n|\r/g)?.length ?? 0;

function rowsOf(text: string, delimiter: string, most?: number): readonly TextRow[] | Unreadable {
  // Where the row before ended. The parser counts CR LF in quotes as two lines.
  let end = 0;
  let twice = 0;
  const rows: TextRow[] = [];
  try {
    parse(text, {
      bom: true,
      delimiter,
      // All three, for files that were put together of others.
      record_delimiter: ['\r\n', '\n', '\r'],
      relax_column_count: true,
      skip_empty_lines: true,
      ...(most !== undefined && { to: most }),
      on_record: (record: readonly string[], { lines }) => {
        const said = record.join('');
        twice += said.match(/\r\n/g)?.length ?? 0;
        end = lines - twice;
        const cells = record.map((cell) => cell.trim());
        if (cells.some((cell) => cell !== '')) rows.push({ line: end - lineBreaks(said), cells });
        return null;
      },
    });
    return rows;
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    // Of quotes that never close the parser tells the end of the file.
    if (error.code === 'CSV_QUOTE_NOT_CLOSED')
      return { line: end + 1, unreadable: 'opens quotes that are never closed, here or below' };
    return { line: Number(error.lines) - twice, unreadable: 'has quotes that do not fit together' };
  }
}
