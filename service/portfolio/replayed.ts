import {
  type Ledger,
  parseTransaction,
  qtyOf,
  replay,
  type Transaction,
  type TransactionRow,
} from '../../core/portfolio';
import type { PortfolioState } from '../../lambda/adapters/portfolio/portfolios';

/** Rows as core/portfolio reckons with them. @throws Error for a stored row that breaks the rules which let it in */
export const transactionsOf = (rows: readonly TransactionRow[]): readonly Transaction[] =>
  rows.map((row) => {
    const parsed = parseTransaction(row);
    if (parsed.ok) return parsed.transaction;
    const faults = parsed.errors.map(({ path, message }) => `${path} ${message}`).join('; ');
    throw new Error(`transaction ${row.transaction_id} breaks the rules: ${faults}`);
  });

/** What the portfolio is after all of its transactions. @throws Error as `transactionsOf` */
export const ledgerOf = ({ portfolio, transactions }: Pick<PortfolioState, 'portfolio' | 'transactions'>): Ledger =>
  replay(transactionsOf(transactions), portfolio.cost_basis);

/** Symbols of which there are shares, or of which too many were sold: the ones whose price matters. */
export const heldSymbols = ({ holdings }: Ledger): readonly string[] =>
  [...holdings.values()].filter((holding) => !qtyOf(holding).isZero()).map(({ symbol }) => symbol);
