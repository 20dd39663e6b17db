import { CsvError, parse } from 'csv-parse/sync';
import * as z from 'zod/mini';
import { dateCell, numericCell, textCell } from './figures';
import { toAlpacaSymbol } from './symbols';

export interface EarningsCalendarRow {
  /** Alpaca's spelling. Two rows may share symbol and fiscal date: the real file lists `BF-A` and `BF.A`. */
  readonly symbol: string;
  readonly name: string;
  readonly report_date: string;
  readonly fiscal_date_ending: string;
  /** EPS, decimal string; the real file has none for more than half of its rows. */
  readonly estimate: string | null;
  readonly currency: string | null;
  /** `pre-market`, `post-market`; the column is absent from older files. */
  readonly time_of_day: string | null;
}

export interface EarningsCalendar {
  readonly rows: readonly EarningsCalendarRow[];
  readonly rejected: readonly { readonly line: number; readonly reason: string }[];
}

const REQUIRED = ['symbol', 'reportDate', 'fiscalDateEnding'];

const records = z.array(z.object({ record: z.array(z.string()), info: z.object({ lines: z.number() }) }));

/**
 * EARNINGS_CALENDAR, by header: columns were added and may move.
 * @returns the rows, or a reason why the text is no calendar at all.
 */
export function parseEarningsCalendar(csv: string): EarningsCalendar | string {
  const rejected: { line: number; reason: string }[] = [];
  const parsed = records.safeParse(
    parse(csv, {
      bom: true,
      info: true,
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
      // A download cut in the middle of a quoted name loses its last row, not the file.
      skip_records_with_error: true,
      on_skip: (error) => {
        if (error instanceof CsvError) rejected.push({ line: Number(error.lines), reason: error.code });
        return undefined;
      },
    }),
  );
  const [header, ...body] = parsed.data ?? [];
  const columns = header?.record.map((name) => name.trim()) ?? [];
  const missing = REQUIRED.filter((name) => !columns.includes(name));
  if (missing.length > 0) return `columns missing: ${missing.join(', ')}`;

  const rows: EarningsCalendarRow[] = [];
  for (const { record, info } of body) {
    const result =
      record.length === columns.length
        ? parseRow((name) => record[columns.indexOf(name)])
        : `${record.length} cells under ${columns.length} columns`;
    if (typeof result === 'string') rejected.push({ line: info.lines, reason: result });
    else rows.push(result);
  }
  return { rows, rejected };
}

function parseRow(cell: (column: string) => string | undefined): EarningsCalendarRow | string {
  const symbol = textCell(cell('symbol'));
  const report = dateCell(cell('reportDate'));
  const fiscal = dateCell(cell('fiscalDateEnding'));
  const estimate = numericCell(cell('estimate'));
  if (!symbol.ok || symbol.value === null) return 'symbol: empty';
  if (!report.ok || report.value === null) return 'reportDate: not a date';
  if (!fiscal.ok || fiscal.value === null) return 'fiscalDateEnding: not a date';
  if (!estimate.ok) return 'estimate: not a number';
  const text = (column: string) => {
    const parsed = textCell(cell(column));
    return parsed.ok ? parsed.value : null;
  };
  return {
    symbol: toAlpacaSymbol(symbol.value),
    name: text('name') ?? '',
    report_date: report.value,
    fiscal_date_ending: fiscal.value,
    estimate: estimate.value,
    currency: text('currency'),
    time_of_day: text('timeOfTheDay'),
  };
}
