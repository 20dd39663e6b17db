import * as z from 'zod/mini';
import { TRANSACTION_TYPES } from '../../../core/portfolio';
import { decimalColumn, instantColumn, integerColumn } from '../ledger/columns';
import { parseRow } from '../stored-row';
import type { OwedReport, PortfolioRow, PortfolioSize, Snapshot, StoredClose, StoredTransaction } from './portfolios';

const portfolioColumns = {
  portfolio_id: z.string(),
  user_id: z.string(),
  name: z.string(),
  base_currency: z.string(),
  cost_basis: z.enum(['average', 'fifo', 'lifo']),
  benchmark: z.nullable(z.string()),
  is_default: z.boolean(),
  revision: integerColumn,
  created_at: instantColumn,
  updated_at: instantColumn,
};
const portfolioRow = z.object(portfolioColumns);
export const portfolioOf = (row: unknown): PortfolioRow => parseRow(portfolioRow, 'portfolios', row);

const lockedRow = z.object({ ...portfolioColumns, last_report: integerColumn });
/** A portfolio whose row is ours until the transaction ends. */
export type LockedPortfolio = z.infer<typeof lockedRow>;
export const lockedOf = (row: unknown): LockedPortfolio => parseRow(lockedRow, 'portfolios', row);
export const shownOf = ({ last_report: _, ...portfolio }: LockedPortfolio): PortfolioRow => portfolio;

const removedRow = z.object({ portfolio_id: z.string(), user_id: z.string(), last_report: integerColumn });
/** What is known of a portfolio that was removed; ours until the transaction ends. */
export type RemovedPortfolio = z.infer<typeof removedRow>;
export const removedOf = (row: unknown): RemovedPortfolio => parseRow(removedRow, 'removed_portfolios', row);

const missingRow = z.array(z.object({ from: integerColumn, to: integerColumn }));
export const missingOf = (row: unknown) => parseRow(missingRow, 'receipts', row);

const transactionRow = z.object({
  transaction_id: z.string(),
  portfolio_id: z.string(),
  type: z.enum(TRANSACTION_TYPES),
  symbol: z.nullable(z.string()),
  qty: z.nullable(decimalColumn),
  price: z.nullable(decimalColumn),
  amount: z.nullable(decimalColumn),
  fee: z.nullable(decimalColumn),
  ratio: z.nullable(z.string()),
  currency: z.string(),
  executed_at: instantColumn,
  sequence: z.nullable(integerColumn),
  external_id: z.nullable(z.string()),
  source: z.enum(['manual', 'import', 'trade']),
  trade_id: z.nullable(z.string()),
  named_portfolio_id: z.nullable(z.string()),
  created_at: instantColumn,
});
export const transactionOf = (row: unknown): StoredTransaction => parseRow(transactionRow, 'transactions', row);

const streamRow = z.object({
  stream_id: z.string(),
  user_id: z.string(),
  received_to: integerColumn,
  gap_since: z.nullable(instantColumn),
});
export type Stream = z.infer<typeof streamRow>;
export const streamOf = (row: unknown): Stream => parseRow(streamRow, 'streams', row);

const settledRow = z.object({ reached: z.nullable(integerColumn), gap_since: z.nullable(instantColumn) });
export const settledOf = (row: unknown) => parseRow(settledRow, 'receipts', row);

const sizeRow = z.object({ portfolio_id: z.string(), transactions: integerColumn });
export const sizeOf = (row: unknown): PortfolioSize => parseRow(sizeRow, 'portfolios', row);

const gapRow = z.object({
  user_id: z.string(),
  portfolio_id: z.nullable(z.string()),
  from: integerColumn,
  to: integerColumn,
});
export const gapOf = (row: unknown) => parseRow(gapRow, 'receipts', row);

const reportRow = z.object({
  report_id: z.string(),
  portfolio_id: z.string(),
  user_id: z.string(),
  symbol: z.string(),
  qty: decimalColumn,
  sequence: integerColumn,
  trade_sequence: integerColumn,
});
export function reportOf(row: unknown): OwedReport {
  const { report_id, ...detail } = parseRow(reportRow, 'reports', row);
  return { report_id, detail };
}

const snapshotRow = z.object({
  portfolio_id: z.string(),
  date: z.string(),
  total_value: z.nullable(decimalColumn),
  market_value: z.nullable(decimalColumn),
  cash: z.nullable(decimalColumn),
  cost_basis: z.nullable(decimalColumn),
  realized_pl: z.nullable(decimalColumn),
  unrealized_pl: z.nullable(decimalColumn),
  stale: z.boolean(),
  final: z.boolean(),
  taken_at: instantColumn,
});
export const snapshotOf = (row: unknown): Snapshot => parseRow(snapshotRow, 'snapshots', row);

const closeRow = z.object({ symbol: z.string(), date: z.string(), close: decimalColumn });
export const closeOf = (row: unknown): StoredClose => parseRow(closeRow, 'closes', row);

const closesKnownRow = z.object({ symbol: z.string(), from: z.string(), to: z.string(), asked_at: instantColumn });
export const closesKnownOf = (row: unknown) => parseRow(closesKnownRow, 'closes_known', row);
