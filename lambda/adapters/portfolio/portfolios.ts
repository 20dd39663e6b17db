import type { EventDetail } from '../../../contract/events';
import type { CostMethod, Transaction, TransactionRow } from '../../../core/portfolio';
import { Unavailable } from '../unavailable';

/** A portfolio as it is kept. Times are RFC 3339, UTC. */
export interface PortfolioRow {
  readonly portfolio_id: string;
  readonly user_id: string;
  readonly name: string;
  readonly base_currency: string;
  readonly cost_basis: CostMethod;
  readonly benchmark: string | null;
  readonly is_default: boolean;
  /** Grows by one with every change of the portfolio or its transactions; tells whether what was computed still holds. */
  readonly revision: number;
  readonly created_at: string;
  readonly updated_at: string;
}
export type PortfolioFields = Pick<PortfolioRow, 'name' | 'base_currency' | 'cost_basis' | 'benchmark'>;

export type TransactionSource = 'manual' | 'import' | 'trade';

/** A transaction as it is kept. */
export interface StoredTransaction extends Required<TransactionRow> {
  readonly portfolio_id: string;
  readonly currency: string;
  readonly source: TransactionSource;
  readonly trade_id: string | null;
  readonly created_at: string;
  /** The portfolio that a trade named, where it could not go there. */
  readonly named_portfolio_id: string | null;
}

export interface TransactionFilter {
  readonly symbol?: string;
  readonly type?: TransactionRow['type'];
  /** RFC 3339; `from` included, `to` excluded. */
  readonly from?: string;
  readonly to?: string;
}
/** Where the page before ended. */
export interface TransactionPlace {
  readonly executed_at: string;
  readonly transaction_id: string;
}

/** What may change with a portfolio's transactions, and who decides whether it may. */
export interface Change {
  /** What to add; `external_id` null or unknown in the portfolio. */
  readonly add?: readonly Omit<StoredTransaction, 'portfolio_id' | 'created_at' | 'currency'>[];
  /** transaction_ids to remove. */
  readonly remove?: readonly string[];
}
export type ChangeResult<Refusal> =
  | { readonly result: 'changed'; readonly added: readonly StoredTransaction[]; readonly revision: number }
  | { readonly result: 'refused'; readonly refusal: Refusal }
  /** The portfolio would have more than MAX_TRANSACTIONS. */
  | { readonly result: 'too_many' }
  | { readonly result: 'no_portfolio' };

/** All of a portfolio at one moment. */
export interface PortfolioState {
  readonly portfolio: PortfolioRow;
  /** In the order of replay. */
  readonly transactions: readonly StoredTransaction[];
  /** Numbers of the ledger that have not arrived though later ones have. */
  readonly missing: readonly MissingTrades[];
}
export interface PortfolioSize {
  readonly portfolio_id: string;
  readonly transactions: number;
}
/** Executions from..to of a stream have not arrived. */
export interface MissingTrades {
  readonly from: number;
  readonly to: number;
}
/** A gap of some portfolio, for the reconciliation. */
export interface Gap extends MissingTrades {
  readonly user_id: string;
  /** As the ledger numbers: null for the trades of a user that name no portfolio. */
  readonly portfolio_id: string | null;
}

export type RecordResult =
  /** recorded: news · repeated: it was there · left: its user has left, and what is booked for them is kept elsewhere. */
  { readonly result: 'recorded' | 'repeated' | 'left'; readonly portfolio_id: string | null };

/** One day of a portfolio. */
export interface Snapshot {
  readonly portfolio_id: string;
  /** `YYYY-MM-DD` in the market's zone. */
  readonly date: string;
  /** Decimal strings; null where not known. */
  readonly total_value: string | null;
  readonly market_value: string | null;
  readonly cash: string | null;
  readonly cost_basis: string | null;
  readonly realized_pl: string | null;
  readonly unrealized_pl: string | null;
  readonly stale: boolean;
  /** true: at the day's close, by the daily job, and never overwritten by a value of the minute. */
  readonly final: boolean;
  readonly taken_at: string;
}

/** A report owed to the ledger. */
export interface OwedReport {
  readonly report_id: string;
  readonly detail: EventDetail<'positionsChanged'>;
}

/** A close as it is kept. */
export interface StoredClose {
  readonly symbol: string;
  readonly date: string;
  readonly close: string;
}
/** raw: as traded on the day · all: splits and dividends reckoned in, for a benchmark. */
export type CloseAdjustment = 'raw' | 'all';
/** How far closes of a symbol are known. */
export interface ClosesKnown {
  readonly symbol: string;
  /** Dates (inclusive) that were asked for, whether the market was open or not. */
  readonly from: string;
  readonly to: string;
  /** When `to` was last asked for, RFC 3339. */
  readonly asked_at: string;
}

/**
 * The portfolios, their transactions and their days, in PostgreSQL 15. Money and quantities are decimal strings. Everything
 * here may be called twice. A portfolio is only found by its owner: another's is as if it were not there (null).
 *
 * @throws StoreUnavailable where the database cannot be reached, or did not answer in time
 */
export interface PortfolioStore {
  /** Resolves when the database answers. */
  ping(): Promise<void>;

