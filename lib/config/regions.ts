/**
 * The regions the platform is built for. The address blocks never overlap, so that the networks could be peered one day.
 * Availability zones are named, not looked up: synthesis needs neither credentials nor a context file. A letter is another
 * zone in another account, and RDS Proxy is not in the one with the id use1-az3: `network.zones` names others.
 */
export const REGIONS = {
  'us-east-1': { cidr: '10.0.0.0/16', availabilityZones: ['us-east-1a', 'us-east-1b', 'us-east-1c'] },
  'us-east-2': { cidr: '10.1.0.0/16', availabilityZones: ['us-east-2a', 'us-east-2b', 'us-east-2c'] },
  'us-west-2': { cidr: '10.2.0.0/16', availabilityZones: ['us-west-2a', 'us-west-2b', 'us-west-2c'] },
} as const;

export type Region = keyof typeof REGIONS;
export const REGION_NAMES = Object.keys(REGIONS) as [Region, ...Region[]];
