import { Decimal } from '../money/decimal';
import { EXCHANGE_TIME_ZONE, dateAt } from '../trading/trading-day';
import {
  type Amount,
  type Reason,
  type Unknown,
  ZERO,
  isKnown,
  minus,
  over,
  plus,
  reasonsOf,
  shown,
  shownRatio,
  sum,
  unknown,
} from './amount';
import { dayBefore } from './calendar';
import type { Holding, Ledger } from './holdings';
import { costOf, qtyOf } from './position';
import type { DatedSplit, Splits } from './price-history';

/** A price of now. */
export interface Price {
  /** Decimal string. */
  readonly price: string;
  /** RFC 3339: when the market made it. */
  readonly as_of: string;
  /** It could not be renewed, and is shown with its age rather than hidden. */
  readonly stale: boolean;
  /** Close of the trading day before. */
  readonly previous_close: string | null;
}
export type Prices = ReadonlyMap<string, Price | null>;

/**
 * Prices of shares as they are after all splits, which is what a ledger's quantities count: until the market makes a price
 * after a split, the latest one is of old shares.
 * @param timeZone of the market's day
 */
export function afterSplits(prices: Prices, splits: Splits, timeZone: string = EXCHANGE_TIME_ZONE): Prices {
  if (splits.size === 0) return prices;
  const all = new Map(prices);
  for (const [symbol, own] of splits) {
    const price = prices.get(symbol);
    if (!price) continue;
    const day = dateAt(new Date(price.as_of), timeZone);
    all.set(symbol, {
      ...price,
      price: perNewShare(price.price, own, day),
      previous_close: price.previous_close && perNewShare(price.previous_close, own, weekdayBefore(day)),
    });
  }
  return all;
}

function perNewShare(price: string, splits: readonly DatedSplit[], day: string): string {
  const later = splits.filter(({ date }) => date > day);
  if (later.length === 0) return price;
  return shown(later.reduce((old, { ratio }) => old.times(ratio.from).div(ratio.to), new Decimal(price))) ?? '';
}

/** The trading day before, but for holidays, on which no split takes effect. */
function weekdayBefore(day: string): string {
  const before = dayBefore(day);
  return [0, 6].includes(new Date(before).getUTCDay()) ? weekdayBefore(before) : before;
}

type Figure = 'avg_entry_price' | 'cost_basis' | 'market_value' | 'unrealized_pl' | 'realized_pl';
type RatioName = 'unrealized_plpc' | 'change_today' | 'weight';

/** A row of `GET /portfolios/{portfolioId}/holdings`: what is not known is null, and `reasons` says why. */
export type HoldingView = Readonly<Record<Figure, string | null> & Record<RatioName, number | null>> & {
  readonly symbol: string;
  readonly qty: string;
  readonly current_price: string | null;
  readonly price_as_of: string | null;
  readonly stale: boolean | null;
  readonly dividends: string;
  readonly fees: string;
  readonly reasons: Readonly<Partial<Record<Figure | RatioName, Reason>>>;
};

type TotalFigure = Exclude<Figure, 'avg_entry_price'> | 'cash' | 'total_value';
type TotalRatio = Exclude<RatioName, 'weight'>;
export type HoldingTotals = Readonly<Record<TotalFigure, string | null> & Record<TotalRatio, number | null>> & {
  /** Sum of the market values that are known; what weights are parts of. */
  readonly known_market_value: string;
  /** Of the oldest price that was used. */
  readonly price_as_of: string | null;
  /** Whether any price that was used is stale. */
  readonly stale: boolean;
  readonly dividends: string;
  readonly fees: string;
  readonly reasons: Readonly<Partial<Record<TotalFigure | TotalRatio, Reason>>>;
};

export interface Valuation {
  /** In the order of the symbols; those sold out too, with a `qty` of "0". */
  readonly holdings: readonly HoldingView[];
  readonly totals: HoldingTotals;
}

interface Valued {
  readonly holding: Holding;
  readonly qty: Decimal;
  readonly price: Price | null;
  readonly paid: Amount;
  readonly cost_basis: Amount;
  readonly market_value: Amount;
  readonly realized_pl: Amount;
  /** qty × previous close. */
  readonly yesterday: Amount;
}

/**
 * Values a ledger at prices.
 *
 * `cost_basis` has the fees of buying in it, `avg_entry_price` has not: it is the mean price paid. `unrealized_pl` is
 * market value − cost basis, `realized_pl` is after all fees, `unrealized_plpc` and `change_today` are fractions.
 * @param prices symbol → price of a share as it is after the ledger's splits (`afterSplits`); null or absent where it is not
 *   known
 */
