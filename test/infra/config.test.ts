import { functions } from '../../contract/functions';
import { loadConfig } from '../../lib/config';
import { hostNames } from '../../lib/names';
import { refusal } from './refusal';

const refusalOf = (context: Parameters<typeof loadConfig>[0]) => refusal(() => loadConfig(context));
const overrides = (value: unknown) => JSON.stringify(value);

describe('config', () => {
  test('is dev where nothing is said', () => {
    expect(loadConfig({})).toMatchObject({ env: 'dev', regions: ['us-east-1'], retain: false });
  });

  test('has prod’s three regions', () => {
    expect(loadConfig({ env: 'prod' }).regions).toEqual(['us-east-1', 'us-east-2', 'us-west-2']);
  });

  test('makes of any slug a throw-away copy of dev', () => {
    const { env: _, ...dev } = loadConfig({ env: 'dev' });
    const { env, ...copy } = loadConfig({ env: 'pr3522' });
    expect(env).toBe('pr3522');
    expect(copy).toEqual(dev);
  });

  test('takes regions as a list', () => {
    expect(loadConfig({ region: 'us-west-2, us-east-2' }).regions).toEqual(['us-west-2', 'us-east-2']);
  });

  test('lays overrides over the preset, field by field', () => {
    const config = loadConfig({
      overrides: overrides({ providers: { alphaVantage: { requestsPerMinute: 75, requestsPerDay: null } } }),
    });
    expect(config.providers.alphaVantage).toMatchObject({
      requestsPerSecond: 1,
      requestsPerMinute: 75,
      requestsPerDay: null,
    });
  });

  test('reserves nothing but in prod, and there on request, as a young account needs it', () => {
    for (const env of ['dev', 'staging', 'pr3522']) expect(loadConfig({ env }).reservedConcurrency).toBe('none');
    expect(Object.keys(loadConfig({ env: 'prod' }).reservedConcurrency).sort()).toEqual(Object.keys(functions).sort());
    const young = loadConfig({ env: 'prod', overrides: overrides({ reservedConcurrency: 'none' }) });
    expect(young.reservedConcurrency).toBe('none');
  });

  test.each([
    ['dev', 0, 0, false],
    ['staging', 1, 0.5, true],
    ['prod', 2, 1, true],
  ])('has in %s a ledger with %d readers, from %d capacity units on', (env, readers, minAcu, proxy) => {
    expect(loadConfig({ env }).ledger).toMatchObject({ readers, minAcu, proxy });
  });

  test.each([
    ['dev', false, 1, 20, 1],
    ['staging', false, 2, 100, 7],
    ['prod', true, 2, 100, 7],
  ])(
    'has in %s portfolios that begin as small as they may, and a cache within its ceilings',
    (env, multiAz, least, storageGb, backupDays) => {
      const { database, cache, service } = loadConfig({ env }).portfolio;
      expect(database).toMatchObject({ multiAz, storageGb, backupDays });
      expect(cache).toEqual({ maxStorageGb: 10, maxEcpuPerSecond: 5000 });
      expect(service.minInstances).toBe(least);
      expect(service.certificateArns).toBeUndefined();
    },
  );

  test('fills orders itself by default, and sends them to Alpaca’s paper account or, in prod, to the real one', () => {
    expect(loadConfig({}).trading).toEqual({ venue: 'internal', quoteMaxAgeSeconds: 900, retentionYears: 7 });
    const trading = { venue: 'alpaca' };
    const live = { alpaca: { baseUrl: 'https://api.alpaca.markets' } };
    expect(loadConfig({ overrides: overrides({ trading }) }).trading.venue).toBe('alpaca');
    expect(loadConfig({ env: 'prod', overrides: overrides({ trading, providers: live }) }).trading.venue).toBe(
      'alpaca',
    );
  });

  test('has the free plan by default', () => {
    expect(loadConfig({}).providers.alphaVantage).toMatchObject({
      requestsPerSecond: 1,
      requestsPerMinute: null,
      requestsPerDay: 25,
    });
  });

  test.each([
    ['an environment that is no name', { env: 'PROD!' }, /^env "PROD!" must be dev, staging, prod or /],
    ['an environment that is too long', { env: 'a-very-long-name' }, /^env "a-very-long-name" must be/],
    ['an environment with two hyphens in a row', { env: 'a--b' }, /^env "a--b" must be/],
    ['an environment that is no text', { env: 7 }, /^env 7 must be/],
    [
      'a region that is none of ours',
      { region: 'eu-west-9' },
      /regions\.0 must be a region of lib\/config\/regions\.ts, which eu-west-9 is not/,
    ],
    [
      'a region without VPC links',
      { region: 'eu-south-1' },
      /regions\.0 eu-south-1 is not supported: API Gateway has no VPC link V2 there/,
    ],
    [
      'a region where CloudFront writes no logs',
      { region: 'ap-east-1' },
      /console is needed in ap-east-1, where CloudFront can write no log/,
    ],
    [
      'a region in China',
      { region: 'cn-north-1' },
      /regions\.0 cn-north-1 is not supported: AWS has no Cognito user pools/,
    ],
    [
      'GovCloud without an origin of the console',
      { region: 'us-gov-west-1' },
      /console is needed in us-gov-west-1, which has no CloudFront/,
    ],
    [
      'a domain in GovCloud',
      {
        env: 'prod',
        region: 'us-gov-west-1',
        overrides: overrides({ console: { origin: 'https://console.example.gov' } }),
      },
      /domain must not be set in us-gov-west-1/,
    ],
    [
      'regions of two partitions',
      {
        region: 'us-east-1,us-gov-west-1',
        overrides: overrides({ console: { origin: 'https://console.example.gov' } }),
      },
      /regions must be of one partition/,
    ],
    [
      'a region whose zones only the account knows',
      { region: 'us-west-1' },
      /network\.zones\.us-west-1 must name 2 zones: which there are in us-west-1 only your account knows/,
    ],
    [
      'a console of theirs beside a domain',
      { env: 'prod', overrides: overrides({ console: { origin: 'https://console.example.com' } }) },
      /console must not be set with domain/,
    ],
    [
      'an origin that is none',
      { overrides: overrides({ console: { origin: 'https://console.example.com/path' } }) },
      /console\.origin must be an origin/,
    ],
    ['a region twice', { region: 'us-east-1,us-east-1' }, /regions names a region twice/],
    ['a region that is no list', { region: 1 }, /^region must be a list/],
    [
      'a wrong type',
      { overrides: overrides({ network: { natGateways: 'two' } }) },
      /network\.natGateways .*expected number/,
    ],
    ['an unknown field', { overrides: overrides({ network: { natGatways: 2 } }) }, /network .*natGatways/],
    ['overrides that are no JSON', { overrides: '{oops' }, /^overrides must be a JSON object$/],
    ['overrides that are no object', { overrides: '[1]' }, /^overrides must be a JSON object$/],
    [
      'a time zone that does not exist',
      { overrides: overrides({ timeZone: 'Mars/Olympus' }) },
      /timeZone must be an IANA time zone/,
    ],
    [
      'a retention that CloudWatch does not know',
      { overrides: overrides({ logs: { retentionDays: 15 } }) },
      /logs\.retentionDays/,
    ],
    ['logs for ever', { overrides: overrides({ logs: { retentionDays: 9999 } }) }, /logs\.retentionDays/],
    [
      'more NAT gateways than zones',
      { overrides: overrides({ network: { natGateways: 3 } }) },
      /network\.natGateways must not exceed/,
    ],
    [
      'a reservation for a function that there is not',
      { overrides: overrides({ reservedConcurrency: { 'asset-snyc': 1 } }) },
      /reservedConcurrency\.asset-snyc is no function of contract\/functions\.ts/,
    ],
    [
      'more reservations than an account can make',
      { env: 'prod', overrides: overrides({ reservedConcurrency: { 'api-assets': 500 } }) },
      /reservedConcurrency must not reserve more than 900 executions, and reserves 993/,
    ],
    [
      'a reservation of nothing',
      { overrides: overrides({ reservedConcurrency: { live: 0 } }) },
      /reservedConcurrency\.live .*>0/,
    ],
    [
      'reservations that are neither numbers nor none',
      { overrides: overrides({ reservedConcurrency: 'some' }) },
      /reservedConcurrency must be "none", or a positive number by function id/,
    ],
    [
      'more live connections than the database has to give',
      { env: 'prod', overrides: overrides({ reservedConcurrency: { live: 141 } }) },
      /reservedConcurrency\.live must not exceed 140: each execution holds a connection/,
    ],
    [
      'zones of another region',
      { overrides: overrides({ network: { zones: { 'us-east-1': ['us-east-2a', 'us-east-2b'] } } }) },
      /network\.zones\.us-east-1 must name zones of us-east-1, such as us-east-1a/,
    ],
    [
      'one zone by name, for two',
      { overrides: overrides({ network: { zones: { 'us-east-1': ['us-east-1a'] } } }) },
      /network\.zones\.us-east-1 must name as many different zones/,
    ],
    [
      'one zone twice',
      { overrides: overrides({ network: { zones: { 'us-east-1': ['us-east-1a', 'us-east-1a'] } } }) },
      /network\.zones\.us-east-1 must name as many different zones/,
    ],
    [
      'three zones for two',
      { overrides: overrides({ network: { zones: { 'us-east-1': ['us-east-1a', 'us-east-1b', 'us-east-1c'] } } }) },
      /network\.zones\.us-east-1 must name as many different zones/,
    ],
    [
      'prod in two zones',
      { env: 'prod', overrides: overrides({ network: { availabilityZones: 2, natGateways: 2 } }) },
      /network\.availabilityZones must be 3 in prod/,
    ],
    [
      'a VPC without a way out',
      { overrides: overrides({ network: { natGateways: 0 } }) },
      /natGateways must be at least 1: the functions of the ledger/,
    ],
    [
      'one zone',
      { overrides: overrides({ network: { availabilityZones: 1, natGateways: 1 } }) },
      /availabilityZones must be at least 2: a database/,
    ],
    [
      'a NAT instance in prod',
      { env: 'prod', overrides: overrides({ network: { nat: 'instance', natGateways: 1 } }) },
      /network\.nat must be "gateway" in prod: an instance is one machine in one zone/,
    ],
    [
      'several NAT instances',
      { overrides: overrides({ network: { nat: 'instance', natGateways: 2 } }) },
      /network\.natGateways must be 1 with network\.nat "instance"/,
    ],
    [
      'a capacity that Aurora does not count in',
      { overrides: overrides({ ledger: { minAcu: 0.7 } }) },
      /ledger\.minAcu must be a multiple of 0\.5/,
    ],
    [
      'a ledger that should pause behind a proxy',
      { env: 'staging', overrides: overrides({ ledger: { minAcu: 0 } }) },
      /ledger\.minAcu must be at least 0\.5 with ledger\.proxy/,
    ],
    [
      'prod whose ledger pauses',
      { env: 'prod', overrides: overrides({ ledger: { minAcu: 0, proxy: false } }) },
      /ledger\.minAcu must be at least 1 in prod/,
    ],
    [
      'prod without a proxy',
      { env: 'prod', overrides: overrides({ ledger: { proxy: false } }) },
      /ledger\.proxy must be true in prod/,
    ],
    [
      'a pause that comes too soon for Aurora',
      { overrides: overrides({ ledger: { autoPauseSeconds: 299 } }) },
      /ledger\.autoPauseSeconds .*300/,
    ],
    [
      'insights of a ledger without memory for them',
      { overrides: overrides({ ledger: { maxAcu: 1, insights: true } }) },
      /ledger\.insights must be false where ledger\.maxAcu is below 2/,
    ],
    [
      'an engine that cannot pause',
      { overrides: overrides({ ledger: { engineVersion: '8.0.mysql_aurora.3.04.2' } }) },
      /ledger\.engineVersion must be such as 8\.0\.mysql_aurora\.3\.10\.4/,
    ],
    [
      'a ledger that may only shrink',
      { overrides: overrides({ ledger: { minAcu: 4, maxAcu: 2 } }) },
      /ledger\.maxAcu must not be below ledger\.minAcu/,
    ],
    ['more readers than Aurora has', { overrides: overrides({ ledger: { readers: 16 } }) }, /ledger\.readers .*15/],
    ['backups for longer than Aurora keeps', { overrides: overrides({ ledger: { backupDays: 36 } }) }, /backupDays/],
    [
      'a venue that nobody knows',
      { overrides: overrides({ trading: { venue: 'nyse' } }) },
      /trading\.venue .*"internal"/,
    ],
    [
      'real money outside prod',
      {
        env: 'staging',
        overrides: overrides({
          trading: { venue: 'alpaca' },
          providers: { alpaca: { baseUrl: 'https://api.alpaca.markets' } },
        }),
      },
      /trading\.venue must not be "alpaca" with api\.alpaca\.markets outside prod/,
    ],
    [
      'prod with one reader',
      { env: 'prod', overrides: overrides({ ledger: { readers: 1 } }) },
      /ledger\.readers must be at least 2 in prod/,
    ],
    [
      'prod at the least capacity',
      { env: 'prod', overrides: overrides({ ledger: { minAcu: 0.5 } }) },
      /ledger\.minAcu must be at least 1 in prod/,
    ],
    [
      'prod whose ledger is hardly backed up',
      { env: 'prod', overrides: overrides({ ledger: { backupDays: 1 } }) },
      /ledger\.backupDays must be at least 7 in prod/,
    ],
    [
      'a database of no instance type',
      { overrides: overrides({ portfolio: { database: { instanceType: 'db.t4g.micro' } } }) },
      /portfolio\.database\.instanceType must be an instance type such as t4g\.medium/,
    ],
    [
      'less storage than gp3 has',
      { overrides: overrides({ portfolio: { database: { storageGb: 10 } } }) },
      /portfolio\.database\.storageGb .*20/,
    ],
    [
      'storage that may hardly grow',
      { overrides: overrides({ portfolio: { database: { storageGb: 100, maxStorageGb: 109 } } }) },
      /portfolio\.database\.maxStorageGb must be at least a tenth above/,
    ],
    [
      'a cache slower than ElastiCache makes one',
      { overrides: overrides({ portfolio: { cache: { maxEcpuPerSecond: 999 } } }) },
      /portfolio\.cache\.maxEcpuPerSecond .*1000/,
    ],
    [
      'fewer instances at most than at least',
      { overrides: overrides({ portfolio: { service: { minInstances: 3, maxInstances: 2 } } }) },
      /portfolio\.service\.maxInstances must not be below/,
    ],
    [
      "a load balancer's certificate of another region",
      {
        overrides: overrides({
          portfolio: {
            service: { certificateArns: { 'us-east-1': 'arn:aws:acm:us-west-2:111111111111:certificate/0' } },
          },
        }),
      },
      /portfolio\.service\.certificateArns\.us-east-1 is not of us-east-1/,
    ],
    [
      'prod whose portfolios stand in one zone',
      { env: 'prod', overrides: overrides({ portfolio: { database: { multiAz: false } } }) },
      /portfolio\.database\.multiAz must be true in prod/,
    ],
    [
      'prod whose portfolios are hardly backed up',
      { env: 'prod', overrides: overrides({ portfolio: { database: { backupDays: 1 } } }) },
      /portfolio\.database\.backupDays must be at least 7 in prod/,
    ],
    [
      'prod with one instance of the service',
      { env: 'prod', overrides: overrides({ portfolio: { service: { minInstances: 1 } } }) },
      /portfolio\.service\.minInstances must be at least 2 in prod/,
    ],
    [
      'prod without a firewall',
      { env: 'prod', overrides: overrides({ api: { firewall: false } }) },
      /api\.firewall must be true in prod/,
    ],
    [
      'prod that makes no tickets',
      { env: 'prod', overrides: overrides({ alarms: { severities: ['page'] } }) },
      /alarms\.severities must be page and ticket in prod/,
    ],
    ['no alarms at all', { overrides: overrides({ alarms: { severities: [] } }) }, /alarms\.severities/],
    ['prod that forgets', { env: 'prod', overrides: overrides({ retain: false }) }, /retain must be true in prod/],
    [
      'prod with one NAT gateway',
      { env: 'prod', overrides: overrides({ network: { natGateways: 1 } }) },
      /natGateways must be one per availability zone in prod/,
    ],
    [
      'prod without backups',
      { env: 'prod', overrides: overrides({ backup: { enabled: false } }) },
      /backup\.enabled must be true in prod/,
    ],
    [
      'prod without a second factor',
      { env: 'prod', overrides: overrides({ identity: { mfa: 'optional' } }) },
      /identity\.mfa must be "required" in prod/,
    ],
    ['prod whose alarms nobody hears', { env: 'prod', overrides: overrides({ alarms: null }) }, /alarms /],
    [
      'prod without a certificate',
      { env: 'prod', overrides: overrides({ domain: { certificateArns: null } }) },
      /domain\.certificateArns/,
    ],
    [
      'a certificate of another region',
      {
        env: 'prod',
        overrides: overrides({
          domain: { certificateArns: { 'us-east-2': 'arn:aws:acm:us-east-1:111111111111:certificate/0' } },
        }),
      },
      /certificateArns\.us-east-2 is not of us-east-2/,
    ],
  ])('refuses %s, in one line', (_, context, message) => {
    const line = refusalOf(context);
    expect(line).toMatch(message);
    expect(line).not.toContain('\n');
  });

  test('names everything that is wrong at once', () => {
    const line = refusalOf({ env: 'prod', overrides: overrides({ retain: false, backup: { enabled: false } }) });
    expect(line).toMatch(/retain/);
    expect(line).toMatch(/backup/);
  });

  test('gives each region hosts of its own that one certificate covers', () => {
    const config = loadConfig({ env: 'prod' });
    expect(config.regions.map((region) => hostNames(config, region))).toEqual([
      {
        console: 'signal9.example.com',
        api: 'api.signal9.example.com',
        live: 'live.signal9.example.com',
        service: 'portfolio.signal9.example.com',
      },
      ...['us-east-2', 'us-west-2'].map((region) => ({
        console: `${region}.signal9.example.com`,
        api: `api-${region}.signal9.example.com`,
        live: `live-${region}.signal9.example.com`,
        service: `portfolio-${region}.signal9.example.com`,
      })),
    ]);
    expect(hostNames(loadConfig({}), 'us-east-1')).toBeUndefined();
  });
});
