import { type Kysely, sql } from 'kysely';
import { chunksOf } from '../chunks';
import type { CloseAdjustment, ClosesKnown, Snapshot, StoredClose } from './portfolios';
import { closeOf, closesKnownOf, snapshotOf } from './rows';
import type { PortfolioTables } from './schema';

type Db = Kysely<PortfolioTables>;

/** Rows of one statement: its one parameter is JSON. */
const BITE = 5_000;
async function biteByBite<Row>(rows: readonly Row[], write: (bite: readonly Row[]) => Promise<unknown>): Promise<void> {
  for (const bite of chunksOf(rows, BITE)) await write(bite);
}

/** The last of those that have one key. One statement must not write a row twice. */
const lastOf = <Row>(rows: readonly Row[], keyOf: (row: Row) => string): readonly Row[] => [
  ...new Map(rows.map((row) => [keyOf(row), row])).values(),
];

/** A portfolio that is gone has no days. By key, so that two writers of the same rows lock them in one order. */
export const keepSnapshots = (db: Db, snapshots: readonly Snapshot[]): Promise<void> =>
  biteByBite(
    lastOf(snapshots, ({ portfolio_id, date }) => `${portfolio_id} ${date}`),
    (bite) =>
      sql`
        insert into snapshots (portfolio_id, date, total_value, market_value, cash, cost_basis, realized_pl,
          unrealized_pl, stale, final, taken_at)
        select taken.* from jsonb_to_recordset(${JSON.stringify(bite)}::jsonb) as taken (
          portfolio_id text, date date, total_value numeric, market_value numeric, cash numeric, cost_basis numeric,
          realized_pl numeric, unrealized_pl numeric, stale boolean, final boolean, taken_at timestamptz
        ) join portfolios as p on p.portfolio_id = taken.portfolio_id
        order by taken.portfolio_id, taken.date
        for key share of p
        on conflict (portfolio_id, date) do update set
          total_value = excluded.total_value, market_value = excluded.market_value, cash = excluded.cash,
          cost_basis = excluded.cost_basis, realized_pl = excluded.realized_pl, unrealized_pl = excluded.unrealized_pl,
          stale = excluded.stale, final = excluded.final, taken_at = excluded.taken_at
        where (excluded.final and not snapshots.final)
          or (excluded.final = snapshots.final and excluded.taken_at >= snapshots.taken_at)`.execute(db),
  );

export async function snapshotsOf(db: Db, portfolioId: string, from: string, to: string): Promise<readonly Snapshot[]> {
  const rows = await db
    .selectFrom('snapshots')
    .selectAll()
    .where('portfolio_id', '=', portfolioId)
    .where('date', '>=', from)
    .where('date', '<=', to)
    .orderBy('date')
    .execute();
  return rows.map(snapshotOf);
}

export async function closesOf(
  db: Db,
  symbols: readonly string[],
  adjustment: CloseAdjustment,
  from: string,
  to: string,
): Promise<readonly StoredClose[]> {
  const { rows } = await sql`
    select symbol, date, close from closes
    where adjustment = ${adjustment} and symbol = any(${[...symbols]}::text[])
      and date between ${from}::date and ${to}::date
    order by symbol, date`.execute(db);
  return rows.map(closeOf);
}

export async function closesKnownOfSymbols(
  db: Db,
  symbols: readonly string[],
  adjustment: CloseAdjustment,
): Promise<readonly ClosesKnown[]> {
  const { rows } = await sql`
    select symbol, from_date as "from", to_date as "to", asked_at from closes_known
    where adjustment = ${adjustment} and symbol = any(${[...symbols]}::text[]) order by symbol`.execute(db);
  return rows.map(closesKnownOf);
}

export async function keepCloses(
  db: Db,
  adjustment: CloseAdjustment,
  closes: readonly StoredClose[],
  known: readonly ClosesKnown[],
): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await biteByBite(
      lastOf(closes, ({ symbol, date }) => `${symbol} ${date}`),
      (bite) =>
        sql`
          insert into closes (adjustment, symbol, date, close)
          select ${adjustment}, symbol, date, close
          from jsonb_to_recordset(${JSON.stringify(bite)}::jsonb) as asked (symbol text, date date, close numeric)
          order by symbol, date
          on conflict (adjustment, symbol, date) do update set close = excluded.close`.execute(tx),
    );
    // Two who asked for neighbouring days at the same time know both; days apart are not known in between.
    await biteByBite(
      lastOf(known, ({ symbol }) => symbol),
      (bite) =>
        sql`
          insert into closes_known (adjustment, symbol, from_date, to_date, asked_at)
          select ${adjustment}, symbol, "from", "to", asked_at
          from jsonb_to_recordset(${JSON.stringify(bite)}::jsonb)
            as asked (symbol text, "from" date, "to" date, asked_at timestamptz)
          order by symbol
          on conflict (adjustment, symbol) do update set
            from_date = case when ${touching} then least(closes_known.from_date, excluded.from_date)
              else excluded.from_date end,
            to_date = case when ${touching} then greatest(closes_known.to_date, excluded.to_date)
              else excluded.to_date end,
            asked_at = case when ${touching} and closes_known.to_date > excluded.to_date then closes_known.asked_at
              else excluded.asked_at end`.execute(tx),
    );
  });
}

const touching = sql`
  (excluded.from_date <= closes_known.to_date + 1 and closes_known.from_date <= excluded.to_date + 1)`;
