import * as z from 'zod/mini';
import { booleanParameter, currency, date, decimal, instant, line, shown, symbol, ulid } from './primitives';
import { tradeId } from './trades';

/** They protect the platform; nobody who keeps their portfolios comes near. */
export const MAX_PORTFOLIOS = 100;
export const MAX_TRANSACTIONS = 50_000;
/** Rows of one import: as many as an export may have. */
export const MAX_IMPORT_ROWS = MAX_TRANSACTIONS;
/** Bytes of one import; API Gateway carries no more. */
export const MAX_IMPORT_BYTES = 9_500_000;

export const costBasis = z.enum(['average', 'fifo', 'lifo']);

export const portfolio = shown(
  z.object({
    portfolio_id: ulid(),
    name: line(100),
    base_currency: currency(),
    cost_basis: costBasis,
    /** Symbol that the returns are compared with. */
    benchmark: z.nullable(symbol()),
    /** Takes the caller's trades that name no portfolio; made by the first of them. */
    is_default: z.boolean(),
    created_at: instant(),
    updated_at: instant(),
  }),
  { id: 'Portfolio' },
);
export type Portfolio = z.infer<typeof portfolio>;

/** What PUT replaces. `base_currency` other than USD is refused (422). */
export const portfolioBody = z.strictObject({
  name: line(100),
  base_currency: z._default(currency(), 'USD'),
  cost_basis: z._default(costBasis, 'average'),
  benchmark: z._default(z.nullable(symbol()), null),
});

/** Why a figure is null, by the figure's name. */
const reasons = z.record(z.string(), z.object({ code: z.string(), message: z.string() }));

/** Something that does not agree; it is told, not hidden, and the figures show it. */
export const discrepancy = shown(
  z.object({
    /**
     * oversell: more was sold than was held · missing_trades: the ledger has numbered trades that have not arrived ·
     * foreign_trade: a trade named a portfolio that is not there or is another's, and came here.
     */
    code: z.enum(['oversell', 'missing_trades', 'foreign_trade']),
    message: z.string(),
    symbol: z.nullable(z.string()),
    transaction_id: z.nullable(z.string()),
  }),
  { id: 'Discrepancy' },
);
export type Discrepancy = z.infer<typeof discrepancy>;

export const holding = shown(
  z.object({
    symbol: symbol(),
    /** Below zero where more was sold than held: see `discrepancies`. */
    qty: decimal(),
    avg_entry_price: z.nullable(decimal()),
    cost_basis: z.nullable(decimal()),
    current_price: z.nullable(decimal()),
    price_as_of: z.nullable(instant()),
    stale: z.nullable(z.boolean()),
    market_value: z.nullable(decimal()),
    unrealized_pl: z.nullable(decimal()),
    unrealized_plpc: z.nullable(z.number()),
    realized_pl: z.nullable(decimal()),
    change_today: z.nullable(z.number()),
    weight: z.nullable(z.number()),
    dividends: decimal(),
    fees: decimal(),
    reasons,
  }),
  { id: 'Holding' },
);

export const holdingTotals = shown(
  z.object({
    cost_basis: z.nullable(decimal()),
    market_value: z.nullable(decimal()),
    unrealized_pl: z.nullable(decimal()),
    unrealized_plpc: z.nullable(z.number()),
    realized_pl: z.nullable(decimal()),
    change_today: z.nullable(z.number()),
    cash: z.nullable(decimal()),
    total_value: z.nullable(decimal()),
    /** Sum of the market values that are known. */
    known_market_value: decimal(),
    price_as_of: z.nullable(instant()),
    stale: z.boolean(),
    dividends: decimal(),
    fees: decimal(),
    reasons,
  }),
  { id: 'HoldingTotals' },
);

const slice = z.object({ name: z.nullable(z.string()), market_value: decimal(), weight: z.number() });

export const holdings = shown(
  z.object({
    portfolio_id: ulid(),
    currency: currency(),
    /** When this was computed; the age of a price is its own `price_as_of`. */
    as_of: instant(),
    items: z.array(holding),
    totals: holdingTotals,
    allocation: z.object({ by_symbol: z.array(slice), left_out: z.array(z.string()) }),
    discrepancies: z.array(discrepancy),
  }),
  { id: 'Holdings' },
);
export type Holdings = z.infer<typeof holdings>;

export const holdingsQuery = z.strictObject({
  closed: z.optional(booleanParameter({ default: false, description: 'With the symbols that were sold out' })),
});

const point = z.object({ date: date(), value: z.nullable(decimal()), twr: z.nullable(z.number()) });

