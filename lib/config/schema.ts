import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { z } from 'zod';
import { reservationOf, reservedConcurrencySchema } from './concurrency';
import { certificateArn, positive } from './fields';
import { forFunctions, OTHER_CONNECTIONS, portfolioSchema } from './portfolio-schema';
import { REGION_NAMES } from './regions';

/**
 * `dev`, `staging`, `prod`, or the name of a throw-away copy of dev. Short, for it is a part of physical names; of two
 * hyphens in a row RDS would make no name.
 */
export const ENVIRONMENT_NAME = /^(?!.*--)[a-z](?:[a-z0-9-]{0,10}[a-z0-9])$/;

/** The numbers of days that CloudWatch Logs takes, and not for ever. */
const logRetention = z
  .enum(RetentionDays)
  .refine((days) => days !== RetentionDays.INFINITE, 'must be a number of days that CloudWatch Logs takes');

const networkSchema = z.strictObject({
  /** RDS makes no subnet group, and no proxy, in fewer than two. */
  availabilityZones: z.number().int().min(2, 'must be at least 2: a database has its subnets in two zones').max(3),
  /**
   * Which ones, where lib/config/regions.ts names a zone that RDS Proxy is not in: letters differ from account to account
   * (docs/deploy.md#quotas-and-zones). Before the first deployment only; other zones are other subnets.
   */
  zones: z.partialRecord(z.enum(REGION_NAMES), z.array(z.string())).optional(),
  /** One in dev and one a zone in prod. */
  natGateways: z
    .number()
    .int()
    .min(1, 'must be at least 1: the functions of the ledger run in the VPC, and the data providers are outside')
    .max(3),
  /** Interface endpoints keep calls of AWS services off the NAT; each costs about 7 USD a month and zone. */
  interfaceEndpoints: z.boolean(),
  /** Runs our functions in the private subnets. */
  functionsInVpc: z.boolean(),
  /** Empties the VPC's default security group, by CDK's own custom resource (the only way there is). */
  closeDefaultSecurityGroup: z.boolean(),
});

const providersSchema = z.strictObject({
  alpaca: z.strictObject({ baseUrl: z.url(), dataUrl: z.url() }),
  alphaVantage: z.strictObject({
    baseUrl: z.url(),
    requestsPerSecond: z.number().positive(),
    /** `null` where the plan sets no such limit. */
    requestsPerMinute: positive.nullable(),
    requestsPerDay: positive.nullable(),
  }),
});

/** Aurora's capacity is counted in halves; below 0.5 it could pause, but the jobs of every minute would never let it. */
const acu = z.number().min(0.5).max(256).multipleOf(0.5, 'must be a multiple of 0.5');

const ledgerSchema = z.strictObject({
  /** Capacity of each instance, Serverless v2. */
  minAcu: acu,
  maxAcu: acu.min(1),
  /**
   * Instances beside the writer; with none, the proxy's only endpoint serves the reads too. Back to none takes two
   * deployments: Compute and Api first, which use the readers' endpoint, then Data (docs/runbook.md#ledger-slow).
   */
  readers: z.number().int().min(0).max(15),
  /** Point-in-time recovery, by Aurora itself. */
  backupDays: z.number().int().min(1).max(35),
  /** Logs every statement with its values. The other three logs are always on. */
  generalLog: z.boolean(),
});

/** Where Alpaca takes orders with real money. */
const LIVE_ALPACA = 'api.alpaca.markets';

const tradingSchema = z.strictObject({
  /** Who fills new orders: the platform itself at the market's price, or Alpaca. */
  venue: z.enum(['internal', 'alpaca']),
  /** An older price fills nothing. */
  quoteMaxAgeSeconds: positive,
  /** Trades of somebody who left are kept under a pseudonym for so long; six years by SEC rule 17a-4, seven by habit. */
  retentionYears: z.number().int().min(1).max(30),
});

/** The console lives at `<name>`, the API at `api.<name>`; further regions at `<region>.<name>` and `api-<region>.<name>`. */
const domainSchema = z.strictObject({
  name: z.string().regex(/^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$/, 'must be a domain name'),
  hostedZoneId: z.string().regex(/^Z[A-Z0-9]+$/, 'must be a Route 53 hosted zone id'),
  /** By region, each for `<name>` and `*.<name>`; us-east-1's serves CloudFront too. */
  certificateArns: z.partialRecord(z.enum(REGION_NAMES), certificateArn),
  /** A CLOUDFRONT-scoped web ACL in us-east-1. */
  cdnWebAclArn: z.string().regex(/^arn:aws:wafv2:us-east-1:\d{12}:global\/webacl\/.+$/, 'must be a global web ACL'),
});

