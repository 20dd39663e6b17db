export { reservationOf } from './concurrency';
export { ConfigError, loadConfig } from './load';
export { forService } from './portfolio-schema';
export { REGIONS, type Region } from './regions';
export { type Config, type Severity } from './schema';