  // Portfolios
  /** @returns 'too_many' where the user has MAX_PORTFOLIOS */
  create(userId: string, fields: PortfolioFields, now: string): Promise<PortfolioRow | 'too_many'>;
  /** By portfolio_id, behind `after`. */
  list(userId: string, page: { readonly limit: number; readonly after?: string }): Promise<readonly PortfolioRow[]>;
  find(userId: string, portfolioId: string): Promise<PortfolioRow | null>;
  /** @param revision where given, the change is made only if the portfolio still has it (If-Match) */
  replace(
    userId: string,
    portfolioId: string,
    fields: PortfolioFields,
    now: string,
    revision?: number,
  ): Promise<PortfolioRow | 'changed' | null>;
  /** With its transactions and days; the ledger is told that nothing is held. @returns whether it was there */
  remove(userId: string, portfolioId: string, now: string): Promise<boolean>;
  /** Removes all that the user has here, and remembers that they left. */
  removeUser(userId: string, removedAt: string, now: string): Promise<number>;

  // Transactions
  state(userId: string, portfolioId: string): Promise<PortfolioState | null>;
  /** Newest first. */
  transactions(
    userId: string,
    portfolioId: string,
    filter: TransactionFilter,
    page: { readonly limit: number; readonly before?: TransactionPlace },
  ): Promise<readonly StoredTransaction[] | null>;
  /**
   * Changes a portfolio's transactions in one database transaction, with the portfolio locked. `decide` is given the state
   * as it is under the lock, and says what to change or why not; it may be called again after a conflict.
   * Where a quantity changes, the reports to the ledger are written in the same transaction.
   */
  change<Refusal>(
    userId: string,
    portfolioId: string,
    now: string,
    decide: (state: PortfolioState) => Change | { readonly refusal: Refusal },
  ): Promise<ChangeResult<Refusal>>;
  /**
   * Makes a transaction of a booked trade. Exactly once in effect (by its execution), never rejected: one that names no
   * portfolio goes into the user's default portfolio, and so does one that names a portfolio that is not theirs.
   */
  record(trade: EventDetail<'tradeBooked'>, now: string): Promise<RecordResult>;
  /** Portfolios in which numbers of the ledger have been missing since before `since`. */
  gaps(since: string, limit: number): Promise<readonly Gap[]>;

  // What the ledger is to be told
  owed(limit: number): Promise<readonly OwedReport[]>;
  told(reportIds: readonly string[], now: string): Promise<void>;

  // Days
  snapshot(snapshots: readonly Snapshot[]): Promise<void>;
  snapshots(portfolioId: string, from: string, to: string): Promise<readonly Snapshot[]>;
  /** How much there is of portfolios, by portfolio_id behind `after`: what pages of `states` are made of. */
  sizes(page: {
    readonly limit: number;
    readonly after?: string;
    readonly among?: readonly string[];
    /** No portfolio's transactions are counted further than this. */
    readonly countTo: number;
  }): Promise<readonly PortfolioSize[]>;
  /** Portfolios with their transactions, by portfolio_id behind `after`, many at once: few queries, however many they are. */
  states(page: {
    readonly limit: number;
    readonly after?: string;
    readonly among?: readonly string[];
  }): Promise<readonly PortfolioState[]>;

  // Closes
  closes(
    symbols: readonly string[],
    adjustment: CloseAdjustment,
    from: string,
    to: string,
  ): Promise<readonly StoredClose[]>;
  closesKnown(symbols: readonly string[], adjustment: CloseAdjustment): Promise<readonly ClosesKnown[]>;
  keepCloses(adjustment: CloseAdjustment, closes: readonly StoredClose[], known: readonly ClosesKnown[]): Promise<void>;

  // Coordination
  /** Tells whoever listens that a portfolio changed; done by `change`, `record` and `replace` themselves. */
  lead(props: LeadProps): Leadership;
  /**
   * Somebody has begun to watch these: tells the leader, so that they hear before its next minute. Ids and symbols that
   * nobody knows are fine.
   */
  touch(watched: { readonly portfolios: readonly string[]; readonly symbols: readonly string[] }): Promise<void>;
}

export interface LeadProps {
  /** Called when this process has become the one that leads, and with `false` when it no longer is. */
  readonly onChange: (isLeader: boolean) => void;
  /** A portfolio changed, whether or not somebody watches it. Told to the leader only. */
  readonly onPortfolioChanged: (portfolioId: string) => void;
  /** Somebody has begun to watch this portfolio. Told to the leader only. */
  readonly onPortfolioWatched: (portfolioId: string) => void;
  /** Somebody has begun to watch these symbols. Told to the leader only. */
  readonly onSymbolsWatched: (symbols: readonly string[]) => void;
}

/**
 * An election by a session's advisory lock: one process of all that ask holds it, and when it dies, so does its session,
 * and the next one has it. Retried by itself when the connection is lost.
 */
export interface Leadership {
  readonly isLeader: () => boolean;
  /** Gives the lock back. */
  stop(): Promise<void>;
}

/** The database cannot be reached, or did not answer in time. */
export class StoreUnavailable extends Unavailable {
  override readonly name = 'StoreUnavailable';
}

/** Replays need parsed transactions; rows that are stored have passed the rules. */
export type { Transaction };
