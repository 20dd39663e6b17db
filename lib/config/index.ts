export { ConfigError, loadConfig } from './load';
export { REGIONS, type Region } from './regions';
export { type Config } from './schema';
