import * as z from 'zod';
import { SERVICE_LINKED_ROLES } from '../../lib/config/account-needs';
import { type Region, VPC_LINK_ZONES } from '../../lib/config/regions';
import { answered } from './account';
import { type Check, note, ofType, ok, problem, type Subject, unknown } from './check';

/**
 * Where a service that we use is to be had, by the zones' ids: which letter a zone has differs from account to account.
 */
const OFFERED_IN: Readonly<
  Record<string, { readonly what: string; readonly in: (region: Region, zoneId: string) => boolean }>
> = {
  // https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/rds-proxy.html, "Limitations"
  'AWS::RDS::DBProxy': { what: 'RDS Proxy', in: (_region, zoneId) => zoneId !== 'use1-az3' },
  // https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-vpc-links-v2.html, "Availability by Region"
  'AWS::ApiGatewayV2::VpcLink': {
    what: "API Gateway's VPC link",
    in: (region, zoneId) => VPC_LINK_ZONES[region].includes(zoneId),
  },
};

const zonesAnswer = z.object({
  AvailabilityZones: z.array(z.object({ ZoneName: z.string(), ZoneId: z.string(), State: z.string() })),
});

/** The zones that the subnets of the templates name: none for your own subnets, and where AWS chooses. */
const zonesIn = (subject: Subject): ReadonlySet<string> =>
  new Set(
    ofType(subject, 'AWS::EC2::Subnet').flatMap(({ properties: { AvailabilityZone: zone } }) =>
      typeof zone === 'string' ? [zone] : [],
    ),
  );

export const zones: Check = {
  id: 'zones',
  title: 'availability zones',
  scope: 'region',
  async run(aws, subject) {
    const { region } = subject;
    const wanted = zonesIn(subject);
    if (wanted.size === 0) return [ok('the subnets are your own, or in whichever zones AWS names first')];
    const input = { Filters: [{ Name: 'zone-type', Values: ['availability-zone'] }] };
    const { AvailabilityZones } = zonesAnswer.parse(
      await aws({ service: 'ec2', operation: 'describe-availability-zones', input, region }),
    );
    const known = new Map(AvailabilityZones.map((zone) => [zone.ZoneName, zone]));
    const found = [...wanted].flatMap((name) => {
      const zone = known.get(name);
      if (zone?.State !== 'available') return [`${name} is not there`];
      return Object.entries(OFFERED_IN)
        .filter(([type, offer]) => ofType(subject, type).length > 0 && !offer.in(region, zone.ZoneId))
        .map(([, { what }]) => `${name} is ${zone.ZoneId}, where ${what} is not offered`);
    });
    if (found.length === 0) return [ok([...wanted].join(', '))];
    const others = [...known.values()].filter(({ State, ZoneName }) => State === 'available' && !wanted.has(ZoneName));
    return [
      problem(
        found.join('; '),
        `name other zones before the first deployment, of ${others.map(({ ZoneName }) => ZoneName).join(', ')}: -c overrides='{"network":{"zones":{"${region}":[…]}}}'`,
      ),
    ];
  },
};

export const instanceTypes: Check = {
  id: 'instance-types',
  title: 'instance types in the zones',
  scope: 'region',
  async run(aws, subject) {
    const { region, stacks } = subject;
    const types = new Set(
      [...JSON.stringify(stacks.map(({ resources }) => resources)).matchAll(/"InstanceType":"([a-z0-9.]+)"/g)].map(
        ([, type = '']) => type,
      ),
    );
    const wanted = zonesIn(subject);
    const input = { LocationType: 'availability-zone', Filters: [{ Name: 'instance-type', Values: [...types] }] };
    const { InstanceTypeOfferings } = z
      .object({ InstanceTypeOfferings: z.array(z.object({ InstanceType: z.string(), Location: z.string() })) })
      .parse(await aws({ service: 'ec2', operation: 'describe-instance-type-offerings', input, region }));
    // Of your own subnets, and of zones that AWS chooses, no template says where they are.
    const places = wanted.size > 0 ? [...wanted] : [region];
    const isOffered = (type: string, place: string) =>
      InstanceTypeOfferings.some(
        ({ InstanceType, Location }) => InstanceType === type && (place === region || Location === place),
      );
    const missing = [...types].flatMap((type) =>
      places.filter((place) => !isOffered(type, place)).map((place) => `${type} is not offered in ${place}`),
    );
    if (missing.length === 0) return [ok([...types].join(', '))];
    return [
      problem(
        missing.join('; '),
        `aws ec2 describe-instance-type-offerings --region ${region} --location-type availability-zone --filters Name=instance-type,Values='t4g.*' # and name another type or zone in the configuration`,
      ),
    ];
  },
};

