import { isDeepStrictEqual } from 'node:util';
import { billionths, shortest } from './amounts';
import type { Asked, Evidence, ExecutionRow, OrderRow, Report } from './evidence';

export interface Check {
  readonly id: string;
  /** What holds, in words. */
  readonly says: string;
  /** Everything that speaks against it. */
  readonly breaches: (evidence: Evidence) => string[];
}

const GOOD = 200;
const REFUSED = 422;
const OPEN = ['pending_new', 'accepted', 'partially_filled'];

export const checks = [
  {
    id: 'answered_all',
    says: 'every key was answered',
    breaches: ({ asked }) => asked.filter(({ replies }) => replies.length === 0).map(({ key }) => key),
  },
  {
    id: 'answered_the_same',
    says: 'a key that was booked was answered the same every time',
    breaches: ({ asked }) =>
      asked.flatMap((one) => {
        const first = answerOf(one);
        if (first === null) return [];
        const others = one.replies.filter(({ status, text }) => status === GOOD && text !== first);
        return others.map(({ text }) => `${one.key}: ${first} then ${text}`);
      }),
  },
  {
    id: 'answered_order_stands',
    says: 'a key that was answered has one order, with the answered content',
    breaches: ({ asked, orders }) => {
      const byKey = grouped(orders, ({ client_order_id }) => client_order_id);
      return asked.flatMap((one) => {
        const answer = answerOf(one);
        if (answer === null) return [];
        const [order, ...others] = byKey.get(one.key) ?? [];
        if (!order || others.length > 0) return [`${one.key} has ${order ? others.length + 1 : 0} orders`];
        return differences(one, JSON.parse(answer) as Answer, order).map((what) => `${one.key}: ${what}`);
      });
    },
  },
  {
    id: 'refused_made_nothing',
    says: 'a key that was only refused has no order',
    breaches: ({ asked, orders }) => {
      const keys = new Set(orders.map(({ client_order_id }) => client_order_id));
      return asked
        .filter((one) => answerOf(one) === null && one.replies.length > 0 && keys.has(one.key))
        .map(({ key }) => key);
    },
  },
  {
    id: 'one_order_a_key',
    says: 'no key has two orders, and no order came without a key',
    breaches: ({ asked, orders }) => {
      const known = new Set(asked.map(({ key }) => key));
      const twice = [...grouped(orders, (o) => `${o.user_id} ${o.client_order_id}`)].filter(
        ([, { length }]) => length > 1,
      );
      const strange = orders.filter(({ client_order_id }) => !known.has(client_order_id));
      return [...twice.map(([key]) => key), ...strange.map(({ trade_id }) => `${trade_id}: nobody asked for it`)];
    },
  },
  {
    id: 'keys_and_orders',
    says: 'keys and orders belong together one to one, and a key remembers what was answered',
    breaches: ({ keys, orders, asked }) => {
      const byId = new Map(orders.map((order) => [order.trade_id, order]));
      const answers = new Map(asked.map((one) => [one.key, answerOf(one)]));
      const wrong = keys.flatMap(({ user_id, request_key, trade_id, answer }) => {
        const order = byId.get(trade_id);
        if (order?.client_order_id !== request_key || order.user_id !== user_id) return [`${request_key}: no order`];
        const told = answers.get(request_key);
        const isSame = told == null || remembers(answer, JSON.parse(told) as Answer);
        return isSame ? [] : [`${request_key} remembers another answer`];
      });
      const kept = grouped(keys, ({ trade_id }) => trade_id);
      const without = orders.filter(({ trade_id }) => kept.get(trade_id)?.length !== 1);
      return [...wrong, ...without.map(({ trade_id }) => `${trade_id} has ${kept.get(trade_id)?.length ?? 0} keys`)];
    },
  },
  {
    id: 'executions_of_orders',
    says: 'an order has exactly its executions: one that is filled has some, one that is not has none, all have an order',
    breaches: ({ orders, executions }) => {
      const byOrder = grouped(executions, ({ trade_id }) => trade_id);
      const ids = new Set(orders.map(({ trade_id }) => trade_id));
      return [
        ...executions.filter(({ trade_id }) => !ids.has(trade_id)).map((one) => `${one.execution_id} has no order`),
        ...orders
          // The platform itself fills whole orders.
          .filter((order) => (byOrder.get(order.trade_id)?.length ?? 0) !== (order.status === 'filled' ? 1 : 0))
          .map((o) => `${o.trade_id} is ${o.status} with ${byOrder.get(o.trade_id)?.length ?? 0} executions`),
      ];
    },
  },
  {
    id: 'filled_qty',
    says: 'filled_qty, filled_avg_price and fee are those of the executions',
    breaches: ({ orders, executions }) => {
      const byOrder = grouped(executions, ({ trade_id }) => trade_id);
      return orders.flatMap((order) => {
        const own = byOrder.get(order.trade_id) ?? [];
        const qty = sum(own.map((one) => billionths(one.qty)));
        const value = sum(own.map((one) => billionths(one.qty) * billionths(one.price)));
        const fee = sum(own.map((one) => billionths(one.fee)));
        const filled = billionths(order.filled_qty);
        const mean = billionths(order.filled_avg_price ?? '0');
        // A mean has nine decimals: its product is off by half a billionth a share at most.
        const isMean = abs(mean * filled - value) <= filled;
        const isRight =
          qty === filled && isMean && fee === billionths(order.fee) && filled <= billionths(order.quantity);
        return isRight ? [] : [`${order.trade_id}: filled ${order.filled_qty}, executions ${qty}e-9`];
      });
    },
  },
  {
    id: 'outbox',
    says: 'every execution has one row in the outbox, no row is without one, and all are published',
    breaches: ({ executions, outbox }) => {
      const rows = grouped(outbox, ({ execution_id }) => execution_id);
      const ids = new Set(executions.map(({ execution_id }) => execution_id));
      return [
        ...executions
          .filter(({ execution_id }) => rows.get(execution_id)?.length !== 1)
          .map(({ execution_id }) => `${execution_id} has ${rows.get(execution_id)?.length ?? 0} rows`),
        ...outbox
          .filter(({ execution_id }) => !ids.has(execution_id))
          .map(({ event_id }) => `${event_id}: no execution`),
        ...outbox.filter((row) => row.published_at === null).map(({ event_id }) => `${event_id} is owed still`),
      ];
    },
  },
  {
    id: 'events_of_executions',
    says: 'every execution is told of in the archive, in its own words',
    breaches: ({ orders, executions, events }) => {
      const byId = new Map(orders.map((order) => [order.trade_id, order]));
      const told = grouped(events, ({ detail }) => String(detail.execution_id));
      return executions.flatMap((execution) => {
        const order = byId.get(execution.trade_id);
        const [event] = told.get(execution.execution_id) ?? [];
        if (!event) return [`${execution.execution_id} was never told`];
        const words = order && detailOf(order, execution);
        return isDeepStrictEqual(event.detail, words)
          ? []
          : [`${execution.execution_id}: ${JSON.stringify(event.detail)} for ${JSON.stringify(words)}`];
      });
    },
  },
  {
    id: 'events_have_executions',
    says: 'nothing is told that was not booked',
    breaches: ({ executions, events }) => {
      const ids = new Set<unknown>(executions.map(({ execution_id }) => execution_id));
      return events.filter(({ detail }) => !ids.has(detail.execution_id)).map(({ detail }) => JSON.stringify(detail));
    },
  },
  {
    id: 'events_the_same',
    says: 'an event that was delivered more than once says the same each time',
    breaches: ({ events }) =>
      [...grouped(events, ({ detail }) => String(detail.execution_id))]
        .filter(([, same]) => same.some(({ detail }) => !isDeepStrictEqual(detail, same[0]?.detail)))
        .map(([id]) => id),
  },
  {
    id: 'sequences',
    says: 'the executions of a stream are numbered 1 to n without gaps, and the stream knows n',
    breaches: ({ streams, executions }) => {
      const byStream = grouped(executions, ({ stream_id }) => stream_id);
      const known = new Set(streams.map(({ stream_id }) => stream_id));
      return [
        ...[...byStream.keys()].filter((id) => !known.has(id)).map((id) => `${id} is no stream`),
        ...streams.flatMap(({ stream_id, last_sequence }) => {
          const numbers = (byStream.get(stream_id) ?? []).map(({ sequence }) => sequence).sort((a, b) => a - b);
          const isWhole = numbers.every((number, at) => number === at + 1) && numbers.length === last_sequence;
          return isWhole ? [] : [`${stream_id}: last ${last_sequence}, ${numbers.join(' ')}`];
        }),
      ];
    },
  },
  {
    id: 'positions',
    says: 'a position is what its portfolio bought less what it sold, since the last report that was taken',
    breaches: (evidence) => {
      const taken = takenReports(evidence);
      const moved = new Map([...taken].map(([key, { qty }]) => [key, billionths(qty)]));
      for (const { key, qty, sequence } of moves(evidence))
        if (sequence > (taken.get(key)?.trade_sequence ?? 0)) moved.set(key, (moved.get(key) ?? 0n) + qty);
      const held = new Map(evidence.positions.map((one) => [`${one.portfolio_id} ${one.symbol}`, billionths(one.qty)]));
      return [...new Set([...moved.keys(), ...held.keys()])]
        .filter((key) => (moved.get(key) ?? 0n) !== (held.get(key) ?? 0n))
        .map((key) => `${key}: holds ${held.get(key) ?? 'nothing'}, moved ${moved.get(key) ?? 'nothing'} (e-9)`);
    },
  },
  {
    id: 'reserved',
    says: 'reserved is what open sells have left, and no more than is held',
    breaches: ({ positions, orders }) => {
      const open = new Map<string, bigint>();
      for (const one of orders) {
        if (one.side !== 'sell' || one.portfolio_id === null || !OPEN.includes(one.status)) continue;
        const key = `${one.portfolio_id} ${one.symbol}`;
        open.set(key, (open.get(key) ?? 0n) + billionths(one.quantity) - billionths(one.filled_qty));
      }
      return positions.flatMap(({ portfolio_id, symbol, qty, reserved }) => {
        const promised = open.get(`${portfolio_id} ${symbol}`) ?? 0n;
        // A report may say that more was sold than held: of trades that name no portfolio the ledger checks no holdings.
        const isRight = billionths(reserved) === promised && (promised === 0n || promised <= billionths(qty));
        return isRight ? [] : [`${portfolio_id} ${symbol}: ${reserved} of ${qty}, open sells ${promised}e-9`];
      });
    },
  },
  {
    id: 'never_negative',
    says: 'no position is, or ever was, below zero by what was booked, in its order',
    breaches: (evidence) => {
      const held = new Map<string, bigint>();
      const below = evidence.positions
        .filter(({ qty, report_sequence }) => qty.startsWith('-') && report_sequence === 0)
        .map((one) => `${one.portfolio_id} ${one.symbol}`);
      for (const { key, qty, sequence } of moves(evidence)) {
        const now = (held.get(key) ?? 0n) + qty;
        held.set(key, now);
        if (now < 0n) below.push(`${key} at ${sequence}: ${now}e-9`);
      }
      return below;
    },
  },
  {
    id: 'pairs',
    says: 'of two sells of one whole position at once one is booked and one refused',
    breaches: ({ asked, pairs }) => {
      const byKey = new Map(asked.map((one) => [one.key, one]));
      return pairs.flatMap((keys) => {
        const statuses = keys.map((key) => {
          const one = byKey.get(key);
          return one && answerOf(one) !== null ? GOOD : one?.replies[0]?.status;
        });
        return statuses.includes(GOOD) && statuses.includes(REFUSED)
          ? []
          : [`${keys.join(' and ')}: ${statuses.join(' and ')}`];
      });
    },
  },
] as const satisfies readonly Check[];

