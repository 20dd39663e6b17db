import { tradeRoutes as routes } from '../../contract/routes/trades';
import { onFirstCall } from '../adapters/aws';
import { ledgerOf } from '../adapters/ledger/from-environment';
import type { Ledger, TradeFilter } from '../adapters/ledger/ledger';
import { failure, refusedParameter } from './answers';
import { endOf, startOf } from './reads/news';
import { invalidCursor, pageRequest } from './reads/page';
import { type ApiHandler, implement, serve, type ServeServices } from './serve';
import { tradeAnswer } from './trade-answer';

export interface TradesServices extends ServeServices {
  readonly ledger: Ledger;
}

/** How far behind the writer the reader may be; Aurora's replicas are behind by much less than a second. */
const REPLICA_LAG_MS = 10_000;

/** A time that a column can hold: a calendar date may be of the year 0, and an offset may lead beyond the year 9999. */
const storable = (time: number): string => new Date(Math.min(Math.max(time, 0), Date.UTC(9999, 11, 31))).toISOString();

/** Reads of trades, from the ledger's reader; a trade just booked is there too. Another's is not found. */
export function makeHandler(services: TradesServices): ApiHandler {
  const { ledger, clock } = services;

  const listTrades = implement(routes.listTrades, async (input, { sub }) => {
    const { symbol, side, from, to } = input.query;
    if (from !== undefined && to !== undefined && startOf(from) > endOf(to))
      return refusedParameter('from', 'must not be after to');
    const page = pageRequest(routes.listTrades, input);
    if (page.after === null) return invalidCursor();
    const [before] = page.after ?? [];
    const filter: TradeFilter = {
      ...(symbol !== undefined && { symbol: symbol.toUpperCase() }),
      ...(side !== undefined && { side }),
      ...(from !== undefined && { from: storable(startOf(from)) }),
      ...(to !== undefined && { to: storable(endOf(to)) }),
    };
    const recentSince = new Date(clock().getTime() - REPLICA_LAG_MS).toISOString();
    const { orders, more } = await ledger.list(sub, filter, {
      limit: page.limit,
      ...(before !== undefined && { before }),
      recentSince,
    });
    const last = orders.at(-1);
    return {
      body: { items: orders.map(tradeAnswer), next_cursor: more && last ? page.cursorAfter([last.trade_id]) : null },
    };
  });

  const getTrade = implement(routes.getTrade, async ({ parameters: { tradeId } }, { sub }) => {
    const order = await ledger.get(sub, tradeId);
    return order ? { body: tradeAnswer(order) } : failure('not_found', 'There is no such trade');
  });

  return serve([listTrades, getTrade], services);
}

export const handler = onFirstCall('api-trades', (environment, aws) =>
  makeHandler({ ...aws, ledger: ledgerOf(environment, aws), consoleOrigin: environment.CONSOLE_ORIGIN }),
);
