import { parquetWriteBuffer } from 'hyparquet-writer';
import { history, type HistoryDataset, type HistoryRow, type HistoryType } from '../../../contract/history';
import { Decimal, roundDecimal } from '../../../core/money/decimal';

const SCALE = 9;
const DAY_MS = 86_400_000;

type SchemaElement = NonNullable<Parameters<typeof parquetWriteBuffer>[0]['schema']>[number];
type Given = string | number | boolean;

/** How a type of Athena's lies in Parquet. */
const ELEMENTS: Readonly<Record<HistoryType, Omit<SchemaElement, 'name'>>> = {
  string: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  boolean: { type: 'BOOLEAN' },
  bigint: { type: 'INT64' },
  date: { type: 'INT32', converted_type: 'DATE' },
  timestamp: { type: 'INT64', converted_type: 'TIMESTAMP_MILLIS' },
  // 38 digits need 16 bytes.
  'decimal(38,9)': {
    type: 'FIXED_LEN_BYTE_ARRAY',
    type_length: 16,
    converted_type: 'DECIMAL',
    precision: 38,
    scale: SCALE,
  },
};

/** What the library is given: decimals unscaled, for a number would lose digits. */
const VALUES: Readonly<Record<HistoryType, (given: Given) => unknown>> = {
  string: String,
  boolean: Boolean,
  bigint: BigInt,
  date: (given) => Date.parse(String(given)) / DAY_MS,
  timestamp: (given) => BigInt(Date.parse(String(given))),
  'decimal(38,9)': (given) =>
    BigInt(
      roundDecimal(new Decimal(String(given)), SCALE)
        .times(10 ** SCALE)
        .toFixed(),
    ),
};

/**
 * Rows as a Parquet file, compressed with Snappy; the same rows give the same bytes. Decimals of more than nine places
 * (a mean price, say) are rounded half to even.
 */
export function parquetOf<Dataset extends HistoryDataset>(
  dataset: Dataset,
  rows: readonly HistoryRow<Dataset>[],
): Uint8Array {
  const columns = history[dataset];
  const given: readonly Readonly<Record<string, Given | null>>[] = rows;
  return new Uint8Array(
    parquetWriteBuffer({
      schema: [
        { name: 'root', num_children: columns.length },
        ...columns.map(({ name, type }) => ({ name, repetition_type: 'OPTIONAL' as const, ...ELEMENTS[type] })),
      ],
      columnData: columns.map(({ name, type }) => ({
        name,
        data: given.map((row) => {
          const value = row[name] ?? null;
          return value === null ? null : VALUES[type](value);
        }),
      })),
    }),
  );
}
