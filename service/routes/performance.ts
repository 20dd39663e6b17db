import { portfolioRoutes as routes } from '../../contract/routes/portfolios';
import {
  type Closes,
  dateOf,
  inception,
  performance,
  performanceBySymbol,
  type PerformanceInput,
  type Transaction,
  replay,
} from '../../core/portfolio';
import { MAX_SYMBOL_POINTS } from '../../contract/schemas/portfolios';
import { dateAt } from '../../core/trading/trading-day';
import { refusedParameter } from '../../lambda/api/answers';
import type { Implementation } from '../../lambda/api/serve';
import { heldSymbols, parsedTransactions } from '../../lambda/adapters/portfolio/parsed';
import type { PortfolioServices } from '../services';
import { noPortfolio, storeRoutes } from './own';

/** Days before the period whose closes are asked for too: the value at its begin is that of the last trading day. */
const LOOK_BACK_DAYS = 10;
const DAY_MS = 86_400_000;
/** Points of all symbols' series: with some 80 bytes each, half of what API Gateway carries. */
const MAX_POINTS = 60_000;
/** No price is older. */
const FIRST_DAY = '1970-01-01';

/** What a portfolio earned between the closes of two days. */
export function performanceImplementation(services: PortfolioServices): Implementation {
  const { store, clock, log, timeZone } = services;
  return storeRoutes(log)(routes.getPerformance, async ({ parameters: { portfolioId }, query }, { sub }) => {
    const now = clock();
    const today = dateAt(now, timeZone);
    const state = await store.state(sub, portfolioId);
    if (!state) return noPortfolio();

    const { portfolio } = state;
    const transactions = parsedTransactions(state.transactions);
    const to = query.to ?? lastDay(transactions, now, today);
    if (query.from !== undefined && query.from > to) return refusedParameter('from', 'must not be after to');
    const begin = inception(transactions) ?? to;
    const from = query.from ?? (begin < to ? begin : to);
    // Nothing was held before the first transaction, so no price from before it is needed.
    const since = from > begin ? from : begin;
    const symbols = symbolsOf(transactions);
    const needed = { symbols, from: lookBack(since), to, today };
    const [own, benchmark] = await Promise.all([
      closesWithToday(services, { ...needed, held: heldSymbols(replay(transactions, state.portfolio.cost_basis)) }),
      portfolio.benchmark === null ? null : benchmarkOf(services, portfolio.benchmark, needed),
    ]);
    const withoutBenchmark: PerformanceInput = {
      transactions,
      closes: own.closes,
      cost_basis: portfolio.cost_basis,
      from,
      to,
    };
    const input = benchmark ? { ...withoutBenchmark, benchmark: benchmark.benchmark } : withoutBenchmark;
    return {
      body: {
        portfolio_id: portfolioId,
        ...shown(performance(input), portfolio.base_currency),
        stale: own.stale || (benchmark?.stale ?? false),
        ...(query.by === 'symbol' && {
          symbols: performanceBySymbol(withoutBenchmark).map((one) => ({
            symbol: one.symbol,
            ...shown({ ...one, series: thinned(one.series, pointsOf(symbols.length)) }, portfolio.base_currency),
          })),
        }),
      },
    };
  });
}

interface Needed {
  readonly symbols: readonly string[];
  readonly from: string;
  readonly to: string;
  /** In the market's zone. */
  readonly today: string;
}

/** Raw closes, and today's prices as today's closes where the period ends today. */
async function closesWithToday(
  { closes, market, timeZone }: Pick<PortfolioServices, 'closes' | 'market' | 'timeZone'>,
  { symbols, held, from, to, today }: Needed & { readonly held: readonly string[] },
): Promise<{ readonly closes: Closes; readonly stale: boolean }> {
  if (symbols.length === 0) return { closes: new Map(), stale: false };
  const endsToday = to >= today;
  const [past, quotes] = await Promise.all([
    closes.closes(symbols, from, to, 'raw'),
    endsToday ? market.quotes(held) : new Map<string, never>(),
  ]);
  const isStale = endsToday && held.some((symbol) => quotes.get(symbol)?.stale ?? true);
  return { closes: withLast(past.closes, quotes, timeZone), stale: past.stale || isStale };
}

/** With dividends reckoned in: a return is compared with one of the same kind. */
async function benchmarkOf(
  { closes, market, timeZone }: Pick<PortfolioServices, 'closes' | 'market' | 'timeZone'>,
  symbol: string,
  { from, to, today }: Needed,
) {
  const endsToday = to >= today;
  const [past, quotes] = await Promise.all([
    closes.closes([symbol], from, to, 'all'),
    endsToday ? market.quotes([symbol]) : new Map<string, never>(),
  ]);
  const series = withLast(past.closes, quotes, timeZone).get(symbol) ?? [];
  return {
    benchmark: { symbol, closes: series },
    stale: past.stale || (endsToday && (quotes.get(symbol)?.stale ?? true)),
  };
}

/** A quote is of its own day, which may be before a split; where the close of that day or of a later one is known, that counts. */
function withLast(
  closes: Closes,
  quotes: ReadonlyMap<string, { readonly price: string; readonly as_of: string }>,
  timeZone: string,
): Closes {
  const all = new Map(closes);
  for (const [symbol, { price, as_of }] of quotes) {
    const known = closes.get(symbol) ?? [];
    const date = dateAt(new Date(as_of), timeZone);
    if (known.every((close) => close.date < date)) all.set(symbol, [...known, { date, close: price }]);
  }
  return all;
}

/** Today; of a trade that was made late in the market's day, its own day, which is tomorrow's: transactions are of days in UTC. */
const lastDay = (transactions: readonly Transaction[], now: Date, today: string): string =>
  transactions
    .filter(({ instant }) => instant <= now.getTime())
    .reduce((last, transaction) => (dateOf(transaction) > last ? dateOf(transaction) : last), today);

const symbolsOf = (transactions: readonly Transaction[]): readonly string[] => [
  ...new Set(transactions.flatMap((transaction) => ('symbol' in transaction ? (transaction.symbol ?? []) : []))),
];

function lookBack(date: string): string {
  const time = Math.max(Date.parse(date) - LOOK_BACK_DAYS * DAY_MS, Date.parse(FIRST_DAY));
  return new Date(time).toISOString().slice(0, 10);
}

/** Points of one symbol's series: all symbols' together are some megabytes, and a line has its begin and its end. */
const pointsOf = (symbols: number): number =>
  Math.max(2, Math.min(MAX_SYMBOL_POINTS, Math.floor(MAX_POINTS / Math.max(1, symbols))));

/** So many of a series, evenly, the first and the last among them: each point stands for itself. */
function thinned<Point>(series: readonly Point[], most: number): readonly Point[] {
  if (series.length <= most) return series;
  return Array.from({ length: most }, (_, i) => series[Math.round((i * (series.length - 1)) / (most - 1))]).filter(
    (point) => point !== undefined,
  );
}

/** core/portfolio's words are readonly; the contract's are not. */
function shown({ series, twr_leaves_out, benchmark, ...figures }: ReturnType<typeof performance>, currency: string) {
  return {
    ...figures,
    currency,
    series: [...series],
    twr_leaves_out: [...twr_leaves_out],
    benchmark: benchmark && { ...benchmark, series: [...benchmark.series] },
  };
}