export const configSchema = z
  .strictObject({
    env: z.string().regex(ENVIRONMENT_NAME, 'must be 2 to 12 of a-z, 0-9 and "-", starting with a letter'),
    regions: z.array(z.enum(REGION_NAMES)).nonempty(),
    /** Data outlives its stack, and is protected against deletion. */
    retain: z.boolean(),
    network: networkSchema,
    logs: z.strictObject({ retentionDays: logRetention }),
    reservedConcurrency: reservedConcurrencySchema,
    providers: providersSchema,
    /** Aurora MySQL, which books the trades. */
    ledger: ledgerSchema,
    portfolio: portfolioSchema,
    trading: tradingSchema,
    /** Zone of the schedules. */
    timeZone: z.string().refine(isTimeZone, 'must be an IANA time zone'),
    analysis: z.strictObject({
      /** A Beneish M above this is flagged: −1.78 is the eight-variable cut-off, −2.22 a stricter popular one. */
      beneishThreshold: z.number().min(-10).max(10),
    }),
    events: z.strictObject({ archiveDays: positive }),
    backup: z.strictObject({ enabled: z.boolean(), retentionDays: positive }),
    identity: z.strictObject({ mfa: z.enum(['required', 'optional']), plan: z.enum(['essentials', 'plus']) }),
    api: z.strictObject({
      throttle: z.strictObject({ ratePerSecond: positive, burst: positive }),
      /** Of the routes that the contract marks `shared`; `null` means none. */
      cache: z
        .strictObject({ sizeGb: z.enum(['0.5', '1.6', '6.1']), ttlSeconds: z.number().int().min(1).max(300) })
        .nullable(),
      /** Requests of one address in five minutes before the firewall refuses. */
      requestsPerAddress: z.number().int().min(100),
    }),
    domain: domainSchema.optional(),
    alarms: z.strictObject({ email: z.email().optional() }),
    budget: z.strictObject({ monthlyUsd: positive }),
  })
  .superRefine((config, context) => {
    const refuse = (path: (string | number)[], message: string) => context.addIssue({ code: 'custom', path, message });
    if (new Set(config.regions).size < config.regions.length) refuse(['regions'], 'names a region twice');
    if (config.network.natGateways > config.network.availabilityZones)
      refuse(['network', 'natGateways'], 'must not exceed network.availabilityZones');
    for (const [region, zones] of Object.entries(config.network.zones ?? {})) {
      if (!zones.every((zone) => new RegExp(`^${region}[a-z]$`).test(zone)))
        refuse(['network', 'zones', region], `must name zones of ${region}, such as ${region}a`);
      if (new Set(zones).size !== config.network.availabilityZones || new Set(zones).size < zones.length)
        refuse(['network', 'zones', region], 'must name as many different zones as network.availabilityZones says');
    }
    if (config.ledger.maxAcu < config.ledger.minAcu) refuse(['ledger', 'maxAcu'], 'must not be below ledger.minAcu');
    const { database, service } = config.portfolio;
    // RDS refuses a ceiling less than a tenth above what is there.
    if (database.maxStorageGb < 1.1 * database.storageGb)
      refuse(['portfolio', 'database', 'maxStorageGb'], 'must be at least a tenth above portfolio.database.storageGb');
    const forLive = forFunctions(database) - OTHER_CONNECTIONS;
    if ((reservationOf(config, 'live') ?? 0) > forLive)
      refuse(
        ['reservedConcurrency', 'live'],
        `must not exceed ${forLive}: each execution holds a connection to the portfolios' database`,
      );
    if (service.maxInstances < service.minInstances)
      refuse(['portfolio', 'service', 'maxInstances'], 'must not be below portfolio.service.minInstances');
    if (service.certificateArns && !config.domain)
      refuse(['portfolio', 'service', 'certificateArns'], 'needs domain: a certificate is for a name');
    for (const [region, arn] of Object.entries(service.certificateArns ?? {}))
      if (arn.split(':')[3] !== region)
        refuse(['portfolio', 'service', 'certificateArns', region], `is not of ${region}`);
    if (
      config.env !== 'prod' &&
      config.trading.venue === 'alpaca' &&
      new URL(config.providers.alpaca.baseUrl).hostname === LIVE_ALPACA
    )
      refuse(['trading', 'venue'], `must not be "alpaca" with ${LIVE_ALPACA} outside prod: it would trade real money`);
    if (config.domain) {
      for (const region of new Set([...config.regions, 'us-east-1' as const])) {
        const arn = config.domain.certificateArns[region];
        if (arn === undefined) refuse(['domain', 'certificateArns', region], 'is missing');
        else if (arn.split(':')[3] !== region) refuse(['domain', 'certificateArns', region], `is not of ${region}`);
      }
    }
    if (config.env !== 'prod') return;
    if (!config.retain) refuse(['retain'], 'must be true in prod');
    if (config.network.availabilityZones < 3)
      refuse(['network', 'availabilityZones'], 'must be 3 in prod: the writer and two readers stand in three zones');
    if (config.network.natGateways < config.network.availabilityZones)
      refuse(['network', 'natGateways'], 'must be one per availability zone in prod');
    if (config.ledger.readers < 2) refuse(['ledger', 'readers'], 'must be at least 2 in prod');
    if (config.ledger.minAcu < 1)
      refuse(['ledger', 'minAcu'], 'must be at least 1 in prod: from 0.5 on Aurora grows too slowly for a burst');
    if (config.ledger.backupDays < 7) refuse(['ledger', 'backupDays'], 'must be at least 7 in prod');
    if (!database.multiAz) refuse(['portfolio', 'database', 'multiAz'], 'must be true in prod');
    if (database.backupDays < 7) refuse(['portfolio', 'database', 'backupDays'], 'must be at least 7 in prod');
    if (service.minInstances < 2)
      refuse(
        ['portfolio', 'service', 'minInstances'],
        'must be at least 2 in prod: one is replaced while the other serves',
      );
    if (!config.backup.enabled) refuse(['backup', 'enabled'], 'must be true in prod');
    if (config.identity.mfa !== 'required') refuse(['identity', 'mfa'], 'must be "required" in prod');
    if (config.alarms.email === undefined)
      refuse(['alarms', 'email'], 'is needed in prod: somebody has to hear alarms');
    if (config.domain === undefined) refuse(['domain'], 'is needed in prod, with its certificates');
  });

export type Config = z.infer<typeof configSchema>;

function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}
