import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { functions } from '../../contract/functions';
import type { Order } from '../../core/trading/order';
import { dayBefore } from '../../core/trading/trading-day';
import { onFirstCall } from '../adapters/aws';
import { ledgerOf } from '../adapters/ledger/from-environment';
import { type ObjectStore, s3ObjectStore } from '../adapters/object-store';
import { tradeAnswer } from '../api/trade-answer';
import { everyMinute } from './minute-job';
import type { TradingServices } from './services';

type Services = Pick<TradingServices, 'ledger' | 'clock' | 'log' | 'metrics'> & {
  readonly artifacts: ObjectStore;
  /** In which a day begins and ends. */
  readonly timeZone: string;
};

/** Orders a query. */
const PAGE = 2_000;

/**
 * Yesterday's trades as one file of JSON lines. A trade is of the day on which it ended, filled or not, and then it
 * changes no more: so each trade is in one file, and a second run writes the same file again.
 */
export const makeHandler = (services: Services) => {
  const { ledger, artifacts, timeZone } = services;
  return everyMinute(services, 'trade-export', functions['trade-export'].timeoutSeconds, async (run) => {
    const { date, from, to } = dayBefore(new Date(run.scheduled_time), timeZone);
    run.add('trades', 0);

    async function* lines(): AsyncGenerator<string> {
      for (let after: string | undefined; ;) {
        const orders = await ledger.closedBetween(from, to, PAGE, after);
        run.add('trades', orders.length);
        if (orders.length > 0) yield orders.map(lineOf).join('');
        after = orders.at(-1)?.trade_id;
        if (orders.length < PAGE) return;
      }
    }

    // Held compressed only, and put when whole. A day without trades has its file too: that it is empty is told.
    const parts: Buffer[] = [];
    await pipeline(lines, createGzip(), async (compressed) => {
      for await (const part of compressed as AsyncIterable<Buffer>) parts.push(part);
    });
    await artifacts.put(`trades/date=${date}/trades.jsonl.gz`, Buffer.concat(parts), 'application/gzip');
  });
};

const lineOf = (order: Order): string =>
  `${JSON.stringify({ ...tradeAnswer(order), user_id: order.user_id, closed_at: order.closed_at })}\n`;

export const handler = onFirstCall('trade-export', (environment, aws) =>
  makeHandler({
    ...aws,
    ledger: ledgerOf(environment, aws),
    artifacts: s3ObjectStore(environment.ARTIFACTS_BUCKET),
    timeZone: environment.SIGNAL9_TIME_ZONE,
  }),
);
