import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { queues as queueDefinitions } from '../../contract/events';
import { functions } from '../../contract/functions';
import { budgetedAlphaVantage, callBudget } from '../../lambda/adapters/call-budget';
import { readCallBudgetUsage } from '../../lambda/adapters/call-budget-usage';
import { createQuoteSource } from '../../lambda/adapters/quotes';
import { makeHandler as analysisWorker } from '../../lambda/advisor/analysis-worker';
import { makeHandler as assetSync } from '../../lambda/advisor/asset-sync';
import { makeHandler as earningsPollination } from '../../lambda/advisor/earnings-pollination';
import { makeHandler as earningsSync } from '../../lambda/advisor/earnings-sync';
import { makeHandler as newsSync } from '../../lambda/advisor/news-sync';
import { makeHandler as pollinationWorker } from '../../lambda/advisor/pollination-worker';
import { makeHandler as regularPollination } from '../../lambda/advisor/regular-pollination';
import { makeHandler as universeRanking } from '../../lambda/advisor/universe-ranking';
import { makeHandler as assetsApi } from '../../lambda/api/assets';
import { makeHandler as docsApi } from '../../lambda/api/docs';
import { makeHandler as healthApi } from '../../lambda/api/health';
import { makeHandler as marketApi } from '../../lambda/api/market';
import { makeHandler as usersApi } from '../../lambda/api/users';
import { makeHandler as watchlistsApi } from '../../lambda/api/watchlists';
import { venueOf } from '../../lambda/adapters/aws-trading-clients';
import { createMarketHours } from '../../lambda/adapters/market-hours';
import { createAlpacaTrading } from '../../lambda/adapters/providers/alpaca-trading';
import { alpacaVenue } from '../../lambda/adapters/venues/alpaca';
import { makeHandler as tradeApi } from '../../lambda/api/trade';
import { makeHandler as tradesApi } from '../../lambda/api/trades';
import { makeHandler as departureWorker } from '../../lambda/trading/departure-worker';
import { makeHandler as ledgerRetention } from '../../lambda/trading/ledger-retention';
import { makeHandler as orderExpiry } from '../../lambda/trading/order-expiry';
import { makeHandler as orderMatcher } from '../../lambda/trading/order-matcher';
import { makeHandler as outboxSweeper } from '../../lambda/trading/outbox-sweeper';
import { makeHandler as positionWorker } from '../../lambda/trading/position-worker';
import { makeHandler as tradeExport } from '../../lambda/trading/trade-export';
import { makeHandler as venueFollower } from '../../lambda/trading/venue-follower';
import { makeHandler as portfolioDeparture } from '../../lambda/portfolio/portfolio-departure';
import { makeHandler as portfolioHistory } from '../../lambda/portfolio/portfolio-history';
import { makeHandler as tradeReconciliation } from '../../lambda/portfolio/trade-reconciliation';
import { makeHandler as tradeRecorder } from '../../lambda/portfolio/trade-recorder';
import type { Ground, HostedFunctions } from './ground';
import { alpacaOf } from './providers';
import { ROOT } from './version';

/** The presets' trading.retentionYears. */
const RETENTION_YEARS = 7;

/**
 * The platform's functions on this machine's ground, each with what its own last line gives it in AWS.
 * `audit-log` has no place here: it follows DynamoDB streams, which dynalite has not.
 */
