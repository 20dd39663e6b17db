import { createHash } from 'node:crypto';
import { ulid } from 'ulid';
import { tradeRoutes as routes } from '../../contract/routes/trades';
import { clientOrderId, type TradeBody } from '../../contract/schemas/trades';
import { decide } from '../../core/trading/decide';
import type { NewOrder, Order, OrderRequest } from '../../core/trading/order';
import { isValueHeld, refusals } from '../../core/trading/order-rules';
import { isOfSession, isTooOld, quoteAge } from '../../core/trading/quote-age';
import { onFirstCall } from '../adapters/aws';
import { alpacaOf, busOf } from '../adapters/aws-clients';
import { alpacaTradingOf, venueOf } from '../adapters/aws-trading-clients';
import { canonical } from '../adapters/dynamo/fingerprint';
import { ledgerOf } from '../adapters/ledger/from-environment';
import { errorFields } from '../adapters/log-fields';
import type { FirstAnswer, Ledger, RequestKey } from '../adapters/ledger/ledger';
import { createMarketHours, type MarketHours, MarketHoursUnknown, type MarketNow } from '../adapters/market-hours';
import type { EventPublisher } from '../adapters/ports';
import { createQuoteSource, type LatestQuote, type QuoteSource } from '../adapters/quotes';
import type { Venue } from '../adapters/venues/venue';
import { tellOf } from '../trading/publish-owed';
import { failure, type Failure, isFailure, refusedBody } from './answers';
import { assetReads } from './reads/assets';
import type { ReadServices } from './reads/rows';
import { type ApiHandler, implement, serve, type ServeServices } from './serve';
import { tradeAnswer } from './trade-answer';

export interface TradeServices extends ServeServices, ReadServices {
  readonly ledger: Ledger;
  readonly quotes: QuoteSource;
  readonly marketHours: MarketHours;
  readonly venue: Venue;
  readonly bus: EventPublisher;
  /** A price older than this is refused. */
  readonly quoteMaxAgeSeconds: number;
  /** Where this runs, as the answer says. */
  readonly region: string;
}

/** How long a key is known. */
const KEY_DAYS = 7;
const DAY_MS = 86_400_000;

/**
 * POST /trade. The key is asked for first, so that a repeat is answered whatever has become of the asset, the market or
 * the quote; everything that may refuse the order comes next; then one transaction books it. What follows the commit, the
 * venue and the event, is finished by the scheduled functions where this one is killed on the way.
 */
export function makeHandler(services: TradeServices): ApiHandler {
  const { ledger, venue, quotes, marketHours, clock, log, env, region, quoteMaxAgeSeconds } = services;
  const assets = assetReads(services);

  /** The first answer again; where the venue had not answered yet, what has become of the order since. */
  async function again({ digest, trade_id, order }: FirstAnswer, asked: string) {
    if (digest !== asked)
      return failure('conflict', 'This key was used for another order; choose a new one', [
        { path: 'client_order_id', message: 'was used for another order' },
      ]);
    const current = order.status === 'pending_new' ? await ledger.find(trade_id) : null;
    return { body: tradeAnswer(current ?? order) };
  }

  async function marketNow(): Promise<MarketNow | Failure> {
    try {
      return await marketHours.now();
    } catch (error) {
      if (error instanceof MarketHoursUnknown)
        return failure('unavailable', 'Whether the market is open cannot be told at present; nothing was booked');
      throw error;
    }
  }

  /** What is wrong with a price to fill at. */
  function priceRefusal(request: OrderRequest, quote: LatestQuote, market: MarketNow, now: Date): Failure | null {
    const { symbol, quantity } = request;
    if (isTooOld(quote, now, quoteMaxAgeSeconds)) {
      const age = Math.floor(quoteAge(quote, now));
      const message = `The latest price of ${symbol} is ${age} seconds old; at most ${quoteMaxAgeSeconds} are accepted`;
      return refusedBody('symbol', message);
    }
    if (!isOfSession(quote, market.opened_at))
      return refusedBody('symbol', `The latest price of ${symbol} was made before the market opened`);
    return isValueHeld(quantity, quote.price)
      ? null
      : refusedBody('quantity', `${quantity} of ${symbol} are worth more than one order may be`);
  }

  /** The market, and the price to fill at where the platform itself fills. A price is waited for: both are of `now`. */
  async function terms(
    request: OrderRequest,
  ): Promise<Failure | { readonly market: MarketNow; readonly quote: LatestQuote | null; readonly now: Date }> {
    const before = await marketNow();
    if (isFailure(before)) return before;
    if (venue.name !== 'internal' || !before.is_open) return { market: before, quote: null, now: clock() };
    const quote = await quotes.latest(request.symbol);
    const told = await marketNow();
    if (isFailure(told)) return told;
    const now = clock();
    const market = { ...told, is_open: told.is_open && now.getTime() < Date.parse(told.day_ends) };
    // A closed market needs no price.
    if (!market.is_open) return { market, quote: null, now };
    if (!quote) return refusedBody('symbol', `No price of ${request.symbol} is known at present`);
    return priceRefusal(request, quote, market, now) ?? { market, quote, now };
  }

  const bookTrade = implement(routes.bookTrade, async ({ body, headers }, { sub }) => {
    const key = keyOf(body, headers);
    if (key !== null && typeof key !== 'string') return key;
    const asked = digestOf(body);
    if (key !== null) {
      const first = await ledger.answered(sub, key, clock().toISOString());
      if (first) return again(first, asked);
    }

    const asset = await assets.find(body.symbol);
    if (!asset) return refusedBody('symbol', `No asset has the symbol ${body.symbol}`);
    const request = requestOf(body, asset.symbol);
    const refusal = refusalOf(request, asset);
    if (refusal) return refusal;
    const found = await terms(request);
    if (isFailure(found)) return found;
    const { market, quote, now } = found;

    const trade_id = `TRADE-${ulid(now.getTime())}`;
    const order: NewOrder = {
      ...request,
      trade_id,
      user_id: sub,
      client_order_id: key ?? trade_id,
      portfolio_id: body.portfolio_id ?? null,
      asset_id: asset.asset_id,
      currency: 'USD',
      venue: venue.name,
      region,
      environment: env,
      submitted_at: now.toISOString(),
      expires_at: request.time_in_force === 'day' ? market.day_ends : null,
    };
    const outcome = venue.outcome(decide(request, { market, quote }), request, quote, now.toISOString());
    const booking = await ledger.book(order, outcome, key === null ? null : keyRow(key, asked, now), now.toISOString());
    switch (booking.result) {
      case 'repeated':
        return again(booking.first, asked);
      case 'no_portfolio':
        return failure('not_found', 'There is no such portfolio', [
          { path: 'portfolio_id', message: 'is no portfolio of yours' },
        ]);
      case 'oversell':
        return refusedBody('quantity', `The portfolio holds ${booking.available} of ${asset.symbol} that may be sold`);
      case 'booked':
        return { body: tradeAnswer(await afterCommit(booking.order)) };
    }
  });

  async function afterCommit(booked: Order): Promise<Order> {
    const order = await placed(booked);
    if (order.filled_qty !== '0') await tellOf([order.trade_id], services);
    return order;
  }

  /** The order is booked whatever happens here: an error must not make its caller order once more. */
  async function placed(booked: Order): Promise<Order> {
    try {
      return await venue.place(booked);
    } catch (error) {
      log.error('a booked order was not placed; the follower places it', {
        trade_id: booked.trade_id,
        ...errorFields(error),
      });
      return booked;
    }
  }

  return serve([bookTrade], services);
}

