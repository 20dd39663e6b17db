import { type LiveQuote, type LiveValuation, MAX_PUSHED_HOLDINGS } from '../../contract/schemas/live';
import { parseDecimal } from '../../core/money/decimal';
import { afterSplits, type HoldingView, type Ledger, type Splits, valuate, type Valuation } from '../../core/portfolio';
import { dateAt } from '../../core/trading/trading-day';
import type { PortfolioRow, Snapshot } from '../../lambda/adapters/portfolio/portfolios';

/** A portfolio replayed, without the transactions that it was replayed from. */
export interface Replayed {
  readonly portfolio: PortfolioRow;
  readonly ledger: Ledger;
  readonly splits: Splits;
}

/** A portfolio at the prices of a moment: as it is pushed, and as a value of its day. */
export interface Valued {
  readonly live: LiveValuation;
  readonly snapshot: Snapshot;
}

/** @param timeZone of the market's day */
export function valued(
  { portfolio, ledger, splits }: Replayed,
  quotes: ReadonlyMap<string, LiveQuote>,
  now: Date,
  timeZone: string,
): Valued {
  const valuation = valuate(ledger, afterSplits(quotes, splits, timeZone));
  const at = now.toISOString();
  const { market_value, total_value, cost_basis, unrealized_pl, realized_pl, cash, stale } = valuation.totals;
  return {
    live: liveOf(portfolio, valuation, at),
    snapshot: {
      portfolio_id: portfolio.portfolio_id,
      date: dateAt(now, timeZone),
      ...{ total_value, market_value, cash, cost_basis, realized_pl, unrealized_pl, stale },
      final: false,
      taken_at: at,
    },
  };
}

function liveOf(portfolio: PortfolioRow, { holdings, totals }: Valuation, as_of: string): LiveValuation {
  const held = largestFirst(holdings.filter(({ qty }) => qty !== '0'));
  const { market_value, total_value, cost_basis, unrealized_pl, realized_pl, cash } = totals;
  const { change_today, price_as_of, stale } = totals;
  return {
    portfolio_id: portfolio.portfolio_id,
    user_id: portfolio.user_id,
    as_of,
    currency: portfolio.base_currency,
    totals: {
      ...{ market_value, total_value, cost_basis, unrealized_pl, realized_pl, cash },
      ...{ change_today, price_as_of, stale },
    },
    holdings: held.slice(0, MAX_PUSHED_HOLDINGS).map(pushed),
    holdings_left_out: Math.max(0, held.length - MAX_PUSHED_HOLDINGS),
  };
}

/** Those without a value last, in the order of the alphabet, in which they come. */
function largestFirst(holdings: readonly HoldingView[]): HoldingView[] {
  return holdings
    .map((holding) => ({ holding, value: parseDecimal(holding.market_value) }))
    .sort(({ value: a }, { value: b }) => (a && b ? b.cmp(a) : Number(b !== null) - Number(a !== null)))
    .map(({ holding }) => holding);
}

function pushed(holding: HoldingView): LiveValuation['holdings'][number] {
  const { symbol, qty, current_price, price_as_of, stale, market_value, unrealized_pl, weight } = holding;
  return { symbol, qty, current_price, price_as_of, stale, market_value, unrealized_pl, weight };
}