const versionsAnswer = z.object({ DBEngineVersions: z.array(z.object({ EngineVersion: z.string() })) });
const classesAnswer = z.object({
  OrderableDBInstanceOptions: z.array(z.object({ EngineVersion: z.string(), DBInstanceClass: z.string() })),
});

/** A minor version may be withdrawn for new databases while old ones still run it. */
export const databaseOffers: Check = {
  id: 'database-offers',
  title: "the databases' engines and instance classes",
  scope: 'region',
  async run(aws, subject) {
    const { region } = subject;
    const clusters = ofType(subject, 'AWS::RDS::DBCluster').map(({ properties }) => properties);
    const instances = ofType(subject, 'AWS::RDS::DBInstance').map(({ properties }) => properties);
    const cluster = clusters[0];
    const wanted = new Map<string, { engine: string; version: string; type: string }>();
    for (const { Engine, EngineVersion, DBInstanceClass } of instances) {
      const version: unknown = EngineVersion ?? (cluster?.Engine === Engine ? cluster?.EngineVersion : undefined);
      if (typeof Engine === 'string' && typeof version === 'string' && typeof DBInstanceClass === 'string')
        wanted.set(`${Engine} ${version} ${DBInstanceClass}`, { engine: Engine, version, type: DBInstanceClass });
    }
    const findings = await Promise.all(
      [...wanted.values()].map(async ({ engine, version, type }) => {
        const list = `aws rds describe-db-engine-versions --region ${region} --engine ${engine} --query 'DBEngineVersions[].EngineVersion'`;
        const { DBEngineVersions: versions } = versionsAnswer.parse(
          await aws({
            service: 'rds',
            operation: 'describe-db-engine-versions',
            input: { Engine: engine, EngineVersion: version },
            region,
          }),
        );
        if (versions.length === 0) return problem(`${engine} ${version} is not offered in ${region}`, list);
        const { OrderableDBInstanceOptions: options } = classesAnswer.parse(
          await aws({
            service: 'rds',
            operation: 'describe-orderable-db-instance-options',
            input: { Engine: engine, DBInstanceClass: type, Vpc: true },
            region,
          }),
        );
        const fits = options.some(({ EngineVersion }) => versions.some((one) => one.EngineVersion === EngineVersion));
        return fits
          ? ok(`${engine} ${version} on ${type}`)
          : problem(`${engine} ${version} is not offered on ${type} in ${region}`, list);
      }),
    );
    return findings.length > 0 ? findings : [unknown('the templates name no database')];
  },
};

/** Roles that AWS's services act by in this account. A service makes its own at the first call, which may then fail. */
export const serviceLinkedRoles: Check = {
  id: 'service-linked-roles',
  title: 'service-linked roles',
  scope: 'account',
  async run(aws, subject) {
    const needed = SERVICE_LINKED_ROLES.filter(({ types }) => types.some((type) => ofType(subject, type).length > 0));
    return Promise.all(
      needed.map(async ({ name, service, types }) => {
        const found = await answered(
          aws({ service: 'iam', operation: 'get-role', input: { RoleName: name }, region: subject.region }),
          z.object({ Role: z.object({ RoleName: z.string() }) }),
          ['NoSuchEntity'],
        );
        if (found) return ok(name);
        return problem(
          `${name} is not there, which ${types.filter((type) => ofType(subject, type).length > 0).join(' and ')} need`,
          `aws iam create-service-linked-role --aws-service-name ${service}`,
        );
      }),
    );
  },
};

/** One setting of account and region: whichever environment was deployed last wrote it. */
export const apiGatewayRole: Check = {
  id: 'api-gateway-role',
  title: "API Gateway's role for logs",
  scope: 'region',
  async run(aws, { region, config }) {
    const { cloudwatchRoleArn } = z
      .object({ cloudwatchRoleArn: z.string().nullish() })
      .parse(await aws({ service: 'apigateway', operation: 'get-account', region }));
    if (!cloudwatchRoleArn || cloudwatchRoleArn.includes(`Signal9-${config.env}-`))
      return [ok(cloudwatchRoleArn ? 'is ours' : 'is not set')];
    return [
      note(
        `${cloudwatchRoleArn} is set, and the deployment sets another: it is one setting for all APIs of ${region}`,
        `aws apigateway get-account --region ${region}`,
      ),
    ];
  },
};
