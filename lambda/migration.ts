import { type FunctionId, functions } from '../contract/functions';
import type { AnswerCloudFormation, CloudFormationAnswer } from './adapters/cloudformation-answer';
import { errorFields } from './adapters/log-fields';
import type { Log, Sleep } from './adapters/ports';
import { customResourceHandler } from './custom-resource';

/** One connection to a database, for one request of CloudFormation. */
export interface Migration {
  /**
   * Applies what is missing. Safe to call again after a crash at any line. A database that is ahead of this bundle, as
   * after a deployment that was rolled back, is left as it is: migrations only add what the code before can live with.
   */
  readonly migrate: () => Promise<unknown>;
  /** Lets no further statement begin. */
  readonly close: () => Promise<unknown>;
}

export interface MigrationServices {
  readonly open: () => Migration;
  readonly answer: AnswerCloudFormation;
  readonly sleep: Sleep;
  readonly log: Log;
}

/** Whose tables they are. */
export interface Migrated {
  readonly function: FunctionId;
  /** In words, `the ledger` say. */
  readonly of: string;
  /** Of the custom resource; the same for good. */
  readonly physicalId: string;
  /** Whether an error may pass by itself: a database that is being made, or fails over. */
  readonly mayPass: (error: unknown) => boolean;
}

/** Ours to answer in, before Lambda ends the function and CloudFormation is left waiting. */
export const deadlineSecondsOf = (id: FunctionId): number => functions[id].timeoutSeconds - 30;

/** A new database or proxy needs minutes to be found with its password, and a failover half of one. */
const PAUSE_MS = 20_000;

const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
const words = (error: unknown): string => (error instanceof Error ? `${error.name}: ${error.message}` : String(error));

/** Brings a database's tables up to date when CloudFormation says so, and tells it how that went. */
export const migrationHandler = (migrated: Migrated, { open, answer, sleep, log }: MigrationServices) => {
  const { of, mayPass } = migrated;
  const deadlineSeconds = deadlineSecondsOf(migrated.function);

  /** Migrates, and tries again what may pass by itself. What is wrong itself stays so, and fails at once. */
  async function patiently({ migrate, close }: Migration): Promise<void> {
    const state: { over: boolean; last?: unknown } = { over: false };
    const attempts = async (): Promise<void> => {
      for (let attempt = 1; !state.over; attempt += 1) {
        try {
          await migrate();
          return;
        } catch (error) {
          if (!mayPass(error)) throw error;
          state.last = error;
          log.warn(`${of} could not be migrated yet`, { operation: 'migrate', attempt, ...errorFields(error) });
          await sleep(PAUSE_MS);
        }
      }
    };
    const deadline = async (): Promise<never> => {
      await sleep(deadlineSeconds * 1000);
      throw new Error(
        `not done after ${deadlineSeconds} seconds${state.last === undefined ? '' : `, last ${words(state.last)}`}`,
      );
    };
    try {
      await Promise.race([attempts(), deadline()]);
    } finally {
      state.over = true;
      // Not waited for: it would wait for the very statement that does not end.
      close().catch((error: unknown) => {
        log.warn('the connection could not be closed', { operation: 'migrate', ...errorFields(error) });
      });
    }
  }

  async function outcome(): Promise<Pick<CloudFormationAnswer, 'Status' | 'Reason'>> {
    try {
      await patiently(open());
      log.info(`${of} is up to date`, { operation: 'migrate' });
      return { Status: 'SUCCESS' };
    } catch (error) {
      log.error(`${of} could not be migrated`, { operation: 'migrate', ...errorFields(error) });
      return {
        Status: 'FAILED',
        Reason: `${sentence(of)} could not be migrated, and nothing that needs the new tables was deployed. ${words(error)} (docs/runbook.md#${migrated.function}-failed)`,
      };
    }
  }

  return customResourceHandler({ physicalId: migrated.physicalId, outcome, answer });
};

/** How Kysely says, before it does anything, that a database has a migration that this bundle lacks. */
const AHEAD = /^corrupted migrations: previously executed migration .+ is missing$/;

/** What a rolled-back deployment leaves behind: newer tables under older code. It is left so, or no rollback would end. */
export function leaveAhead(error: unknown): void {
  if (!(error instanceof Error && AHEAD.test(error.message))) throw error;
}
