import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { z } from 'zod';
import type { FunctionId } from '../../contract/functions';
import type { configSchema } from './schema';

type Preset = Omit<z.input<typeof configSchema>, 'env'>;

const providers: Preset['providers'] = {
  alpaca: { baseUrl: 'https://paper-api.alpaca.markets', dataUrl: 'https://data.alpaca.markets' },
  // Alpha Vantage's free plan. A paid plan sets requestsPerMinute and lifts the day's limit.
  alphaVantage: {
    baseUrl: 'https://www.alphavantage.co',
    requestsPerSecond: 1,
    requestsPerMinute: null,
    requestsPerDay: 25,
  },
};

/**
 * The newest patch of Aurora MySQL's long-term support line: 3.04's support ended in October 2026, later lines are not for
 * long. https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraMySQL.Update.SpecialVersions.html
 */
const LONG_TERM_SUPPORT = '8.0.mysql_aurora.3.10.4';

/** Small and destroyable. Every slug that is no preset of its own is a copy of it. */
const dev: Preset = {
  regions: ['us-east-1'],
  retain: false,
  network: {
    availabilityZones: 2,
    nat: 'instance',
    natGateways: 1,
    interfaceEndpoints: false,
    functionsInVpc: false,
    closeDefaultSecurityGroup: true,
  },
  logs: { retentionDays: RetentionDays.TWO_WEEKS },
  // A young account runs 10 executions at once, and Lambda lets none of 100 be reserved. The providers' limits hold
  // without: workers by their event sources, calls by the budget. Only `live` could take more connections than there are.
  reservedConcurrency: 'none',
  providers,
  // Paid for while somebody trades, and not for the rest of the day.
  ledger: {
    engineVersion: LONG_TERM_SUPPORT,
    minAcu: 0,
    maxAcu: 2,
    autoPauseSeconds: 300,
    proxy: false,
    insights: false,
    readers: 0,
    backupDays: 1,
    generalLog: true,
  },
  portfolio: {
    database: {
      instanceType: 't4g.micro',
      multiAz: false,
      // The least there is. It grows by itself and never shrinks, so what is too much is paid for ever.
      storageGb: 20,
      maxStorageGb: 100,
      maxConnections: 80,
      backupDays: 1,
    },
    cache: { maxStorageGb: 10, maxEcpuPerSecond: 5000 },
    service: { instanceType: 't4g.small', minInstances: 1, maxInstances: 2, detailedMonitoring: false },
  },
  trading: { venue: 'internal', quoteMaxAgeSeconds: 900, retentionYears: 7 },
  timeZone: 'America/New_York',
  analysis: { beneishThreshold: -1.78 },
  events: { archiveDays: 14 },
  // A vault that holds recovery points cannot be deleted, and point-in-time recovery covers 35 days already.
  backup: { enabled: false, retentionDays: 7 },
  identity: { mfa: 'optional', plan: 'essentials' },
  api: { throttle: { ratePerSecond: 50, burst: 100 }, cache: null, firewall: false, requestsPerAddress: 2000 },
  alarms: { severities: ['page'] },
  budget: { monthlyUsd: 120, scope: 'account' },
};

/** As prod runs, at a smaller size and without a name of its own. */
const staging: Preset = {
  ...dev,
  network: { ...dev.network, nat: 'gateway', functionsInVpc: true },
  logs: { retentionDays: RetentionDays.ONE_MONTH },
  events: { archiveDays: 30 },
  ledger: { ...dev.ledger, minAcu: 0.5, proxy: true, readers: 1, backupDays: 7 },
  portfolio: {
    ...dev.portfolio,
    database: {
      ...dev.portfolio.database,
      instanceType: 't4g.small',
      storageGb: 100,
      maxStorageGb: 200,
      maxConnections: 150,
      backupDays: 7,
    },
    service: { ...dev.portfolio.service, minInstances: 2, maxInstances: 3, detailedMonitoring: true },
  },
  backup: { enabled: true, retentionDays: 14 },
  api: { ...dev.api, firewall: true },
  alarms: { severities: ['page', 'ticket'] },
  budget: { ...dev.budget, monthlyUsd: 550 },
};

