export { reservationOf } from './concurrency';
export { refuseUnknownContext } from './context';
export { ConfigError } from './error';
export { refuseExamples } from './examples';
export { type ConfigFile, readConfigFile } from './file';
export { loadConfig } from './load';
export { forService } from './portfolio-schema';
export { offers, partitionOf, REGIONS, type Region } from './regions';
export { cidrOf, type Config, hasNatInstance, type Severity } from './schema';
