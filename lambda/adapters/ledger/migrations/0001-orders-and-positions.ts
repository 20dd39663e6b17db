import { type Kysely, sql } from 'kysely';
import type { LedgerDialect } from '../dialect';

/**
 * Every statement may be run again: MySQL commits each `create` by itself, so a migration that died half way begins anew.
 * That is also why the indexes are unique constraints that end in the primary key: they cost no more, and are the only
 * indexes that both engines let one write into the table's own statement.
 */
export async function up(db: Kysely<unknown>, { text, longText, instant, tableOptions }: LedgerDialect): Promise<void> {
  const amount = sql.raw('decimal(28, 9)');

  await sql`
    create table if not exists streams (
      stream_id ${text(140)} not null,
      portfolio_id ${text(26)},
      user_id ${text(128)} not null,
      last_sequence bigint not null,
      last_event_id ${text(26)},
      created_at ${instant} not null,
      constraint streams_key primary key (stream_id),
      constraint streams_portfolio unique (portfolio_id),
      constraint streams_by_user unique (user_id, stream_id),
      constraint streams_name check (
        stream_id = case when portfolio_id is null then concat('user#', user_id) else concat('portfolio#', portfolio_id) end
      ),
      constraint streams_counts check (last_sequence >= 0),
      constraint streams_last_event check ((last_sequence = 0) = (last_event_id is null))
    ) ${tableOptions}`.execute(db);

  await sql`
    create table if not exists orders (
      trade_id ${text(32)} not null,
      user_id ${text(128)} not null,
      client_order_id ${text(128)} not null,
      venue_client_order_id ${text(128)} not null,
      venue_order_id ${text(128)},
      portfolio_id ${text(26)},
      asset_id ${text(64)} not null,
      symbol ${text(32)} not null,
      side ${text(8)} not null,
      type ${text(8)} not null,
      time_in_force ${text(8)} not null,
      quantity ${amount} not null,
      limit_price ${amount},
      currency ${text(3)} not null,
      venue ${text(16)} not null,
      region ${text(32)} not null,
      environment ${text(32)} not null,
      status ${text(16)} not null,
      reason ${text(500)},
      filled_qty ${amount} not null,
      filled_avg_price ${amount},
      fee ${amount} not null,
      submitted_at ${instant} not null,
      expires_at ${instant},
      filled_at ${instant},
      closed_at ${instant},
      updated_at ${instant} not null,
      constraint orders_key primary key (trade_id),
      constraint orders_portfolio foreign key (portfolio_id) references streams (portfolio_id),
      constraint orders_at_venue unique (venue_client_order_id),
      constraint orders_venue_id unique (venue, venue_order_id),
      constraint orders_by_user unique (user_id, trade_id),
      constraint orders_by_end unique (closed_at, trade_id),
      constraint orders_by_symbol unique (user_id, symbol, trade_id),
      constraint orders_open unique (venue, closed_at, trade_id),
      constraint orders_expiring unique (venue, closed_at, expires_at, trade_id),
      constraint orders_of_portfolio unique (portfolio_id, trade_id),
      constraint orders_side check (side in ('buy', 'sell')),
      constraint orders_type check (type in ('market', 'limit')),
      constraint orders_time_in_force check (time_in_force in ('day', 'ioc')),
      constraint orders_currency check (currency = 'USD'),
      constraint orders_venue check (venue in ('internal', 'alpaca')),
      constraint orders_status check (
        status in ('pending_new', 'accepted', 'partially_filled', 'filled', 'canceled', 'expired', 'rejected')
      ),
      constraint orders_quantity check (quantity > 0),
      constraint orders_limit check ((type = 'limit') = (limit_price is not null)),
      constraint orders_limit_price check (limit_price > 0),
      constraint orders_expiry check (time_in_force <> 'ioc' or expires_at is null),
      constraint orders_filled_qty check (filled_qty >= 0 and filled_qty <= quantity),
      constraint orders_filled check ((status = 'filled') = (filled_qty = quantity)),
      constraint orders_untouched check (status not in ('pending_new', 'accepted') or filled_qty = 0),
      constraint orders_touched check (status <> 'partially_filled' or filled_qty > 0),
      constraint orders_price check ((filled_qty = 0) = (filled_avg_price is null)),
      constraint orders_price_positive check (filled_avg_price > 0),
      constraint orders_filled_at check ((filled_qty = 0) = (filled_at is null)),
      constraint orders_closed_at check (
        (status in ('filled', 'canceled', 'expired', 'rejected')) = (closed_at is not null)
      ),
      constraint orders_reason check (status <> 'filled' or reason is null),
      constraint orders_fee check (fee >= 0)
    ) ${tableOptions}`.execute(db);

  await sql`
    create table if not exists executions (
      execution_id ${text(26)} not null,
      trade_id ${text(32)} not null,
      stream_id ${text(140)} not null,
      sequence bigint not null,
      qty ${amount} not null,
      price ${amount} not null,
      fee ${amount} not null,
      executed_at ${instant} not null,
      booked_at ${instant} not null,
      constraint executions_key primary key (execution_id),
      constraint executions_order foreign key (trade_id) references orders (trade_id),
      constraint executions_stream foreign key (stream_id) references streams (stream_id),
      constraint executions_number unique (stream_id, sequence),
      constraint executions_by_order unique (trade_id, execution_id),
      constraint executions_sequence check (sequence > 0),
      constraint executions_qty check (qty > 0),
      constraint executions_price check (price > 0),
      constraint executions_fee check (fee >= 0)
    ) ${tableOptions}`.execute(db);

  await sql`
    create table if not exists outbox (
      event_id ${text(26)} not null,
      execution_id ${text(26)} not null,
      written_at ${instant} not null,
      published_at ${instant},
      constraint outbox_key primary key (event_id),
      constraint outbox_execution_once unique (execution_id),
      constraint outbox_execution foreign key (execution_id) references executions (execution_id),
      constraint outbox_owed unique (published_at, event_id)
    ) ${tableOptions}`.execute(db);

  await sql`
    create table if not exists positions (
      portfolio_id ${text(26)} not null,
      symbol ${text(32)} not null,
      qty ${amount} not null,
      reserved ${amount} not null,
      report_sequence bigint not null,
      updated_at ${instant} not null,
      constraint positions_key primary key (portfolio_id, symbol),
      constraint positions_portfolio foreign key (portfolio_id) references streams (portfolio_id),
      constraint positions_reserved check (reserved >= 0),
      constraint positions_report check (report_sequence >= 0)
    ) ${tableOptions}`.execute(db);

  // trade_id has no foreign key: the key is written before the order, so that a second request stops at the first step.
  await sql`
    create table if not exists idempotency_keys (
      user_id ${text(128)} not null,
      request_key ${text(128)} not null,
      digest ${text(64)} not null,
      trade_id ${text(32)} not null,
      answer ${longText} not null,
      expires_at ${instant} not null,
      constraint idempotency_keys_key primary key (user_id, request_key),
      constraint idempotency_keys_by_expiry unique (expires_at, user_id, request_key),
      constraint idempotency_keys_digest check (char_length(digest) = 64),
      constraint idempotency_keys_plain check (
        char_length(request_key) > 0 and char_length(request_key) = char_length(trim(request_key))
      )
    ) ${tableOptions}`.execute(db);

  await sql`
    create table if not exists departures (
      pseudonym ${text(128)} not null,
      removed_at ${instant} not null,
      constraint departures_key primary key (pseudonym, removed_at)
    ) ${tableOptions}`.execute(db);
}
