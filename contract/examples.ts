import type { RouteId } from './routes';

/** An answer of each JSON route, as the OpenAPI document shows it. A test parses every one by its route's schema. */

const ASSET_ID = 'b0b6dd9d-8b9b-48a9-ba46-b9d54906e415';

const summary = {
  asset_id: ASSET_ID,
  symbol: 'IBM',
  name: 'International Business Machines Corporation',
  exchange: 'NYSE',
  asset_class: 'us_equity',
  status: 'active',
  tradable: true,
  marginable: true,
  shortable: true,
  fractionable: true,
  easy_to_borrow: true,
  borrow_status: null,
  cusip: null,
  attributes: ['has_options'],
  sector: 'TECHNOLOGY',
  industry: 'INFORMATION TECHNOLOGY SERVICES',
  currency: 'USD',
  rating: {
    analysis_id: '01KRV5C8M0T7W3ZQ5H2XJ9BNEA',
    score: 61.5,
    grade: 'B',
    coverage: 0.94,
    fiscal_date: '2025-12-31',
    analyzed_at: '2026-05-17T12:00:00Z',
  },
  updated_at: '2026-05-17T08:00:04Z',
};

const article = {
  news_id: '6f1ed002ab5595859014ebf0951522d9',
  url: 'https://news.example/ibm-quarter',
  title: 'IBM reports its first quarter',
  summary: 'Revenue rose on software and infrastructure.',
  source: 'News Example',
  source_domain: 'news.example',
  authors: ['A. Writer'],
  topics: [{ topic: 'Earnings', relevance_score: 0.9 }],
  time_published: '2026-05-17T11:05:00Z',
  banner_image: null,
  overall_sentiment_score: 0.21,
  overall_sentiment_label: 'Somewhat-Bullish',
  ticker_sentiment: [
    { ticker: 'IBM', relevance_score: 0.95, sentiment_score: 0.27, sentiment_label: 'Somewhat-Bullish' },
  ],
};

const profile = { display_name: 'Ada Lovelace', email: 'ada@example.com' };
const user = {
  user_id: 'f4b8c2d6-3c1a-4f57-9a55-0d8f0c6b2f11',
  ...profile,
  created_at: '2026-05-17T12:00:00.000Z',
  updated_at: '2026-05-17T12:00:00.000Z',
};

const preferences = {
  currency: 'USD',
  locale: 'en-US',
  time_zone: 'America/New_York',
  theme: 'dark',
  notifications: { earnings: true, ratings: true, news: false },
};
const savedPreferences = { ...preferences, updated_at: '2026-05-17T12:00:00.000Z' };

const trade = {
  trade_id: 'TRADE-01KRV5C8M0T7W3ZQ5H2XJ9BNED',
  client_order_id: 'savings-plan-2026-05',
  portfolio_id: null,
  symbol: 'IBM',
  side: 'buy',
  type: 'market',
  time_in_force: 'day',
  quantity: '12',
  limit_price: null,
  filled_qty: '12',
  filled_avg_price: '253.81',
  fee: '0',
  currency: 'USD',
  status: 'SUCCESS',
  reason: null,
  region: 'us-east-1',
  environment: 'prod',
  submitted_at: '2026-05-18T14:30:00.000Z',
  expires_at: '2026-05-18T20:00:00.000Z',
  filled_at: '2026-05-18T14:30:00.000Z',
};

const watchlistBody = { name: 'Dividends', description: 'Pays every quarter' };
const watchlistSummary = {
  watchlist_id: '01KRV5C8M0T7W3ZQ5H2XJ9BNEB',
  ...watchlistBody,
  created_at: '2026-05-17T12:00:00.000Z',
  updated_at: '2026-05-17T12:00:00.000Z',
};
const watchlistItem = {
  item_id: '01KRV5C8M0T7W3ZQ5H2XJ9BNEC',
  watchlist_id: watchlistSummary.watchlist_id,
  asset_id: ASSET_ID,
  symbol: 'IBM',
  name: summary.name,
  added_at: '2026-05-17T12:00:00.000Z',
};
const watchlist = { ...watchlistSummary, items: [watchlistItem] };