export type CheckId = (typeof checks)[number]['id'];

/** Breaches of every check that does not hold. */
export const verify = (
  evidence: Evidence,
): { readonly check: (typeof checks)[number]; readonly breaches: string[] }[] =>
  checks.map((check) => ({ check, breaches: check.breaches(evidence) })).filter(({ breaches }) => breaches.length > 0);

type Answer = Readonly<Record<string, unknown>>;

/** What was answered when it was booked; null where it was only refused. */
const answerOf = ({ replies }: Asked): string | null => replies.find(({ status }) => status === GOOD)?.text ?? null;

/** Fields of an answer that never change, and those that the fill writes. */
const LASTING = [
  'trade_id',
  'client_order_id',
  'portfolio_id',
  'symbol',
  'side',
  'type',
  'time_in_force',
  'currency',
  'submitted_at',
] as const;

function differences(asked: Asked, answer: Answer, order: OrderRow): string[] {
  const amount = (text: string | null) => (text === null ? null : shortest(text));
  const expected: Record<string, unknown> = Object.fromEntries(LASTING.map((field) => [field, order[field]]));
  expected.quantity = amount(order.quantity);
  expected.limit_price = amount(order.limit_price);
  if (answer.status === 'SUCCESS') {
    expected.status = order.status === 'filled' ? 'SUCCESS' : order.status;
    expected.filled_qty = amount(order.filled_qty);
    expected.filled_avg_price = amount(order.filled_avg_price);
    expected.filled_at = order.filled_at;
  } else if (order.status !== 'filled') expected.status = order.status === 'expired' ? 'accepted' : order.status;
  const wanted = {
    ...asked.body,
    portfolio_id: asked.body.portfolio_id ?? null,
    quantity: shortest(asked.body.quantity ?? ''),
  };
  return [
    ...Object.entries(expected).map((one) => [...one, 'the order']),
    ...Object.entries(wanted)
      .filter(([field]) => field !== 'limit_price')
      .map((one) => [...one, 'the request']),
  ]
    .filter(([field, value]) => !isDeepStrictEqual(answer[String(field)], value))
    .map(
      ([field, value, of]) =>
        `answered ${String(field)} ${String(answer[String(field)])}, ${String(of)} has ${String(value)}`,
    );
}

