import { type Kysely, sql } from 'kysely';

/** PostgreSQL runs a migration in one transaction: all of it or nothing. Text sorts and compares byte by byte. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const text = (length: number) => sql.raw(`varchar(${length}) collate "C"`);
  const amount = sql.raw('numeric(28, 9)');
  const instant = sql.raw('timestamptz(3)');

  await sql`
    create table portfolios (
      portfolio_id ${text(26)} primary key,
      user_id ${text(128)} not null,
      name ${text(100)} not null check (name <> ''),
      base_currency ${text(3)} not null,
      cost_basis ${text(8)} not null check (cost_basis in ('average', 'fifo', 'lifo')),
      benchmark ${text(32)},
      is_default boolean not null,
      revision bigint not null check (revision > 0),
      last_report bigint not null check (last_report >= 0),
      created_at ${instant} not null,
      updated_at ${instant} not null,
      constraint portfolios_by_user unique (user_id, portfolio_id)
    )`.execute(db);
  await sql`create unique index portfolios_default on portfolios (user_id) where is_default`.execute(db);

  await sql`
    create table removed_portfolios (
      portfolio_id ${text(26)} primary key,
      user_id ${text(128)} not null,
      last_report bigint not null check (last_report >= 0),
      created_at ${instant} not null
    )`.execute(db);
  await sql`create index removed_portfolios_by_user on removed_portfolios (user_id)`.execute(db);

  await sql`
    create table transactions (
      transaction_id ${text(26)} primary key,
      portfolio_id ${text(26)} not null references portfolios on delete cascade,
      type ${text(10)} not null,
      symbol ${text(32)},
      qty ${amount} check (qty > 0),
      price ${amount} check (price > 0),
      amount ${amount} check (amount > 0),
      fee ${amount} check (fee >= 0),
      ratio ${text(64)},
      currency ${text(3)} not null,
      executed_at ${instant} not null,
      sequence bigint check (sequence >= 0),
      external_id ${text(128)},
      source ${text(6)} not null check (source in ('manual', 'import', 'trade')),
      trade_id ${text(32)},
      stream_id ${text(140)},
      named_portfolio_id ${text(26)},
      created_at ${instant} not null,
      constraint transactions_trade check (
        (source = 'trade') = (trade_id is not null)
        and (source = 'trade') = (stream_id is not null)
        and (source <> 'trade' or sequence is not null)
        and (source = 'trade' or named_portfolio_id is null)
      ),
      constraint transactions_type check (
        case type
          when 'buy' then symbol is not null and qty is not null
          when 'sell' then symbol is not null and qty is not null
          when 'split' then symbol is not null and ratio is not null
          when 'dividend' then amount is not null
          when 'fee' then amount is not null
          when 'deposit' then amount is not null
          when 'withdrawal' then amount is not null
          else false
        end
      )
    )`.execute(db);
  await sql`create index transactions_by_time on transactions (portfolio_id, executed_at, transaction_id)`.execute(db);
  await sql`create index transactions_by_symbol on transactions (portfolio_id, symbol, executed_at)`.execute(db);
  // A trade is told from another by its execution, whatever ids a file brings.
  await sql`
    create unique index transactions_external on transactions (portfolio_id, external_id) where source <> 'trade'
  `.execute(db);
  await sql`
    create index transactions_by_number on transactions (portfolio_id, stream_id, sequence) where stream_id is not null
  `.execute(db);

  await sql`
    create table streams (
      stream_id ${text(140)} primary key,
      user_id ${text(128)} not null,
      portfolio_id ${text(26)},
      received_to bigint not null check (received_to >= 0),
      gap_since ${instant}
    )`.execute(db);
  await sql`create index streams_by_user on streams (user_id)`.execute(db);
  await sql`create index streams_with_gaps on streams (gap_since, stream_id) where gap_since is not null`.execute(db);

  await sql`
    create table receipts (
      execution_id ${text(26)} primary key,
      stream_id ${text(140)} not null,
      sequence bigint not null check (sequence > 0),
      user_id ${text(128)} not null,
      submitted_at ${instant} not null,
      received_at ${instant} not null
    )`.execute(db);
  await sql`create index receipts_by_number on receipts (stream_id, sequence)`.execute(db);
  await sql`create index receipts_by_user on receipts (user_id)`.execute(db);

  await sql`
    create table reports (
      report_id bigint generated always as identity primary key,
      portfolio_id ${text(26)} not null,
      user_id ${text(128)} not null,
      symbol ${text(32)} not null,
      qty numeric not null,
      sequence bigint not null check (sequence > 0),
      trade_sequence bigint not null check (trade_sequence >= 0),
      written_at ${instant} not null,
      constraint reports_number unique (portfolio_id, sequence)
    )`.execute(db);
  await sql`create index reports_by_user on reports (user_id)`.execute(db);

  await sql`
    create table departures (
      person ${text(64)} not null,
      removed_at ${instant} not null,
      primary key (person, removed_at)
    )`.execute(db);

  await sql`
    create table snapshots (
      portfolio_id ${text(26)} not null references portfolios on delete cascade,
      date date not null,
      total_value numeric,
      market_value numeric,
      cash numeric,
      cost_basis numeric,
      realized_pl numeric,
      unrealized_pl numeric,
      stale boolean not null,
      final boolean not null,
      taken_at ${instant} not null,
      primary key (portfolio_id, date)
    )`.execute(db);

  await sql`
    create table closes (
      adjustment ${text(3)} not null check (adjustment in ('raw', 'all')),
      symbol ${text(32)} not null,
      date date not null,
      close numeric not null check (close > 0),
      primary key (adjustment, symbol, date)
    )`.execute(db);
  await sql`
    create table closes_known (
      adjustment ${text(3)} not null check (adjustment in ('raw', 'all')),
      symbol ${text(32)} not null,
      from_date date not null,
      to_date date not null,
      asked_at ${instant} not null,
      primary key (adjustment, symbol),
      check (from_date <= to_date)
    )`.execute(db);
}