const portfolioBody = { name: 'Retirement', base_currency: 'USD', cost_basis: 'fifo', benchmark: 'SPY' };
const portfolio = {
  portfolio_id: '01KRV5C8M0T7W3ZQ5H2XJ9BNEF',
  ...portfolioBody,
  is_default: false,
  created_at: '2026-05-17T12:00:00.000Z',
  updated_at: '2026-05-17T12:00:00.000Z',
};
const transactionBody = {
  type: 'buy',
  symbol: 'IBM',
  qty: '12.5',
  price: '251.4',
  fee: '1.25',
  executed_at: '2026-05-15T14:30:00Z',
  external_id: 'broker-4711',
};
const transaction = {
  transaction_id: '01KRV5C8M0T7W3ZQ5H2XJ9BNEG',
  portfolio_id: portfolio.portfolio_id,
  ...transactionBody,
  amount: null,
  ratio: null,
  currency: 'USD',
  executed_at: '2026-05-15T14:30:00.000Z',
  source: 'manual',
  trade_id: null,
  sequence: null,
  created_at: '2026-05-17T12:00:00.000Z',
};
const money = { cost_basis: '3143.75', market_value: '3164.75', unrealized_pl: '21', realized_pl: '0' };
const rates = { unrealized_plpc: 0.006679920477, change_today: 0.007080350039 };
const priced = { price_as_of: '2026-05-15T19:59:59.000Z', stale: false, dividends: '0', fees: '1.25', reasons: {} };
const holdings = {
  portfolio_id: portfolio.portfolio_id,
  currency: 'USD',
  as_of: '2026-05-17T12:00:00.000Z',
  items: [
    {
      symbol: 'IBM',
      qty: '12.5',
      avg_entry_price: '251.4',
      current_price: '253.18',
      ...money,
      ...rates,
      weight: 1,
      ...priced,
    },
  ],
  totals: {
    ...money,
    ...rates,
    cash: null,
    total_value: '3164.75',
    known_market_value: '3164.75',
    ...priced,
    reasons: { cash: { code: 'no_cash_account', message: 'no deposit or withdrawal is recorded' } },
  },
  allocation: { by_symbol: [{ name: 'IBM', market_value: '3164.75', weight: 1 }], left_out: [] },
  discrepancies: [],
};
const performance = {
  portfolio_id: portfolio.portfolio_id,
  from: '2026-05-14',
  to: '2026-05-15',
  since: '2026-05-15',
  currency: 'USD',
  start_value: '0',
  end_value: '3164.75',
  net_flows: '3143.75',
  gain: '21',
  realized_pl: '0',
  unrealized_pl: '21',
  dividends: '0',
  fees: '1.25',
  twr: 0.006679920477,
  twr_annualized: null,
  xirr: 10.373829,
  modified_dietz: 0.006679920477,
  benchmark: {
    symbol: 'SPY',
    twr: 0.002,
    excess: 0.004679920477,
    series: [{ date: '2026-05-15', twr: 0.002 }],
    reasons: {},
  },
  series: [{ date: '2026-05-15', value: '3164.75', twr: 0.006679920477 }],
  twr_leaves_out: [],
  reasons: { twr_annualized: { code: 'shorter_than_a_year', message: 'the period is shorter than a year' } },
  stale: false,
};

/** A body of each route that takes one. */
export const bodyExamples: Partial<Record<RouteId, unknown>> = {
  createUser: profile,
  replaceUser: profile,
  replacePreferences: preferences,
  createWatchlist: watchlistBody,
  replaceWatchlist: watchlistBody,
  addWatchlistItem: { symbol: 'IBM' },
  bookTrade: { symbol: 'IBM', quantity: '12', client_order_id: 'savings-plan-2026-05' },
  createPortfolio: portfolioBody,
  replacePortfolio: portfolioBody,
  addTransaction: transactionBody,
  importTransactions:
    'type,symbol,qty,price,executed_at,external_id\nbuy,IBM,12.5,251.4,2026-05-15T14:30:00Z,broker-4711\n',
};

