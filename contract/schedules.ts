/** What runs by the clock: the advisor's day and the ledger's. EventBridge Scheduler in AWS, the local scheduler on one machine; times in the configured zone. */
export interface ScheduleDefinition {
  /** AWS cron: minutes hours day-of-month month day-of-week year. */
  readonly cron: string;
  /** Key in contract/functions.ts. */
  readonly function: string;
  readonly description: string;
  /** Longest time between two runs that go well before the schedule counts as silent, in hours. */
  readonly silentAfterHours: number;
}

export const schedules = {
  'asset-sync': {
    cron: 'cron(0 4 * * ? *)',
    function: 'asset-sync',
    description: "Alpaca's list of assets into the assets table",
    silentAfterHours: 26,
  },
  'earnings-sync': {
    cron: 'cron(0 5 * * ? *)',
    function: 'earnings-sync',
    description: 'the earnings calendar',
    silentAfterHours: 26,
  },
  'earnings-pollination': {
    cron: 'cron(0 6 * * ? *)',
    function: 'earnings-pollination',
    description: 'queue the assets that reported since they were last fetched',
    silentAfterHours: 26,
  },
  'regular-pollination': {
    cron: 'cron(0 7 * * ? *)',
    function: 'regular-pollination',
    description: "queue the stalest assets that the rest of the day's calls pay for",
    silentAfterHours: 26,
  },
  'news-sync': {
    cron: 'cron(15 * * * ? *)',
    function: 'news-sync',
    description: 'news and sentiment since the watermark',
    silentAfterHours: 3,
  },
  'universe-ranking': {
    cron: 'cron(45 * * * ? *)',
    function: 'universe-ranking',
    description: 'every company’s place among the others, all at one moment',
    silentAfterHours: 3,
  },
  'outbox-sweeper': {
    cron: 'cron(* * * * ? *)',
    function: 'outbox-sweeper',
    description: 'publish what was booked and not told',
    silentAfterHours: 1,
  },
  'order-matcher': {
    cron: 'cron(* * * * ? *)',
    function: 'order-matcher',
    description: 'fill waiting orders that the market has reached',
    silentAfterHours: 1,
  },
  'order-expiry': {
    cron: 'cron(* * * * ? *)',
    function: 'order-expiry',
    description: 'end the orders whose trading day is over',
    silentAfterHours: 1,
  },
  'venue-follower': {
    cron: 'cron(* * * * ? *)',
    function: 'venue-follower',
    description: "bring the brokerage's fills into the ledger",
    silentAfterHours: 1,
  },
  'trade-export': {
    cron: 'cron(15 0 * * ? *)',
    function: 'trade-export',
    description: "yesterday's trades into the artifacts bucket",
    silentAfterHours: 26,
  },
  'ledger-retention': {
    cron: 'cron(45 0 * * ? *)',
    function: 'ledger-retention',
    description: 'forget keys and told events that are past their time',
    silentAfterHours: 26,
  },
  'trade-reconciliation': {
    cron: 'cron(25 * * * ? *)',
    function: 'trade-reconciliation',
    description: 'ask the ledger for booked trades that a portfolio misses',
    silentAfterHours: 3,
  },
  'portfolio-history': {
    cron: 'cron(30 20 * * ? *)',
    function: 'portfolio-history',
    description: "value every portfolio at the day's close, and write the day's history",
    silentAfterHours: 26,
  },
} as const satisfies Record<string, ScheduleDefinition>;

export type ScheduleId = keyof typeof schedules;
export const DEFAULT_TIME_ZONE = 'America/New_York';

/** Whether a lost run needs no second one, since the next minute does what it left. */
export const runsEveryMinute = (schedule: ScheduleId): boolean => schedules[schedule].cron === 'cron(* * * * ? *)';
