/** A set of regions with accounts, ARNs and a bill of its own; credentials of one say nothing in another. */
export type Partition = 'aws' | 'aws-us-gov' | 'aws-cn';

/**
 * The regions the platform can be built in: all that botocore 1.43.106 lists for the services it uses
 * (`botocore/data/endpoints.json`, read in November 2026) and that have VPC links V2 (`VPC_LINK_ZONES`), each with the number
 * of its address block, `10.<number>.0.0/16`, and the letters of its availability zones.
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
  'sa-east-1': [7, 'abc'],
  'eu-central-1': [8, 'abc'],
  'eu-west-1': [10, 'abc'],
  'eu-west-2': [11, 'abc'],
  'eu-west-3': [12, 'abc'],
  'eu-north-1': [13, 'abc'],
  'eu-south-2': [15, 'abc'],
  'me-south-1': [18, 'abc'],
  'ap-south-1': [20, 'abc'],
  'ap-northeast-1': [22, 'acd'],
  'ap-northeast-2': [23, 'abc'],
  'ap-southeast-1': [25, 'abc'],
  'ap-southeast-2': [26, 'abc'],
  'ap-east-1': [32, 'abc'],
  'us-gov-west-1': [128, 'abc'],
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

/**
 * CloudFront writes its standard logs into no bucket of these regions, where access lists of its kind do not work.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging-legacy-s3.html, "Choosing an Amazon S3
 * bucket for standard logs"
 */
const WITHOUT_CLOUDFRONT_LOGS: readonly Region[] = ['ap-east-1', 'eu-south-2', 'me-south-1'];

export const takesCloudFrontLogs = (region: Region): boolean => !WITHOUT_CLOUDFRONT_LOGS.includes(region);

const zonesOf = (prefix: string, ...numbers: number[]): string[] => numbers.map((number) => `${prefix}-az${number}`);

/**
 * Zones, by their ids, in which API Gateway makes a VPC link of the second version.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-vpc-links-v2.html, "Availability by Region"
 */
export const VPC_LINK_ZONES: Readonly<Record<Region, readonly string[]>> = {
  'us-east-1': zonesOf('use1', 1, 2, 4, 5, 6),
  'us-east-2': zonesOf('use2', 1, 2, 3),
  'us-west-1': zonesOf('usw1', 1, 3),
  'us-west-2': zonesOf('usw2', 1, 2, 3, 4),
  'ca-central-1': zonesOf('cac1', 1, 2),
  'sa-east-1': zonesOf('sae1', 1, 2, 3),
  'eu-central-1': zonesOf('euc1', 1, 2, 3),
  'eu-west-1': zonesOf('euw1', 1, 2, 3),
  'eu-west-2': zonesOf('euw2', 1, 2, 3),
  'eu-west-3': zonesOf('euw3', 1, 3),
  'eu-north-1': zonesOf('eun1', 1, 2, 3),
  'eu-south-2': zonesOf('eus2', 1, 2, 3),
  'me-south-1': zonesOf('mes1', 1, 2, 3),
  'ap-south-1': zonesOf('aps1', 1, 2, 3),
  'ap-northeast-1': zonesOf('apne1', 1, 2, 4),
  'ap-northeast-2': zonesOf('apne2', 1, 2, 3),
  'ap-southeast-1': zonesOf('apse1', 1, 2, 3),
  'ap-southeast-2': zonesOf('apse2', 1, 2, 3),
  'ap-east-1': zonesOf('ape1', 2, 3),
  'us-gov-west-1': zonesOf('usgw1', 1, 2, 3),
};

/** Regions of AWS that have the other services, and no VPC link V2. */
const WITHOUT_VPC_LINK =
  /^(?:af-south-1|ap-east-2|ap-northeast-3|ap-south-2|ap-southeast-[3-7]|ca-west-1|eu-central-2|eu-south-1|il-central-1|me-central-1|mx-central-1|us-gov-east-1)$/;

/** Why a region cannot be built in, where that is known better than by its absence from the table. */
export function refusedRegion(region: string): string | undefined {
  if (partitionOf(region) === 'aws-cn')
    return `${region} is not supported: AWS has no Cognito user pools in China, by which people and machines sign in`;
  if (WITHOUT_VPC_LINK.test(region))
    return `${region} is not supported: API Gateway has no VPC link V2 there, by which the portfolio service is reached`;
  return undefined;
}