export const examples: Partial<Record<RouteId, unknown>> = {
  bookTrade: trade,
  listTrades: { items: [trade], next_cursor: null },
  getTrade: trade,
  listPortfolios: { items: [portfolio], next_cursor: null },
  createPortfolio: portfolio,
  getPortfolio: portfolio,
  replacePortfolio: portfolio,
  getHoldings: holdings,
  getPerformance: performance,
  listTransactions: { items: [transaction], next_cursor: null },
  addTransaction: transaction,
  importTransactions: { format: 'signal9', rows: 1, imported: 1, unchanged: 0, skipped: [], rejected: [] },
  getHealth: {
    status: 'ok',
    version: '0.1.0',
    env: 'dev',
    region: 'us-east-1',
    checks: { database: 'ok', call_budget: 'ok' },
    providers: { alpha_vantage: { used_today: 15, remaining_today: 10, day: '2026-05-17' } },
  },
  listAssets: { items: [summary], next_cursor: null },
  getAsset: {
    ...summary,
    price: {
      price: '253.18',
      currency: 'USD',
      as_of: '2026-05-15T19:59:59Z',
      age_seconds: 144001,
      stale: true,
      previous_close: '251.4',
    },
  },
  getAnalysis: {
    analysis_id: '01KRV5C8M0T7W3ZQ5H2XJ9BNEA',
    asset_id: ASSET_ID,
    symbol: 'IBM',
    analyzed_at: '2026-05-17T12:00:00Z',
    fiscal_date: '2025-12-31',
    currency: 'USD',
    model_version: '1',
    rating: { score: 61.5, grade: 'B', coverage: 0.94 },
    scores: {
      piotroski: {
        value: 7,
        status: 'ok',
        inputs: { net_income: 10593000000 },
        missing: [],
        parts: { tests_available: 9 },
      },
    },
    ratios: {
      current_ratio: {
        value: 0.96,
        status: 'ok',
        inputs: { total_current_assets: 36000000000, total_current_liabilities: 37500000000 },
        missing: [],
      },
    },
    sentiment: { score: 0.18, label: 'Somewhat-Bullish', articles: 12, window_days: 30 },
    rules: [
      {
        id: 'return_on_equity',
        title: 'Earns 15 % on equity',
        category: 'profitability',
        source: 'Soliman (2008); threshold ours',
        formula: 'net income / average equity',
        inputs: { net_income: 10593000000, average_equity: 29960000000 },
        threshold: 0.15,
        comparison: '>=',
        value: 0.3536,
        outcome: 'pass',
        weight: 1,
        points: 1,
      },
    ],
  },
  getFinancials: {
    items: [
      {
        fiscal_date_ending: '2025-12-31',
        period: 'annual',
        reported_currency: 'USD',
        figures: { totalRevenue: '67535000000', researchAndDevelopment: null },
        fetched_at: '2026-05-17T11:00:09Z',
      },
    ],
    next_cursor: null,
  },
  listRankings: {
    items: [
      {
        metric: 'piotroski',
        asset_id: ASSET_ID,
        symbol: 'IBM',
        name: 'International Business Machines Corporation',
        sector: 'TECHNOLOGY',
        value: 7,
        analyzed_at: '2026-05-17T12:00:00Z',
      },
    ],
    next_cursor: null,
  },
  listNews: { items: [article], next_cursor: null },
  listAssetNews: { items: [article], next_cursor: null },
  listEarnings: {
    items: [
      {
        calendar_id: `${ASSET_ID}#2026-06-30`,
        asset_id: ASSET_ID,
        symbol: 'IBM',
        name: 'International Business Machines Corporation',
        report_date: '2026-07-22',
        fiscal_date_ending: '2026-06-30',
        estimate: '2.91',
        currency: 'USD',
        time_of_day: 'post-market',
        updated_at: '2026-05-17T09:00:03Z',
      },
    ],
    next_cursor: null,
  },
  createUser: user,
  getUser: user,
  replaceUser: user,
  getPreferences: savedPreferences,
  replacePreferences: savedPreferences,
  listWatchlists: { items: [watchlistSummary], next_cursor: null },
  createWatchlist: { ...watchlist, items: [] },
  getWatchlist: watchlist,
  replaceWatchlist: watchlist,
  addWatchlistItem: watchlistItem,
};
