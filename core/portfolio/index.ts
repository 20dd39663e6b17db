/** What the rest of the platform may use of the portfolio's knowledge. */
export { type Allocation, type Slice, allocate } from './allocation';
export { type Reason, type ReasonCode } from './amount';
export { type Benchmark, type BenchmarkView } from './benchmark';
export { type Edge } from './flows';
export { type Admission, type Holding, type Ledger, type Oversell, admit, openLedger, replay } from './holdings';
export {
  type Performance,
  type PerformanceInput,
  type SymbolPerformance,
  inception,
  performance,
  performanceBySymbol,
} from './performance';
export { type CostMethod, qtyOf, surplusOf } from './position';
export { type Adjustment, type Close, type Closes, type Splits, splitsOf } from './price-history';
export { type MoneyPeriod, type SubPeriod, annualized, modifiedDietz, moneyWeighted, timeWeighted } from './returns';
export {
  TRANSACTION_TYPES,
  type Transaction,
  type TransactionRow,
  type TransactionType,
  byOrder,
  dateOf,
} from './transaction';
export {
  FIELD_RULES,
  NUMBER_RULES,
  type ParsedTransaction,
  type TransactionError,
  parseTransaction,
} from './transaction-rules';
export {
  type HoldingTotals,
  type HoldingView,
  type Price,
  type Prices,
  type Valuation,
  afterSplits,
  valuate,
} from './valuation';
export { type CashFlow, xirr } from './xirr';
