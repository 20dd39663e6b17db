import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { type DynamoDBDocumentClient, GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { tableName } from '../../../contract/tables';
import { errorFields } from '../log-fields';
import type { Clock, Log } from '../ports';
import { type Ledger, LedgerUnavailable } from './ledger';

/**
 * A row in `platform-state` that says until when the ledger has work, so that a job can ask it instead of a database that
 * is asleep (ADR 32). It has two parts:
 *
 * - `busy_until` is moved forward, never back, before each transaction that may leave work: an order that rests, or an
 *   event that is to be told. Until then every job looks into the ledger.
 * - `idle_<job>` is what a job says when it has looked after `busy_until` and found nothing: it need not look again while
 *   `busy_until` stays what it is. Without that word the job looks, so that nothing is forgotten while the ledger cannot
 *   be reached or runs are killed: sleep is what somebody has confirmed, not what a lease has run into.
 */
const KEY = { scope: 'ledger-activity', entry: 'ledger' } as const;

/** How far ahead `busy_until` is set. */
const BUSY_MS = 15 * 60_000;
/**
 * How much of it must be left for a writer to begin. It bounds how long a transaction may still be under way that nobody
 * announced again: far longer than any function lives (30 seconds), and than clocks differ.
 */
const LEAST_MS = 10 * 60_000;

/** Those that look into the ledger every minute. */
export const MINUTE_JOBS = ['outbox-sweeper', 'order-matcher', 'order-expiry', 'venue-follower'] as const;
export type LookingJob = (typeof MINUTE_JOBS)[number] | 'trade-reconciliation';

const busyRow = z.object({ busy_until: z.string() });
const idleWord = z.object({ while: z.string(), about: z.string(), before: z.nullable(z.string()) });

/** A job's look into the ledger. */
export interface Look {
  /** Whether the job may say afterwards that there is nothing to be done. */
  readonly mayRest: boolean;
  /**
   * The job looked at everything and has nothing to do before a time, whatever was written so far; null: at no time.
   * Does nothing where it may not rest, or where somebody has announced work since.
   */
  rest(before: string | null): Promise<void>;
}

export interface LedgerActivity {
  /**
   * Before a transaction that may leave work for the jobs. Costs a call only where less than ten minutes are left of what
   * this process knows to be announced.
   * @throws LedgerUnavailable where that cannot be noted and the ledger pauses: what is booked would be forgotten
   */
  announce(): Promise<void>;
  /** Lets every job look once more, whatever it said before. */
  rouse(): Promise<void>;
  /**
   * Asks whether a job has to look into the ledger.
   * @param about what it would look for; another look is due when that changes. @default nothing in particular
   */
  look(job: LookingJob, about?: string): Promise<Look | 'asleep'>;
  /** Whether no job has anything to look for, so that the ledger is at rest unless somebody asks it. */
  isAsleep(): Promise<boolean>;
}

export interface LedgerActivityPorts {
  readonly documents: Pick<DynamoDBDocumentClient, 'send'>;
  readonly env: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Whether the ledger pauses when nobody asks it. Where it does not, jobs look on every run. */
  readonly pauses: boolean;
}

/** A look that ends in nothing to be remembered. */
const LOOK_ONLY: Look = { mayRest: false, rest: async () => undefined };

interface Row {
  readonly busyUntil: string;
  /** Whether what a job said still holds. */
  readonly isIdle: (job: LookingJob, about: string) => boolean;
}

const idleOf = (job: LookingJob) => `idle_${job}`;

export function ledgerActivity({ documents, env, clock, log, pauses }: LedgerActivityPorts): LedgerActivity {
  const TableName = tableName(env, 'platformState');
  /** The row says at least this, epoch milliseconds. */
  let known = 0;
  let announcing: Promise<void> | undefined;

  async function moveTo(until: number): Promise<void> {
    try {
      await documents.send(
        new UpdateCommand({
          TableName,
          Key: KEY,
          UpdateExpression: 'SET busy_until = :until',
          ConditionExpression: 'attribute_not_exists(busy_until) OR busy_until < :until',
          ExpressionAttributeValues: { ':until': new Date(until).toISOString() },
        }),
      );
    } catch (error) {
      // The condition says that the row is ahead already.
      if (!(error instanceof ConditionalCheckFailedException)) {
        log.warn('it could not be noted that the ledger has work', { operation: 'announce', ...errorFields(error) });
        if (pauses) throw new LedgerUnavailable('work for the ledger could not be announced', { cause: error });
        return;
      }
    }
    known = Math.max(known, until);
  }

  /** @returns null where there is no row yet, or none that can be read */
  async function read(): Promise<Row | null> {
    const { Item } = await documents.send(new GetCommand({ TableName, Key: KEY, ConsistentRead: true }));
    const parsed = busyRow.safeParse(Item);
    if (!parsed.success) return null;
    const { busy_until } = parsed.data;
    return {
      busyUntil: busy_until,
      isIdle: (job, about) => {
        const word = idleWord.safeParse(Item?.[idleOf(job)]);
        if (!word.success || word.data.while !== busy_until || word.data.about !== about) return false;
        return word.data.before === null || clock().getTime() < Date.parse(word.data.before);
      },
    };
  }

  const isOver = ({ busyUntil }: Row): boolean => clock().getTime() >= Date.parse(busyUntil);

  async function rest(job: LookingJob, about: string, { busyUntil }: Row, before: string | null): Promise<void> {
    try {
      await documents.send(
        new UpdateCommand({
          TableName,
          Key: KEY,
          UpdateExpression: 'SET #idle = :word',
          ConditionExpression: 'busy_until = :while',
          ExpressionAttributeNames: { '#idle': idleOf(job) },
          ExpressionAttributeValues: { ':while': busyUntil, ':word': { while: busyUntil, about, before } },
        }),
      );
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return;
      // The next minute looks again.
      log.warn('it could not be noted that the ledger has no work', { job, operation: 'rest', ...errorFields(error) });
    }
  }

  return {
    async announce() {
      if (known - clock().getTime() >= LEAST_MS) return;
      announcing ??= moveTo(clock().getTime() + BUSY_MS).finally(() => (announcing = undefined));
      await announcing;
    },

    // Now is enough: no transaction is under way that was not announced for later.
    rouse: () => moveTo(clock().getTime()),

    async look(job, about = '') {
      if (!pauses) return LOOK_ONLY;
      let row: Row | null;
      try {
        row = await read();
        // From here on there is one, and it tells.
        if (row === null) await moveTo(clock().getTime() + BUSY_MS);
      } catch (error) {
        log.warn('whether the ledger has work is not known, so it is asked', { job, ...errorFields(error) });
        return LOOK_ONLY;
      }
      if (row === null || !isOver(row)) return LOOK_ONLY;
      if (row.isIdle(job, about)) return 'asleep';
      const seen = row;
      return { mayRest: true, rest: (before) => rest(job, about, seen, before) };
    },

    async isAsleep() {
      const row = await read();
      return row !== null && isOver(row) && MINUTE_JOBS.every((job) => row.isIdle(job, ''));
    },
  };
}

/**
 * What each method of the ledger may leave for the jobs that was not theirs before: an order that rests or is to be placed,
 * or an event to be told.
 */
export const LEAVES_WORK = {
  answered: false,
  book: true,
  fill: true,
  fillUpTo: true,
  // Ends an order.
  close: false,
  // An order that was open already.
  acknowledge: false,
  renameAtVenue: false,
  open: false,
  openOf: false,
  nextExpiry: false,
  expired: false,
  get: false,
  find: false,
  list: false,
  owed: false,
  owedBy: false,
  published: false,
  bookedBetween: false,
  // What a portfolio holds: the next sell is checked against it, and no job looks at it.
  report: false,
  closedBetween: false,
  // Whose an order is, open or not.
  pseudonymise: false,
  forget: false,
  tidy: false,
} as const satisfies Record<keyof Ledger, boolean>;
type Announced = { [Method in keyof Ledger]: (typeof LEAVES_WORK)[Method] extends true ? Method : never }[keyof Ledger];

/** The ledger, of which every transaction that may leave work is announced first. */
export function announcedLedger(ledger: Ledger, { announce }: Pick<LedgerActivity, 'announce'>): Ledger {
  const writes: Pick<Ledger, Announced> = {
    async book(...asked) {
      await announce();
      return ledger.book(...asked);
    },
    async fill(...asked) {
      await announce();
      return ledger.fill(...asked);
    },
    async fillUpTo(...asked) {
      await announce();
      return ledger.fillUpTo(...asked);
    },
  };
  return { ...ledger, ...writes };
}
