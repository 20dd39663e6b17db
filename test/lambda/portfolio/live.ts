import { events, type EventDetail, type EventId } from '../../../contract/events';
import type { LiveQuote, LiveValuation, ServerMessage } from '../../../contract/schemas/live';
import { serverMessage } from '../../../contract/schemas/live';
import { memoryConnections } from '../../../lambda/adapters/live/memory-connections';
import type { PublishedEvent } from '../../../lambda/adapters/ports';

/** A Monday, eleven in the morning in New York. */
export const MONDAY = Date.parse('2026-05-18T15:00:00.000Z');
export const PORTFOLIO = '01HZX3Q6W8T5V9K2M4N7P0R1S3';
export const OTHERS = '01HZX3Q6W8T5V9K2M4N7P0R1S4';

/** The ground of the live functions: connections in memory, a clock that moves when told, and what was said to whom. */
export function liveGround() {
  let instant = MONDAY;
  const said: { readonly to: string; readonly message: ServerMessage }[] = [];
  const ended: string[] = [];
  const gone = new Set<string>();
  /** What posting to a connection does instead. */
  const instead = new Map<string, () => Promise<'sent' | 'gone'>>();
  const logged: { readonly level: string; readonly message: string; readonly fields?: unknown }[] = [];
  const line = (level: string) => (message: string, fields?: unknown) => void logged.push({ level, message, fields });
  const touched: unknown[] = [];
  const published: PublishedEvent[] = [];
  const parked: string[] = [];
  const owners = new Map([
    [PORTFOLIO, 'ada'],
    [OTHERS, 'bob'],
  ]);
  return {
    said,
    ended,
    gone,
    instead,
    logged,
    touched,
    published,
    parked,
    owners,
    pass: (seconds: number) => void (instant += seconds * 1000),
    /** What one connection was told. */
    toldTo: (id: string) => said.filter(({ to }) => to === id).map(({ message }) => message),
    services: {
      connections: memoryConnections(),
      posts: {
        async post(to: string, text: string) {
          const other = instead.get(to);
          if (other) return other();
          if (gone.has(to)) return 'gone' as const;
          said.push({ to, message: serverMessage.parse(JSON.parse(text)) });
          return 'sent' as const;
        },
        end: async (id: string) => void ended.push(id),
      },
      store: {
        find: async (userId: string, portfolio_id: string) =>
          owners.get(portfolio_id) === userId ? rowOf(userId, portfolio_id) : null,
        touch: async (watched: unknown) => void touched.push(watched),
      },
      bus: { publish: async (batch: readonly PublishedEvent[]) => void published.push(...batch) },
      queue: { park: async (body: string) => void parked.push(body), sendLater: async () => undefined },
      clock: () => new Date(instant),
      log: { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') },
      metrics: { count: () => undefined },
    },
  };
}
export type LiveGround = ReturnType<typeof liveGround>;

const rowOf = (user_id: string, portfolio_id: string) => ({
  portfolio_id,
  user_id,
  name: 'Long term',
  base_currency: 'USD',
  cost_basis: 'fifo' as const,
  benchmark: null,
  is_default: false,
  revision: 1,
  created_at: '2026-05-18T12:00:00Z',
  updated_at: '2026-05-18T12:00:00Z',
});

/** A connection whose token is good for an hour. */
export const connectionOf = (connection_id: string, user_id: string, tokenSeconds = 3600) => ({
  connection_id,
  user_id,
  token_expires_at: MONDAY / 1000 + tokenSeconds,
  expires_at: MONDAY / 1000 + 7800,
});

export const quoteOf = (symbol: string, price = '100', as_of = '2026-05-18T15:00:00Z'): LiveQuote => ({
  symbol,
  price,
  currency: 'USD',
  as_of,
  previous_close: '99',
  stale: false,
});

export const valuationOf = (fields: Partial<LiveValuation> = {}): LiveValuation => ({
  portfolio_id: PORTFOLIO,
  user_id: 'ada',
  as_of: '2026-05-18T15:00:00Z',
  currency: 'USD',
  totals: {
    market_value: '1000',
    total_value: '1200',
    cost_basis: '900',
    unrealized_pl: '100',
    realized_pl: '0',
    cash: '200',
    change_today: 0.01,
    price_as_of: '2026-05-18T15:00:00Z',
    stale: false,
  },
  holdings: [],
  holdings_left_out: 0,
  ...fields,
});

export const tradeOf = (fields: Partial<EventDetail<'tradeBooked'>> = {}): EventDetail<'tradeBooked'> => ({
  trade_id: 'TRADE-01HZX3Q6W8T5V9K2M4N7P0R1T1',
  execution_id: '01HZX3Q6W8T5V9K2M4N7P0R1T2',
  sequence: 1,
  user_id: 'ada',
  portfolio_id: PORTFOLIO,
  symbol: 'IBM',
  side: 'buy',
  quantity: '2',
  price: '100',
  fee: '0',
  currency: 'USD',
  executed_at: '2026-05-18T15:00:00Z',
  booked_at: '2026-05-18T15:00:01Z',
  ...fields,
});

/** A message of the queue, as a rule delivers it. */
export const bodyOf = <E extends EventId>(event: E, detail: EventDetail<E>, time = '2026-05-18T15:00:00Z') =>
  JSON.stringify({ id: 'e1', source: events[event].source, 'detail-type': events[event].detailType, time, detail });
