/** A set of regions with accounts, ARNs and a bill of its own; credentials of one say nothing in another. */
export type Partition = 'aws' | 'aws-us-gov' | 'aws-cn';

/**
 * The regions the platform can be built in: all that botocore 1.43.106 lists for the services it uses
 * (`botocore/data/endpoints.json`, read in November 2026), each with the number of its address block, `10.<number>.0.0/16`,
 * and the letters of its availability zones.
 *
 * A number is given once and stays: subnets cannot be renumbered. No two are the same, so that the networks could be peered
 * one day; 128 and above is left for GovCloud.
 *
 * Zones are named and not asked of `Fn::GetAZs`, whose order AWS does not promise and which changes when a zone is added:
 * the subnets of a deployed platform would be replaced, with the databases in them
 * (https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-getavailabilityzones.html).
 * Most regions have a, b and c; those that have not are as in moto 5.2.5 (`moto/ec2/models/availability_zones_and_regions.py`).
 * A letter is another zone in another account, and an account may lack one: `network.zones` names others. None stands
 * here for us-west-1, where each account has two of three zones and only it knows which.
 */
const TABLE = {
  'us-east-1': [0, 'abc'],
  'us-east-2': [1, 'abc'],
  'us-west-2': [2, 'abc'],
  'us-west-1': [3, ''],
  'ca-central-1': [4, 'abd'],
  'ca-west-1': [5, 'abc'],
  'mx-central-1': [6, 'abc'],
  'sa-east-1': [7, 'abc'],
  'eu-central-1': [8, 'abc'],
  'eu-central-2': [9, 'abc'],
  'eu-west-1': [10, 'abc'],
  'eu-west-2': [11, 'abc'],
  'eu-west-3': [12, 'abc'],
  'eu-north-1': [13, 'abc'],
  'eu-south-1': [14, 'abc'],
  'eu-south-2': [15, 'abc'],
  'il-central-1': [16, 'abc'],
  'me-central-1': [17, 'abc'],
  'me-south-1': [18, 'abc'],
  'af-south-1': [19, 'abc'],
  'ap-south-1': [20, 'abc'],
  'ap-south-2': [21, 'abc'],
  'ap-northeast-1': [22, 'acd'],
  'ap-northeast-2': [23, 'abc'],
  'ap-northeast-3': [24, 'abc'],
  'ap-southeast-1': [25, 'abc'],
  'ap-southeast-2': [26, 'abc'],
  'ap-southeast-3': [27, 'abc'],
  'ap-southeast-4': [28, 'abc'],
  'ap-southeast-5': [29, 'abc'],
  'ap-southeast-6': [30, 'abc'],
  'ap-southeast-7': [31, 'abc'],
  'ap-east-1': [32, 'abc'],
  'ap-east-2': [33, 'abc'],
  'us-gov-west-1': [128, 'abc'],
  'us-gov-east-1': [129, 'abc'],
} as const satisfies Record<string, readonly [block: number, zones: string]>;

export type Region = keyof typeof TABLE;

export interface RegionFacts {
  readonly partition: Partition;
  /** Address block of a VPC that the platform makes. */
  readonly cidr: string;
  /** By name; none where only the account knows. */
  readonly availabilityZones: readonly string[];
}

export const REGION_NAMES = Object.keys(TABLE) as [Region, ...Region[]];

const factsOf = (name: Region): RegionFacts => {
  const [block, zones] = TABLE[name];
  return {
    partition: partitionOf(name),
    cidr: `10.${block}.0.0/16`,
    availabilityZones: Array.from(zones, (letter) => `${name}${letter}`),
  };
};

export const REGIONS = Object.fromEntries(REGION_NAMES.map((name) => [name, factsOf(name)])) as Readonly<
  Record<Region, RegionFacts>
>;

export function partitionOf(region: string): Partition {
  if (region.startsWith('us-gov-')) return 'aws-us-gov';
  return region.startsWith('cn-') ? 'aws-cn' : 'aws';
}

/**
 * What a partition lacks of what the platform uses. By botocore 1.43.106 (`endpoints.json`): no service `cloudfront` and no
 * `budgets` in aws-us-gov.
 */
const LACKING: Readonly<Record<Partition, readonly ('cloudfront' | 'budgets')[]>> = {
  aws: [],
  'aws-us-gov': ['cloudfront', 'budgets'],
  'aws-cn': [],
};

/** Whether a service is there at all. */
export const offers = (region: Region, service: 'cloudfront' | 'budgets'): boolean =>
  !LACKING[partitionOf(region)].includes(service);

/** Why a region cannot be built in, where that is known better than by its absence from the table. */
export const refusedRegion = (region: string): string | undefined =>
  partitionOf(region) === 'aws-cn'
    ? `${region} is not supported: AWS has no Cognito user pools in China, by which people and machines sign in`
    : undefined;
