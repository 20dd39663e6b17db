import { functions } from '../../contract/functions';
import { Decimal, formatDecimal } from '../../core/money/decimal';
import { decide } from '../../core/trading/decide';
import type { Order } from '../../core/trading/order';
import { isTooOld } from '../../core/trading/quote-age';
import { onFirstCall } from '../adapters/aws';
import { alpacaOf, busOf } from '../adapters/aws-clients';
import { alpacaTradingOf } from '../adapters/aws-trading-clients';
import { ledgerOf } from '../adapters/ledger/from-environment';
import { createMarketHours } from '../adapters/market-hours';
import { currentQuotes } from '../adapters/quotes';
import { fillAt } from '../adapters/venues/internal';
import { everyMinute, MINUTE_JOB_HTTP } from './minute-job';
import { tellOf } from './publish-owed';
import type { TradingServices } from './services';

type Services = Pick<
  TradingServices,
  'ledger' | 'bus' | 'clock' | 'log' | 'metrics' | 'alpaca' | 'marketHours' | 'quoteMaxAgeSeconds'
>;

/** Orders a bite; their symbols are asked for in one call. */
const BITE = 200;

/** Fills the platform's own waiting orders that the market has reached, at the quote. */
export const makeHandler = (services: Services) => {
  const { ledger, clock, alpaca, marketHours, quoteMaxAgeSeconds } = services;

  return everyMinute(services, 'order-matcher', functions['order-matcher'].timeoutSeconds, async (run) => {
    Object.assign(run.counts, { open: 0, filled: 0, waiting: 0, unquoted: 0 });
    const market = await marketHours.now();
    if (!market.is_open) return;

    let after: string | undefined;
    while (!run.isTimeUp()) {
      const orders = await ledger.open('internal', BITE, after);
      run.add('open', orders.length);
      const now = clock();
      const alive = orders.filter((order) => !isOver(order, now));
      const quotes = await currentQuotes(
        alpaca,
        alive.map(({ symbol }) => symbol),
      );
      await run.forEach(alive, async (order) => {
        const quote = quotes.get(order.symbol);
        if (!quote || isTooOld(quote, now, quoteMaxAgeSeconds)) {
          run.add('unquoted');
          return;
        }
        if (decide(order, { market, quote }) !== 'fill') {
          run.add('waiting');
          return;
        }
        const fill = fillAt(restOf(order), quote.price, clock().toISOString());
        // null: closed since it was read.
        if (!(await ledger.fill(order.trade_id, fill, fill.executed_at))) return;
        run.add('filled');
        await tellOf(order.trade_id, services);
      });
      after = orders.at(-1)?.trade_id;
      if (orders.length < BITE) return;
    }
  });
};

/** Its day is over: order-expiry ends it, whatever the market does in the meantime. */
const isOver = ({ expires_at }: Order, now: Date): boolean =>
  expires_at !== null && Date.parse(expires_at) <= now.getTime();

const restOf = ({ quantity, filled_qty }: Order): string => formatDecimal(new Decimal(quantity).minus(filled_qty));

export const handler = onFirstCall('order-matcher', (environment, aws) =>
  makeHandler({
    ...aws,
    bus: busOf(aws),
    ledger: ledgerOf(environment, aws),
    alpaca: alpacaOf(environment, aws, MINUTE_JOB_HTTP),
    marketHours: createMarketHours({ ...aws, alpaca: alpacaTradingOf(environment, aws, MINUTE_JOB_HTTP) }),
    quoteMaxAgeSeconds: environment.QUOTE_MAX_AGE_SECONDS,
  }),
);