const remembers = (kept: Answer, told: Answer): boolean =>
  Object.entries(told).every(
    ([field, value]) =>
      kept[field] === value || (field === 'status' && value === 'SUCCESS' && kept.status === 'filled'),
  );

const detailOf = (order: OrderRow, execution: ExecutionRow) => ({
  trade_id: order.trade_id,
  execution_id: execution.execution_id,
  sequence: execution.sequence,
  user_id: order.user_id,
  portfolio_id: order.portfolio_id,
  symbol: order.symbol,
  side: order.side,
  quantity: shortest(execution.qty),
  price: shortest(execution.price),
  fee: shortest(execution.fee),
  currency: order.currency,
  executed_at: execution.executed_at,
  booked_at: execution.booked_at,
});

/** The report that each position stands on, by portfolio and symbol; none where no report was taken. */
function takenReports({ positions, reports }: Evidence): ReadonlyMap<string, Report> {
  const told = new Map(reports.map((one) => [`${one.portfolio_id} ${one.symbol} ${one.sequence}`, one]));
  return new Map(
    positions.flatMap(({ portfolio_id, symbol, report_sequence }) => {
      const report = told.get(`${portfolio_id} ${symbol} ${report_sequence}`);
      return report ? [[`${portfolio_id} ${symbol}`, report] as const] : [];
    }),
  );
}

/** What each execution did to a portfolio's position, in the order of its stream. */
function moves({ orders, executions }: Evidence): { key: string; qty: bigint; sequence: number }[] {
  const byId = new Map(orders.map((order) => [order.trade_id, order]));
  return [...executions]
    .sort((a, b) => a.sequence - b.sequence)
    .flatMap(({ trade_id, qty, sequence }) => {
      const order = byId.get(trade_id);
      if (order?.portfolio_id == null) return [];
      const signed = order.side === 'buy' ? billionths(qty) : -billionths(qty);
      return [{ key: `${order.portfolio_id} ${order.symbol}`, qty: signed, sequence }];
    });
}

function grouped<T>(items: readonly T[], by: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(by(item));
    if (group) group.push(item);
    else groups.set(by(item), [item]);
  }
  return groups;
}

const sum = (values: readonly bigint[]): bigint => values.reduce((total, value) => total + value, 0n);
const abs = (value: bigint): bigint => (value < 0n ? -value : value);
