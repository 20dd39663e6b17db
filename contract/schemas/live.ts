import * as z from 'zod/mini';
import { currency, decimal, instant, symbol, ulid } from './primitives';
import { tradeId } from './trades';

/**
 * What is said over the WebSocket API (API.md). Connect with the subprotocols `signal9, <access token>`, or `?token=`.
 * Client to server: `clientMessage`; server to client: `serverMessage`.
 */
export const SUBPROTOCOL = 'signal9';
/** Symbols that one connection may watch. */
export const MAX_SYMBOLS = 500;
/** Portfolios that one connection may watch. */
export const MAX_WATCHED_PORTFOLIOS = 50;
/** Holdings that a valuation carries, the largest first; `holdings_left_out` counts the rest. */
export const MAX_PUSHED_HOLDINGS = 100;
/** Quotes of one event: EventBridge takes 256 KB. */
export const MAX_QUOTES_AN_EVENT = 500;
/** Bytes of a client's message that are read; API Gateway's own limit of a frame. */
export const MAX_MESSAGE_BYTES = 32_768;

/** API Gateway ends every connection after so long, and so does one machine. */
export const MAX_CONNECTION_SECONDS = 7200;

/** The routes of the WebSocket API; an action without a route of its own comes by `$default`. */
export const LIVE_ROUTES = ['$connect', '$disconnect', '$default'] as const;

/** A price as it was last heard of. */
export const quote = z.object({
  symbol: symbol(),
  price: decimal(),
  currency: currency(),
  /** When the market made it. */
  as_of: instant(),
  previous_close: z.nullable(decimal()),
  stale: z.boolean(),
});
export type LiveQuote = z.infer<typeof quote>;

const pushedHolding = z.object({
  symbol: symbol(),
  qty: decimal(),
  current_price: z.nullable(decimal()),
  price_as_of: z.nullable(instant()),
  stale: z.nullable(z.boolean()),
  market_value: z.nullable(decimal()),
  unrealized_pl: z.nullable(decimal()),
  weight: z.nullable(z.number()),
});

/** What a portfolio is worth: the detail of `valuationUpdated`. */
export const valuation = z.object({
  portfolio_id: ulid(),
  user_id: z.string(),
  as_of: instant(),
  currency: currency(),
  totals: z.object({
    market_value: z.nullable(decimal()),
    total_value: z.nullable(decimal()),
    cost_basis: z.nullable(decimal()),
    unrealized_pl: z.nullable(decimal()),
    realized_pl: z.nullable(decimal()),
    cash: z.nullable(decimal()),
    change_today: z.nullable(z.number()),
    price_as_of: z.nullable(instant()),
    stale: z.boolean(),
  }),
  holdings: z.array(pushedHolding).check(z.maxLength(MAX_PUSHED_HOLDINGS)),
  holdings_left_out: z.number(),
});
export type LiveValuation = z.infer<typeof valuation>;

/** `portfolio_id` or `symbols`, or both; a ping may carry an `id` that its pong repeats. */
const watched = {
  portfolio_id: z.optional(ulid()),
  symbols: z.optional(
    z
      .array(symbol())
      .check(
        z.minLength(1, 'must name a symbol'),
        z.maxLength(MAX_SYMBOLS, `must name at most ${MAX_SYMBOLS} symbols`),
      ),
  ),
  /** Repeated in the answer. */
  id: z.optional(z.string().check(z.maxLength(64))),
} as const;
const namesSomething = z.refine<{ portfolio_id?: string | undefined; symbols?: string[] | undefined }>(
  ({ portfolio_id, symbols }) => portfolio_id !== undefined || symbols !== undefined,
  'must name a portfolio_id or symbols',
);
export const clientMessage = z.discriminatedUnion('action', [
  z.strictObject({ action: z.literal('subscribe'), ...watched }).check(namesSomething),
  z.strictObject({ action: z.literal('unsubscribe'), ...watched }).check(namesSomething),
  z.strictObject({ action: z.literal('ping'), id: watched.id }),
]);
export type ClientMessage = z.infer<typeof clientMessage>;

export const LIVE_ERRORS = [
  'token_expired',
  'invalid_request',
  'not_found',
  'too_many_subscriptions',
  'unavailable',
] as const;

const { user_id: _, ...publicValuation } = valuation.shape;

export const serverMessage = z.union([
  z.object({ type: z.literal('quote'), quotes: z.array(quote) }),
  z.object({ type: z.literal('valuation'), ...publicValuation }),
  z.object({
    type: z.literal('analysis'),
    symbol: symbol(),
    asset_id: z.string(),
    analysis_id: z.string(),
    score: z.nullable(z.number()),
  }),
  z.object({
    type: z.literal('trade'),
    trade_id: tradeId(),
    portfolio_id: z.nullable(ulid()),
    sequence: z.number(),
    symbol: symbol(),
    side: z.enum(['buy', 'sell']),
    quantity: decimal(),
    price: decimal(),
    fee: decimal(),
    currency: currency(),
    executed_at: instant(),
  }),
  z.object({
    type: z.literal('ack'),
    action: z.enum(['subscribe', 'unsubscribe']),
    portfolio_id: z.optional(ulid()),
    symbols: z.optional(z.array(symbol())),
    id: z.optional(z.string()),
  }),
  z.object({ type: z.literal('pong'), id: z.optional(z.string()) }),
  z.object({
    type: z.literal('error'),
    code: z.enum(LIVE_ERRORS),
    message: z.string(),
    id: z.optional(z.string()),
  }),
]);
export type ServerMessage = z.infer<typeof serverMessage>;
