import { type Kysely, sql } from 'kysely';
import { chunksOf } from '../chunks';
import { type LockedPortfolio, lockedOf } from './rows';
import type { PortfolioTables } from './schema';

/** First halves of advisory locks; a migration's lock is of one number and meets neither. */
const USERS = 1;
const LEADER = 2;

/**
 * Lets one transaction at a time count a user's portfolios, make the default one, number what arrives, or remove it all.
 * Taken before any row's lock. Two users whose ids fall together wait for each other, and nothing worse.
 */
export const lockUser = async (tx: Kysely<PortfolioTables>, userId: string): Promise<void> => {
  await sql`select pg_advisory_xact_lock(${sql.lit(USERS)}, hashtext(${userId}))`.execute(tx);
};

export const TRY_TO_LEAD = `select pg_try_advisory_lock(${LEADER}, 0) as leads`;
export const LEAD_NO_MORE = `select pg_advisory_unlock(${LEADER}, 0)`;

/** Locks a user's portfolio until the transaction ends: its transactions change under this lock only. */
export async function lockPortfolio(
  tx: Kysely<PortfolioTables>,
  userId: string,
  portfolioId: string,
): Promise<LockedPortfolio | null> {
  const row = await tx
    .selectFrom('portfolios')
    .selectAll()
    .where('portfolio_id', '=', portfolioId)
    .where('user_id', '=', userId)
    .forUpdate()
    .executeTakeFirst();
  return row ? lockedOf(row) : null;
}

/** On it the leader is told, with the portfolio's id, when the writing transaction is committed. */
export const CHANGES = 'portfolio_changed';

/** On it the leader is told, with the portfolio's id, that somebody has begun to watch it, whether or not it changed. */
export const PORTFOLIO_WATCHED = 'portfolio_watched';

/** On it the leader is told which symbols somebody has begun to watch, as a JSON array. */
export const SYMBOLS_WATCHED = 'symbols_watched';
/** A notification carries 8,000 bytes, a symbol some twenty. */
const SYMBOLS_A_NOTIFICATION = 250;

/** Tells the leader which symbols somebody has begun to watch. */
export async function announceSymbols(db: Kysely<PortfolioTables>, symbols: readonly string[]): Promise<void> {
  for (const some of chunksOf(symbols, SYMBOLS_A_NOTIFICATION))
    await sql`select pg_notify(${SYMBOLS_WATCHED}, ${JSON.stringify(some)})`.execute(db);
}

/** Tells the leader that somebody has begun to watch a portfolio. */
export const announceWatched = async (db: Kysely<PortfolioTables>, portfolioId: string): Promise<void> => {
  await sql`select pg_notify(${PORTFOLIO_WATCHED}, ${portfolioId})`.execute(db);
};

/** Tells the leader that a portfolio changed; in a transaction, once it is committed. */
export const announce = async (db: Kysely<PortfolioTables>, portfolioId: string): Promise<void> => {
  await sql`select pg_notify(${CHANGES}, ${portfolioId})`.execute(db);
};

/** Counts a change of a locked portfolio, and tells of it. @returns the new revision */
export async function touch(tx: Kysely<PortfolioTables>, portfolio: LockedPortfolio, now: string): Promise<number> {
  const revision = portfolio.revision + 1;
  await tx
    .updateTable('portfolios')
    .set({ revision, updated_at: now })
    .where('portfolio_id', '=', portfolio.portfolio_id)
    .execute();
  await announce(tx, portfolio.portfolio_id);
  return revision;
}
