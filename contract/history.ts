/**
 * The day's history as it lies in the history bucket: `<dataset>/date=YYYY-MM-DD/part-NNNNN.parquet`. What writes the
 * files and what makes tables of them both read these columns, so that they cannot drift apart.
 */
export const HISTORY_PARTITION = { name: 'date', type: 'date' } as const;

/** Athena's names of types. */
export type HistoryType = 'string' | 'boolean' | 'bigint' | 'date' | 'timestamp' | 'decimal(38,9)';

export interface HistoryColumn {
  readonly name: string;
  readonly type: HistoryType;
  readonly comment: string;
}

/** Money in the portfolio's currency and quantities of shares, exactly; unknown is null. */
const decimal = 'decimal(38,9)';

export const history = {
  /** A row for each portfolio and day, whether the market was open or not. */
  valuations: [
    { name: 'portfolio_id', type: 'string', comment: 'Whose owner only the database knows' },
    { name: 'currency', type: 'string', comment: 'ISO 4217' },
    { name: 'total_value', type: decimal, comment: 'Market value and cash' },
    { name: 'market_value', type: decimal, comment: 'Of all shares' },
    { name: 'cash', type: decimal, comment: 'Null where no deposit is recorded' },
    { name: 'cost_basis', type: decimal, comment: 'Of the shares held, fees of buying included' },
    { name: 'realized_pl', type: decimal, comment: 'Since the first transaction, after fees' },
    { name: 'unrealized_pl', type: decimal, comment: 'Market value less cost basis' },
    { name: 'dividends', type: decimal, comment: 'Since the first transaction, before tax withheld' },
    { name: 'fees', type: decimal, comment: 'Since the first transaction' },
    { name: 'stale', type: 'boolean', comment: 'Closes could not be renewed: the newest known were used' },
  ],
  /** A row for each symbol that a portfolio holds at the day's end. */
  holdings: [
    { name: 'portfolio_id', type: 'string', comment: 'As in valuations' },
    { name: 'symbol', type: 'string', comment: 'As Alpaca spells it' },
    { name: 'qty', type: decimal, comment: 'Below zero where more was sold than held' },
    { name: 'avg_entry_price', type: decimal, comment: 'Mean price paid, without fees' },
    { name: 'cost_basis', type: decimal, comment: 'With the fees of buying' },
    { name: 'close', type: decimal, comment: 'Of one share, as it was on the day' },
    { name: 'close_date', type: 'date', comment: 'Of the close that was used' },
    { name: 'market_value', type: decimal, comment: 'qty times close' },
    { name: 'unrealized_pl', type: decimal, comment: 'Market value less cost basis' },
    { name: 'realized_pl', type: decimal, comment: 'Of sales, after fees' },
    { name: 'dividends', type: decimal, comment: 'Before tax withheld' },
    { name: 'fees', type: decimal, comment: 'That name the symbol' },
    { name: 'stale', type: 'boolean', comment: 'The close could not be renewed' },
  ],
  /** A row for each transaction, on the day on which it was recorded, whenever it was executed. */
  transactions: [
    { name: 'portfolio_id', type: 'string', comment: 'As in valuations' },
    { name: 'transaction_id', type: 'string', comment: 'ULID' },
    { name: 'type', type: 'string', comment: 'buy, sell, dividend, split, deposit, withdrawal or fee' },
    { name: 'symbol', type: 'string', comment: 'Null for cash' },
    { name: 'qty', type: decimal, comment: 'Shares of a buy or sell' },
    { name: 'price', type: decimal, comment: 'Of one share; null where not known' },
    { name: 'amount', type: decimal, comment: 'Of a dividend, deposit, withdrawal or fee' },
    { name: 'fee', type: decimal, comment: 'Commission, or tax withheld from a dividend' },
    { name: 'ratio', type: 'string', comment: 'Of a split, new:old' },
    { name: 'currency', type: 'string', comment: 'ISO 4217' },
    { name: 'executed_at', type: 'timestamp', comment: 'UTC' },
    { name: 'recorded_at', type: 'timestamp', comment: 'UTC' },
    { name: 'source', type: 'string', comment: 'manual, import or trade' },
    { name: 'trade_id', type: 'string', comment: 'Of a booked trade, its order in the ledger' },
    { name: 'sequence', type: 'bigint', comment: 'Of a booked trade, its number in the ledger' },
  ],
} as const satisfies Record<string, readonly HistoryColumn[]>;

export type HistoryDataset = keyof typeof history;

/** How a value of a type is given to the writer: decimals as strings, a date as `YYYY-MM-DD`, a time as RFC 3339. */
interface Given {
  readonly string: string;
  readonly boolean: boolean;
  readonly bigint: number;
  readonly date: string;
  readonly timestamp: string;
  readonly 'decimal(38,9)': string;
}

/** A row as it is given to the writer. */
export type HistoryRow<Dataset extends HistoryDataset> = {
  readonly [Column in (typeof history)[Dataset][number] as Column['name']]: Given[Column['type']] | null;
};
