import { type ParsedTransaction, type TransactionRow, parseTransaction } from '../../core/portfolio';
import { isSymbol, line as lineOfText } from '../../contract/schemas/primitives';

/** What a file says of a transaction, with everything but an id of ours. */
export type ImportedRow = Required<Omit<TransactionRow, 'transaction_id' | 'external_id'>> & {
  readonly external_id: string;
};

/** A fault of a row; `path` is the column. */
export interface Fault {
  readonly path: string;
  readonly message: string;
}

/** A transaction read from a row, before it is known whether it may be one. */
export interface Draft {
  readonly fields: Omit<ImportedRow, 'external_id'>;
  /** The source's own id; null where it gives none, and then `marks` tell the transaction from others. */
  readonly id: string | null;
  readonly marks: readonly (string | null)[];
}

/** What a row of a file comes to. */
export type Reading =
  { readonly draft: Draft } | { readonly skipped: string } | { readonly faults: readonly [Fault, ...Fault[]] };

export const fault = (path: string, message: string): { readonly faults: readonly [Fault] } => ({
  faults: [{ path, message }],
});

/** The fields of a transaction, of which a row gives some. */
export const fieldsOf = (
  given: Pick<TransactionRow, 'type' | 'executed_at'> & Partial<Draft['fields']>,
): Draft['fields'] => ({
  symbol: null,
  qty: null,
  price: null,
  amount: null,
  fee: null,
  ratio: null,
  sequence: null,
  ...given,
});

const externalId = lineOfText(128);

/**
 * What is wrong with a row by the rules of transactions.
 * @param columns the columns that fields are in, where they have other names
 */
export function faultsOf(row: ImportedRow, columns: Readonly<Record<string, string>>): readonly Fault[] {
  const parsed: ParsedTransaction = parseTransaction({ ...row, transaction_id: '' });
  const faults: Fault[] = parsed.ok ? [] : parsed.errors.map(({ path, message }) => ({ path, message }));
  if (row.symbol !== null && row.symbol !== '' && !isSymbol(row.symbol))
    faults.push({ path: 'symbol', message: `must be a ticker symbol, like AAPL or BRK.B, not ${row.symbol}` });
  if (!externalId.safeParse(row.external_id).success)
    faults.push({ path: 'external_id', message: 'must be one line of at most 128 characters' });
  return faults.map(({ path, message }) => ({ path: columns[path] ?? path, message }));
}
