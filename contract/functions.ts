import * as z from 'zod/mini';
import type { TableId } from './tables';

/**
 * Every function of the platform: its entry, its environment (the schema types the construct's `environment` and parses
 * `process.env`), and which actions it needs on which table. The stacks grant exactly this; the local host runs the same.
 */

const text = () => z.string().check(z.minLength(1));
const url = () => z.url();
/** A positive number in a variable. */
const positive = () =>
  z.pipe(
    z.string().check(z.regex(/^\d+(\.\d+)?$/, 'must be a positive number')),
    z.transform((value: string) => Number(value)),
  );
/** A number in a variable, of either sign. */
const number = () =>
  z.pipe(
    z.string().check(z.regex(/^-?\d+(\.\d+)?$/, 'must be a number')),
    z.transform((value: string) => Number(value)),
  );
/** A whole number, or `none` for a plan without that limit. */
const limitOrNone = () =>
  z.pipe(
    z.string().check(z.regex(/^(\d+|none)$/, 'must be a whole number or "none"')),
    z.transform((value: string) => (value === 'none' ? null : Number(value))),
  );

/** What every function is told. Table and bus names follow from SIGNAL9_ENV (contract/tables.ts, contract/events.ts). */
const base = {
  SIGNAL9_ENV: text(),
  LOG_LEVEL: z._default(z.enum(['DEBUG', 'INFO', 'WARN', 'ERROR']), 'INFO'),
} as const;

/** What the functions behind the REST API are told besides. */
const api = {
  ...base,
  /** The console's origin, `https://…` without a path: the only one whose pages may read answers. */
  CONSOLE_ORIGIN: z.optional(url()),
} as const;

const alpaca = {
  APCA_SECRET_ARN: text(),
  APCA_API_BASE_URL: url(),
  APCA_API_DATA_URL: url(),
} as const;

const alphaVantagePlan = {
  ALPHAVANTAGE_RPS: positive(),
  ALPHAVANTAGE_RPM: limitOrNone(),
  ALPHAVANTAGE_RPD: limitOrNone(),
  SIGNAL9_TIME_ZONE: text(),
} as const;

const alphaVantage = {
  ALPHAVANTAGE_SECRET_ARN: text(),
  ALPHAVANTAGE_BASE_URL: url(),
  ...alphaVantagePlan,
} as const;

/** Where the ledger is: where it takes writes and where reads, and the secret that opens both. */
const ledger = {
  LEDGER_SECRET_ARN: text(),
  LEDGER_WRITER_HOST: text(),
  LEDGER_READER_HOST: text(),
  LEDGER_PORT: positive(),
  LEDGER_DATABASE: text(),
  /** Whether the ledger pauses when nobody asks it: its first answer then takes some fifteen seconds. */
  LEDGER_PAUSES: z.enum(['true', 'false']),
} as const;

/** How orders are filled. */
const venue = {
  /** Who fills new orders. */
  TRADE_VENUE: z.enum(['internal', 'alpaca']),
  /** A price older than this is refused. */
  QUOTE_MAX_AGE_SECONDS: positive(),
} as const;

/** Where the portfolios are kept, and the secret that opens them. */
export const portfolioDatabase = {
  PORTFOLIO_SECRET_ARN: text(),
  PORTFOLIO_HOST: text(),
  PORTFOLIO_PORT: positive(),
  PORTFOLIO_DATABASE: text(),
} as const;

/** Where messages to connections are posted: the WebSocket API's stage, https://…/<stage>. */
const posting = { LIVE_ENDPOINT: url() } as const;

const queue = { QUEUE_URL: url(), DLQ_URL: url(), MAX_RECEIVE_COUNT: positive() } as const;

/** DynamoDB's own action names. */
export type TableAction =
  'GetItem' | 'BatchGetItem' | 'Query' | 'Scan' | 'PutItem' | 'UpdateItem' | 'DeleteItem' | 'BatchWriteItem';

export type BucketId = 'artifacts' | 'history';
/** S3's own action names. */
export type BucketAction = 'GetObject' | 'PutObject';

