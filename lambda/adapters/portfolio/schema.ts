import type { Generated } from 'kysely';
import type { CostMethod, TransactionType } from '../../../core/portfolio';
import type { CloseAdjustment, TransactionSource } from './portfolios';

/**
 * The portfolios' tables as Kysely sees them: PostgreSQL 15 only. Decimals and times travel as text (ledger/columns.ts).
 * What a row may hold is said by the constraints in migrations/.
 */
export interface PortfolioTables {
  portfolios: PortfoliosTable;
  removed_portfolios: RemovedPortfoliosTable;
  transactions: TransactionsTable;
  streams: StreamsTable;
  receipts: ReceiptsTable;
  reports: ReportsTable;
  departures: DeparturesTable;
  snapshots: SnapshotsTable;
  closes: ClosesTable;
  closes_known: ClosesKnownTable;
}

export interface PortfoliosTable {
  portfolio_id: string;
  user_id: string;
  name: string;
  base_currency: string;
  cost_basis: CostMethod;
  benchmark: string | null;
  is_default: boolean;
  revision: string | number;
  /** Number of the last report that the ledger was owed; 0 before the first. */
  last_report: string | number;
  created_at: string;
  updated_at: string;
}

/** What a portfolio leaves behind: the ledger may book trades that name it, and is told that it holds nothing. */
export interface RemovedPortfoliosTable {
  portfolio_id: string;
  user_id: string;
  last_report: string | number;
  /** When the portfolio was made. */
  created_at: string;
}

export interface TransactionsTable {
  /** Of a trade: its execution's. */
  transaction_id: string;
  portfolio_id: string;
  type: TransactionType;
  symbol: string | null;
  qty: string | null;
  price: string | null;
  amount: string | null;
  fee: string | null;
  ratio: string | null;
  currency: string;
  executed_at: string;
  sequence: string | number | null;
  external_id: string | null;
  source: TransactionSource;
  trade_id: string | null;
  /** What numbered the trade. */
  stream_id: string | null;
  named_portfolio_id: string | null;
  created_at: string;
}

/** How far the ledger's numbers have arrived, without gaps, of each of its streams. */
export interface StreamsTable {
  /** `portfolio#<portfolio_id>` or `user#<user_id>`, as in the ledger. */
  stream_id: string;
  user_id: string;
  portfolio_id: string | null;
  received_to: string | number;
  /** Since when a later number than the next one is here; null where none is. */
  gap_since: string | null;
}

/** Every booked trade that arrived, by its execution. Outlives the portfolio it went to, so that it arrives once only. */
export interface ReceiptsTable {
  execution_id: string;
  stream_id: string;
  sequence: string | number;
  user_id: string;
  submitted_at: string;
  received_at: string;
}

/** What the ledger is owed. A row goes when it was told. */
export interface ReportsTable {
  report_id: Generated<string>;
  portfolio_id: string;
  user_id: string;
  symbol: string;
  qty: string;
  sequence: string | number;
  trade_sequence: string | number;
  written_at: string;
}

export interface DeparturesTable {
  /** A digest of the user's id, which itself is kept no more. */
  person: string;
  removed_at: string;
}

export interface SnapshotsTable {
  portfolio_id: string;
  date: string;
  total_value: string | null;
  market_value: string | null;
  cash: string | null;
  cost_basis: string | null;
  realized_pl: string | null;
  unrealized_pl: string | null;
  stale: boolean;
  final: boolean;
  taken_at: string;
}

export interface ClosesTable {
  adjustment: CloseAdjustment;
  symbol: string;
  date: string;
  close: string;
}

export interface ClosesKnownTable {
  adjustment: CloseAdjustment;
  symbol: string;
  from_date: string;
  to_date: string;
  asked_at: string;
}
