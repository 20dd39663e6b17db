import type { Kysely } from 'kysely';
import { toInstant } from './columns';
import type { LedgerDialect } from './dialect';
import { PSEUDONYM } from './ledger';
import type { LedgerTables } from './schema';
import { lockStream, moveUserStream } from './streams';

/** Rows that one statement removes: locks are held briefly, and a replica follows. */
const BITE = 500;
/** Bites of one call; the rest waits for the next. */
const MAX_BITES = 200;

/**
 * Replaces a user's id wherever it stands. Keys hold the user's own words and go altogether.
 *
 * The user's streams are locked first: a booking that holds one is committed, and seen, when it is ours. Once for each
 * removal, so that a second delivery of it leaves alone what somebody who came back has traded since.
 */
export function pseudonymise(
  db: Kysely<LedgerTables>,
  dialect: LedgerDialect,
  userId: string,
  pseudonym: string,
  removedAt: string,
  now: string,
): Promise<number> {
  return db.transaction().execute(async (tx) => {
    const departure = { pseudonym, removed_at: toInstant(removedAt) };
    if (await isKnown(tx, departure)) return 0;
    await lockStream(tx, dialect, { user_id: userId, portfolio_id: null }, now);
    await tx.selectFrom('streams').select('stream_id').where('user_id', '=', userId).forUpdate().execute();
    await tx.insertInto('departures').values(departure).execute();
    await tx.deleteFrom('idempotency_keys').where('user_id', '=', userId).execute();
    const { numUpdatedRows } = await tx
      .updateTable('orders')
      .set((eb) => ({ user_id: pseudonym, client_order_id: eb.ref('trade_id'), updated_at: toInstant(now) }))
      .where('user_id', '=', userId)
      .executeTakeFirst();
    await tx
      .updateTable('streams')
      .set({ user_id: pseudonym })
      .where('user_id', '=', userId)
      .where('portfolio_id', 'is not', null)
      .execute();
    await moveUserStream(tx, dialect, userId, pseudonym, now);
    await forgetWordsAtVenue(tx);
    return Number(numUpdatedRows);
  });
}

async function isKnown(tx: Kysely<LedgerTables>, departure: LedgerTables['departures']): Promise<boolean> {
  const row = await tx
    .selectFrom('departures')
    .select('pseudonym')
    .where('pseudonym', '=', departure.pseudonym)
    .where('removed_at', '=', departure.removed_at)
    .executeTakeFirst();
  return row !== undefined;
}

/** The venue is asked for an open order by the name that its user gave; one that has ended needs the name no more. */
const forgetWordsAtVenue = (db: Kysely<LedgerTables>) =>
  db
    .updateTable('orders')
    .set((eb) => ({ venue_client_order_id: eb.ref('trade_id') }))
    .where('user_id', '>=', PSEUDONYM)
    .where('user_id', '<', `${PSEUDONYM}~`)
    .where('closed_at', 'is not', null)
    .whereRef('venue_client_order_id', '<>', 'trade_id')
    .execute();

async function biteByBite(bite: () => Promise<number>): Promise<number> {
  let removed = 0;
  for (let bites = 0; bites < MAX_BITES; bites++) {
    const taken = await bite();
    removed += taken;
    if (taken < BITE) break;
  }
  return removed;
}

/** Orders of people who left that ended before a time, with all that hangs on them. */
export async function forgetDeparted(db: Kysely<LedgerTables>, endedBefore: string): Promise<number> {
  await forgetWordsAtVenue(db);
  return biteByBite(() =>
    db.transaction().execute(async (tx) => {
      const orders = await tx
        .selectFrom('orders')
        .select('trade_id')
        .where('user_id', '>=', PSEUDONYM)
        .where('user_id', '<', `${PSEUDONYM}~`)
        .where('closed_at', '<', toInstant(endedBefore))
        .limit(BITE)
        .execute();
      if (orders.length === 0) return 0;
      const ids = orders.map(({ trade_id }) => trade_id);
      const executions = tx.selectFrom('executions').select('execution_id').where('trade_id', 'in', ids);
      const done = (await executions.execute()).map(({ execution_id }) => execution_id);
      if (done.length > 0) {
        await tx.deleteFrom('outbox').where('execution_id', 'in', done).execute();
        await tx.deleteFrom('executions').where('execution_id', 'in', done).execute();
      }
      await tx.deleteFrom('orders').where('trade_id', 'in', ids).execute();
      return orders.length;
    }),
  );
}

export const tidyKeys = (db: Kysely<LedgerTables>, now: string): Promise<number> =>
  biteByBite(async () => {
    const keys = await db
      .selectFrom('idempotency_keys')
      .select(['user_id', 'request_key'])
      .where('expires_at', '<=', toInstant(now))
      .orderBy('expires_at')
      .limit(BITE)
      .execute();
    if (keys.length === 0) return 0;
    const { numDeletedRows } = await db
      .deleteFrom('idempotency_keys')
      .where((eb) =>
        eb(
          eb.refTuple('user_id', 'request_key'),
          'in',
          keys.map(({ user_id, request_key }) => eb.tuple(user_id, request_key)),
        ),
      )
      // A key may have been used anew since it was looked at.
      .where('expires_at', '<=', toInstant(now))
      .executeTakeFirst();
    return Number(numDeletedRows);
  });

export const tidyEvents = (db: Kysely<LedgerTables>, before: string): Promise<number> =>
  biteByBite(async () => {
    const events = await db
      .selectFrom('outbox')
      .select('event_id')
      .where('published_at', '<', toInstant(before))
      .orderBy('published_at')
      .limit(BITE)
      .execute();
    if (events.length === 0) return 0;
    const ids = events.map(({ event_id }) => event_id);
    const { numDeletedRows } = await db.deleteFrom('outbox').where('event_id', 'in', ids).executeTakeFirst();
    return Number(numDeletedRows);
  });
