import { z } from 'zod';
import { REGION_NAMES } from './regions';

const PREFIX = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/;

/** First and last address of a block as numbers. */
interface Block {
  readonly first: number;
  readonly last: number;
}

/** @returns undefined where it is no IPv4 block, or one whose address has bits behind its prefix */
export function blockOf(cidr: string): Block | undefined {
  const [, ...parts] = PREFIX.exec(cidr) ?? [];
  const [a = 256, b = 256, c = 256, d = 256, prefix = 33] = parts.map(Number);
  if ([a, b, c, d].some((octet) => octet > 255) || prefix > 32) return undefined;
  const first = ((a * 256 + b) * 256 + c) * 256 + d;
  const size = 2 ** (32 - prefix);
  return first % size === 0 ? { first, last: first + size - 1 } : undefined;
}

const within = (inner: Block, outer: string): boolean => {
  const block = blockOf(outer);
  return block !== undefined && inner.first >= block.first && inner.last <= block.last;
};

export function overlap(one: string, other: string): boolean {
  const [a, b] = [blockOf(one), blockOf(other)];
  return a !== undefined && b !== undefined && a.first <= b.last && b.first <= a.last;
}

/** RFC 1918, and the shared space of RFC 6598, which VPCs may have too. */
const PRIVATE = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10'];

const cidr = z
  .string()
  .refine(
    (text) => blockOf(text) !== undefined,
    'must be an address block such as 10.40.0.0/16, without bits behind its prefix',
  )
  .refine(
    (text) => {
      const block = blockOf(text);
      return block === undefined || PRIVATE.some((range) => within(block, range));
    },
    `must be within ${PRIVATE.join(', ')}`,
  );

const sized = (from: number, to: number) =>
  cidr.refine((text) => {
    const prefix = Number(text.split('/')[1]);
    return prefix >= from && prefix <= to;
  }, `must have a prefix of /${from} to /${to}`);

const id = (kind: 'vpc' | 'subnet' | 'rtb') =>
  z
    .string()
    .regex(new RegExp(`^${kind}-(?:[0-9a-f]{8}|[0-9a-f]{17})$`), `must be an id such as ${kind}-0123456789abcdef0`);

const subnets = z.array(z.strictObject({ id: id('subnet'), zone: z.string(), routeTableId: id('rtb') }));

const existingVpc = z.strictObject({
  id: id('vpc'),
  /** Of the VPC as a whole, or of that of its blocks that the subnets are in. */
  cidr: sized(16, 28),
  subnets: z.strictObject({
    /** With a route to an internet gateway: only for a load balancer that faces the internet. */
    public: subnets.optional(),
    /** With a way out by NAT, a firewall or a transit gateway: functions, the service, the VPC link, endpoints. */
    private: subnets,
    /** Databases and the cache: no way out is needed. */
    isolated: subnets,
  }),
});

export type ExistingVpc = z.infer<typeof existingVpc>;

export const networkSchema = z
  .strictObject({
    /** RDS makes no subnet group, and no proxy, in fewer than two. */
    availabilityZones: z.number().int().min(2, 'must be at least 2: a database has its subnets in two zones').max(3),
    /**
     * Which ones, where lib/config/regions.ts names a zone that RDS Proxy is not in: letters differ from account to account
     * (docs/deploy.md#quotas-and-zones). Before the first deployment only; other zones are other subnets.
     */
    zones: z.partialRecord(z.enum(REGION_NAMES), z.array(z.string())).optional(),
    /** By region, a VPC that is there already; the platform then makes none, nor its way out (docs/deploy.md#your-own-network). */
    vpc: z.partialRecord(z.enum(REGION_NAMES), existingVpc).optional(),
    /**
     * By region, the address block of the VPC that the platform makes. Before the first deployment only.
     * @default 10.<number of the region in lib/config/regions.ts>.0.0/16
     */
    cidrs: z.partialRecord(z.enum(REGION_NAMES), sized(16, 17)).optional(),
    /** Address blocks of networks that ours are peered with, or will be: none of ours may overlap one. */
    peers: z.array(cidr).optional(),
    /**
     * The private subnets' way out. An instance costs a tenth of a gateway and may fail for minutes: for environments that
     * may too (ADR 29).
     */
    nat: z.enum(['gateway', 'instance']),
    /** One a zone in prod. An instance serves alone, whatever the number of zones. */
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
  })
  .superRefine((network, context) => {
    const refuse = (path: (string | number)[], message: string) => context.addIssue({ code: 'custom', path, message });
    for (const [region, { subnets: of }] of Object.entries(network.vpc ?? {})) {
      const zonesOf = (group: keyof typeof of) => (of[group] ?? []).map(({ zone }) => zone);
      const zones = new Set(zonesOf('private'));
      for (const group of ['public', 'private', 'isolated'] as const) {
        const path = ['vpc', region, 'subnets', group];
        if (of[group] === undefined) continue;
        const named = zonesOf(group);
        if (named.length !== network.availabilityZones || new Set(named).size < named.length)
          refuse(
            path,
            `must be one subnet in each of ${network.availabilityZones} zones, as network.availabilityZones says`,
          );
        if (!named.every((zone) => new RegExp(`^${region}[a-z]$`).test(zone)))
          refuse(path, `must be in zones of ${region}, such as ${region}a`);
        if (!named.every((zone) => zones.has(zone))) refuse(path, 'must be in the zones of the private subnets');
      }
      const open = new Set(of.public?.map(({ routeTableId }) => routeTableId));
      for (const group of ['private', 'isolated'] as const)
        if (of[group].some(({ routeTableId }) => open.has(routeTableId)))
          refuse(['vpc', region, 'subnets', group], 'must not share a route table with the public subnets');
      const ids = Object.values(of).flatMap((each) => each.map(({ id: subnet }) => subnet));
      if (new Set(ids).size < ids.length) refuse(['vpc', region, 'subnets'], 'names a subnet twice');
      if (network.zones && region in network.zones)
        refuse(['zones', region], 'must not be set beside network.vpc, whose subnets say their zones');
      if (network.cidrs && region in network.cidrs)
        refuse(['cidrs', region], 'must not be set beside network.vpc, which says its block');
    }
  });
