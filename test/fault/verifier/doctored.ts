import type { ClientBase } from 'pg';
import { type CheckId, verify } from './checks';
import { type Evidence, readTables } from './evidence';

/** A lie told to the verifier: rows changed in a transaction that is rolled back, or words changed in memory. */
interface Lie {
  readonly tells: string;
  readonly caughtBy: CheckId;
  readonly sql?: string;
  readonly change?: (evidence: Evidence) => Partial<Evidence>;
}

const SOME = `(select trade_id from orders where status = 'filled' and portfolio_id is not null order by trade_id limit 1)`;
const unconstrained = (table: string, ...constraints: readonly string[]) =>
  constraints.map((name) => `alter table ${table} drop constraint ${name} cascade; `).join('');
const anotherOrder = (changes: string) =>
  `create temp table copy on commit drop as select * from orders where trade_id = ${SOME};
   update copy set trade_id = 'TRADE-ANOTHER', venue_client_order_id = 'another', ${changes};
   insert into orders select * from copy`;

const lies: readonly Lie[] = [
  {
    tells: 'a row of the outbox is gone',
    caughtBy: 'outbox',
    sql: `delete from outbox where execution_id = (select min(execution_id) from executions)`,
  },
  {
    tells: 'a row of the outbox stands twice',
    caughtBy: 'outbox',
    sql: `${unconstrained('outbox', 'outbox_execution_once')}
      insert into outbox select 'ANOTHER', execution_id, written_at, published_at from outbox limit 1`,
  },
  {
    tells: 'an event is owed still',
    caughtBy: 'outbox',
    sql: `update outbox set published_at = null where event_id = (select min(event_id) from outbox)`,
  },
  {
    tells: 'an order’s execution stands twice',
    caughtBy: 'executions_of_orders',
    sql: `insert into executions select 'ANOTHER', e.trade_id, e.stream_id, s.last_sequence + 1, e.qty, e.price, e.fee,
      e.executed_at, e.booked_at from executions e join streams s using (stream_id) limit 1`,
  },
  {
    tells: 'an execution is gone',
    caughtBy: 'executions_of_orders',
    sql: `${unconstrained('outbox', 'outbox_execution')} delete from executions where trade_id = ${SOME}`,
  },
  {
    tells: 'an order is gone, its execution stands',
    caughtBy: 'executions_of_orders',
    sql: `${unconstrained('executions', 'executions_order')} delete from orders where trade_id = ${SOME}`,
  },
  {
    tells: 'an execution is of another quantity than its order was filled with',
    caughtBy: 'filled_qty',
    sql: `update executions set qty = qty + 0.000000001 where trade_id = ${SOME}`,
  },
  {
    tells: 'an order’s price is not its execution’s',
    caughtBy: 'filled_qty',
    sql: `update orders set filled_avg_price = filled_avg_price + 0.01 where trade_id = ${SOME}`,
  },
  {
    tells: 'an answered order is lost',
    caughtBy: 'answered_order_stands',
    sql: `${unconstrained('executions', 'executions_order')} delete from orders where trade_id = ${SOME}`,
  },
  {
    tells: 'an order is of another quantity than was answered',
    caughtBy: 'answered_order_stands',
    sql: `update orders set quantity = quantity + 1, filled_qty = filled_qty + 1 where trade_id = ${SOME}`,
  },
  { tells: 'a key has two orders', caughtBy: 'one_order_a_key', sql: anotherOrder(`venue_order_id = null`) },
  {
    tells: 'there is an order that nobody asked for',
    caughtBy: 'one_order_a_key',
    sql: anotherOrder(`client_order_id = 'nobody'`),
  },
  {
    tells: 'a refused sell was booked all the same',
    caughtBy: 'refused_made_nothing',
    change: ({ asked }) => ({
      asked: asked.map((one, at) =>
        at === asked.findIndex(isBooked) ? { ...one, replies: [{ status: 422, text: '{}' }] } : one,
      ),
    }),
  },
  {
    tells: 'an order’s key is gone',
    caughtBy: 'keys_and_orders',
    sql: `delete from idempotency_keys where trade_id = ${SOME}`,
  },
  {
    tells: 'a key remembers another answer than was given',
    caughtBy: 'keys_and_orders',
    sql: `update idempotency_keys set answer = replace(answer, '"filled_avg_price":"', '"filled_avg_price":"9') where trade_id = ${SOME}`,
  },
  {
    tells: 'a key is of an order that there is not',
    caughtBy: 'keys_and_orders',
    sql: `update idempotency_keys set trade_id = 'TRADE-NONE' where trade_id = ${SOME}`,
  },
  {
    tells: 'a number of a stream is skipped',
    caughtBy: 'sequences',
    sql: `update executions set sequence = 1000000 where (stream_id, sequence) in (select stream_id, max(sequence) from executions group by 1 limit 1)`,
  },
  {
    tells: 'a number of a stream stands twice',
    caughtBy: 'sequences',
    sql: `${unconstrained('executions', 'executions_number')} update executions set sequence = 1 where sequence = 2`,
  },
  {
    tells: 'a stream counts one too many',
    caughtBy: 'sequences',
    sql: `update streams set last_sequence = last_sequence + 1 where last_sequence > 0`,
  },
  {
    tells: 'a position is off by a billionth',
    caughtBy: 'positions',
    sql: `update positions set qty = qty + 0.000000001 where qty > 0`,
  },
  { tells: 'a position is gone', caughtBy: 'positions', sql: `delete from positions where qty > 0` },
  {
    tells: 'a sell that ended still reserves',
    caughtBy: 'reserved',
    sql: `update positions set reserved = reserved + 1 where qty > reserved + 1`,
  },
  {
    tells: 'more is promised than is held',
    caughtBy: 'reserved',
    sql: `update orders set quantity = 1000000 where side = 'sell' and status = 'accepted'`,
  },
  {
    tells: 'a position is below zero',
    caughtBy: 'never_negative',
    sql: `update positions set qty = -1 where qty = 0`,
  },
  {
    tells: 'a position was below zero for one trade and is right again',
    caughtBy: 'never_negative',
    sql: `${unconstrained('executions', 'executions_number')}
      update executions set sequence = 1000000 - sequence where stream_id in
        (select stream_id from executions e join orders o using (trade_id) where o.side = 'sell' and stream_id like 'portfolio#%' limit 1)`,
  },
  {
    tells: 'an event was never told',
    caughtBy: 'events_of_executions',
    change: ({ events }) => {
      const lost = events[0]?.detail.execution_id;
      return { events: events.filter(({ detail }) => detail.execution_id !== lost) };
    },
  },
  {
    tells: 'an event tells another price',
    caughtBy: 'events_of_executions',
    change: ({ events: [first, ...rest] }) => ({ events: [{ detail: { ...first?.detail, price: '1' } }, ...rest] }),
  },
  {
    tells: 'an event is of an execution that was rolled back',
    caughtBy: 'events_have_executions',
    change: ({ events }) => ({ events: [...events, { detail: { ...events[0]?.detail, execution_id: 'ANOTHER' } }] }),
  },
  {
    tells: 'an event was delivered twice, with other words',
    caughtBy: 'events_the_same',
    change: ({ events }) => ({ events: [...events, { detail: { ...events[0]?.detail, sequence: 2 ** 30 } }] }),
  },
  {
    tells: 'a repeat was answered otherwise',
    caughtBy: 'answered_the_same',
    change: ({ asked }) => ({
      asked: asked.map((one) => ({
        ...one,
        replies: [...one.replies, { status: 200, text: '{"trade_id":"TRADE-ANOTHER"}' }],
      })),
    }),
  },
  {
    tells: 'a client was never answered',
    caughtBy: 'answered_all',
    change: ({ asked: [first, ...rest] }) => ({ asked: [...(first ? [{ ...first, replies: [] }] : []), ...rest] }),
  },
  {
    tells: 'both sells of a position were booked',
    caughtBy: 'pairs',
    change: ({ asked, pairs }) => ({
      asked: asked.map((one) =>
        pairs[0]?.includes(one.key) ? { ...one, replies: [{ status: 200, text: '{}' }] } : one,
      ),
    }),
  },
];

const isBooked = ({ replies }: Evidence['asked'][number]): boolean => replies.some(({ status }) => status === 200);

/**
 * Shows that the verifier can fail: each lie, told of this very evidence, must be caught by the check that is about it.
 * @returns what was told, and the lies that it believed
 */
export async function catches(
  client: ClientBase,
  evidence: Evidence,
): Promise<{ readonly told: number; readonly believed: string[]; readonly checks: ReadonlySet<string> }> {
  const believed: string[] = [];
  for (const { tells, caughtBy, sql, change } of lies) {
    await client.query('begin');
    if (sql !== undefined) await client.query(sql);
    const doctored = { ...evidence, ...(sql !== undefined && (await readTables(client))), ...change?.(evidence) };
    await client.query('rollback');
    if (!verify(doctored).some(({ check }) => check.id === caughtBy)) believed.push(`${tells} (${caughtBy})`);
  }
  return { told: lies.length, believed, checks: new Set(lies.map(({ caughtBy }) => caughtBy)) };
}
