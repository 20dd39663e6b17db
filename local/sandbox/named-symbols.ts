/**
 * Sandbox companies that every universe holds, each for one thing that providers really send (DOMAIN.md §6).
 *
 * Every sandbox symbol has five letters and ends in J, a fifth letter that US exchanges hardly use: nobody takes one
 * for a real company's.
 */
export const SANDBOX_SYMBOLS = {
  /** A healthy, profitable, growing company: the one to show. */
  steady: 'ACMEJ',
  /** A bank: FINANCIAL SERVICES, no split into current and non-current. */
  bank: 'BANKJ',
  /** An insurer: likewise. */
  insurer: 'INSRJ',
  /** Liabilities above assets, by buying back its own shares. */
  negativeEquity: 'NEGEJ',
  /** "None" where scores want numbers, a year missing in one statement, rows in another order. */
  missingData: 'GAPSJ',
  /** Listed last year: one annual report. */
  oneAnnualReport: 'ONEYJ',
  /** Its fiscal year ends in September. */
  septemberYearEnd: 'SEPTJ',
  /** Reports in EUR, is quoted in USD. */
  foreignCurrency: 'EUROJ',
  /** Inactive: in the asset list, without prices and fundamentals. */
  inactive: 'GONEJ',
  /** Listed without `easy_to_borrow` and `borrow_status`. */
  noEasyToBorrow: 'NOETJ',
  /** An exchange and attributes that no specification lists. */
  unknownExchange: 'ODDXJ',
  /** A share class: `DUALJ.B` at Alpaca, `DUALJ-B` at Alpha Vantage. */
  classShare: 'DUALJ.B',
  /** A fund: it has prices, and Alpha Vantage answers `{}` for its fundamentals. */
  noFundamentals: 'FUNDJ',
  /** No revenue yet. */
  zeroRevenue: 'ZEROJ',
  /** No debt: interest expense "0". */
  noDebt: 'NODTJ',
  /** Has not traded: null latestTrade, a quote of 0, no daily bar. */
  thinlyTraded: 'THINJ',
  /** Makes losses. */
  lossMaking: 'LOSSJ',
} as const;

export type Trait = keyof typeof SANDBOX_SYMBOLS;
