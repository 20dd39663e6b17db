import { stringify } from 'csv-stringify/sync';
import type { StoredTransaction } from '../../lambda/adapters/portfolio/portfolios';
import { COLUMNS, guarded, ownId } from './signal9';

/**
 * The id by which a transaction is known again in a file: its source's, or else one made of ours. An import adds no row
 * whose `external_id` some transaction of the portfolio has for its identity, booked trades included.
 */
export const identityOf = ({
  external_id,
  transaction_id,
}: Pick<StoredTransaction, 'external_id' | 'transaction_id'>): string => external_id ?? ownId(transaction_id);

/**
 * Transactions as a CSV file (RFC 4180, header, lines end with CR LF), in the order given. It leaves out our own ids, the
 * time of recording and the source: imported into another portfolio and exported there, it is the same file.
 */
export function writeCsv(transactions: readonly StoredTransaction[]): string {
  const rows = transactions.map((transaction) => {
    const row = { ...transaction, external_id: identityOf(transaction) };
    return COLUMNS.map((column) => guarded(String(row[column] ?? '')));
  });
  return stringify([[...COLUMNS], ...rows], { record_delimiter: 'windows' });
}