export interface FunctionDefinition {
  /** Path of the entry file from the repository's root; it exports `handler`. */
  readonly entry: string;
  readonly description: string;
  readonly system: 'advisor' | 'api' | 'trading' | 'portfolio' | 'console';
  readonly environment: z.core.$ZodType<Record<string, unknown>, Record<string, string | undefined>>;
  /** Exactly these actions on these tables and their indexes. */
  readonly tables: Partial<Record<TableId, readonly TableAction[]>>;
  /** May put events on the bus. */
  readonly publishes?: boolean;
  /** Calls these providers: reads their secret, needs a way out of the VPC. */
  readonly providers?: readonly ('alpaca' | 'alpha-vantage')[];
  /** Reaches the ledger: runs inside the VPC, reads the ledger's secret. */
  readonly ledger?: boolean;
  /** Reaches the portfolios' database: runs inside the VPC, reads its secret. */
  readonly portfolio?: boolean;
  /** Sends to the connections of the WebSocket API, and ends them. */
  readonly posts?: boolean;
  /** May do this with objects of these buckets. */
  readonly buckets?: Partial<Record<BucketId, readonly BucketAction[]>>;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  /** Static files copied beside the bundle, from node_modules. */
  readonly files?: readonly string[];
}

const STATEMENTS = ['incomeStatement', 'balanceSheet', 'cashFlow', 'earnings'] as const;
const onStatements = (actions: readonly TableAction[]) =>
  Object.fromEntries(STATEMENTS.map((table) => [table, actions])) as Record<
    (typeof STATEMENTS)[number],
    readonly TableAction[]
  >;

/** A job's run is recorded, and the record decides whether a second delivery of the same occurrence runs again. */
const JOB_STATE: readonly TableAction[] = ['GetItem', 'PutItem', 'UpdateItem'];

/** Whoever may leave work in the ledger says so in a row there, and jobs ask that row first (lambda/adapters/ledger/activity.ts). */
const ANNOUNCES: readonly TableAction[] = ['UpdateItem'];
const LOOKS: readonly TableAction[] = ['GetItem', 'UpdateItem'];

