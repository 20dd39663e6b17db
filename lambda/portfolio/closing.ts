import type { HistoryRow } from '../../contract/history';
import { type Closes, dateOf, type Ledger, type Price, replay, type Transaction } from '../../core/portfolio';
import { type HoldingView, type Valuation, valuate } from '../../core/portfolio';
import { isKnown, shown } from '../../core/portfolio/amount';
import { priceHistory } from '../../core/portfolio/price-history';
import { heldSymbols, parsedTransactions } from '../adapters/portfolio/parsed';
import type { PortfolioRow, PortfolioState, Snapshot, StoredTransaction } from '../adapters/portfolio/portfolios';

/** A portfolio after the transactions of a day and of those before it. */
export interface AtClose {
  readonly portfolio: PortfolioRow;
  readonly transactions: readonly Transaction[];
  readonly ledger: Ledger;
}

/**
 * By the dates that returns are measured by, so that the day's value is the one that performance shows of it.
 * @throws Error for a stored row that breaks the rules
 */
export function atClose({ portfolio, transactions: rows }: PortfolioState, date: string): AtClose {
  const transactions = parsedTransactions(rows).filter((transaction) => dateOf(transaction) <= date);
  return { portfolio, transactions, ledger: replay(transactions, portfolio.cost_basis) };
}

/** Symbols whose close matters. */
export const heldIn = ({ ledger }: AtClose): readonly string[] => heldSymbols(ledger);

/** A day's closes as they are known. */
export interface DayCloses {
  /** As traded on their days, of the days before too. */
  readonly closes: Closes;
  readonly stale: boolean;
}

/** A portfolio's day: its final snapshot, and its rows in the history. */
export interface ClosedDay {
  readonly snapshot: Snapshot;
  readonly valuation: HistoryRow<'valuations'>;
  readonly holdings: readonly HistoryRow<'holdings'>[];
}

/** @param takenAt RFC 3339 */
export function closedDay(closed: AtClose, closes: DayCloses, date: string, takenAt: string): ClosedDay {
  const { portfolio_id, base_currency: currency } = closed.portfolio;
  const prices = pricesOf(closed, closes, date);
  const { holdings, totals }: Valuation = valuate(closed.ledger, prices);
  const { total_value, market_value, cash, cost_basis, realized_pl, unrealized_pl, dividends, fees, stale } = totals;
  const value = { total_value, market_value, cash, cost_basis, realized_pl, unrealized_pl };
  return {
    snapshot: { portfolio_id, date, ...value, stale, final: true, taken_at: takenAt },
    valuation: { portfolio_id, currency, ...value, dividends, fees, stale },
    holdings: holdings.filter(({ symbol }) => prices.has(symbol)).map((holding) => holdingRow(portfolio_id, holding)),
  };
}

/** The latest close until the day, in shares of the day: after a split the close before it counts other shares. */
function pricesOf(closed: AtClose, { closes, stale }: DayCloses, date: string): ReadonlyMap<string, Price | null> {
  const history = priceHistory(closes, closed.transactions, 'raw');
  return new Map(
    heldIn(closed).map((symbol) => {
      const price = history.on(symbol, date);
      const days = (closes.get(symbol) ?? []).map((close) => close.date).filter((day) => day <= date);
      const last = days.reduce((latest, day) => (day > latest ? day : latest), '');
      // Nobody asks here how the day went, only how it ended.
      const known = { price: shown(price) ?? '', as_of: `${last}T00:00:00Z`, stale, previous_close: null };
      return [symbol, isKnown(price) ? known : null];
    }),
  );
}

const holdingRow = (portfolio_id: string, holding: HoldingView): HistoryRow<'holdings'> => ({
  portfolio_id,
  symbol: holding.symbol,
  qty: holding.qty,
  avg_entry_price: holding.avg_entry_price,
  cost_basis: holding.cost_basis,
  close: holding.current_price,
  close_date: holding.price_as_of?.slice(0, 10) ?? null,
  market_value: holding.market_value,
  unrealized_pl: holding.unrealized_pl,
  realized_pl: holding.realized_pl,
  dividends: holding.dividends,
  fees: holding.fees,
  stale: holding.stale,
});

export const transactionRow = (row: StoredTransaction): HistoryRow<'transactions'> => ({
  portfolio_id: row.portfolio_id,
  transaction_id: row.transaction_id,
  type: row.type,
  symbol: row.symbol,
  qty: row.qty,
  price: row.price,
  amount: row.amount,
  fee: row.fee,
  ratio: row.ratio,
  currency: row.currency,
  executed_at: row.executed_at,
  recorded_at: row.created_at,
  source: row.source,
  trade_id: row.trade_id,
  sequence: row.sequence,
});
