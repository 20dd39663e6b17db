export { reservationOf } from './concurrency';
export { refuseUnknownContext } from './context';
export { ConfigError } from './error';
export { refuseExamples } from './examples';
export { type ConfigFile, readConfigFile } from './file';
export { loadConfig } from './load';
export { forService } from './portfolio-schema';
export { REGIONS, type Region } from './regions';
export { type Config, type Severity } from './schema';
