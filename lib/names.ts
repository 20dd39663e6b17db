import { type Config, type Region } from './config';

/**
 * Physical names, for the few things that people or code address by name; everything else gets a generated name.
 * Names that are global to an account (dashboards, aliases' purposes, alarms on one page) carry the region.
 */
export const names = {
  /** `Signal9-<env>-<region>-<Stack>`. */
  stack: (env: string, region: Region, stack: string): string => `Signal9-${env}-${region}-${stack}`,
  keyAlias: (env: string, region: Region, purpose: string): string => `alias/signal9-${region}-${env}-${purpose}`,
  secret: (env: string, of: string): string => `signal9-${env}-${of}`,
  /** The ledger's cluster and its proxy: their log groups have names that contain it, and exist before them. */
  ledger: (env: string): string => `signal9-${env}-ledger`,
  /** The portfolios' database and their cache, with its user: likewise. */
  portfolio: (env: string): string => `signal9-${env}-portfolio`,
  /** Athena takes a hyphen in a name only between quotes. */
  historyDatabase: (env: string): string => `signal9_${env.replaceAll('-', '_')}_history`,
  userPool: (env: string): string => `signal9-${env}`,
  dashboard: (env: string, region: Region): string => `signal9-${env}-${region}`,
  alarm: (env: string, region: Region, id: string): string => `signal9-${env}-${region}-${id}`,
  /** WAF writes only to log groups whose name begins with `aws-waf-logs-`. */
  firewallLogGroup: (env: string, region: Region, of?: string): string =>
    `aws-waf-logs-signal9-${env}-${region}${of === undefined ? '' : `-${of}`}`,
  /** SSM parameter that Api writes for the portfolio service, which is a stack to its left. */
  userPoolParameter: (env: string): string => `/signal9/${env}/user-pool-id`,
  budget: (env: string): string => `signal9-${env}`,
} as const;

/** Stage of both APIs. The portfolio service's load balancer knows it too, for a VPC link puts it before each path. */
export const API_STAGE = 'v1';

/** By this header CloudFront shows the API's firewall that a request came through it: the value is Storage's to know. */
export const EDGE_HEADER = 'x-signal9-edge';
/**
 * The address of who asked CloudFront, set by CloudFront itself whatever the viewer said. X-Forwarded-For is no such: its
 * first address, which is the one that WAF counts, is whatever the viewer wrote there.
 */
export const VIEWER_HEADER = 'true-client-ip';

/** Where a region answers, when the platform has a domain. */
export interface HostNames {
  readonly console: string;
  readonly api: string;
  /** The WebSocket API. */
  readonly live: string;
  /** The portfolio service's load balancer, where it has a certificate. */
  readonly service: string;
}

/**
 * A region has its own users and data, so it has its own hosts: the first region at `<domain>` and `api.<domain>`,
 * the others at `<region>.<domain>` and `api-<region>.<domain>`, and so on. One certificate for `<domain>` and `*.<domain>` fits all.
 */
export function hostNames(config: Config, region: Region): HostNames | undefined {
  if (!config.domain) return undefined;
  const { name } = config.domain;
  return region === config.regions[0]
    ? { console: name, api: `api.${name}`, live: `live.${name}`, service: `portfolio.${name}` }
    : {
        console: `${region}.${name}`,
        api: `api-${region}.${name}`,
        live: `live-${region}.${name}`,
        service: `portfolio-${region}.${name}`,
      };
}