export function platformFunctions(ground: Ground): HostedFunctions {
  const { documents, env, clock, plan } = ground;
  const outside = { fetch: globalThis.fetch, clock, sleep: ground.sleep, random: Math.random };
  const services = {
    ...ground,
    alpaca: alpacaOf(ground.providers, clock, 3),
    alphaVantage: alphaVantageOf(ground, outside),
  };
  const trading = tradingOf(ground, outside);
  const portfolio = { ...ground, store: ground.portfolios };
  const worker = (queue: keyof typeof queueDefinitions) => ({
    ...services,
    queue: ground.queues[queue],
    maxReceiveCount: queueDefinitions[queue].maxReceiveCount,
  });

  return {
    jobs: {
      'asset-sync': assetSync(services),
      'earnings-sync': earningsSync(services),
      'news-sync': newsSync(services),
      'earnings-pollination': earningsPollination(services),
      'regular-pollination': regularPollination(services),
      'universe-ranking': universeRanking(services),
      'outbox-sweeper': outboxSweeper(ground),
      'order-matcher': orderMatcher({ ...services, ...trading }),
      'order-expiry': orderExpiry(ground),
      'venue-follower': venueFollower({ ...ground, venue: trading.brokerage }),
      'trade-export': tradeExport({ ...ground, timeZone: plan.timeZone }),
      'ledger-retention': ledgerRetention({ ...ground, retentionYears: RETENTION_YEARS }),
      'trade-reconciliation': tradeReconciliation(portfolio),
      'portfolio-history': portfolioHistory({ ...portfolio, files: ground.history, timeZone: plan.timeZone }),
    },
    workers: {
      pollination: pollinationWorker(worker('pollination')),
      analysis: analysisWorker(worker('analysis')),
      positions: positionWorker({ ...ground, ...worker('positions') }),
      departures: departureWorker({ ...ground, ...worker('departures') }),
      bookings: tradeRecorder({ ...portfolio, ...worker('bookings') }),
      leavings: portfolioDeparture({ ...portfolio, ...worker('leavings') }),
      live: ground.push,
    },
    api: {
      'api-health': healthApi({
        ...services,
        callBudgetUsage: () => readCallBudgetUsage({ documents, env, clock, plan }),
      }),
      'api-docs': docsApi({ ...services, readFile: (name) => readFile(staticFile(name)) }),
      'api-assets': assetsApi({
        ...services,
        // One attempt: a read does not wait for a second.
        quotes: trading.quotes,
      }),
      'api-market': marketApi(services),
      'api-users': usersApi(services),
      'api-watchlists': watchlistsApi(services),
      'api-trade': tradeApi({ ...services, ...trading }),
      'api-trades': tradesApi(services),
    },
  };
}

/** What orders are checked against and filled by. Reads of assets and orders share what is known of prices. */
function tradingOf(ground: Ground, outside: Outside) {
  const { baseUrl, dataUrl: _, ...credentials } = ground.providers.alpaca;
  const trading = createAlpacaTrading({ ...outside, baseUrl, credentials: () => Promise.resolve(credentials) });
  const services = { ...ground, trading };
  return {
    // One attempt: a read does not wait for a second.
    quotes: createQuoteSource({ ...ground, alpaca: alpacaOf(ground.providers, ground.clock, 1) }),
    marketHours: createMarketHours({ ...ground, alpaca: trading }),
    venue: venueOf({ TRADE_VENUE: ground.trading.venue }, services),
    /** Followed whatever the setting: orders of yesterday's may be open there. */
    brokerage: alpacaVenue(services),
    quoteMaxAgeSeconds: ground.trading.quoteMaxAgeSeconds,
  };
}

type Outside = Pick<Parameters<typeof createAlpacaTrading>[0], 'fetch' | 'clock' | 'sleep' | 'random'>;

function alphaVantageOf(ground: Ground, outside: Outside) {
  const { baseUrl, apiKey } = ground.providers.alphaVantage;
  return budgetedAlphaVantage({
    ...outside,
    baseUrl,
    apiKey: () => Promise.resolve(apiKey),
    metrics: ground.metrics,
    log: ground.log,
    budget: callBudget({ ...ground, random: outside.random }),
  });
}

/** A file that the contract lists among the function's own, where npm put it. */
function staticFile(name: string): string {
  const file = functions['api-docs'].files.find((one) => path.basename(one) === name);
  if (file === undefined) throw new Error(`no file ${name}`);
  return path.join(ROOT, 'node_modules', file);
}
