import * as z from 'zod/mini';
import { functions } from '../../contract/functions';
import { onFirstCall } from '../adapters/aws';
import {
  type AnswerCloudFormation,
  answerCloudFormation,
  type CloudFormationAnswer,
} from '../adapters/cloudformation-answer';
import { mysql } from '../adapters/ledger/dialect';
import { ledgerDatabaseOf } from '../adapters/ledger/from-environment';
import { migrate } from '../adapters/ledger/migrations/migrate';
import { errorFields } from '../adapters/log-fields';
import type { Log, Sleep } from '../adapters/ports';

/** What CloudFormation sends to a custom resource, as far as it matters here. */
const customResourceRequest = z.object({
  RequestType: z.enum(['Create', 'Update', 'Delete']),
  ResponseURL: z.url(),
  StackId: z.string(),
  RequestId: z.string(),
  LogicalResourceId: z.string(),
});

/** One connection to the ledger, for one request of CloudFormation. */
export interface Migration {
  /**
   * Applies what is missing. Safe to call again after a crash at any line. A ledger that is ahead of this bundle, as
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

/** Ours to answer in, before Lambda ends the function and CloudFormation is left waiting. */
const DEADLINE_SECONDS = functions['ledger-migration'].timeoutSeconds - 30;

/** A new proxy needs minutes to find its cluster and its password, and a failover half of one: asked until the deadline. */
const PAUSE_MS = 20_000;
const mayPass = (error: unknown): boolean => mysql.isConnectionLost(error) || mysql.isAccessDenied(error);

const words = (error: unknown): string => (error instanceof Error ? `${error.name}: ${error.message}` : String(error));

/** Brings the ledger's tables up to date when CloudFormation says so, and tells it how that went. */
export const makeHandler = ({ open, answer, sleep, log }: MigrationServices) => {
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
          log.warn('the ledger could not be migrated yet', { operation: 'migrate', attempt, ...errorFields(error) });
          await sleep(PAUSE_MS);
        }
      }
    };
    const deadline = async (): Promise<never> => {
      await sleep(DEADLINE_SECONDS * 1000);
      throw new Error(
        `not done after ${DEADLINE_SECONDS} seconds${state.last === undefined ? '' : `, last ${words(state.last)}`}`,
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
      log.info('the ledger is up to date', { operation: 'migrate' });
      return { Status: 'SUCCESS' };
    } catch (error) {
      log.error('the ledger could not be migrated', { operation: 'migrate', ...errorFields(error) });
      return {
        Status: 'FAILED',
        Reason: `The ledger could not be migrated, and nothing that needs its new tables was deployed. ${words(error)} (docs/runbook.md#ledger-migration-failed)`,
      };
    }
  }

  return async (event: unknown): Promise<void> => {
    const { RequestType, ResponseURL, ...request } = customResourceRequest.parse(event);
    const said = RequestType === 'Delete' ? ({ Status: 'SUCCESS' } as const) : await outcome();
    await answer(ResponseURL, { ...request, ...said, PhysicalResourceId: 'ledger-schema' });
  };
};

/** How Kysely says, before it does anything, that the ledger has a migration that this bundle lacks. */
const AHEAD = /^corrupted migrations: previously executed migration .+ is missing$/;

/** What a rolled-back deployment leaves behind: a newer ledger under older code. It is left so, or no rollback would end. */
export function leaveAhead(error: unknown): void {
  if (!(error instanceof Error && AHEAD.test(error.message))) throw error;
}

export const handler = onFirstCall('ledger-migration', (environment, aws) => {
  return makeHandler({
    ...aws,
    open: () => {
      // Connects at the first query.
      const database = ledgerDatabaseOf(environment, aws, 'writer', { queryTimeoutMs: DEADLINE_SECONDS * 1000 });
      return { migrate: () => migrate(database, mysql).catch(leaveAhead), close: () => database.destroy() };
    },
    answer: answerCloudFormation({ fetch: globalThis.fetch, sleep: aws.sleep }),
  });
});
