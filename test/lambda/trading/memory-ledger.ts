import { monotonicFactory, ulid } from 'ulid';
import { Decimal, formatDecimal } from '../../../core/money/decimal';
import { type Fill, isClosed, type NewOrder, type Order } from '../../../core/trading/order';
import type { Ledger, OwedEvent } from '../../../lambda/adapters/ledger/ledger';

export interface MemoryLedger extends Ledger {
  /** Every execution so far, oldest first. */
  readonly fills: readonly (Fill & { readonly trade_id: string })[];
  /** The order as it is now. */
  at(tradeId: string): Order;
  /** Writes an open order without the ceremony of `book`. */
  write(order: Partial<NewOrder>, status?: 'accepted' | 'pending_new'): Order;
}

/**
 * A ledger that forgets: the rules of lambda/adapters/ledger/ledger.ts that venues and jobs rely on, without keys, portfolios and
 * readers. What those need throws, so that no test passes by a lenient fake.
 */
export function memoryLedger(now: () => Date): MemoryLedger {
  const orders = new Map<string, Order>();
  // Orders of one millisecond keep their order.
  const nextUlid = monotonicFactory();
  const fills: (Fill & { trade_id: string })[] = [];
  const owed: { event: OwedEvent; tradeId: string; written: string; published: boolean }[] = [];
  const missing = (name: string) => () => Promise.reject(new Error(`the memory ledger has no ${name}`));

  const put = (order: Order): Order => {
    orders.set(order.trade_id, order);
    return order;
  };
  const openOrder = (id: string): Order | null => {
    const order = orders.get(id);
    return order && !isClosed(order.status) ? order : null;
  };
  const inOrder = (keep: (order: Order) => boolean) =>
    [...orders.values()].filter(keep).sort((a, b) => (a.trade_id < b.trade_id ? -1 : 1));

  function created(order: NewOrder, status: Order['status'], at: string): Order {
    return put({
      ...order,
      status,
      reason: null,
      filled_qty: '0',
      filled_avg_price: null,
      fee: '0',
      venue_order_id: null,
      venue_client_order_id: order.client_order_id,
      filled_at: null,
      closed_at: null,
      updated_at: at,
    });
  }

  function addFill(id: string, fill: Fill, at: string): Order | null {
    const order = openOrder(id);
    if (!order) return null;
    const before = new Decimal(order.filled_qty);
    const total = before.plus(fill.qty);
    if (total.gt(order.quantity)) return null;
    const paid = before.mul(order.filled_avg_price ?? 0).plus(new Decimal(fill.qty).mul(fill.price));
    const isWhole = total.eq(order.quantity);
    fills.push({ ...fill, trade_id: id });
    const detail: OwedEvent['detail'] = {
      trade_id: id,
      execution_id: fill.execution_id,
      sequence: fills.length,
      user_id: order.user_id,
      portfolio_id: order.portfolio_id,
      symbol: order.symbol,
      side: order.side,
      quantity: fill.qty,
      price: fill.price,
      fee: fill.fee,
      currency: order.currency,
      executed_at: fill.executed_at,
      booked_at: at,
    };
    owed.push({ event: { event_id: ulid(), detail }, tradeId: id, written: at, published: false });
    return put({
      ...order,
      status: isWhole ? 'filled' : 'partially_filled',
      filled_qty: formatDecimal(total),
      filled_avg_price: formatDecimal(paid.div(total).toDecimalPlaces(9)),
      filled_at: fill.executed_at,
      closed_at: isWhole ? at : null,
      updated_at: at,
    });
  }

  return {
    fills,
    at: (id) => orders.get(id)!,
    write: (order, status = 'accepted') => {
      const at = now().toISOString();
      const trade_id = `TRADE-${nextUlid(now().getTime())}`;
      const base: NewOrder = {
        trade_id,
        user_id: 'user-1',
        client_order_id: trade_id,
        portfolio_id: null,
        asset_id: 'b0b6dd9d-8b9b-48a9-ba46-b9d54906e415',
        symbol: 'ACMEJ',
        side: 'buy',
        type: 'market',
        time_in_force: 'day',
        quantity: '10',
        limit_price: null,
        currency: 'USD',
        venue: status === 'accepted' ? 'internal' : 'alpaca',
        region: 'us-east-1',
        environment: 'test',
        submitted_at: at,
        expires_at: order.time_in_force === 'ioc' ? null : new Date(now().getTime() + 6 * 3_600_000).toISOString(),
      };
      return created({ ...base, ...order }, status, at);
    },
    fill: async (id, fill, at) => {
      const { expires_at } = orders.get(id) ?? { expires_at: null };
      return expires_at !== null && expires_at <= fill.executed_at ? null : addFill(id, fill, at);
    },
    fillUpTo: async (id, total, execution_id, at) => {
      const order = openOrder(id);
      if (!order) return null;
      const qty = new Decimal(total.filled_qty).minus(order.filled_qty);
      if (qty.lte(0)) return order;
      const paid = new Decimal(total.filled_qty)
        .mul(total.filled_avg_price)
        .minus(new Decimal(order.filled_qty).mul(order.filled_avg_price ?? 0));
      const price = formatDecimal(paid.div(qty).toDecimalPlaces(9));
      return addFill(
        id,
        { execution_id, qty: formatDecimal(qty), price, fee: '0', executed_at: total.executed_at },
        at,
      );
    },
    close: async (id, status, reason, at) => {
      const order = openOrder(id);
      return order && put({ ...order, status, reason, closed_at: at, updated_at: at });
    },
    acknowledge: async (id, venue_order_id, at) => {
      const order = openOrder(id);
      return order && put({ ...order, status: 'accepted', venue_order_id, updated_at: at });
    },
    renameAtVenue: async (id, venue_client_order_id, at) => {
      const order = openOrder(id);
      if (order?.venue_order_id !== null) return order;
      return put({ ...order, venue_client_order_id, updated_at: at });
    },
    open: async (venue, limit, after = '') =>
      inOrder((order) => order.venue === venue && !isClosed(order.status) && order.trade_id > after).slice(0, limit),
    nextExpiry: async (venue) =>
      inOrder((order) => order.venue === venue && !isClosed(order.status) && order.expires_at !== null)
        .map(({ expires_at }) => expires_at)
        .sort()
        .at(0) ?? null,
    expired: async (venue, at, limit) =>
      inOrder(
        (order) =>
          order.venue === venue && !isClosed(order.status) && order.expires_at !== null && order.expires_at <= at,
      ).slice(0, limit),
    find: async (id) => orders.get(id) ?? null,
    owed: async (until, limit) =>
      owed
        .filter(({ written, published }) => !published && written <= until)
        .slice(0, limit)
        .map(({ event }) => event),
    owedBy: async (id) =>
      owed.filter(({ tradeId, published }) => !published && tradeId === id).map(({ event }) => event),
    published: async (ids) => {
      for (const row of owed) if (ids.includes(row.event.event_id)) row.published = true;
    },
    answered: missing('answered'),
    book: missing('book'),
    get: missing('get'),
    list: missing('list'),
    report: missing('report'),
    bookedBetween: missing('bookedBetween'),
    closedBetween: missing('closedBetween'),
    pseudonymise: missing('pseudonymise'),
    forget: missing('forget'),
    openOf: missing('openOf'),
    tidy: missing('tidy'),
  };
}