/**
 * What each function of prod may run at once, and always can. 573 in all: with the 100 that Lambda keeps unreserved the
 * account needs a quota of 673 in each region, of the 1,000 that AWS gives an account by and by. `'none'` deploys before.
 */
const prodConcurrency = {
  // By the clock: a second run would meet the first one's rows, or spend its calls of the provider.
  'asset-sync': 1,
  'earnings-sync': 1,
  'news-sync': 1,
  'earnings-pollination': 1,
  'regular-pollination': 1,
  'universe-ranking': 1,
  'outbox-sweeper': 1,
  'order-matcher': 1,
  'order-expiry': 1,
  'venue-follower': 1,
  'trade-export': 1,
  'ledger-retention': 1,
  'trade-reconciliation': 1,
  'portfolio-history': 1,
  // By a deployment, once.
  'ledger-migration': 1,
  'portfolio-migration': 1,
  'console-config': 1,
  // By queues: what each event source may start. Less would send messages back that nobody had tried.
  'pollination-worker': 2,
  'analysis-worker': 10,
  'position-worker': 5,
  'departure-worker': 2,
  'trade-recorder': 5,
  'portfolio-departure': 2,
  'live-push': 20,
  // By streams: one execution a shard, of which a table on demand has four or more.
  'audit-log': 40,
  // By people: the stage lets 500 requests a second in, and a read takes about a tenth of one.
  'api-assets': 80,
  'api-market': 40,
  'api-users': 20,
  'api-watchlists': 40,
  'api-health': 10,
  'api-docs': 10,
  // Each holds a connection to the ledger's proxy.
  'api-trade': 50,
  'api-trades': 40,
  'live-authorizer': 40,
  // What the service and the other functions leave of the database's connections.
  live: 140,
} as const satisfies Record<FunctionId, number>;

/** What only the owner knows has an example value here; docs/deploy.md#choose-an-environment lists what to replace. */
const prod: Preset = {
  ...staging,
  regions: ['us-east-1', 'us-east-2', 'us-west-2'],
  retain: true,
  network: {
    ...dev.network,
    availabilityZones: 3,
    nat: 'gateway',
    natGateways: 3,
    interfaceEndpoints: true,
    functionsInVpc: true,
  },
  logs: { retentionDays: RetentionDays.ONE_YEAR },
  reservedConcurrency: prodConcurrency,
  events: { archiveDays: 365 },
  // The values of statements are personal data: the general log is switched on for an investigation, and off again.
  ledger: {
    ...staging.ledger,
    minAcu: 1,
    maxAcu: 16,
    insights: true,
    readers: 2,
    backupDays: 35,
    generalLog: false,
  },
  portfolio: {
    ...dev.portfolio,
    database: {
      ...staging.portfolio.database,
      instanceType: 'm7g.large',
      multiAz: true,
      maxStorageGb: 1000,
      maxConnections: 400,
    },
    service: { instanceType: 't4g.medium', minInstances: 2, maxInstances: 6, detailedMonitoring: true },
  },
  backup: { enabled: true, retentionDays: 35 },
  identity: { mfa: 'required', plan: 'plus' },
  api: {
    throttle: { ratePerSecond: 500, burst: 1000 },
    cache: { sizeGb: '0.5', ttlSeconds: 60 },
    firewall: true,
    requestsPerAddress: 5000,
  },
  domain: {
    name: 'signal9.example.com',
    hostedZoneId: 'Z0123456789EXAMPLE',
    certificateArns: {
      'us-east-1': 'arn:aws:acm:us-east-1:111111111111:certificate/00000000-0000-4000-8000-000000000001',
      'us-east-2': 'arn:aws:acm:us-east-2:111111111111:certificate/00000000-0000-4000-8000-000000000002',
      'us-west-2': 'arn:aws:acm:us-west-2:111111111111:certificate/00000000-0000-4000-8000-000000000003',
    },
    cdnWebAclArn: 'arn:aws:wafv2:us-east-1:111111111111:global/webacl/signal9-cdn/00000000-0000-4000-8000-000000000004',
  },
  alarms: { ...staging.alarms, email: 'on-call@signal9.example.com' },
  budget: { ...staging.budget, monthlyUsd: 4500 },
};

export const presets: Readonly<Record<string, Preset>> = { dev, staging, prod };
export const throwAway = dev;