export const functions = {
  'asset-sync': {
    entry: 'lambda/advisor/asset-sync.ts',
    description: "Brings Alpaca's asset list into the assets table, writing only what changed",
    system: 'advisor',
    environment: z.object({ ...base, ...alpaca }),
    tables: { assets: ['Scan', 'BatchWriteItem', 'UpdateItem'], platformState: JOB_STATE },
    publishes: true,
    providers: ['alpaca'],
    memoryMb: 1024,
    timeoutSeconds: 300,
  },
  'earnings-sync': {
    entry: 'lambda/advisor/earnings-sync.ts',
    description: 'Brings the earnings calendar in',
    system: 'advisor',
    environment: z.object({ ...base, ...alphaVantage }),
    tables: {
      assets: ['Scan'],
      earningsCalendar: ['Query', 'BatchWriteItem'],
      platformState: JOB_STATE,
    },
    publishes: true,
    providers: ['alpha-vantage'],
    memoryMb: 1024,
    timeoutSeconds: 300,
  },
  'news-sync': {
    entry: 'lambda/advisor/news-sync.ts',
    description: 'Brings news and sentiment in since the watermark',
    system: 'advisor',
    environment: z.object({ ...base, ...alphaVantage }),
    tables: { assets: ['Query'], news: ['BatchWriteItem', 'Query'], platformState: JOB_STATE },
    publishes: true,
    providers: ['alpha-vantage'],
    memoryMb: 512,
    timeoutSeconds: 300,
  },
  'earnings-pollination': {
    entry: 'lambda/advisor/earnings-pollination.ts',
    description: 'Plans the fetching of assets that reported since they were last fetched',
    system: 'advisor',
    environment: z.object({ ...base, ...alphaVantagePlan }),
    tables: {
      assets: ['Scan', 'UpdateItem'],
      watchlistItems: ['Scan'],
      earningsCalendar: ['Query'],
      platformState: JOB_STATE,
    },
    publishes: true,
    memoryMb: 512,
    timeoutSeconds: 120,
  },
  'regular-pollination': {
    entry: 'lambda/advisor/regular-pollination.ts',
    description: "Plans the fetching of the stalest assets that the rest of the day's calls pay for",
    system: 'advisor',
    environment: z.object({ ...base, ...alphaVantagePlan }),
    tables: {
      assets: ['Scan', 'UpdateItem'],
      watchlistItems: ['Scan'],
      earningsCalendar: ['Query'],
      platformState: JOB_STATE,
    },
    publishes: true,
    memoryMb: 512,
    timeoutSeconds: 120,
  },
  'pollination-worker': {
    entry: 'lambda/advisor/pollination-worker.ts',
    description: 'Fetches overview, statements and earnings of one asset inside the call budget',
    system: 'advisor',
    environment: z.object({ ...base, ...alphaVantage, ...queue }),
    tables: {
      assets: ['GetItem', 'UpdateItem'],
      companyOverview: ['GetItem', 'PutItem'],
      ...onStatements(['Query', 'BatchWriteItem']),
      platformState: ['GetItem', 'PutItem'],
    },
    publishes: true,
    providers: ['alpha-vantage'],
    memoryMb: 512,
    timeoutSeconds: 120,
  },
  'analysis-worker': {
    entry: 'lambda/advisor/analysis-worker.ts',
    description: 'Scores one asset from what is stored, and keeps its places in the rankings',
    system: 'advisor',
    environment: z.object({
      ...base,
      ...queue,
      /** A Beneish M above this is flagged; core/advisor/settings.ts says what it stands for. */
      BENEISH_THRESHOLD: number(),
    }),
    tables: {
      assets: ['GetItem', 'UpdateItem'],
      companyOverview: ['GetItem'],
      ...onStatements(['Query']),
      news: ['Query'],
      // Analyses by query and put; rankings by batch, and never by a scan.
      assetAnalysis: ['Query', 'PutItem', 'BatchGetItem', 'BatchWriteItem'],
    },
    publishes: true,
    memoryMb: 512,
    timeoutSeconds: 60,
  },
  'universe-ranking': {
    entry: 'lambda/advisor/universe-ranking.ts',
    description: 'Compares all companies at one moment: Magic Formula ranks and sector percentiles',
    system: 'advisor',
    environment: z.object(base),
    tables: { assetAnalysis: ['Query', 'BatchGetItem', 'BatchWriteItem'], platformState: JOB_STATE },
    memoryMb: 1024,
    timeoutSeconds: 300,
  },
  'audit-log': {
    entry: 'lambda/advisor/audit-log.ts',
    description: 'Writes the audit log of data changes from the tables’ streams',
    system: 'advisor',
    environment: z.object(base),
    tables: {},
    memoryMb: 256,
    timeoutSeconds: 30,
  },
  'api-health': {
    entry: 'lambda/api/health.ts',
    description: 'GET /health',
    system: 'api',
    environment: z.object({
      ...api,
      ...alphaVantagePlan,
      LEDGER_PAUSES: ledger.LEDGER_PAUSES,
      SIGNAL9_VERSION: text(),
    }),
    tables: { assets: ['GetItem'], platformState: ['GetItem'] },
    memoryMb: 512,
    timeoutSeconds: 10,
  },
  'api-docs': {
    entry: 'lambda/api/docs.ts',
    description: 'GET /openapi.json and the page to read and try it',
    system: 'api',
    environment: z.object({ ...api, SIGNAL9_VERSION: text() }),
    tables: {},
    memoryMb: 512,
    timeoutSeconds: 10,
    files: [
      'swagger-ui-dist/swagger-ui-bundle.js',
      'swagger-ui-dist/swagger-ui.css',
      'swagger-ui-dist/favicon-32x32.png',
    ],
  },
  'api-assets': {
    entry: 'lambda/api/assets.ts',
    description: 'Reads of assets: list, one, analysis, financials, rankings',
    system: 'api',
    environment: z.object({ ...api, ...alpaca }),
    tables: {
      assets: ['GetItem', 'Query'],
      assetAnalysis: ['Query', 'GetItem'],
      companyOverview: ['GetItem'],
      ...onStatements(['Query']),
    },
    providers: ['alpaca'],
    memoryMb: 1024,
    timeoutSeconds: 10,
  },
  'api-market': {
    entry: 'lambda/api/market.ts',
    description: 'Reads of news and of the earnings calendar',
    system: 'api',
    environment: z.object(api),
    tables: { assets: ['GetItem', 'Query'], news: ['Query'], earningsCalendar: ['Query'] },
    memoryMb: 512,
    timeoutSeconds: 10,
  },
  'api-users': {
    entry: 'lambda/api/users.ts',
    description: 'Profiles and preferences, and the removal of all that a user has here',
    system: 'api',
    environment: z.object(api),
    tables: {
      users: ['GetItem', 'PutItem', 'DeleteItem'],
      userPreferences: ['GetItem', 'PutItem', 'DeleteItem'],
      watchlists: ['Query', 'BatchWriteItem'],
      watchlistItems: ['Query', 'BatchWriteItem'],
    },
    publishes: true,
    memoryMb: 512,
    // A removal may be of a hundred lists with five hundred items each; API Gateway waits no longer than this.
    timeoutSeconds: 29,
  },
  'api-watchlists': {
    entry: 'lambda/api/watchlists.ts',
    description: 'Watchlists and their items',
    system: 'api',
    environment: z.object(api),
    tables: {
      assets: ['GetItem', 'Query'],
      watchlists: ['GetItem', 'PutItem', 'DeleteItem', 'Query'],
      watchlistItems: ['GetItem', 'PutItem', 'DeleteItem', 'Query', 'BatchWriteItem'],
    },
    memoryMb: 512,
    timeoutSeconds: 10,
  },
  'console-config': {
    entry: 'lambda/api/console-config.ts',
    description: "Writes the console's config.json, which says where this environment's API and user pool are",
    system: 'console',
    environment: z.object({ ...base, CONSOLE_BUCKET: text() }),
    tables: {},
    memoryMb: 512,
    timeoutSeconds: 30,
  },
  'api-trade': {
    entry: 'lambda/api/trade.ts',
    description: 'POST /trade: checks an order, books it in the ledger and tells of it',
    system: 'api',
    environment: z.object({ ...api, ...alpaca, ...ledger, ...venue, AWS_REGION: text() }),
    tables: { assets: ['GetItem', 'Query'], platformState: ANNOUNCES },
    publishes: true,
    providers: ['alpaca'],
    ledger: true,
    memoryMb: 512,
    timeoutSeconds: 30,
  },
  'api-trades': {
    entry: 'lambda/api/trades.ts',
    description: 'Reads of trades',
    system: 'api',
    environment: z.object({ ...api, ...ledger }),
    tables: {},
    ledger: true,
    memoryMb: 512,
    timeoutSeconds: 30,
  },
  'outbox-sweeper': {
    entry: 'lambda/trading/outbox-sweeper.ts',
    description: 'Publishes what was booked and not told',
    system: 'trading',
    environment: z.object({ ...base, ...ledger }),
    tables: { platformState: LOOKS },
    publishes: true,
    ledger: true,
    memoryMb: 512,
    timeoutSeconds: 30,
  },
  'order-matcher': {
    entry: 'lambda/trading/order-matcher.ts',
    description: 'Fills waiting orders that the market has reached',
    system: 'trading',
    environment: z.object({ ...base, ...alpaca, ...ledger, ...venue }),
    tables: { platformState: LOOKS },
    publishes: true,
    providers: ['alpaca'],
    ledger: true,
    memoryMb: 512,
    timeoutSeconds: 30,
  },
  'order-expiry': {
    entry: 'lambda/trading/order-expiry.ts',
    description: 'Ends the orders whose trading day is over',
    system: 'trading',
    environment: z.object({ ...base, ...ledger }),
    tables: { platformState: LOOKS },
    ledger: true,
    memoryMb: 512,
    timeoutSeconds: 30,
  },
  'venue-follower': {
    entry: 'lambda/trading/venue-follower.ts',
    description: "Brings the brokerage's word on its orders into the ledger",
    system: 'trading',
    environment: z.object({ ...base, ...alpaca, ...ledger }),
    tables: { platformState: LOOKS },
    publishes: true,
    providers: ['alpaca'],
    ledger: true,
    memoryMb: 512,
    timeoutSeconds: 30,
  },
  'trade-export': {
    entry: 'lambda/trading/trade-export.ts',
    description: "Writes a day's trades into the artifacts bucket",
    system: 'trading',
    environment: z.object({ ...base, ...ledger, ARTIFACTS_BUCKET: text(), SIGNAL9_TIME_ZONE: text() }),
    tables: {},
    buckets: { artifacts: ['PutObject'] },
    ledger: true,
    memoryMb: 1024,
    timeoutSeconds: 300,
  },
  'ledger-retention': {
    entry: 'lambda/trading/ledger-retention.ts',
    description: 'Forgets keys and told events that are past their time',
    system: 'trading',
    environment: z.object({ ...base, ...ledger, TRADE_RETENTION_YEARS: positive() }),
    tables: { platformState: ANNOUNCES },
    ledger: true,
    memoryMb: 512,
    timeoutSeconds: 30,
  },
  'position-worker': {
    entry: 'lambda/trading/position-worker.ts',
    description: "Takes the portfolios' word on what they hold",
    system: 'trading',
    environment: z.object({ ...base, ...ledger, ...queue }),
    tables: {},
    ledger: true,
    memoryMb: 512,
    timeoutSeconds: 30,
  },
  'departure-worker': {
    entry: 'lambda/trading/departure-worker.ts',
    description: 'Keeps the booked trades of somebody who left under a pseudonym',
    system: 'trading',
    environment: z.object({ ...base, ...ledger, ...queue }),
    tables: {},
    ledger: true,
    memoryMb: 512,
    timeoutSeconds: 30,
  },
  'ledger-migration': {
    entry: 'lambda/trading/ledger-migration.ts',
    description: "Brings the ledger's tables to the version that this deployment needs",
    system: 'trading',
    environment: z.object({ ...base, ...ledger }),
    tables: {},
    ledger: true,
    memoryMb: 512,
    timeoutSeconds: 300,
  },
  'trade-recorder': {
    entry: 'lambda/portfolio/trade-recorder.ts',
    description: 'Makes a transaction of each booked trade, once, whatever order they come in',
    system: 'portfolio',
    environment: z.object({ ...base, ...portfolioDatabase, ...queue }),
    tables: {},
    portfolio: true,
    memoryMb: 512,
    timeoutSeconds: 30,
  },
  'portfolio-departure': {
    entry: 'lambda/portfolio/portfolio-departure.ts',
    description: 'Removes the portfolios of somebody who left',
    system: 'portfolio',
    environment: z.object({ ...base, ...portfolioDatabase, ...queue }),
    tables: {},
    portfolio: true,
    memoryMb: 512,
    timeoutSeconds: 30,
  },
  'trade-reconciliation': {
    entry: 'lambda/portfolio/trade-reconciliation.ts',
    description: 'Asks the ledger for the booked trades that a portfolio misses',
    system: 'portfolio',
    environment: z.object({ ...base, ...ledger, ...portfolioDatabase }),
    tables: { platformState: LOOKS },
    ledger: true,
    portfolio: true,
    memoryMb: 512,
    timeoutSeconds: 60,
  },
  'portfolio-history': {
    entry: 'lambda/portfolio/portfolio-history.ts',
    description: "Values every portfolio at the day's close and writes the day's history as Parquet",
    system: 'portfolio',
    environment: z.object({
      ...base,
      ...alpaca,
      ...portfolioDatabase,
      HISTORY_BUCKET: text(),
      SIGNAL9_TIME_ZONE: text(),
    }),
    tables: { platformState: JOB_STATE },
    providers: ['alpaca'],
    buckets: { history: ['PutObject'] },
    portfolio: true,
    memoryMb: 2048,
    timeoutSeconds: 900,
  },
  'portfolio-migration': {
    entry: 'lambda/portfolio/portfolio-migration.ts',
    description: "Brings the portfolios' tables to the version that this deployment needs",
    system: 'portfolio',
    environment: z.object({ ...base, ...portfolioDatabase }),
    tables: {},
    portfolio: true,
    memoryMb: 512,
    timeoutSeconds: 300,
  },
  'live-authorizer': {
    entry: 'lambda/portfolio/live-authorizer.ts',
    description: 'Admits to the WebSocket API whoever has a valid token',
    system: 'portfolio',
    environment: z.object({ ...base, USER_POOL_ID: text(), AWS_REGION: text() }),
    tables: {},
    memoryMb: 256,
    timeoutSeconds: 10,
  },
  live: {
    entry: 'lambda/portfolio/live.ts',
    description: 'Connections of the WebSocket API, and what each of them watches',
    system: 'portfolio',
    environment: z.object({ ...base, ...portfolioDatabase, ...posting }),
    tables: { connections: ['GetItem', 'Query', 'PutItem', 'BatchWriteItem'] },
    publishes: true,
    portfolio: true,
    posts: true,
    memoryMb: 512,
    timeoutSeconds: 10,
  },
  'live-push': {
    entry: 'lambda/portfolio/live-push.ts',
    description: 'Tells connections what became of what they watch',
    system: 'portfolio',
    environment: z.object({ ...base, ...queue, ...posting }),
    tables: { connections: ['Query', 'BatchWriteItem'] },
    posts: true,
    memoryMb: 512,
    timeoutSeconds: 30,
  },
} as const satisfies Record<string, FunctionDefinition>;

export type FunctionId = keyof typeof functions;
/** What a function reads from its environment, parsed. */
export type Environment<F extends FunctionId> = z.infer<(typeof functions)[F]['environment']>;
/** What a stack must put there. */
export type EnvironmentInput<F extends FunctionId> = z.input<(typeof functions)[F]['environment']>;
