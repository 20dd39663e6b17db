export { reservationOf } from './concurrency';
export { ConfigError, loadConfig } from './load';
export { forService } from './portfolio-schema';
export { offers, partitionOf, REGIONS, type Region } from './regions';
export { cidrOf, type Config, hasNatInstance } from './schema';
