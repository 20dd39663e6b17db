import * as z from 'zod/mini';
import type { Route } from '../route';
import { date, instant, list, page, symbol } from '../schemas/primitives';
import { trade, tradeBody, tradeId } from '../schemas/trades';

export const tradeRoutes = {
  bookTrade: {
    id: 'bookTrade',
    method: 'POST',
    path: '/trade',
    summary:
      'Books a trade at the market’s price. Send `Idempotency-Key` (or `client_order_id`): the same key again answers the first answer',
    tag: 'trading',
    access: 'person',
    cache: 'none',
    function: 'api-trade',
    body: tradeBody,
    success: { status: 200, body: trade, description: 'The trade: filled (`SUCCESS`), waiting or canceled' },
    errors: [400, 404, 409, 422, 503],
  },
  listTrades: {
    id: 'listTrades',
    method: 'GET',
    path: '/trades',
    summary: 'The caller’s trades, the newest first',
    tag: 'trading',
    access: 'person',
    cache: 'none',
    function: 'api-trades',
    query: z.strictObject({
      symbol: z.optional(symbol()),
      side: z.optional(z.enum(['buy', 'sell'])),
      from: z.optional(z.union([instant(), date()])),
      to: z.optional(z.union([instant(), date()])),
      ...page,
    }),
    success: { status: 200, body: list(trade), description: 'A page of trades' },
    errors: [400, 503],
  },
  getTrade: {
    id: 'getTrade',
    method: 'GET',
    path: '/trades/{tradeId}',
    summary: 'One of the caller’s trades',
    tag: 'trading',
    access: 'person',
    cache: 'none',
    function: 'api-trades',
    parameters: z.strictObject({ tradeId: tradeId() }),
    success: { status: 200, body: trade, description: 'The trade as it is now' },
    errors: [400, 404, 503],
  },
} as const satisfies Record<string, Route>;
