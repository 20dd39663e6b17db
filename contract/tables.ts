/**
 * The DynamoDB tables: made of this by the Data stack in AWS, and by the local host in dynalite.
 * Keys are the published ones (shared design); each index says which read it serves, and no read on a request path scans.
 */
export interface Key {
  readonly name: string;
  readonly type: 'S' | 'N';
}

export interface Index {
  readonly name: string;
  /** The read that needs it. */
  readonly serves: string;
  readonly partitionKey: Key;
  readonly sortKey?: Key;
  /** Attributes carried besides the keys. */
  readonly projection: 'ALL' | 'KEYS_ONLY' | { readonly include: readonly string[] };
}

export interface TableDefinition {
  /** Logical name; the physical one is `signal9-<env>-<name>`. */
  readonly name: string;
  readonly holds: string;
  readonly partitionKey: Key;
  readonly sortKey?: Key;
  readonly indexes: readonly Index[];
  /** Attribute with the expiry, in epoch seconds. */
  readonly ttlAttribute?: string;
  /** True where the audit log follows the table's changes. */
  readonly stream: boolean;
}

const text = (name: string): Key => ({ name, type: 'S' });

/** What a list of assets shows; the index carries it, so that a page is one query. */
const ASSET_LISTING = [
  'name',
  'exchange',
  'asset_class',
  'status',
  'tradable',
  'marginable',
  'shortable',
  'fractionable',
  'easy_to_borrow',
  'borrow_status',
  'cusip',
  'attributes',
  'sector',
  'industry',
  'currency',
  'rating',
  'updated_at',
] as const;

/** What a place in a ranking shows. */
const RANKED = ['symbol', 'name', 'sector', 'value', 'analyzed_at'] as const;

const statementTable = (name: string, holds: string): TableDefinition => ({
  name,
  holds,
  partitionKey: text('asset_id'),
  // `annual#2025-12-31` or `quarterly#2025-12-31`: the two share their date and must not overwrite each other.
  sortKey: text('fiscal_date'),
  indexes: [],
  stream: false,
});

