import { onFirstCall } from '../adapters/aws';
import { answerCloudFormation } from '../adapters/cloudformation-answer';
import { mysql } from '../adapters/ledger/dialect';
import { LedgerUnavailable } from '../adapters/ledger/ledger';
import { ledgerDatabaseOf } from '../adapters/ledger/from-environment';
import { migrate } from '../adapters/ledger/migrations/migrate';
import { deadlineSecondsOf, leaveAhead, migrationHandler, type MigrationServices } from '../migration';

const ID = 'ledger-migration';

/** Brings the ledger's tables up to date when CloudFormation says so, and tells it how that went. */
export const makeHandler = (services: MigrationServices) =>
  migrationHandler(
    {
      function: ID,
      of: 'the ledger',
      physicalId: 'ledger-schema',
      mayPass: (error) =>
        error instanceof LedgerUnavailable || mysql.isConnectionLost(error) || mysql.isAccessDenied(error),
    },
    services,
  );

export const handler = onFirstCall(ID, (environment, aws) =>
  makeHandler({
    ...aws,
    open: () => {
      // Connects at the first query.
      const database = ledgerDatabaseOf(environment, aws, 'writer', { queryTimeoutMs: deadlineSecondsOf(ID) * 1000 });
      return { migrate: () => migrate(database, mysql).catch(leaveAhead), close: () => database.destroy() };
    },
    answer: answerCloudFormation({ fetch: globalThis.fetch, sleep: aws.sleep }),
  }),
);