export function valuate(ledger: Ledger, prices: Prices): Valuation {
  const rows = [...ledger.holdings.values()].map((holding) => valued(holding, prices.get(holding.symbol) ?? null));
  const known = knownMarketValue(rows);
  return { holdings: rows.map((row) => view(row, known)), totals: totals(ledger, rows, known) };
}

function valued(holding: Holding, price: Price | null): Valued {
  const qty = qtyOf(holding);
  const { paid, cost } = costOf(holding);
  return {
    holding,
    qty,
    price: qty.isZero() ? null : price,
    paid,
    cost_basis: cost,
    market_value: worth(holding.symbol, qty, price?.price ?? null),
    realized_pl: sum(holding.sales.map(({ net }) => net)),
    yesterday: worth(holding.symbol, qty, price?.previous_close ?? null),
  };
}

/** qty × price. Nothing is worth nothing, whatever its price. */
const worth = (symbol: string, qty: Decimal, price: string | null): Amount =>
  qty.isZero() ? ZERO : price === null ? unknown('price_unknown', `no price of ${symbol} is known`) : qty.times(price);

/** Sum over what is held and priced. Positions below zero have no weight. */
const knownMarketValue = (rows: readonly Valued[]): Decimal =>
  rows.reduce(
    (known, { market_value }) => (isKnown(market_value) && market_value.gt(0) ? known.plus(market_value) : known),
    ZERO,
  );

function view(row: Valued, known: Decimal): HoldingView {
  const { holding, qty, price, cost_basis, market_value } = row;
  const none = unknown('no_position', `no ${holding.symbol} is held`);
  const unrealized = minus(market_value, cost_basis);
  const figures = {
    avg_entry_price: over(row.paid, qty, none),
    cost_basis,
    market_value,
    unrealized_pl: unrealized,
    realized_pl: row.realized_pl,
  };
  const ratios = {
    unrealized_plpc: over(unrealized, cost_basis, none),
    change_today: change(market_value, row.yesterday, none),
    weight: qty.isNegative()
      ? unknown('oversold', `more ${holding.symbol} was sold than was held`)
      : weight(row, known),
  };
  return {
    symbol: holding.symbol,
    qty: shown(qty) ?? '',
    current_price: price?.price ?? null,
    price_as_of: price?.as_of ?? null,
    stale: price?.stale ?? null,
    ...each(figures, shown),
    ...each(ratios, shownRatio),
    dividends: shown(holding.dividends) ?? '',
    fees: shown(holding.fees) ?? '',
    reasons: reasonsOf({ ...figures, ...ratios }),
  };
}

/** Nothing of nothing is no part of it. */
const weight = ({ market_value }: Valued, known: Decimal): Amount =>
  over(market_value, known.isZero() ? ZERO.plus(1) : known, unknown('no_position', 'nothing is held'));

const change = (now: Amount, before: Amount, none: Unknown): Amount => over(minus(now, before), before, none);

function totals(ledger: Ledger, rows: readonly Valued[], known: Decimal): HoldingTotals {
  const none = unknown('no_position', 'nothing is held');
  const marketValue = sum(rows.map(({ market_value }) => market_value));
  const costBasis = sum(rows.map(({ cost_basis }) => cost_basis));
  const unrealized = minus(marketValue, costBasis);
  const figures = {
    cost_basis: costBasis,
    market_value: marketValue,
    unrealized_pl: unrealized,
    realized_pl: sum(rows.map(({ realized_pl }) => realized_pl)),
    cash: ledger.has_cash_account ? ledger.cash : unknown('no_cash_account', 'no deposit or withdrawal is recorded'),
    total_value: ledger.has_cash_account ? plus(marketValue, ledger.cash) : marketValue,
  };
  const ratios = {
    unrealized_plpc: over(unrealized, costBasis, none),
    change_today: change(marketValue, sum(rows.map(({ yesterday }) => yesterday)), none),
  };
  const used = rows.flatMap(({ price }) => price ?? []);
  return {
    ...each(figures, shown),
    ...each(ratios, shownRatio),
    known_market_value: shown(known) ?? '',
    price_as_of: used.map(({ as_of }) => as_of).sort()[0] ?? null,
    stale: used.some(({ stale }) => stale),
    dividends: shown(ledger.dividends) ?? '',
    fees: shown(ledger.fees) ?? '',
    reasons: reasonsOf({ ...figures, ...ratios }),
  };
}

function each<Name extends string, Out>(
  amounts: Readonly<Record<Name, Amount>>,
  out: (amount: Amount) => Out,
): Record<Name, Out> {
  const shownOnes: Partial<Record<Name, Out>> = {};
  for (const name in amounts) shownOnes[name] = out(amounts[name]);
  return shownOnes as Record<Name, Out>;
}
