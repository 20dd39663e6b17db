import { type Kysely, sql } from 'kysely';
import { ulid } from 'ulid';
import { MAX_PORTFOLIOS } from '../../../contract/schemas/portfolios';
import { isoOf } from '../ledger/columns';
import { lockPortfolio, lockUser, touch } from './locks';
import type { PortfolioFields, PortfolioRow } from './portfolios';
import { oweNothingHeld } from './reports';
import { type LockedPortfolio, lockedOf, portfolioOf, shownOf } from './rows';
import type { PortfolioTables } from './schema';

type Db = Kysely<PortfolioTables>;

/** @param portfolioId the same at every attempt, so that one which was committed unheard is found */
export function create(
  db: Db,
  portfolioId: string,
  userId: string,
  fields: PortfolioFields,
  now: string,
): Promise<PortfolioRow | 'too_many'> {
  return db.transaction().execute(async (tx) => {
    await lockUser(tx, userId);
    const { n } = await tx
      .selectFrom('portfolios')
      .select(({ fn }) => fn.countAll<string>().as('n'))
      .where('user_id', '=', userId)
      .where('portfolio_id', '<>', portfolioId)
      .executeTakeFirstOrThrow();
    if (Number(n) >= MAX_PORTFOLIOS) return 'too_many';
    return portfolioOf(await insert(tx, portfolioId, userId, fields, false, now));
  });
}

async function insert(
  tx: Db,
  portfolio_id: string,
  user_id: string,
  { name, base_currency, cost_basis, benchmark }: PortfolioFields,
  is_default: boolean,
  now: string,
): Promise<unknown> {
  const at = isoOf(now);
  await tx
    .insertInto('portfolios')
    .values({
      portfolio_id,
      user_id,
      name,
      base_currency,
      cost_basis,
      benchmark,
      is_default,
      revision: 1,
      last_report: 0,
      created_at: at,
      updated_at: at,
    })
    .onConflict((taken) => taken.column('portfolio_id').doNothing())
    .execute();
  return tx.selectFrom('portfolios').selectAll().where('portfolio_id', '=', portfolio_id).executeTakeFirstOrThrow();
}

const DEFAULT: Omit<PortfolioFields, 'base_currency'> = { name: 'Default', cost_basis: 'average', benchmark: null };

/** The user's default portfolio, locked; made where there is none, however many others there are. The user is locked. */
export async function lockDefault(
  tx: Db,
  userId: string,
  base_currency: string,
  now: string,
  random: () => number,
): Promise<LockedPortfolio> {
  const row = await tx
    .selectFrom('portfolios')
    .selectAll()
    .where('user_id', '=', userId)
    .where('is_default', '=', true)
    .forUpdate()
    .executeTakeFirst();
  if (row) return lockedOf(row);
  return lockedOf(await insert(tx, ulid(Date.parse(now), random), userId, { ...DEFAULT, base_currency }, true, now));
}

export async function list(
  db: Db,
  userId: string,
  { limit, after = '' }: { readonly limit: number; readonly after?: string },
): Promise<readonly PortfolioRow[]> {
  const rows = await db
    .selectFrom('portfolios')
    .selectAll()
    .where('user_id', '=', userId)
    .where('portfolio_id', '>', after)
    .orderBy('portfolio_id')
    .limit(limit)
    .execute();
  return rows.map(portfolioOf);
}

export async function find(db: Db, userId: string, portfolioId: string): Promise<PortfolioRow | null> {
  const row = await db
    .selectFrom('portfolios')
    .selectAll()
    .where('portfolio_id', '=', portfolioId)
    .where('user_id', '=', userId)
    .executeTakeFirst();
  return row ? portfolioOf(row) : null;
}

/** @param again whether an earlier attempt of this very call may have been committed */
export function replace(
  db: Db,
  userId: string,
  portfolioId: string,
  { name, base_currency, cost_basis, benchmark }: PortfolioFields,
  now: string,
  revision: number | undefined,
  again: boolean,
): Promise<PortfolioRow | 'changed' | null> {
  return db.transaction().execute(async (tx) => {
    const before = await lockPortfolio(tx, userId, portfolioId);
    if (!before) return null;
    const isDone =
      again &&
      before.updated_at === isoOf(now) &&
      before.name === name &&
      before.base_currency === base_currency &&
      before.cost_basis === cost_basis &&
      before.benchmark === benchmark;
    if (isDone) return shownOf(before);
    if (revision !== undefined && revision !== before.revision) return 'changed';
    await tx
      .updateTable('portfolios')
      .set({ name, base_currency, cost_basis, benchmark })
      .where('portfolio_id', '=', portfolioId)
      .execute();
    await touch(tx, before, isoOf(now));
    return find(tx, userId, portfolioId);
  });
}

/** @returns whether it was there, or an earlier attempt of this very call may have removed it */
export function remove(db: Db, userId: string, portfolioId: string, now: string, again: boolean): Promise<boolean> {
  return db.transaction().execute(async (tx) => {
    const portfolio = await lockPortfolio(tx, userId, portfolioId);
    if (!portfolio) return again;
    const last_report = await oweNothingHeld(tx, portfolio, now);
    const { user_id, created_at } = portfolio;
    await tx
      .insertInto('removed_portfolios')
      .values({ portfolio_id: portfolioId, user_id, last_report, created_at })
      .execute();
    await tx.deleteFrom('portfolios').where('portfolio_id', '=', portfolioId).execute();
    return true;
  });
}

/** Resolves when the database answers. */
export const ping = async (db: Db): Promise<void> => {
  await sql`select 1`.execute(db);
};
