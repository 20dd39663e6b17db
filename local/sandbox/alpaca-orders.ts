import { createHash } from 'node:crypto';
import { z } from 'zod';
import { Decimal, formatDecimal } from '../../core/money/decimal';
import { isMarketable } from '../../core/trading/decide';
import { priceDecimals } from '../../core/trading/order-rules';
import { assetRow, hasPrices } from './alpaca-payloads';
import { type Market } from './market';
import { marketPrice, toTick } from './prices';
import { type Answer } from './provider-server';
import { type Company, type Universe } from './universe';

/** An order of more than this is refused: the sandbox's account is as rich as this for every one of them. */
const BUYING_POWER = new Decimal('1e8');

const decimal = z.union([z.string().regex(/^\d+(\.\d{1,9})?$/), z.number().nonnegative()]).transform(String);
const posted = z.object({
  symbol: z.string().min(1),
  qty: decimal.nullish(),
  notional: decimal.nullish(),
  side: z.enum(['buy', 'sell']),
  type: z.enum(['market', 'limit']),
  time_in_force: z.enum(['day', 'ioc']),
  limit_price: decimal.nullish(),
  client_order_id: z.string().max(128).nullish(),
});

interface SandboxOrder {
  readonly id: string;
  readonly client_order_id: string;
  readonly company: Company;
  readonly qty: Decimal;
  readonly side: 'buy' | 'sell';
  readonly type: 'market' | 'limit';
  readonly time_in_force: 'day' | 'ioc';
  readonly limit_price: string | null;
  readonly submitted: number;
  /** When a `day` order expires. */
  readonly ends: number;
  status: 'accepted' | 'new' | 'partially_filled' | 'filled' | 'canceled' | 'expired';
  filled: Decimal;
  /** Money paid for what was filled. */
  paid: Decimal;
  /** Of its last change. */
  updated: number;
}

export interface OrderBook {
  /** POST /v2/orders. @param options partially: half of it is filled at once, the rest when it is next looked at */
  submit(body: unknown, now: number, options: { readonly partially: boolean }): Answer;
  /** GET /v2/orders/{order_id} */
  byId(id: string, now: number): Answer;
  /** GET /v2/orders:by_client_order_id */
  byClientOrderId(clientOrderId: string, now: number): Answer;
}

/**
 * The sandbox's orders, remembered as long as it runs. Orders are matched when they are posted and when they are looked
 * at, whole, at the price of the latest trade; refusals come with the statuses, codes and words of DOMAIN.md §1.
 */
export function createOrderBook({ universe, market }: { readonly universe: Universe; readonly market: Market }) {
  const orders = new Map<string, SandboxOrder>();

  const priceOf = (company: Company, now: number) => String(toTick(marketPrice(company, market.lastTraded(now))));

  function match(order: SandboxOrder, now: number, share = 1): void {
    if (order.status === 'filled' || order.status === 'canceled' || order.status === 'expired') return;
    const { company, qty } = order;
    const isOver = order.time_in_force === 'day' && now >= order.ends;
    const isOpen = market.isOpen(now) && company.trait !== 'thinlyTraded';
    if (!isOver && isOpen && isMarketable(order, priceOf(company, now))) {
      const rest = qty.minus(order.filled);
      // Fractions of nine decimals at most, and never nothing.
      const part = share === 1 ? rest : Decimal.max(rest.mul(share).toDecimalPlaces(9), '1e-9');
      order.paid = order.paid.plus(part.mul(priceOf(company, now)));
      order.filled = order.filled.plus(part);
      order.status = order.filled.eq(qty) ? 'filled' : 'partially_filled';
      order.updated = now;
      return;
    }
    const next = isOver
      ? 'expired'
      : order.time_in_force === 'ioc'
        ? 'canceled'
        : order.status === 'accepted' && market.isOpen(now)
          ? 'new'
          : order.status;
    if (next !== order.status) Object.assign(order, { status: next, updated: isOver ? order.ends : now });
  }

  const found = (order: SandboxOrder | undefined, key: string, now: number): Answer => {
    if (!order) return { status: 404, body: { code: 40410000, message: `order not found for ${key}` } };
    match(order, now);
    return { status: 200, body: orderRow(order) };
  };

  const book: OrderBook = {
    submit(body, now, { partially }) {
      const parsed = posted.safeParse(body);
      if (!parsed.success) {
        return refusedWith(422, 40010001, `${parsed.error.issues[0]?.path.join('.') ?? ''} is missing or invalid`);
      }
      const { qty, notional, client_order_id, limit_price = null, symbol, ...terms } = parsed.data;
      if (qty != null && notional != null) return refusedWith(400, 40010001, 'only one of qty or notional is accepted');
      if (qty == null) return refusedWith(422, 40010001, 'qty is required: the sandbox trades no notional');
      const company = universe.bySymbol(symbol);
      if (!company) return refusedWith(422, 42210000, `asset "${symbol}" not found`);
      const request = { ...terms, symbol, limit_price, quantity: new Decimal(qty) };
      const refused = refusalOf(request, company, hasPrices(company) ? priceOf(company, now) : null);
      if (refused) return refused;
      const key = client_order_id ?? uuidOf(`order ${orders.size}`);
      if (orders.has(key)) return refusedWith(422, 40010001, 'client_order_id must be unique');

      const session = market.isOpen(now) ? market.sessionAt(now) : market.nextSession(now);
      const order: SandboxOrder = {
        ...terms,
        id: uuidOf(key),
        client_order_id: key,
        company,
        qty: request.quantity,
        limit_price,
        submitted: now,
        ends: session.close,
        status: 'accepted',
        filled: new Decimal(0),
        paid: new Decimal(0),
        updated: now,
      };
      match(order, now, partially ? 0.5 : 1);
      orders.set(key, order);
      return { status: 200, body: orderRow(order) };
    },
    byId: (id, now) =>
      found(
        [...orders.values()].find((order) => order.id === id),
        id,
        now,
      ),
    byClientOrderId: (key, now) => found(orders.get(key), key, now),
  };
  return book;
}

