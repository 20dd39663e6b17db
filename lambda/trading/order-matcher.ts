import { functions } from '../../contract/functions';
import { formatDecimal } from '../../core/money/decimal';
import { decide } from '../../core/trading/decide';
import { remaining } from '../../core/trading/filling';
import type { Order } from '../../core/trading/order';
import { isOfSession, isTooOld } from '../../core/trading/quote-age';
import { onFirstCall } from '../adapters/aws';
import { alpacaOf, busOf } from '../adapters/aws-clients';
import { alpacaTradingOf } from '../adapters/aws-trading-clients';
import { lookingLedgerOf } from '../adapters/ledger/from-environment';
import { chunksOf } from '../adapters/chunks';
import { createMarketHours, type MarketNow } from '../adapters/market-hours';
import { currentQuotes, type LatestQuote } from '../adapters/quotes';
import { fillAt } from '../adapters/venues/internal';
import { type Left, MINUTE_JOB_HTTP, type MinuteRun, whileBusy } from './minute-job';
import { byOwner, everyOpen, inTurn, minuteOf } from './open-orders';
import { tellOf } from './publish-owed';
import type { TradingServices } from './services';

type Services = Pick<
  TradingServices,
  'ledger' | 'activity' | 'bus' | 'clock' | 'log' | 'metrics' | 'alpaca' | 'marketHours' | 'quoteMaxAgeSeconds'
>;

/** Orders a bite; their symbols are asked for in one call, and their fills told in one. */
const BITE = 200;
/** Fills at a time, each a transaction of several round trips. */
const AT_ONCE = 4;

/** Fills the platform's own waiting orders that the market has reached, at the quote. */
export const makeHandler = (services: Services) => {
  const { ledger, clock, alpaca, marketHours, quoteMaxAgeSeconds } = services;

  /** Nothing is remembered of before: the market may close, and days end, while a run is at work. */
  async function fillOne(run: MinuteRun, order: Order, quote: LatestQuote | undefined): Promise<boolean> {
    const market = await marketHours.now();
    const now = clock();
    if (isOver(order, now)) return false;
    const isPrice =
      quote !== undefined && !isTooOld(quote, now, quoteMaxAgeSeconds) && isOfSession(quote, market.opened_at);
    if (market.is_open && !isPrice) {
      run.add('unquoted');
      return false;
    }
    if (!isPrice || decide(order, { market, quote }) !== 'fill') {
      run.add('waiting');
      return false;
    }
    const fill = fillAt(formatDecimal(remaining(order)), quote.price, now.toISOString());
    // null: closed since it was read.
    if (!(await ledger.fill(order.trade_id, fill, fill.executed_at))) return false;
    run.add('filled');
    return true;
  }

  async function fillBite(run: MinuteRun, bite: readonly Order[]): Promise<void> {
    const alive = bite.filter((order) => !isOver(order, clock()));
    const quotes = await currentQuotes(
      alpaca,
      alive.map(({ symbol }) => symbol),
    );
    const filled: string[] = [];
    const owners = byOwner(alive).values();
    const worker = async () => {
      for (const orders of owners)
        await run.forEach(orders, async (order) => {
          if (await fillOne(run, order, quotes.get(order.symbol))) filled.push(order.trade_id);
        });
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    if (filled.length > 0) await tellOf(filled, services);
  }

  return whileBusy(services, 'order-matcher', functions['order-matcher'].timeoutSeconds, async (run, { mayRest }) => {
    Object.assign(run.counts, { open: 0, filled: 0, waiting: 0, unquoted: 0 });
    const market = await marketHours.now();
    // Nothing is filled while the market is closed; that nothing rests is worth a look where the ledger may sleep then.
    if (!market.is_open && !mayRest) return 'work';
    const open = await everyOpen(ledger, 'internal');
    if (!market.is_open) return open.length === 0 ? { nothingBefore: null } : untilOpening(market);
    run.add('open', open.length);
    const turn = inTurn(byOwner(open), minuteOf(run)).flat();
    // A bite whose prices cannot be told keeps no other waiting.
    await run.forEach(chunksOf(turn, BITE), (bite) => fillBite(run, bite));
    return open.length > 0 ? 'work' : { nothingBefore: null };
  });
};

/** Where nobody knows when the market opens, the next minute asks again. */
const untilOpening = ({ opens_at }: MarketNow): Left => (opens_at === null ? 'work' : { nothingBefore: opens_at });

/** Its day is over: order-expiry ends it, whatever the market does in the meantime. */
const isOver = ({ expires_at }: Order, now: Date): boolean =>
  expires_at !== null && Date.parse(expires_at) <= now.getTime();

export const handler = onFirstCall('order-matcher', (environment, aws) =>
  makeHandler({
    ...aws,
    bus: busOf(aws),
    ...lookingLedgerOf(environment, aws),
    alpaca: alpacaOf(environment, aws, MINUTE_JOB_HTTP),
    marketHours: createMarketHours({ ...aws, alpaca: alpacaTradingOf(environment, aws, MINUTE_JOB_HTTP) }),
    quoteMaxAgeSeconds: environment.QUOTE_MAX_AGE_SECONDS,
  }),
);