const keyRow = (key: string, digest: string, now: Date): RequestKey => ({
  key,
  digest,
  expires_at: new Date(now.getTime() + KEY_DAYS * DAY_MS).toISOString(),
});

/** The caller's key; the header wins over the body, and both must not differ. */
function keyOf(body: TradeBody, headers: Readonly<Record<string, string>>): string | null | Failure {
  const header = headers['idempotency-key'];
  if (header === undefined) return body.client_order_id ?? null;
  const parsed = clientOrderId().safeParse(header);
  const refuse = (message: string) =>
    failure('invalid_request', `Idempotency-Key ${message}`, [{ path: 'Idempotency-Key', message }]);
  if (!parsed.success) return refuse('must be one line of 1 to 128 characters');
  if (body.client_order_id !== undefined && body.client_order_id !== header)
    return refuse('must equal client_order_id where both are given');
  return header;
}

const requestOf = (body: TradeBody, symbol: string): OrderRequest => {
  const { side, type, time_in_force, quantity, limit_price = null } = body;
  return { symbol, side, type, time_in_force, quantity, limit_price };
};

/** What the caller asks for, whatever the order of its fields and the spelling of its numbers; not under which key. */
function digestOf(body: TradeBody): string {
  const asked = { ...requestOf(body, body.symbol.toUpperCase()), portfolio_id: body.portfolio_id ?? null };
  return createHash('sha256').update(canonical(asked)).digest('hex');
}

/** The order rules' word: 400 for what makes no sense in itself, 422 for what may not be. */
function refusalOf(request: OrderRequest, asset: Parameters<typeof refusals>[1]): Failure | null {
  const found = refusals(request, asset);
  const syntax = found.filter(({ kind }) => kind === 'syntax');
  const [told, code] = syntax.length > 0 ? [syntax, 'invalid_request' as const] : [found, 'unprocessable' as const];
  if (told.length === 0) return null;
  const missing = told.filter(({ code: rule }) => rule === 'limit_price_missing').map(({ path }) => path);
  const words = told.map(({ path, message }) => `${path} ${message}`).join('; ');
  return failure(
    code,
    missing.length > 0 ? `Missing required fields: ${missing.join(', ')}; ${words}` : words,
    told.map(({ path, message }) => ({ path, message })),
  );
}

export const handler = onFirstCall('api-trade', (environment, aws) => {
  // Somebody waits, and the function ends after thirty seconds; what a slow Alpaca leaves open, the follower finishes.
  const alpaca = alpacaOf(environment, aws, { timeoutMs: 3_000, maxAttempts: 2 });
  const trading = alpacaTradingOf(environment, aws, { timeoutMs: 5_000, maxAttempts: 1, maxThrottleWaitMs: 1_000 });
  const ledger = ledgerOf(environment, aws);
  return makeHandler({
    ...aws,
    ledger,
    bus: busOf(aws),
    quotes: createQuoteSource({ ...aws, alpaca, timeoutMs: 5_000 }),
    marketHours: createMarketHours({ ...aws, alpaca: trading }),
    venue: venueOf(environment, { ...aws, ledger, trading }),
    quoteMaxAgeSeconds: environment.QUOTE_MAX_AGE_SECONDS,
    region: environment.AWS_REGION,
    consoleOrigin: environment.CONSOLE_ORIGIN,
  });
});
