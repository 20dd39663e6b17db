import type { ClientBase } from 'pg';
import type { Holdings } from '../../../contract/schemas/portfolios';
import type { CostMethod, TransactionRow } from '../../../core/portfolio';
import type { Journal } from '../journal';
import type { Published } from '../published';

/** All that the verifier looks at: rows of SQL, the journal, what was published, and what was answered in the end. */
export interface Evidence extends Journal, Published {
  /** When the run began, epoch milliseconds of the machine's time. */
  readonly began: number;
  readonly servers: readonly string[];
  /** Programs that ended by themselves, and messages that were given up. */
  readonly faults: readonly string[];
  /** Deliveries of trades that did not succeed. */
  readonly failures: number;
  /** Portfolios that somebody watched throughout. */
  readonly watched: readonly string[];
  /** In the end, of each portfolio from each process. */
  readonly holdings: readonly { readonly process: string; readonly portfolio_id: string; readonly body: Holdings }[];
  readonly transactions: readonly TransactionRecord[];
  readonly portfolios: readonly PortfolioRecord[];
  readonly streams: readonly StreamRecord[];
  readonly receipts: readonly { readonly execution_id: string }[];
  readonly snapshots: readonly SnapshotRecord[];
  readonly owed: readonly { readonly portfolio_id: string; readonly sequence: number }[];
}

export interface Check {
  readonly id: string;
  /** What holds, in words. */
  readonly says: string;
  /** Everything that speaks against it. */
  readonly breaches: (evidence: Evidence) => string[];
}

export interface TransactionRecord extends Required<TransactionRow> {
  readonly portfolio_id: string;
  readonly source: string;
  readonly trade_id: string | null;
  readonly stream_id: string | null;
}
export interface PortfolioRecord {
  readonly portfolio_id: string;
  readonly user_id: string;
  readonly cost_basis: CostMethod;
  readonly is_default: boolean;
  readonly last_report: number;
}
export interface StreamRecord {
  readonly stream_id: string;
  readonly received_to: number;
  readonly gap_since: string | null;
}
export interface SnapshotRecord {
  readonly portfolio_id: string;
  readonly date: string;
  readonly total_value: string | null;
  readonly cost_basis: string | null;
  readonly stale: boolean;
}

const QUERIES = {
  transactions: `select transaction_id, portfolio_id, type, symbol, trim_scale(qty)::text as qty, trim_scale(price)::text as price,
    trim_scale(amount)::text as amount, trim_scale(fee)::text as fee, ratio,
    to_char(executed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as executed_at, sequence::int, external_id,
    source, trade_id, stream_id from transactions order by transaction_id`,
  portfolios: `select portfolio_id, user_id, cost_basis, is_default, last_report::int from portfolios order by portfolio_id`,
  streams: `select stream_id, received_to::int, gap_since::text from streams order by stream_id`,
  receipts: `select execution_id from receipts order by execution_id`,
  snapshots: `select portfolio_id, date::text, trim_scale(total_value)::text as total_value,
    trim_scale(cost_basis)::text as cost_basis, stale from snapshots order by portfolio_id, date`,
  owed: `select portfolio_id, sequence::int from reports order by report_id`,
} as const;

type Tables = Pick<Evidence, keyof typeof QUERIES>;

export async function readTables(client: ClientBase): Promise<Tables> {
  const tables: Partial<Record<keyof Tables, unknown[]>> = {};
  for (const [table, text] of Object.entries(QUERIES) as [keyof Tables, string][])
    tables[table] = (await client.query<Record<string, unknown>>(text)).rows;
  return tables as unknown as Tables;
}
