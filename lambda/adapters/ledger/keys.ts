import type { Kysely } from 'kysely';
import { toInstant } from './columns';
import type { FirstAnswer } from './ledger';
import { firstAnswerOf } from './rows';
import type { LedgerTables } from './schema';

/** What a key was answered with; null where it is unknown or has expired. */
export async function findKey(
  db: Kysely<LedgerTables>,
  userId: string,
  key: string,
  now: string,
): Promise<FirstAnswer | null> {
  const row = await db
    .selectFrom('idempotency_keys')
    .select(['digest', 'trade_id', 'answer', 'expires_at'])
    .where('user_id', '=', userId)
    .where('request_key', '=', key)
    .where('expires_at', '>', toInstant(now))
    .executeTakeFirst();
  if (!row) return null;
  const { digest, trade_id, order } = firstAnswerOf(row);
  return { digest, trade_id, order };
}

/** Frees a key for its next use; one that somebody else has used anew meanwhile stays. */
export async function forgetExpiredKey(
  db: Kysely<LedgerTables>,
  userId: string,
  key: string,
  now: string,
): Promise<void> {
  await db
    .deleteFrom('idempotency_keys')
    .where('user_id', '=', userId)
    .where('request_key', '=', key)
    .where('expires_at', '<=', toInstant(now))
    .execute();
}
