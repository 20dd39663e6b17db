import { type ISecurityGroup, type IVpc, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { type IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { SERVICE_PORT, type ServiceEnvironmentInput } from '../../contract/service';
import { version } from '../../package.json';
import { type Config, forService, type Region } from '../config';
import { names } from '../names';
import { type CacheAccess, cacheEnvironment } from './cache-access';
import { type FunctionGround } from './function-ground';
import { portfolioEnvironment } from './portfolio-access';
import { providerEnvironment } from './provider-environment';
import { type PortfolioGroups } from './security-groups';
import { ServiceFleet } from './service-fleet';
import { type ServiceAddress, ServiceLoadBalancer } from './service-load-balancer';

/** What the service stands on besides what functions do. */
export interface ServiceGround {
  readonly region: Region;
  readonly vpc: IVpc;
  readonly groups: Pick<PortfolioGroups, 'loadBalancer' | 'service'>;
  readonly cache: CacheAccess;
  /** Takes the load balancer's access logs. */
  readonly accessLogs: IBucket;
  /** The origin that answers name in Access-Control-Allow-Origin. */
  readonly consoleOrigin: string;
}

export interface PortfolioServiceProps {
  readonly ground: FunctionGround;
  readonly service: ServiceGround;
}

/** The portfolio service: instances behind a load balancer (docs/adr/0020). */
export class PortfolioService extends Construct {
  readonly address: ServiceAddress;
  readonly fleet: ServiceFleet;
  readonly loadBalancer: ServiceLoadBalancer;

  constructor(scope: Construct, id: string, props: PortfolioServiceProps) {
    super(scope, id);
    const { ground, service } = props;
    const { config, key } = ground;
    const { region, vpc, groups, cache, accessLogs } = service;
    // By their ids, closed to new rules: all rules are Network's.
    const closed = (name: string, { securityGroupId }: ISecurityGroup) =>
      SecurityGroup.fromSecurityGroupId(this, name, securityGroupId, { mutable: false });
    this.loadBalancer = new ServiceLoadBalancer(this, 'LoadBalancer', {
      config,
      region,
      key,
      vpc,
      securityGroup: closed('LoadBalancerGroup', groups.loadBalancer),
      accessLogs,
    });
    this.address = this.loadBalancer.address;
    this.fleet = new ServiceFleet(this, 'Fleet', {
      ground,
      region,
      vpc,
      securityGroup: closed('InstancesGroup', groups.service),
      cache,
      environment: environmentOf(ground, service),
      targets: this.loadBalancer.targets,
    });
  }
}

const environmentOf = (
  { config, secrets, portfolio }: FunctionGround,
  { region, cache, consoleOrigin }: ServiceGround,
): ServiceEnvironmentInput => ({
  SIGNAL9_ENV: config.env,
  SIGNAL9_VERSION: version,
  LOG_LEVEL: 'INFO',
  AWS_REGION: region,
  PORT: String(SERVICE_PORT),
  ...portfolioEnvironment(portfolio.access),
  PORTFOLIO_CONNECTIONS: String(connectionsOf(config)),
  ...cacheEnvironment(cache),
  ...providerEnvironment(config, secrets).alpaca,
  USER_POOL_PARAMETER: names.userPoolParameter(config.env),
  CONSOLE_ORIGIN: consoleOrigin,
});

/** Each instance has its part of the service's connections. While instances are replaced there is one more of them. */
function connectionsOf({ portfolio: { database, service } }: Config): number {
  return Math.floor(forService(database) / (service.maxInstances + 1));
}