const figures = {
  from: date(),
  to: date(),
  /** First day on which there was something to measure. */
  since: date(),
  currency: currency(),
  start_value: z.nullable(decimal()),
  end_value: z.nullable(decimal()),
  net_flows: z.nullable(decimal()),
  gain: z.nullable(decimal()),
  realized_pl: z.nullable(decimal()),
  unrealized_pl: z.nullable(decimal()),
  dividends: decimal(),
  fees: decimal(),
  twr: z.nullable(z.number()),
  twr_annualized: z.nullable(z.number()),
  xirr: z.nullable(z.number()),
  modified_dietz: z.nullable(z.number()),
  benchmark: z.nullable(
    z.object({
      symbol: symbol(),
      twr: z.nullable(z.number()),
      excess: z.nullable(z.number()),
      series: z.array(z.object({ date: date(), twr: z.nullable(z.number()) })),
      reasons,
    }),
  ),
  series: z.array(point),
  /** Days on which money came or went while nothing was invested; `twr` cannot show them. */
  twr_leaves_out: z.array(date()),
  reasons,
} as const;

/** Points of the series of one symbol in `?by=symbol`. */
export const MAX_SYMBOL_POINTS = 500;

export const performance = shown(
  z.object({
    portfolio_id: ulid(),
    ...figures,
    /** Prices could not be renewed: the newest known closes were used. */
    stale: z.boolean(),
    /**
     * With `?by=symbol`: the same figures of each symbol's shares. Their `benchmark` is null, being the portfolio's, and of
     * long series there are `MAX_SYMBOL_POINTS` points, fewer where there are many symbols: the first, the last, and some
     * between, evenly.
     */
    symbols: z.optional(z.array(z.object({ symbol: symbol(), ...figures }))),
  }),
  { id: 'Performance' },
);
export type PerformanceAnswer = z.infer<typeof performance>;

export const performanceQuery = z.strictObject({
  from: z.optional(
    shown(date(), { description: 'The period begins at the close of this day; the first day by default' }),
  ),
  to: z.optional(shown(date(), { description: 'The period ends at the close of this day; today by default' })),
  by: z.optional(z.enum(['symbol'])),
});

export const transactionType = z.enum(['buy', 'sell', 'dividend', 'split', 'deposit', 'withdrawal', 'fee']);

/** A decimal as people and files write it: a string. Its sign, size and decimals are rules of core/portfolio (422). */
const amount = () => decimal();

export const transactionBody = z.strictObject({
  type: transactionType,
  symbol: z.optional(z.nullable(symbol())),
  qty: z.optional(z.nullable(amount())),
  price: z.optional(z.nullable(amount())),
  amount: z.optional(z.nullable(amount())),
  fee: z.optional(z.nullable(amount())),
  ratio: z.optional(z.nullable(shown(line(30), { description: 'new:old; "2:1" gives two shares for one' }))),
  executed_at: instant(),
  external_id: z.optional(z.nullable(line(128))),
});
export type TransactionBody = z.infer<typeof transactionBody>;

export const transaction = shown(
  z.object({
    transaction_id: ulid(),
    portfolio_id: ulid(),
    type: transactionType,
    symbol: z.nullable(symbol()),
    qty: z.nullable(decimal()),
    price: z.nullable(decimal()),
    amount: z.nullable(decimal()),
    fee: z.nullable(decimal()),
    ratio: z.nullable(z.string()),
    currency: currency(),
    executed_at: instant(),
    external_id: z.nullable(z.string()),
    /** trade: booked by the ledger; a fact that cannot be deleted here. */
    source: z.enum(['manual', 'import', 'trade']),
    trade_id: z.nullable(tradeId()),
    /** Of a trade: its number in the ledger. */
    sequence: z.nullable(z.number()),
    created_at: instant(),
  }),
  { id: 'Transaction' },
);
export type TransactionAnswer = z.infer<typeof transaction>;

/** auto: known by its header. signal9 is what the export writes. */
export const IMPORT_FORMATS = ['auto', 'signal9', 'schwab', 'fidelity', 'ibkr'] as const;
export type ImportFormat = (typeof IMPORT_FORMATS)[number];

export const importQuery = z.strictObject({
  format: z.optional(z.enum(IMPORT_FORMATS)),
  partial: z.optional(booleanParameter({ default: false, description: 'Keep the good rows of a file with bad ones' })),
});

export const importReport = shown(
  z.object({
    format: z.string(),
    /** Rows of the file that say something about a transaction. */
    rows: z.number(),
    imported: z.number(),
    /** Were there already. */
    unchanged: z.number(),
    /** Lines that a broker's file has and no portfolio needs: a header in the middle, a cash sweep. */
    skipped: z.array(z.object({ line: z.number(), message: z.string() })),
    /** With `?partial=true` only; otherwise a bad row refuses the file (422, `details` name the lines). */
    rejected: z.array(z.object({ line: z.number(), path: z.string(), message: z.string() })),
  }),
  { id: 'ImportReport' },
);
export type ImportReport = z.infer<typeof importReport>;