export const tables = {
  users: {
    name: 'users',
    holds: 'one profile a user, by Cognito sub',
    partitionKey: text('user_id'),
    indexes: [],
    stream: true,
  },
  assets: {
    name: 'assets',
    holds: "one asset of Alpaca's list, keyed by its id since symbols are renamed",
    partitionKey: text('asset_id'),
    indexes: [
      {
        name: 'by-symbol',
        serves: 'GET /assets/{symbol}',
        partitionKey: text('symbol'),
        sortKey: text('asset_id'),
        projection: 'KEYS_ONLY',
      },
      {
        name: 'by-listing',
        serves: 'GET /assets sorted by symbol, and symbol prefixes',
        // The symbol's first letter, # where it begins with none: spreads the first sync's 12,000 writes, and the pages walk
        // the partitions in order, asking empty ones too.
        partitionKey: text('symbol_initial'),
        sortKey: text('symbol'),
        // With the rating's key, by which a list sorted by rating tells whom it has shown.
        projection: { include: [...ASSET_LISTING, 'rating_key'] },
      },
      {
        name: 'by-name',
        serves: 'GET /assets?query= by name prefix',
        partitionKey: text('name_initial'),
        sortKey: text('name_key'),
        projection: { include: ['symbol', ...ASSET_LISTING, 'rating_key'] },
      },
      {
        name: 'by-rating',
        serves: 'GET /assets?sort=rating, the best first',
        // Only assets with a rating carry the two keys: the index is sparse.
        partitionKey: text('rating_scope'),
        sortKey: text('rating_key'),
        projection: { include: ['symbol', 'name_key', ...ASSET_LISTING] },
      },
    ],
    stream: true,
  },
  assetAnalysis: {
    name: 'asset-analysis',
    holds:
      'every analysis ever made, the newest with the highest ULID; and each active asset’s place in each ranking (ranking#<metric>) and among the others (standing)',
    partitionKey: text('analysis_id'),
    sortKey: text('asset_id'),
    indexes: [
      {
        name: 'by-asset',
        serves: 'GET /assets/{assetId}/analysis, latest and history',
        partitionKey: text('asset_id'),
        sortKey: text('analysis_id'),
        projection: 'ALL',
      },
      {
        name: 'by-rank',
        serves: 'GET /rankings?metric=',
        // Only places in a ranking carry these keys: both indexes are sparse.
        partitionKey: text('ranking'),
        sortKey: text('rank_key'),
        projection: { include: RANKED },
      },
      {
        name: 'by-sector-rank',
        serves: 'GET /rankings?metric=&sector=',
        partitionKey: text('sector_ranking'),
        sortKey: text('rank_key'),
        projection: { include: RANKED },
      },
    ],
    stream: true,
  },
  watchlists: {
    name: 'watchlists',
    holds: 'named lists of a user',
    partitionKey: text('watchlist_id'),
    sortKey: text('user_id'),
    indexes: [
      {
        name: 'by-user',
        serves: 'GET /watchlists, and DELETE /users/{userId}',
        partitionKey: text('user_id'),
        sortKey: text('watchlist_id'),
        projection: 'ALL',
      },
    ],
    stream: true,
  },
  watchlistItems: {
    name: 'watchlist-items',
    holds: 'the assets on a watchlist',
    partitionKey: text('item_id'),
    sortKey: text('watchlist_id'),
    indexes: [
      {
        name: 'by-watchlist',
        serves: 'GET /watchlists/{watchlistId}',
        partitionKey: text('watchlist_id'),
        sortKey: text('item_id'),
        projection: 'ALL',
      },
      {
        name: 'by-asset',
        serves: 'the planners: which assets are watched',
        partitionKey: text('asset_id'),
        sortKey: text('item_id'),
        projection: 'KEYS_ONLY',
      },
      {
        name: 'by-user',
        serves: 'DELETE /users/{userId}: every item, also of a list that is gone',
        partitionKey: text('user_id'),
        sortKey: text('item_id'),
        projection: 'KEYS_ONLY',
      },
    ],
    stream: true,
  },
  userPreferences: {
    name: 'user-preferences',
    // Read by its key, so that a user who saved sees what they saved.
    holds: 'settings of a user, one row whose preference_id is the user_id',
    partitionKey: text('preference_id'),
    sortKey: text('user_id'),
    indexes: [],
    stream: true,
  },
  news: {
    name: 'news',
    holds: 'an article once (news_id), and one link per asset it speaks of (news_id#asset_id)',
    partitionKey: text('news_id'),
    sortKey: text('time_published'),
    indexes: [
      {
        name: 'by-time',
        serves: 'GET /news, newest first',
        // Only articles carry feed_month, only links asset_id: both indexes are sparse.
        partitionKey: text('feed_month'),
        sortKey: text('time_published'),
        projection: 'ALL',
      },
      {
        name: 'by-asset',
        serves: 'GET /assets/{assetId}/news, and sentiment over a window',
        partitionKey: text('asset_id'),
        sortKey: text('time_published'),
        projection: 'ALL',
      },
    ],
    stream: false,
  },
  earningsCalendar: {
    name: 'earnings-calendar',
    holds: 'one row per asset and fiscal date, with its report date',
    partitionKey: text('calendar_id'),
    sortKey: text('asset_id'),
    indexes: [
      {
        name: 'by-date',
        serves: 'GET /earnings?from=&to=, and the planner: reported lately',
        partitionKey: text('report_month'),
        sortKey: text('report_key'),
        projection: 'ALL',
      },
      {
        name: 'by-asset',
        serves: 'GET /earnings?symbol=',
        partitionKey: text('asset_id'),
        sortKey: text('report_date'),
        projection: 'ALL',
      },
    ],
    stream: false,
  },
  incomeStatement: statementTable('income-statement', 'income statements by asset, period and fiscal date'),
  balanceSheet: statementTable('balance-sheet', 'balance sheets by asset, period and fiscal date'),
  cashFlow: statementTable('cash-flow', 'cash-flow statements by asset, period and fiscal date'),
  earnings: statementTable('earnings', 'reported and estimated EPS by asset, period and fiscal date'),
  companyOverview: {
    name: 'company-overview',
    holds: 'the latest overview of a company',
    partitionKey: text('asset_id'),
    indexes: [],
    stream: true,
  },
  platformState: {
    name: 'platform-state',
    holds: 'the call budget of a provider, watermarks, runs of the scheduled jobs, until when the ledger has work',
    partitionKey: text('scope'),
    sortKey: text('entry'),
    indexes: [],
    ttlAttribute: 'expires_at',
    stream: false,
  },
  connections: {
    name: 'connections',
    holds:
      'connections of the WebSocket API (topic connection#<id>) and what each watches (portfolio#<id>, symbol#<symbol>)',
    partitionKey: text('topic'),
    sortKey: text('connection_id'),
    indexes: [
      {
        name: 'by-connection',
        serves: 'forgetting a connection with all that it watched',
        partitionKey: text('connection_id'),
        sortKey: text('topic'),
        projection: 'KEYS_ONLY',
      },
      {
        name: 'by-kind',
        serves: 'the minute loop: which portfolios and symbols are watched at all',
        // portfolio or symbol; a connection's own row carries no kind, so the index is sparse.
        partitionKey: text('kind'),
        sortKey: text('topic'),
        projection: { include: ['expires_at'] },
      },
    ],
    ttlAttribute: 'expires_at',
    stream: false,
  },
} as const satisfies Record<string, TableDefinition>;

export type TableId = keyof typeof tables;

/** The table's physical name: people and code address tables by name. */
export const tableName = (env: string, table: TableId): string => `signal9-${env}-${tables[table].name}`;
