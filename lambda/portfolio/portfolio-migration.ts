import { onFirstCall } from '../adapters/aws';
import { answerCloudFormation } from '../adapters/cloudformation-answer';
import { connectPostgres } from '../adapters/ledger/connect-postgres';
import { portfolioConnectionOf } from '../adapters/portfolio/from-environment';
import { migratePortfolios } from '../adapters/portfolio/migrations/migrate';
import { StoreUnavailable } from '../adapters/portfolio/portfolios';
import { isOutage } from '../adapters/portfolio/unavailable';
import { deadlineSecondsOf, leaveAhead, migrationHandler, type MigrationServices } from '../migration';

const ID = 'portfolio-migration';

/** Brings the portfolios' tables up to date when CloudFormation says so, and tells it how that went. */
export const makeHandler = (services: MigrationServices) =>
  migrationHandler(
    {
      function: ID,
      of: "the portfolios' database",
      physicalId: 'portfolio-schema',
      mayPass: (error) => error instanceof StoreUnavailable || isOutage(error),
    },
    services,
  );

export const handler = onFirstCall(ID, (environment, aws) =>
  makeHandler({
    ...aws,
    open: () => {
      // Connects at the first query.
      const statementTimeoutMs = deadlineSecondsOf(ID) * 1000;
      const database = connectPostgres(portfolioConnectionOf(environment, aws, { statementTimeoutMs }));
      return { migrate: () => migratePortfolios(database).catch(leaveAhead), close: () => database.destroy() };
    },
    answer: answerCloudFormation({ fetch: globalThis.fetch, sleep: aws.sleep }),
  }),
);
