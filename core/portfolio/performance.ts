import {
  type Amount,
  type Reason,
  ZERO,
  isKnown,
  minus,
  plus,
  reasonsOf,
  shown,
  shownRatio,
  sum,
  times,
} from './amount';
import { type Benchmark, type BenchmarkView, compare } from './benchmark';
import { dayBefore, daysBetween } from './calendar';
import { type Edge, dayFlows, edgeOf } from './flows';
import { feeOf, replay } from './holdings';
import { linked } from './linking';
import { type CostMethod, costOf, qtyOf } from './position';
import { type Adjustment, type Closes, type PriceHistory, priceHistory } from './price-history';
import { type MoneyPeriod, annualized, modifiedDietz, moneyWeighted, netFlows } from './returns';
import { type Transaction, dateOf, inOrder, symbolOf } from './transaction';
import { valuesOver } from './values';

export interface PerformanceInput {
  readonly transactions: readonly Transaction[];
  readonly closes: Closes;
  /** @default 'raw' */
  readonly adjustment?: Adjustment;
  readonly cost_basis: CostMethod;
  /** `YYYY-MM-DD`. The period begins at the close of this day: its flows are in the start value. Not after `to`. */
  readonly from: string;
  /** `YYYY-MM-DD`. The period ends at the close of this day. */
  readonly to: string;
  /** @default 'account' where deposits or withdrawals are recorded, else 'trades' */
  readonly edge?: Edge;
  readonly benchmark?: Benchmark;
}

type Money =
  | 'start_value'
  | 'end_value'
  | 'net_flows'
  /** end − start − net flows */
  | 'gain'
  /** Of the sells of the period, after fees. */
  | 'realized_pl'
  /** Of what is held at the end of it: value − cost. */
  | 'unrealized_pl';
type Rate = 'twr' | 'twr_annualized' | 'xirr' | 'modified_dietz';

/** What is not known is null, and `reasons` says why. */
export type Performance = Readonly<Record<Money, string | null> & Record<Rate, number | null>> & {
  readonly from: string;
  readonly to: string;
  /** First day on which there was something to measure: `from`, or that of the first flow. */
  readonly since: string;
  /** Before tax withheld. */
  readonly dividends: string;
  /** All of them; those of trades are in `realized_pl` and `unrealized_pl` already. */
  readonly fees: string;
  readonly benchmark: BenchmarkView | null;
  /** twr since `from`; null where a price is missing. */
  readonly series: readonly { readonly date: string; readonly value: string | null; readonly twr: number | null }[];
  /** Days on which money came or went while nothing was invested, a late dividend say. `twr` cannot show them. */
  readonly twr_leaves_out: readonly string[];
  readonly reasons: Readonly<Partial<Record<Money | Rate, Reason>>>;
};

/** The day before the first transaction: a period from there has everything in it. null where there is none. */
export const inception = (transactions: readonly Transaction[]): string | null => {
  const first = inOrder(transactions)[0];
  return first === undefined ? null : dayBefore(dateOf(first));
};

/** Returns of a whole portfolio between the closes of two days. */
export function performance(input: PerformanceInput): Performance {
  return measure(input, inOrder(input.transactions), input.edge ?? edgeOf(input.transactions), pricesOf(input));
}

export type SymbolPerformance = Performance & { readonly symbol: string };

/** Returns of each symbol's shares, in the order of the alphabet. What is paid for them and what they bring flows. */
export function performanceBySymbol(input: PerformanceInput): readonly SymbolPerformance[] {
  const prices = pricesOf(input);
  const bySymbol = new Map<string, Transaction[]>();
  for (const transaction of inOrder(input.transactions)) {
    const symbol = symbolOf(transaction);
    if (symbol === null || dateOf(transaction) > input.to) continue;
    const own = bySymbol.get(symbol) ?? [];
    bySymbol.set(symbol, own);
    own.push(transaction);
  }
  return [...bySymbol]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([symbol, transactions]) => ({ symbol, ...measure(input, transactions, 'trades', prices) }));
}

const pricesOf = ({ closes, transactions, adjustment = 'raw' }: PerformanceInput): PriceHistory =>
  priceHistory(closes, transactions, adjustment);

function measure(
  input: PerformanceInput,
  ordered: readonly Transaction[],
  edge: Edge,
  prices: PriceHistory,
): Performance {
  const { from, to } = input;
  const until = ordered.filter((transaction) => dateOf(transaction) <= to);
  const within = until.filter((transaction) => dateOf(transaction) > from);
  const flows = dayFlows(within, edge);
  const values = valuesOver({ from, to, transactions: until, closes: input.closes, prices, edge });
  const { points, twr, leaves_out } = linked(values, flows);

  const [start, end] = [values[0]?.value ?? ZERO, values.at(-1)?.value ?? ZERO];
  const money = [...flows.values()].map(({ date, inflow, outflow }) => ({ date, amount: minus(inflow, outflow) }));
  // Idle time before the first flow is no part of the period: it would thin the capital that Modified Dietz divides by.
  const isIdle = isKnown(start) && start.isZero();
  const since = isIdle ? (money[0]?.date ?? from) : from;
  const period: MoneyPeriod = { from: since, to, start, end, flows: money };

  const figures = {
    start_value: start,
    end_value: end,
    net_flows: netFlows(period),
    gain: minus(minus(end, start), netFlows(period)),
    ...profits(input, until, prices),
  };
  const rates = {
    twr,
    twr_annualized: annualized(twr, daysBetween(since, to)),
    xirr: moneyWeighted(period),
    modified_dietz: modifiedDietz(period),
  };
  const [dividends, fees] = [
    within.reduce((all, tx) => (tx.type === 'dividend' ? all.plus(tx.amount) : all), ZERO),
    within.reduce((all, tx) => all.plus(feeOf(tx)), ZERO),
  ];
  return {
    from,
    to,
    since,
    start_value: shown(start),
    end_value: shown(end),
    net_flows: shown(figures.net_flows),
    gain: shown(figures.gain),
    realized_pl: shown(figures.realized_pl),
    unrealized_pl: shown(figures.unrealized_pl),
    twr: shownRatio(twr),
    twr_annualized: shownRatio(rates.twr_annualized),
    xirr: shownRatio(rates.xirr),
    modified_dietz: shownRatio(rates.modified_dietz),
    dividends: shown(dividends) ?? '',
    fees: shown(fees) ?? '',
    benchmark: input.benchmark
      ? compare(
          input.benchmark,
          twr,
          since > from ? dayBefore(since) : from,
          points.map(({ date }) => date),
        )
      : null,
    series: points.map((point) => ({ date: point.date, value: shown(point.value), twr: shownRatio(point.twr) })),
    twr_leaves_out: leaves_out,
    reasons: reasonsOf({ ...figures, ...rates }),
  };
}

/** Realised between the two days; unrealised at the second. */
function profits({ cost_basis, from, to }: PerformanceInput, until: readonly Transaction[], prices: PriceHistory) {
  const holdings = [...replay(until, cost_basis).holdings.values()];
  const sales = holdings.flatMap((holding) => holding.sales).filter((sale) => dateOf(sale) > from);
  const unrealized = holdings.map((holding): Amount => {
    const qty = qtyOf(holding);
    return qty.isZero() ? ZERO : minus(times(qty, prices.on(holding.symbol, to)), costOf(holding).cost);
  });
  return { realized_pl: sum(sales.map(({ net }) => net)), unrealized_pl: unrealized.reduce(plus, ZERO) };
}