interface Request {
  readonly quantity: Decimal;
  readonly type: 'market' | 'limit';
  readonly time_in_force: 'day' | 'ioc';
  readonly side: 'buy' | 'sell';
  readonly limit_price: string | null;
}

function refusalOf(request: Request, company: Company, price: string | null): Answer | null {
  const { quantity, type, time_in_force, side, limit_price } = request;
  if (price === null) return refusedWith(422, 42210000, `asset ${company.symbol} is not active`);
  if (quantity.lte(0)) return refusedWith(422, 40010001, 'qty must be > 0');
  if (type === 'limit' && limit_price === null) {
    return refusedWith(422, 40010001, 'limit orders require a limit price');
  }
  if (type === 'market' && limit_price !== null) {
    return refusedWith(422, 40010001, 'market orders require no stop or limit price');
  }
  const limit = limit_price === null ? null : new Decimal(limit_price);
  if (limit?.lte(0)) return refusedWith(422, 42210000, 'limit price must be > 0');
  if (limit && limit.decimalPlaces() > priceDecimals(limit)) {
    const words = 'sub-penny increment does not fulfill minimum pricing criteria';
    return refusedWith(422, 42210000, `invalid limit_price ${formatDecimal(limit)}. ${words}`);
  }
  if (!quantity.isInteger()) {
    if (time_in_force !== 'day') return refusedWith(422, 42210000, 'fractional orders must be DAY orders');
    if (!isFractionable(company)) return refusedWith(403, 40310000, `asset "${company.symbol}" is not fractionable`);
  }
  if (side === 'buy' && quantity.mul(limit ?? price).gt(BUYING_POWER)) {
    return refusedWith(403, 40310000, 'insufficient buying power');
  }
  return null;
}

const isFractionable = (company: Company): boolean => assetRow(company).fractionable === true;

const refusedWith = (status: number, code: number, message: string): Answer => ({
  status,
  body: { code, message },
  refused: true,
});

/** An order as Alpaca writes it: numerics are strings or null, times of nanoseconds. */
function orderRow(order: SandboxOrder): Record<string, unknown> {
  const { company, status, filled } = order;
  const time = (at: number) => new Date(at).toISOString().replace('Z', '000000Z');
  const at = (when: SandboxOrder['status']) => (status === when ? time(order.updated) : null);
  return {
    id: order.id,
    client_order_id: order.client_order_id,
    created_at: time(order.submitted),
    updated_at: time(order.updated),
    submitted_at: time(order.submitted),
    filled_at: at('filled'),
    expired_at: at('expired'),
    canceled_at: at('canceled'),
    failed_at: null,
    replaced_at: null,
    replaced_by: null,
    replaces: null,
    asset_id: company.asset_id,
    symbol: company.symbol,
    asset_class: 'us_equity',
    notional: null,
    qty: formatDecimal(order.qty),
    filled_qty: formatDecimal(filled),
    filled_avg_price: filled.isZero() ? null : formatDecimal(order.paid.div(filled).toDecimalPlaces(9)),
    order_class: '',
    order_type: order.type,
    type: order.type,
    side: order.side,
    time_in_force: order.time_in_force,
    limit_price: order.limit_price,
    stop_price: null,
    status,
    extended_hours: false,
    legs: null,
    trail_percent: null,
    trail_price: null,
    hwm: null,
    subtag: null,
    source: null,
  };
}

/** The same order has the same id in every run. */
function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
