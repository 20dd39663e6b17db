import { type OwnEnvironment } from './platform-function';
import { type SecretAccess } from './secret-access';

/** Not PostgreSQL's own 5432: nobody types it by hand, and who scans for the usual ports finds none (ADR 19). */
export const PORTFOLIO_PORT = 5433;
export const PORTFOLIO_DATABASE = 'portfolio';

/** All that a stack to the right of Data has of the portfolios' database. Names only, as of the ledger. */
export interface PortfolioAccess extends SecretAccess {
  /** The instance itself: there is no proxy. A failover moves the name to the other zone. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
}

/** What a program is told of the portfolios' database. */
export const portfolioEnvironment = (access: PortfolioAccess): OwnEnvironment<'portfolio-migration'> => ({
  PORTFOLIO_SECRET_ARN: access.secretArn,
  PORTFOLIO_HOST: access.host,
  PORTFOLIO_PORT: String(access.port),
  PORTFOLIO_DATABASE: access.database,
});
