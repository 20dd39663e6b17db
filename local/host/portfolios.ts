import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { DEFAULT_TIME_ZONE } from '../../contract/schedules';
import { clientConfigOf, connectPostgres } from '../../lambda/adapters/ledger/connect-postgres';
import { errorFields } from '../../lambda/adapters/log-fields';
import { createCloseSource } from '../../lambda/adapters/market/close-source';
import type { CloseSource } from '../../lambda/adapters/market/market';
import { createMarketData } from '../../lambda/adapters/market/market-data';
import { memoryCache } from '../../lambda/adapters/market/memory-cache';
import { migratePortfolios } from '../../lambda/adapters/portfolio/migrations/migrate';
import type { PortfolioStore } from '../../lambda/adapters/portfolio/portfolios';
import type { PortfolioTables } from '../../lambda/adapters/portfolio/schema';
import { createSqlPortfolios } from '../../lambda/adapters/portfolio/sql-portfolios';
import type { Clock, Log } from '../../lambda/adapters/ports';
import { createService, type PortfolioService } from '../../service/app';
import type { Closers } from './closers';
import type { PostgresEngine } from './engine/postgres';
import { LOCAL_ENV, LOCAL_REGION } from './ground';
import type { GroundFloor } from './ground-floor';
import type { Tokens } from './identity/tokens';
import { alpacaOf } from './providers';
import { VERSION } from './version';

const DATABASE = 'signal9_portfolios';

/** The portfolios beside the ledger, in a database of their own on the same server. */
export async function openPortfolios(server: PostgresEngine, log: Log, closers: Closers): Promise<PortfolioStore> {
  const connection = await server.database(DATABASE);
  const onError = (error: unknown) => log.warn('a connection to the portfolios ended', errorFields(error));
  const db = connectPostgres<PortfolioTables>({ ...connection, onError });
  closers.add(() => db.destroy());
  await migratePortfolios(db);
  return createSqlPortfolios({
    db,
    random: Math.random,
    sleep: (milliseconds) => sleep(milliseconds),
    leadership: { client: async () => new Client(await clientConfigOf(connection)), onError },
  });
}

/** Daily closes from the provider, kept beside the portfolios. */
export const closesOf = (floor: Pick<GroundFloor, 'portfolios' | 'providers' | 'log'>, clock: Clock): CloseSource =>
  createCloseSource({
    store: floor.portfolios,
    alpaca: alpacaOf(floor.providers, clock, 2),
    clock,
    log: floor.log,
    timeZone: DEFAULT_TIME_ZONE,
  });

/** The portfolio service, in this process: the program that runs on EC2, with a cache of its own memory. */
export function portfolioServiceOf(floor: GroundFloor, tokens: Pick<Tokens, 'verify'>, clock: Clock): PortfolioService {
  const { log, portfolios, providers, bus, live } = floor;
  return createService({
    env: LOCAL_ENV,
    region: LOCAL_REGION,
    version: VERSION,
    clock,
    sleep: (milliseconds) => sleep(milliseconds),
    random: Math.random,
    log,
    store: portfolios,
    market: createMarketData({
      // One attempt: a read does not wait for a second.
      alpaca: alpacaOf(providers, clock, 1),
      cache: memoryCache({ clock }),
      clock,
      log,
    }),
    closes: closesOf(floor, clock),
    bus,
    topics: live.topics,
    tokens: {
      verify: (token) => tokens.verify(token).catch(() => null),
      health: () => Promise.resolve('ok'),
    },
    timeZone: DEFAULT_TIME_ZONE,
  });
}
