import * as z from 'zod/mini';
import type { CalendarDay } from '../../../core/trading/trading-day';
import { type AlpacaHttpProps, createAlpacaHttp, hostOf, parsed, refused } from './alpaca-http';
import {
  alpacaOrder,
  type AlpacaOrder,
  type AlpacaOrderRequest,
  instant,
  refusal,
  type Submission,
} from './alpaca-orders';
import { type HttpResponse, parseJson } from './http';
import { ProviderError } from './provider-error';

export { type AlpacaOrder, type AlpacaOrderRequest, type Submission } from './alpaca-orders';

export interface AlpacaTradingProps extends AlpacaHttpProps {
  /** Trading host, e.g. `https://paper-api.alpaca.markets`; a trailing `/` or `/v2` is taken off. */
  readonly baseUrl: string;
}

/** Alpaca's word on the market, in RFC 3339 UTC with milliseconds. */
export interface MarketClock {
  readonly timestamp: string;
  readonly is_open: boolean;
  /** Of the next session, while one runs too. */
  readonly next_open: string;
  /** Of the running session, else of the next. */
  readonly next_close: string;
}

export interface AlpacaTrading {
  /** GET /v2/clock */
  clock(): Promise<MarketClock>;
  /** GET /v2/calendar: trading days from one date to another, `YYYY-MM-DD`, both included. */
  calendar(days: { readonly start: string; readonly end: string }): Promise<readonly CalendarDay[]>;
  /**
   * POST /v2/orders. Tried again after a failure that leaves open whether it arrived: Alpaca refuses a client_order_id
   * that it has, and the order it has is returned then. It may be another one: see who it is before adopting it.
   */
  submitOrder(request: AlpacaOrderRequest): Promise<Submission>;
  /** GET /v2/orders/{order_id}; null where Alpaca knows none. */
  order(id: string): Promise<AlpacaOrder | null>;
  /** GET /v2/orders:by_client_order_id; null where Alpaca knows none. */
  orderByClientOrderId(clientOrderId: string): Promise<AlpacaOrder | null>;
}

const marketClock = z.object({ timestamp: instant, is_open: z.boolean(), next_open: instant, next_close: instant });
const wallTime = z.string().check(z.regex(/^\d{2}:\d{2}$/));
const calendarDays = z.array(
  z.object({ date: z.string().check(z.regex(/^\d{4}-\d{2}-\d{2}$/)), open: wallTime, close: wallTime }),
);

/** The longest refusal that is passed on. */
const MESSAGE_CHARACTERS = 200;

/**
 * What Alpaca's trading API is asked in order to trade. Apart from `createAlpacaClient`, so that reads do not carry it.
 *
 * @throws ProviderError from every method, of the kinds that `createAlpacaClient` throws. What Alpaca refuses with a
 *   code and words of its own (403 insufficient buying power, 422 bad parameters) is a value: see `Submission`.
 * @see DOMAIN.md §1 for the specification that the shapes come from.
 */
export function createAlpacaTrading(props: AlpacaTradingProps): AlpacaTrading {
  const { request, json } = createAlpacaHttp(props);
  const host = hostOf(props.baseUrl);

  async function found(operation: string, response: Promise<HttpResponse>): Promise<AlpacaOrder | null> {
    const answer = await response;
    if (answer.status === 404) return null;
    if (answer.status !== 200) throw refused(operation, answer);
    return parsed(operation, alpacaOrder, parseJson('alpaca', operation, answer));
  }

  const orderByClientOrderId: AlpacaTrading['orderByClientOrderId'] = (client_order_id) => {
    const operation = '/v2/orders:by_client_order_id';
    return found(operation, request(`${host}${operation}`, operation, { client_order_id }));
  };

  return {
    async clock() {
      const operation = '/v2/clock';
      return parsed(operation, marketClock, await json(`${host}${operation}`, operation));
    },

    async calendar({ start, end }) {
      const operation = '/v2/calendar';
      return parsed(operation, calendarDays, await json(`${host}${operation}`, operation, { start, end }));
    },

    async submitOrder(order) {
      const operation = '/v2/orders';
      const answer = await request(`${host}${operation}`, operation, {}, order);
      if (answer.status === 200) {
        return { result: 'taken', order: parsed(operation, alpacaOrder, parseJson('alpaca', operation, answer)) };
      }
      const said = refusalOf(answer);
      if (said === null) throw refused(operation, answer);
      if (answer.status === 422 && /client_order_id must be unique/i.test(said.message)) {
        const earlier = await orderByClientOrderId(order.client_order_id);
        if (earlier) return { result: 'taken', order: earlier };
        // Known and not to be found: whoever takes this for a refusal would lose an order that may be filled.
        throw new ProviderError({ kind: 'unavailable', provider: 'alpaca', operation, detail: 'order not found yet' });
      }
      return { result: 'refused', status: answer.status, ...said };
    },

    order: (id) => {
      const operation = '/v2/orders/{order_id}';
      return found(operation, request(`${host}/v2/orders/${encodeURIComponent(id)}`, operation));
    },

    orderByClientOrderId,
  };
}

/** Codes begin with a status of their own: 40310000 is insufficient buying power, but 40110000, sent with a 403, a bad key. */
const ABOUT_THE_ORDER = /^(400|403|422)/;

/** Alpaca's own code and words; null where it is not about the order: a bad key, a wrong host, a proxy between. */
function refusalOf({ status, body }: HttpResponse): { readonly code: number; readonly message: string } | null {
  if (![400, 403, 422].includes(status)) return null;
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return null;
  }
  const said = refusal.safeParse(value);
  if (!said.success || !ABOUT_THE_ORDER.test(String(said.data.code))) return null;
  // Alpaca's words end in our ledger and with our callers: one line of a decent length.
  const line = said.data.message.replace(/[\s\p{Cc}]+/gu, ' ').trim();
  return { code: said.data.code, message: line.slice(0, MESSAGE_CHARACTERS) };
}
