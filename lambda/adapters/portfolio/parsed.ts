import { type Ledger, parseTransaction, qtyOf, type Transaction, type TransactionRow } from '../../../core/portfolio';

/** Rows as core/portfolio reckons with them. @throws Error for a stored row that breaks the rules which let it in */
export const parsedTransactions = (rows: readonly TransactionRow[]): readonly Transaction[] =>
  rows.map((row) => {
    const parsed = parseTransaction(row);
    if (parsed.ok) return parsed.transaction;
    const faults = parsed.errors.map(({ path, message }) => `${path} ${message}`).join('; ');
    throw new Error(`transaction ${row.transaction_id} breaks the rules: ${faults}`);
  });

/** Symbols of which there are shares, or of which too many were sold: the ones whose price matters. */
export const heldSymbols = ({ holdings }: Ledger): readonly string[] =>
  [...holdings.values()].filter((holding) => !qtyOf(holding).isZero()).map(({ symbol }) => symbol);
